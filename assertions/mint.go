package assertions

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Defaults is what the sender of an assertion knows and the mapping need not repeat.
type Defaults struct {
	Audience string // the token URL, or the URL of the request: aud, byte for byte, where the mapping names none
	ClientID string // iss and sub where claims name none; empty: the assertion has none
	Issuer   string // what `aud: issuer` means; empty: not known
}

// minHidden is the length below which a key is not hidden: masking a three-letter key would blank half of every report.
const minHidden = 8

// Mint signs an assertion whose iat is this moment less the backdate, with a jti of its own. The JWT and its key are
// hidden in s before it returns. Each claim of the mapping replaces that claim alone. Errors are *source.Error.
func (a *Assertion) Mint(s *vars.Scope, d Defaults) (string, error) {
	k, err := a.signer(s)
	if err != nil {
		return "", err
	}
	header, err := a.headerJSON(s, k)
	if err != nil {
		return "", err
	}
	claims, err := a.claimsJSON(s, d)
	if err != nil {
		return "", err
	}
	jwt, err := k.sign(header, claims)
	if err != nil {
		return "", a.key.pos.Errorf("signing with %s: %w", k.alg, err)
	}
	s.Hide("assertion", jwt)
	s.Hide("assertion", jwt[strings.LastIndexByte(jwt, '.')+1:])
	return jwt, nil
}

// signer returns what signs now, and hides its key.
func (a *Assertion) signer(s *vars.Scope) (*signer, error) {
	if !a.key.given() {
		return nil, a.pos.Errorf("the assertion has no key")
	}
	w := want{encoding: a.key.encoding}
	var err error
	if w.key, err = a.key.Expand(s); err != nil {
		return nil, err
	}
	if w.alg, err = a.alg.Expand(s); err != nil {
		return nil, err
	}
	if a.alg.given() && w.alg == "" {
		return nil, a.alg.pos.Errorf("alg is empty; leave it out to let the key decide")
	}
	if w.kid, err = a.kid.Expand(s); err != nil {
		return nil, err
	}
	if a.kid.given() && !a.kid.null && w.kid == "" {
		return nil, a.kid.pos.Errorf("kid is empty; write kid: null to send none")
	}
	if w.passphrase, err = filledIn(a.key.passphrase, s, "passphrase"); err != nil {
		return nil, err
	}
	if w.certificate, err = filledIn(a.published.certificate, s, "certificate"); err != nil {
		return nil, err
	}
	k, f := a.ring.signer(w)
	if f != nil {
		return nil, a.at(f)
	}
	for _, secret := range k.hidden {
		s.Hide("key", secret)
	}
	return k, nil
}

// filledIn expands a text that may not be given, but is not empty where it is.
func filledIn(t text, s *vars.Scope, name string) (string, error) {
	value, err := t.Expand(s)
	if err == nil && t.given() && value == "" {
		err = t.pos.Errorf("%s is empty; set the variable that it comes from, or leave %s out", name, name)
	}
	return value, err
}

// headerJSON writes alg, typ, kid, what tells where the key is found, then the fields of the mapping in the order of the file.
func (a *Assertion) headerJSON(s *vars.Scope, k *signer) ([]byte, error) {
	typ := "JWT"
	if a.typ.given() {
		var err error
		if typ, err = a.typ.Expand(s); err != nil {
			return nil, err
		}
	}
	var o object
	o.add("alg", quote(k.alg))
	if !a.typ.null {
		o.add("typ", quote(typ))
	}
	if k.kid != "" && !a.kid.null {
		o.add("kid", quote(k.kid))
	}
	if err := a.published.header(&o, s, k.chain); err != nil {
		return nil, err
	}
	for _, m := range a.header {
		raw, err := m.value.JSON(s)
		if err != nil {
			return nil, err
		}
		o.add(m.name, string(raw))
	}
	return o.bytes(), nil
}

// claimsJSON writes the registered claims (RFC 7519, section 4.1), then the others in the order of the file.
func (a *Assertion) claimsJSON(s *vars.Scope, d Defaults) ([]byte, error) {
	own := make(map[string]string, len(a.claims))
	for _, m := range a.claims {
		raw, err := m.value.JSON(s)
		if err != nil {
			return nil, err
		}
		own[m.name] = string(raw)
	}
	if _, ok := own["aud"]; !ok {
		aud, err := a.audience(s, d)
		if err != nil {
			return nil, err
		}
		own["aud"] = aud
	}
	iat := time.Now().Unix() - int64(a.times.backdate/time.Second)
	nbf := ""
	if a.times.notBefore {
		nbf = strconv.FormatInt(iat, 10)
	}
	registered := [...]struct{ name, value string }{
		{"iss", quoteOrNone(d.ClientID)},
		{"sub", quoteOrNone(d.ClientID)},
		{"aud", ""},
		{"iat", strconv.FormatInt(iat, 10)},
		{"nbf", nbf},
		{"exp", strconv.FormatInt(iat+int64(a.times.lifetime/time.Second), 10)},
		{"jti", freshID()},
	}
	var o object
	for _, c := range registered {
		value, ok := own[c.name]
		if !ok {
			value = c.value
		}
		o.add(c.name, value)
		delete(own, c.name)
	}
	for _, m := range a.claims {
		o.add(m.name, own[m.name]) // "" for those that are written already
	}
	return o.bytes(), nil
}

func quoteOrNone(text string) string {
	if text == "" {
		return ""
	}
	return quote(text)
}

// freshID returns 128 random bits as a JSON string in base64url.
func freshID() string {
	var bits [16]byte
	_, _ = rand.Read(bits[:]) // never fails (Go 1.24)
	return `"` + base64.RawURLEncoding.EncodeToString(bits[:]) + `"`
}

// audience returns aud as JSON: a string for one audience, an array where a list is written.
func (a *Assertion) audience(s *vars.Scope, d Defaults) (string, error) {
	if a.aud.Pos() == (source.Pos{}) {
		return d.audience(a.pos, "token_url")
	}
	value, err := a.aud.Any(s)
	if err != nil {
		return "", err
	}
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return d.audience(a.aud.Pos(), v)
	case []any:
		return d.audiences(a.aud.Pos(), v)
	}
	return "", a.aud.Pos().Errorf("got %s for aud, want a text or a list of texts", kindOfJSON(value))
}

func kindOfJSON(value any) string {
	switch value.(type) {
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	case nil:
		return "null"
	}
	return "a mapping"
}

func (d Defaults) audiences(pos source.Pos, list []any) (string, error) {
	if len(list) == 0 {
		return "", pos.Errorf("the list of audiences is empty")
	}
	items := make([]string, len(list))
	for i, item := range list {
		word, ok := item.(string)
		if !ok {
			return "", pos.Errorf("got %s in the list of audiences, want a text", kindOfJSON(item))
		}
		var err error
		if items[i], err = d.audience(pos, word); err != nil {
			return "", err
		}
	}
	return "[" + strings.Join(items, ",") + "]", nil
}

// audience returns one audience as JSON. No audience is ever normalised: servers compare bytes.
func (d Defaults) audience(pos source.Pos, word string) (string, error) {
	switch word {
	case "":
		return "", pos.Errorf("aud is empty")
	case "token_url":
		if d.Audience == "" {
			return "", pos.Errorf("aud is the token URL, which is not known here; write the audience as text")
		}
		return quote(d.Audience), nil
	case "issuer":
		if d.Issuer == "" {
			return "", pos.Errorf("aud is the issuer, which is not known here; write the audience as text")
		}
		return quote(d.Issuer), nil
	}
	return quote(word), nil
}
