package auth

// profilePatternHealth is what docs.pattern.health says (page Authentication, 2026):
//
//   - POST /api/auth/token with Authorization: Basic, Accept: application/json and the form grant_type=client_credentials.
//   - "provide a base64 encoded copy of the client ID and client secret": nothing is form-encoded first.
//   - expires_in "contains the number of milliseconds after which the token expires": 3600000 is an hour.
//   - token_type is "bearer", in lower case; case does not matter (RFC 6749, section 5.1).
//   - A 401 asks for a new token by the same credentials; there is no refresh token.
func profilePatternHealth() profile {
	return profile{
		grant:      "client-credentials",
		clientAuth: map[string]string{"client-credentials": "basic"},
		pair:       rawPair,
		unit:       "ms",
	}
}
