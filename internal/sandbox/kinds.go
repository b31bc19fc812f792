package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// kindsServer has one page for each kind of credentials that is not OAuth 2.0, by the first step of its path: "/digest". It
// takes any method, any path below and any query.
type kindsServer struct {
	*environment
	user  user
	rsa   func() *rsa.PrivateKey // of who signs with a private key; made when first used
	seen  replays                // nonces
	pages map[string]judge
}

// user is who may look at the pages: with a name and a password, or with a key and its name, to which EdgeGrid wants a token too.
type user struct{ name, password, keyID, key, token string }

// judge judges the credentials of a request.
type judge func(r *http.Request, body []byte) ruling

// ruling is what came of it.
type ruling struct {
	reason    Reason
	detail    string
	challenge string // for WWW-Authenticate; empty for none
}

func refused(reason Reason, challenge, detail string) ruling {
	return ruling{reason, detail, challenge}
}

func openKinds(beside *environment, origin string) opened {
	s := &kindsServer{
		environment: beside.beside("kinds", origin),
		user: user{
			name: "kinds-" + beside.deployment, password: inventedSecret("kinds password " + beside.deployment),
			keyID: "KINDS" + strings.ToUpper(beside.deployment), key: inventedSecret("kinds key " + beside.deployment),
			token: inventedSecret("kinds token " + beside.deployment),
		},
		rsa:  sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) }),
		seen: replays{used: map[string]int64{}},
	}
	s.pages = s.table()
	return opened{name: s.name, answer: s.answer, variables: s.variables}
}

// table returns the page of each kind.
func (s *kindsServer) table() map[string]judge {
	return map[string]judge{
		"ntlm":     s.ntlm,
		"edgegrid": s.edgegrid,
		"hawk":     s.hawk,
		"asap":     s.asap,
		"jwt":      s.jwt,
		"aws":      s.aws,
		"oauth1":   s.oauth1,
		"digest":   s.digest,
	}
}

func (s *kindsServer) answer(r *http.Request) answer {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	rule, ok := s.pages[name]
	if !ok {
		return jsonAnswer(http.StatusNotFound, object{"error": "not_found"}).because(UnknownPath, "")
	}
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return jsonAnswer(http.StatusRequestEntityTooLarge, object{"error": "too_large"}).because(UnreadableBody, "")
	}
	v := rule(r, body)
	if v.reason == OK {
		return jsonAnswer(http.StatusOK, object{"kind": name, "user": s.user.name, "size": len(body)}).because(OK, "%s", v.detail)
	}
	a := jsonAnswer(http.StatusUnauthorized, object{"error": "unauthorized"}).because(v.reason, "%s", v.detail)
	if v.challenge != "" {
		a = a.with("Www-Authenticate", v.challenge)
	}
	return a
}

func (s *kindsServer) variables() []Variable {
	der := must(x509.MarshalPKCS8PrivateKey(s.rsa()))
	return []Variable{
		{Name: "kinds_url", Value: s.origin},
		{Name: "kinds_username", Value: s.user.name},
		{Name: "kinds_password", Value: s.user.password, Secret: true},
		{Name: "kinds_key_id", Value: s.user.keyID},
		{Name: "kinds_key", Value: s.user.key, Secret: true},
		{Name: "kinds_access_token", Value: s.user.token, Secret: true},
		{Name: "kinds_private_key", Value: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), Secret: true},
	}
}

// parameters reads name=value pairs between commas, quoted or not.
func parameters(text string) map[string]string {
	found := map[string]string{}
	for text != "" {
		name, rest, ok := strings.Cut(text, "=")
		if !ok {
			break
		}
		var value string
		if rest, ok = strings.CutPrefix(rest, `"`); ok {
			value, rest, _ = strings.Cut(rest, `"`)
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			value, rest, _ = strings.Cut(rest, ",")
		}
		found[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		text = rest
	}
	return found
}
