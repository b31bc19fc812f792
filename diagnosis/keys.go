package diagnosis

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/hgrun/hgrun/assertions"
)

func decodedSecret() Rule {
	return Rule{
		Code: "HG026", Title: "the shared secret may have been read the other way", Rank: 5,
		Answers: refusedProof, Words: []string{"signature", "invalid client", "signed"}, Lint: findDecodedSecret,
		Page: Page{
			Symptom:   "invalid_client or invalid_grant for an assertion whose claims are all right.",
			Cause:     "The secret looks like base64. One side signs with its characters, the other with the bytes that they decode to.",
			Detection: "The signature is checked with both readings of the secret, where the secret is known.",
			Evidence:  "With which reading the assertion was signed, and the length of both.",
			Fix:       "key_encoding: raw (Health Gorilla) or key_encoding: base64.",
			Sources:   "Health Gorilla, jwtoken.html: the key is the text of the secret; RFC 7518, section 3.2.",
		},
	}
}

// looksBase64 reports whether a secret could be meant as base64: as long as encoded keys are, and of its letters.
func looksBase64(secret string) (decoded int, ok bool) {
	if len(secret) < 24 || len(secret)%4 != 0 || isHexText(secret) {
		return 0, false
	}
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		raw, err = base64.URLEncoding.DecodeString(secret)
	}
	return len(raw), err == nil && (strings.ContainsAny(secret, "=+/-_") || looksRandom(secret))
}

func isHexText(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

func (c *Case) sharedSecret() string {
	if c.Keys.Key != "" {
		return c.Keys.Key
	}
	return c.Keys.Secret
}

func findDecodedSecret(c *Case) []Finding {
	_, t := c.tokenOf()
	secret := c.sharedSecret()
	if t == nil || !strings.HasPrefix(t.Algorithm(), "HS") || secret == "" {
		return nil
	}
	size, plausible := looksBase64(secret)
	raw, decoded := t.Verify(secret, "raw") == nil, false
	for _, encoding := range []string{"base64", "base64url", "hex"} {
		decoded = decoded || t.Verify(secret, encoding) == nil
	}
	f := Finding{Pos: c.at("assertion key_encoding", "assertion key", "oauth2 client_secret", "assertion")}
	lengths := line(Measured, "the secret has %d characters, which decode to %d bytes", len(secret), size)
	switch {
	case decoded && !raw:
		f.Confidence = Likely
		if c.healthGorilla() {
			f.Confidence = Certain
		}
		f.Cause = "the assertion was signed with the bytes that the secret decodes to, where most servers take its characters"
		f.Evidence = []Evidence{line(Sent, "the signature fits the decoded secret"), lengths}
		f.Fix = "key_encoding: raw, which is the default; take key_encoding out"
	case raw && plausible && !c.healthGorilla():
		f.Confidence = Possible
		f.Cause = "the assertion was signed with the characters of a secret that looks like base64; a server that decodes it first refuses the signature"
		f.Evidence = []Evidence{line(Sent, "the signature fits the characters of the secret"), lengths}
		f.Fix = "if the server's documentation says that the secret is base64, write key_encoding: base64"
	default:
		return nil
	}
	return one(f)
}

func wrongKeyID() Rule {
	return Rule{
		Code: "HG038", Title: "kid is missing, or no key of the JWKS has it", Rank: 6,
		Answers: refusedProof, Words: []string{"kid", "key id", "unknown key", "no key", "header: typ", "wrong header"}, Lint: findKeyID,
		Page: Page{
			Symptom:   "invalid_client for an assertion that is signed with a private key.",
			Cause:     "The server picks the public key by the kid of the header: without one, or with one that it does not know, it finds none.",
			Detection: "kid against the keys of the JWKS that the client publishes, where it is known; SMART requires kid and typ.",
			Evidence:  "The kid that was sent and those that are published.",
			Fix:       "kid: as the JWKS has it, or publish the key again.",
			Sources:   "SMART App Launch 2.2, client-confidential-asymmetric; RFC 7515, section 4.1.4.",
		},
	}
}

func findKeyID(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil || strings.HasPrefix(t.Algorithm(), "HS") {
		return nil
	}
	kid, _ := t.Header["kid"].(string)
	typ, _ := t.Header["typ"].(string)
	published := publishedKeys(c.Keys.Registered)
	f := Finding{Pos: c.at("assertion kid", "assertion key", "assertion", "form assertion", "form client_assertion")}
	switch {
	case kid != "" && len(published) > 0 && !published.names(kid):
		f.Confidence = Certain
		f.Cause = "no key of the published JWKS has the kid of the assertion"
		f.Evidence = []Evidence{line(Sent, "kid %s", quote(kid)), line(Expected, "one of %s", published.list())}
		f.Fix = "set kid to the one that is published for this key, or publish the JWKS again"
	case kid == "":
		f.Confidence = Possible
		if len(published) > 1 || c.backend() || p.name == "client_assertion" {
			f.Confidence = Likely
		}
		f.Cause = "the assertion has no kid, so that the server cannot tell which key to check it with"
		f.Evidence = []Evidence{line(Sent, "alg %s and no kid", quote(t.Algorithm()))}
		if len(published) > 0 {
			f.Evidence = append(f.Evidence, line(Expected, "one of %s", published.list()))
		}
		f.Fix = "write kid: as the JWKS has it"
	case typ != "JWT" && typ != "client-authentication+jwt" && (c.backend() || p.name == "client_assertion"):
		f.Confidence = Possible
		f.Cause = "the header's typ is not JWT, which SMART requires"
		f.Evidence = []Evidence{line(Sent, "typ %s", quote(typ)), line(Expected, "typ \"JWT\"")}
		f.Fix = "leave typ out: hgrun writes JWT"
	default:
		return nil
	}
	return one(f)
}

func unknownKey() Rule {
	return Rule{
		Code: "HG039", Title: "nothing is wrong with what was sent; the server may not know the key or the secret", Rank: 1,
		Answers: refusedProof, Explain: explainUnknownKey,
		Page: Page{
			Symptom:   "A general refusal although every check of what was sent succeeds.",
			Cause:     "What cannot be checked from here: the key is not registered, or not known to the server yet; the secret is another one; the client is not enabled.",
			Detection: "Every rule ran over the bytes that were sent, and none found a mistake.",
			Evidence:  "What was checked, and what cannot be.",
			Fix:       "Compare fingerprint or JWKS with the registration. After registering a key wait: some EHR sandboxes take hours to days.",
			Sources:   "SMART App Launch 2.2; measured: panva gives eleven mistakes the same answer.",
		},
	}
}

// unexplained reports whether a token request was refused in general terms, and every check of it succeeded.
func (c *Case) unexplained() bool {
	a := c.answer()
	_, t := c.tokenOf()
	switch {
	case c.role() != TokenRequest || c.suspects(Likely) > 0 || c.grantType() == "refresh_token":
		return false
	case a.class == InvalidRequest && len(strings.Fields(a.description)) > 3: // which is about something of its own
		return false
	case a.class&(InvalidGrant|InvalidRequest) != 0 && t == nil: // which is not about a client, unless by its assertion
		return false
	}
	s, ok := c.skew()
	return !ok || t == nil || !s.beyond(harmfulSkew)
}

func explainUnknownKey(c *Case) []Finding {
	if !c.unexplained() {
		return nil
	}
	f := Finding{
		Confidence: Possible, Pos: c.at("assertion key", "oauth2 client_secret", "form client_secret", "header Authorization", "oauth2"),
		Evidence: []Evidence{c.serverLine()},
	}
	_, t := c.tokenOf()
	switch {
	case t != nil && !strings.HasPrefix(t.Algorithm(), "HS"):
		kid, _ := t.Header["kid"].(string)
		f.Cause = "shape, claims, times and audience of the assertion are right; the server may not have its public key, or not yet"
		f.Evidence = append(f.Evidence, line(Sent, "alg %s, kid %s, iss %s", quote(t.Algorithm()), quote(kid), claimText(t, "iss")))
		f.Fix = "check that the server can fetch the client's JWKS and that this kid is in it; after registering a key wait: some servers take hours to days"
	case t != nil:
		f.Cause = "shape, claims, times and audience of the assertion are right; the secret may be another one, or the client may not be enabled here"
		f.Evidence = append(f.Evidence, line(Sent, "alg %s, iss %s", quote(t.Algorithm()), claimText(t, "iss")))
		if secret := c.sharedSecret(); secret != "" {
			f.Evidence = append(f.Evidence, line(Measured, "the secret has %d characters, %s", len(secret), fingerprint(secret)))
		}
		f.Fix = "compare the secret with the one of the registration, in this environment"
	case c.basic().id != "" || c.has("client_secret"):
		f.Cause = "the way in which client ID and secret are sent is right; the secret may be another one, or the client may not be known here"
		f.Evidence = append(f.Evidence, c.credentialLine())
		f.Fix = "compare the fingerprint of the secret with that of the registered one, in this environment; a lost secret cannot be recovered, only replaced"
	default:
		return nil
	}
	return one(f)
}

func wrongAlgorithm() Rule {
	return Rule{
		Code: "HG040", Title: "the server does not take this algorithm", Rank: 6,
		Answers: refusedProof | ServerError, Words: []string{"algorithm", "alg "}, Lint: findAlgorithm,
		Page: Page{
			Symptom:   "invalid_client; zitadel says \"signature algorithm not supported\".",
			Cause:     "alg is not the one that is registered for the client, or none that the server takes.",
			Detection: "alg against the algorithms of the discovery document, the alg of the published key, and the profile.",
			Evidence:  "alg and those that are allowed.",
			Fix:       "alg: as the server lists it.",
			Sources:   "SMART App Launch 2.2: RS384 and ES384; RFC 8414, token_endpoint_auth_signing_alg_values_supported.",
		},
	}
}

func findAlgorithm(c *Case) []Finding {
	_, t := c.tokenOf()
	if t == nil {
		return nil
	}
	alg := t.Algorithm()
	f := Finding{
		Confidence: Certain, Pos: c.at("assertion alg", "assertion key", "assertion", "form assertion", "form client_assertion"),
		Evidence: []Evidence{line(Sent, "alg %s", quote(clip(alg, 30)))},
	}
	kid, _ := t.Header["kid"].(string)
	d, published := c.discovery(), publishedKeys(c.Keys.Registered).alg(kid)
	switch {
	case alg == "" || strings.EqualFold(alg, "none"):
		f.Cause = "the assertion is not signed"
		f.Fix = "name an alg and a key"
	case len(d.Algorithms) > 0 && !contains(d.Algorithms, alg):
		f.Cause = fmt.Sprintf("the server does not list alg %s", clip(alg, 30))
		f.Evidence = append(f.Evidence, line(Expected, "one of %s (%s)", clip(strings.Join(d.Algorithms, ", "), maxValue), shownURL(d.URL)))
		f.Fix = "alg: " + d.Algorithms[0]
	case published != "" && published != alg:
		f.Cause = "the key is published for another algorithm"
		f.Evidence = append(f.Evidence, line(Expected, "alg %s, as the JWKS says of kid %s", quote(published), quote(kid)))
		f.Fix = "alg: " + clip(published, 30)
	case c.backend() && alg != "RS384" && alg != "ES384":
		f.Confidence = Likely
		f.Cause = "SMART servers are required to take RS384 and ES384 only"
		f.Evidence = append(f.Evidence, line(Expected, "RS384 or ES384"))
		f.Fix = "alg: RS384 for an RSA key, ES384 for an EC key of P-384"
	case c.healthGorilla() && alg != "HS256":
		f.Confidence = Likely
		f.Cause = "Health Gorilla's own tools sign with HS256"
		f.Evidence = append(f.Evidence, line(Expected, "HS256, with the client secret as key"))
		f.Fix = "alg: HS256"
	default:
		return nil
	}
	return one(f)
}

func wrongPadding() Rule {
	return Rule{
		Code: "HG041", Title: "RSA signature of the other kind: PSS and PKCS #1 v1.5", Rank: 8,
		Answers: refusedProof, Words: []string{"signature", "pss", "padding"}, Lint: findPadding,
		Page: Page{
			Symptom:   "invalid_client although key and claims are right.",
			Cause:     "alg says RS… and the signature is PSS, or the other way round; or the key is for PSS only.",
			Detection: "The signature is checked with the other padding, where the public key is known.",
			Evidence:  "alg, and the algorithm that the signature fits.",
			Fix:       "alg: PS384 for PSS, RS384 for PKCS #1 v1.5.",
			Sources:   "RFC 7518, sections 3.3 and 3.5; RFC 4055, section 3.1.",
		},
	}
}

func findPadding(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil || len(t.Algorithm()) != 5 {
		return nil
	}
	alg := t.Algorithm()
	other := map[string]string{"RS": "PS", "PS": "RS"}[alg[:2]]
	if other == "" {
		return nil
	}
	other += alg[2:]
	for _, key := range []string{c.Keys.Registered, c.Keys.Key} {
		if key == "" {
			continue
		}
		if err := t.Verify(key, ""); err == nil {
			return nil
		}
		twin, err := assertions.Inspect(p.text)
		if err != nil {
			return nil
		}
		if twin.Header["alg"] = other; twin.Verify(key, "") == nil {
			return one(Finding{
				Confidence: Certain, Pos: c.at("assertion alg", "assertion key", "form assertion", "form client_assertion"),
				Cause:    fmt.Sprintf("the header says %s, and the signature is of %s", alg, other),
				Evidence: []Evidence{line(Sent, "alg %s", quote(alg)), line(Measured, "the signature fits the key as %s", other)},
				Fix:      "write alg: " + other + ", or sign with " + alg,
			})
		}
	}
	return nil
}

func otherKeyPair() Rule {
	return Rule{
		Code: "HG043", Title: "the private key does not belong to the registered public key", Rank: 7,
		Answers: refusedProof, Words: []string{"signature", "key"}, Lint: findOtherPair,
		Page: Page{
			Symptom:   "invalid_client although claims and kid are right.",
			Cause:     "The assertion is signed with another key than the one whose public half the server has.",
			Detection: "The signature is checked with the registered JWKS, public key or certificate.",
			Evidence:  "Thumbprints of the published keys.",
			Fix:       "Use the private key that belongs to the registration, or register the new public key.",
			Sources:   "RFC 7523, section 3, item 9; RFC 7638.",
		},
	}
}

func findOtherPair(c *Case) []Finding {
	p, t := c.tokenOf()
	if t == nil || c.Keys.Registered == "" || strings.HasPrefix(t.Algorithm(), "HS") || p.err != nil {
		return nil
	}
	kid, _ := t.Header["kid"].(string)
	published := publishedKeys(c.Keys.Registered)
	if len(published) > 0 && kid != "" && !published.names(kid) {
		return nil // its own rule
	}
	err := t.Verify(c.Keys.Registered, "")
	if err == nil || len(findPadding(c)) > 0 || !strings.Contains(err.Error(), "signature is not of this key") {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("assertion key", "assertion", "form assertion", "form client_assertion"),
		Cause:    "the signature was not made with the key whose public half is registered",
		Evidence: []Evidence{line(Sent, "alg %s, kid %s", quote(t.Algorithm()), quote(kid)), line(Measured, "the registered key says: %s", err)},
		Fix:      "sign with the private key that belongs to the registration, or register the public half of this one",
	}
	if len(published) > 0 {
		f.Evidence = append(f.Evidence, line(Expected, "one of %s", published.list()))
	}
	return one(f)
}
