package auth

// profileSMARTBackendServices is what SMART App Launch 2.2 says (pages Backend Services and Asymmetric Client Authentication):
//
//   - grant_type=client_credentials with client_assertion_type and client_assertion; scope is required, as in system/*.rs.
//   - The assertion is signed by RS384 or ES384; its header has alg, typ: JWT and kid, which a JWK brings along and a PEM
//     does not: assertion: {kid: …}. Without alg, RS384; for an EC key write alg: ES384.
//   - iss and sub are the client ID, aud is the token URL, exp lies at most five minutes ahead, jti is never used twice.
//   - The token endpoint comes from [fhir base]/.well-known/smart-configuration: discover: {smart: "{{fhir_url}}"}.
//   - There is no refresh token; expires_in is in seconds and should be at most 300.
func profileSMARTBackendServices() profile {
	return profile{
		grant:      "client-credentials",
		clientAuth: map[string]string{"client-credentials": "private_key_jwt"},
		alg:        "RS384",
		pair:       encodedPair,
		unit:       "s",
		needs:      []string{"client_id", "scope"},
	}
}
