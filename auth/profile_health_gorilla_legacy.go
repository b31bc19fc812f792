package auth

// profileHealthGorillaLegacy is what developer.healthgorilla.com and the examples that the vendor keeps on GitHub say, which
// clients that were registered before apidocs.healthgorilla.com still follow:
//
//   - iss is "client identifier (e.g. your registered app URL)" and sub "the user or system being authenticated": neither is
//     the client ID, so that both must be written: claims: {iss: …, sub: …}. A sub that is not a user of the client's tenant
//     answers "Subject validation failed".
//   - client_id stands in the form beside the assertion.
//   - The assertion is signed with the client secret by HS256; the key is the text of the secret, not decoded.
//   - aud is https://www.healthgorilla.com/oauth/token in production, whichever host is posted to; a file whose token_url is
//     another host says assertion: {aud: …}. nbf, which some of the examples have, is assertion: {not_before: true}.
//   - GET /oauth/info?access_token=… and GET /oauth/cancel?token=… tell of a token and end it.
//   - Client credentials and refresh tokens go with client_id and client_secret in the form, both to /oauth/token.
func profileHealthGorillaLegacy() profile {
	return profile{
		grant: "jwt-bearer",
		clientAuth: map[string]string{
			"jwt-bearer":         "none",
			"client-credentials": "post",
			"authorization-code": "post",
			refreshTokenName:     "post",
		},
		alg:    "HS256",
		pair:   encodedPair,
		unit:   "s",
		needs:  []string{"client_id"},
		claims: map[string][]string{"jwt-bearer": {"iss", "sub"}},

		introspect: question{path: "info", param: "access_token"},
		revoke:     question{path: "cancel", param: "token"},
	}
}
