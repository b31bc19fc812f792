package auth

import "context"

// clientCredentials gets a token for the client itself (RFC 6749, section 4.4). All it says is who the client is.
func clientCredentials() grant {
	return grant{
		wire:  "client_credentials",
		also:  []string{"client", "credentials", "m2m", "machine-to-machine", "backend-services", "system", "application", "2-legged"},
		needs: []string{"token_url"},
		auth:  "basic",
		fill:  func(context.Context, *exchange) error { return nil },
	}
}
