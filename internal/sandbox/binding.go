package sandbox

// A binding is the key that the holder of a token must prove to have; the zero value is that of a bearer token.
type binding struct {
	scheme string // "DPoP" or "mTLS"
	member string // of cnf: "jkt" (RFC 9449) or "x5t#S256" (RFC 8705)
	digest string // of the key or the certificate, base64url
}

// confirmation is the claim cnf of RFC 7800; nil for a bearer token.
func (b binding) confirmation() map[string]string {
	if b.scheme == "" {
		return nil
	}
	return map[string]string{b.member: b.digest}
}
