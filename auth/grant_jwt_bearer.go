package auth

import "context"

// jwtBearer exchanges an assertion for a token (RFC 7523, section 2.1).
func jwtBearer() grant {
	return grant{
		wire: "urn:ietf:params:oauth:grant-type:jwt-bearer",
		also: []string{"jwt", "jwt-assertion", "assertion", "bearer", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
			"grant-type:jwt-bearer", "service-account", "urn:ietf:params:oauth:grant-type:jwt"},
		needs:     []string{"token_url", "assertion"},
		auth:      "none",
		assertion: true,
		anonymous: true,
		fill: func(_ context.Context, x *exchange) error {
			jwt, err := x.sign(x.block.grantJWT)
			x.form.add("assertion", jwt)
			return err
		},
	}
}
