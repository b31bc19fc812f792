package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// Observer is an Authorizer that learns from the answers to what it authorized.
type Observer interface {
	// Observe looks at an answer. It says why the request is worth exactly one more attempt with the credentials that there
	// are, as when the server refused it only for a nonce that it now gave; empty: it is not. Renew is for the other answers.
	Observe(e *wire.Exchange, s Session) (why string)
}

const useNonce = "use_dpop_nonce" // RFC 9449, sections 8 and 9

// readDPoP reads dpop: true, or a mapping of the key and its algorithm.
func (r *reading) readDPoP() {
	n, ok := r.found["dpop"]
	if !ok {
		return
	}
	t := &r.o.terms
	if !n.IsMap() {
		source.Bool(&t.dpop)(n)
		return
	}
	t.dpop = true
	take := func(k key) func(source.Node) {
		return func(n source.Node) {
			r.o.fields = append(r.o.fields, field{key: k, pos: n.Pos(), parts: []vars.Template{r.template(n, k)}})
		}
	}
	n.Map(source.Keys{
		"alg": take(key{name: "dpop.alg", check: assertions.CheckKeyAlgorithm}),
		"key": take(key{name: "dpop.key", secret: true}),
	})
}

// proofKey returns the key of the block, or one that lives as long as the run.
func (o *oauth2) proofKey(s Session) (*assertions.Key, error) {
	texts := map[string]string{}
	for _, name := range []string{"dpop.alg", "dpop.key"} {
		if i := o.index(name); i >= 0 {
			text, err := o.fields[i].parts[0].Expand(s.Scope)
			if err != nil {
				return nil, err
			}
			if text == "" {
				return nil, o.fields[i].pos.Errorf("%s is empty", name)
			}
			texts[name] = text
		}
	}
	k, err := s.Tokens.proofKey(s.Name, texts["dpop.alg"], texts["dpop.key"])
	if err != nil {
		at := "dpop.key"
		if o.index(at) < 0 {
			at = "dpop.alg"
		}
		return nil, o.at(at).Errorf("dpop: %w", err)
	}
	k.Hide(s.Scope)
	return k, nil
}

// proofKey returns the key of a text, the same for everybody; an empty text means one that is made for the run and the session.
func (ts *Tokens) proofKey(session, alg, text string) (*assertions.Key, error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	id := [3]string{alg, text}
	if text == "" {
		id[2] = session
	}
	if k, ok := ts.proofs.keys[id]; ok {
		return k, nil
	}
	k, err := makeOrRead(alg, text)
	if err != nil {
		return nil, err
	}
	if ts.proofs.keys == nil {
		ts.proofs.keys = map[[3]string]*assertions.Key{}
	}
	ts.proofs.keys[id] = k
	return k, nil
}

func makeOrRead(alg, text string) (*assertions.Key, error) {
	if text == "" {
		return assertions.NewKey(alg)
	}
	return assertions.ReadKey(text, alg)
}

// proofs is what DPoP, Digest and Hawk need through a run.
type proofs struct {
	clocks map[string]time.Duration      // by origin: how far its clock is ahead, as it said
	asked  map[askedBy]*asked            // what servers asked for last; what is in it does not change but for its count
	keys   map[[3]string]*assertions.Key // by algorithm, text and, of one that is made, session
	nonces map[string]string             // by origin: what its server gave last
}

// nonce returns the nonce that the server of a URL gave last, empty where it gave none.
func (ts *Tokens) nonce(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return ""
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.proofs.nonces[origin(u)]
}

// keepNonce remembers the nonce of an answer, whatever else the answer says, and returns it.
func (ts *Tokens) keepNonce(at string, h http.Header) string {
	nonce := h.Get("DPoP-Nonce")
	u, err := url.Parse(at)
	if err != nil || nonce == "" {
		return ""
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.proofs.nonces == nil {
		ts.proofs.nonces = map[string]string{}
	}
	ts.proofs.nonces[origin(u)] = nonce
	return nonce
}

// possession is a DPoP proof (RFC 9449, section 4.2).
type possession struct {
	ID     string `json:"jti"`
	Method string `json:"htm"`
	URL    string `json:"htu"` // without query and fragment
	Issued int64  `json:"iat"`
	Token  string `json:"ath,omitempty"` // hash of the access token
	Nonce  string `json:"nonce,omitempty"`
}

// prove proves for one request that the client has the key. token is empty at the token endpoint.
func (o *oauth2) prove(s Session, method, at, token string) (string, error) {
	k, err := o.proofKey(s)
	if err != nil {
		return "", err
	}
	p := possession{ID: rand.Text(), Method: method, URL: withoutQuery(at), Issued: time.Now().Unix(), Nonce: s.Tokens.nonce(at)}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		p.Token = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	var claims strings.Builder
	enc := json.NewEncoder(&claims)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return "", o.pos.Errorf("dpop: %w", err)
	}
	header := `{"typ":"dpop+jwt","alg":"` + k.Algorithm() + `","jwk":` + k.PublicJWK() + `}`
	proof, err := k.Sign([]byte(header), []byte(strings.TrimSuffix(claims.String(), "\n")))
	if err != nil {
		return "", o.pos.Errorf("dpop: %w", err)
	}
	s.Scope.Hide("dpop", proof)
	return proof, nil
}

// putProof adds a proof to a token request.
func (x *exchange) putProof() error {
	if !x.block.terms.dpop {
		return nil
	}
	proof, err := x.block.prove(x.session, http.MethodPost, x.url, "")
	x.header.Set("DPoP", proof)
	return err
}

// bind adds a proof to a request that carries a token.
func (o *oauth2) bind(req *wire.Request, s Session, token string) error {
	if _, taken := req.Header["Dpop"]; taken {
		return o.pos.Errorf("the request has a DPoP header of its own, and auth: %s would write another; remove it, or give the request auth: none", o)
	}
	proof, err := o.prove(s, req.Method, req.URL, token)
	if err != nil {
		return err
	}
	setHeader(req, "DPoP", proof)
	return nil
}

// Observe keeps the nonce of an answer to a request that went with a proof.
func (o *oauth2) Observe(e *wire.Exchange, s Session) string {
	if !o.terms.dpop || e.Response == nil {
		return ""
	}
	at := e.Response.URL
	if at == "" {
		at = e.Request.URL
	}
	nonce := s.Tokens.keepNonce(at, e.Response.Header)
	if nonce == "" || e.Response.Status != http.StatusUnauthorized || nonce == sentNonce(e.Request.Header.Get("DPoP")) {
		return ""
	}
	for _, c := range Challenges(e.Response.Header) {
		if c.Is("DPoP") && c.Params["error"] == useNonce {
			return "the server asked for a nonce and was given it"
		}
	}
	return ""
}

// sentNonce returns the nonce of a proof.
func sentNonce(proof string) string {
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		return ""
	}
	var p possession
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(raw, &p) != nil {
		return ""
	}
	return p.Nonce
}

// storeKey is the key of a credential in a store; empty for one whose token is bound to a key that ends with the run.
func (o *oauth2) storeKey(id credential) string {
	if o.terms.dpop && o.index("dpop.key") < 0 {
		return ""
	}
	return id.key()
}
