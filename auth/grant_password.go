package auth

import "context"

// password exchanges a person's name and password for a token (RFC 6749, section 4.3). It is retired (RFC 9700, section
// 2.4), and old servers have nothing else.
func password() grant {
	return grant{
		wire:    "password",
		also:    []string{"ropc", "resource-owner", "resource-owner-password", "password-credentials", "resource-owner-password-credentials"},
		needs:   []string{"token_url", "username", "password"},
		own:     []key{{name: "username"}, {name: "password", secret: true}},
		auth:    "none",
		refused: "username and password",
		fill: func(_ context.Context, x *exchange) error {
			x.form.add("username", x.text("username"))
			x.form.add("password", x.text("password"))
			return nil
		},
	}
}
