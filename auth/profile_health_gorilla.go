package auth

// profileHealthGorilla is what apidocs.healthgorilla.com says (pages Authentication, Troubleshooting and Refresh Token, 2026):
//
//   - "JWT Bearer flow: exchanges a JWT assertion for an access token"; the other pattern is client credentials with a
//     client_assertion. One pattern per request.
//   - iss and sub are the client ID, never an email address: client_id gives both.
//   - aud is the exact token URL of the environment: https://sandbox.healthgorilla.com/oauth/token or
//     https://api.healthgorilla.com/oauth/token. It comes from token_url.
//   - The vendor's own tool signs with HS256; the key is the client secret as it stands, not decoded: client_secret gives it.
//   - The discovery document lists client_secret_post for clients that have a secret; the SMART on FHIR viewer gets its code
//     and its tokens that way.
//   - A refresh token goes to /oauth2/token (refresh_url) with client_id and, if there is one, client_secret in the form.
//   - GET /oauth/info?access_token=… tells of a token, GET /oauth/cancel?token=… ends it and the refresh token that came with
//     it, both beside /oauth/token; the answer about a token that is none is the error invalid_request.
func profileHealthGorilla() profile {
	return profile{
		grant: "jwt-bearer",
		clientAuth: map[string]string{
			"jwt-bearer":         "none",
			"client-credentials": "client_secret_jwt",
			"authorization-code": "post",
			refreshTokenName:     "post",
		},
		alg:  "HS256",
		pair: encodedPair,
		unit: "s",

		introspect: question{path: "info", param: "access_token"},
		revoke:     question{path: "cancel", param: "token"},
	}
}
