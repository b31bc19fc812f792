package auth

import "context"

const refreshTokenName = "refresh-token"

// refreshToken exchanges a refresh token for a token (RFC 6749, section 6): one that the block gives, or one that another
// grant brought.
func refreshToken() grant {
	return grant{
		wire: "refresh_token",
		also: []string{"refresh", "offline", "offline-access"},
		own:  []key{{name: "refresh_token", secret: true}},
		needs: []string{
			"refresh_token",
			"token_url", // or refresh_url
		},
		auth: "none",
		fill: func(_ context.Context, x *exchange) error {
			x.session.Scope.Hide("refresh_token", x.family.latest())
			x.form.add("refresh_token", x.family.latest())
			return nil
		},
	}
}
