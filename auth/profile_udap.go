package auth

// profileUDAP is what HL7 UDAP Security STU 2 says (section 5, business-to-business):
//
//   - grant_type=client_credentials, client_assertion_type, client_assertion and udap=1; neither an Authorization header nor
//     client_id, which the assertion says.
//   - The assertion is signed by RS256; its header has x5c, the chain of the client's certificate:
//     assertion: {header: {x5c: ["MII…"]}}.
//   - iss and sub are the client ID, aud is the token URL as the server's metadata has it, exp lies at most five minutes
//     ahead of iat, jti is never used twice.
//   - For client credentials the claims have extensions: {hl7-b2b: {version: "1", organization_id: …, purpose_of_use: […]}}.
func profileUDAP() profile {
	return profile{
		grant: "client-credentials",
		clientAuth: map[string]string{
			"client-credentials": "private_key_jwt",
			"authorization-code": "private_key_jwt",
			refreshTokenName:     "private_key_jwt",
		},
		alg:    "RS256",
		pair:   encodedPair,
		unit:   "s",
		needs:  []string{"client_id"},
		claims: map[string][]string{"client-credentials": {"extensions"}},
		header: []string{"x5c"},
		params: map[string]string{"udap": "1"},
		alone:  true,
	}
}
