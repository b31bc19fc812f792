package auth

import (
	"context"
	"crypto/md5" //nolint:gosec // the algorithm of most servers (RFC 7616, section 3.2)
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// digest answers the challenge of a server with a hash of the password (RFC 7616, and RFC 2069 for servers without qop). What
// a server asked once is answered ahead of its question afterwards, with a count that rises.
type digest struct{ block }

func digestKeys() []textKey {
	return []textKey{
		{name: "username", needed: true}, {name: "password", needed: true, secret: true}, {name: "realm"}, {name: "nonce"},
		{name: "algorithm", words: digestAlgorithms()}, {name: "qop", words: []string{"auth", "auth-int"}},
		{name: "nonce_count"}, {name: "client_nonce"}, {name: "opaque"},
	}
}

func digestAlgorithms() []string {
	return []string{"MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"}
}

func readDigest(n source.Node) Authorizer {
	d := &digest{readBlock(n, "digest", digestKeys(), nil)}
	if n.IsMap() && n.Has("nonce") && !n.Has("realm") {
		n.Errorf("digest has a nonce and no realm; a server gives both with its challenge, so leave both out or write both")
	}
	return d
}

// asked is the challenge of a server, as far as it can be answered.
type asked struct {
	realm, nonce, opaque string
	algorithm            string // as it is to be written; empty for MD5 that the server did not name
	qop                  string // empty for RFC 2069
	userhash             bool
	clientNonce          string // the same for a nonce: the -sess algorithms hash it in (RFC 7616, section 3.4.2)
	count                int    // of answers to the nonce
}

// askedBy tells challenges apart. One goes for all paths of an origin (RFC 7616, section 3.3, domain).
type askedBy struct{ origin, session, username, password, terms string }

// Authorize answers the challenge that is known. Where none is, the request goes as it is, to be asked.
func (d *digest) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := d.expand(s.Scope)
	if err != nil {
		return err
	}
	if err := vacant(req, d.pos, d.kind); err != nil {
		return err
	}
	if err := v.printable("username", "password", "realm", "nonce", "client_nonce", "opaque"); err != nil {
		return err
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		return d.pos.Errorf("not a URL: %q", req.URL)
	}
	a, known, err := s.Tokens.answering(v.askedBy(u, s), v.given)
	if err != nil || !known {
		return err
	}
	if realm := v.text("realm"); realm != "" && realm != a.realm {
		return v.place("realm").Errorf("the server asks for the password of realm %q, and realm: says %q; nothing was answered", shown(a.realm), realm)
	}
	if qop := v.text("qop"); qop != "" && qop != a.qop {
		return v.place("qop").Errorf("the server does not offer qop %s", qop)
	}
	setHeader(req, "Authorization", "Digest "+a.answer(v.text("username"), v.text("password"), req, u))
	return nil
}

func (v values) askedBy(u *url.URL, s Session) askedBy {
	return askedBy{origin(u), s.Name, v.text("username"), v.text("password"), v.text("algorithm") + " " + v.text("qop") + " " + v.text("realm")}
}

// given is the challenge that the block brings along, so that the first request need not be asked.
func (v values) given() (*asked, error) {
	if v.text("nonce") == "" {
		return nil, nil
	}
	a := &asked{realm: v.text("realm"), nonce: v.text("nonce"), opaque: v.text("opaque"), algorithm: v.text("algorithm"), qop: v.text("qop"),
		clientNonce: v.or("client_nonce", rand.Text())}
	if text := v.text("nonce_count"); text != "" {
		n, err := strconv.ParseUint(text, 16, 32)
		if err != nil || n == 0 {
			return nil, v.place("nonce_count").Errorf("want nonce_count as a hexadecimal number of at least 1, such as 00000001, got %q", text)
		}
		a.count = int(n) - 1
	}
	return a, nil
}

// answering returns the challenge to answer, with the count of this answer.
func (ts *Tokens) answering(by askedBy, given func() (*asked, error)) (a asked, known bool, err error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	last, ok := ts.proofs.asked[by]
	if !ok {
		if last, err = given(); last == nil || err != nil {
			return asked{}, false, err
		}
		ts.proofs.ask(by, last)
	}
	last.count++
	return *last, true, nil
}

func (p *proofs) ask(by askedBy, a *asked) {
	if p.asked == nil {
		p.asked = map[askedBy]*asked{}
	}
	p.asked[by] = a
}

// Observe takes in what the server asks. A request whose answer was to an older question is worth another.
func (d *digest) Observe(e *wire.Exchange, s Session) (why string) {
	v, err := d.expand(s.Scope)
	if err != nil || e.Response == nil {
		return ""
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || !sameOrigin(e.Request.URL, e.Response.URL) {
		return ""
	}
	by, sent := v.askedBy(u, s), sentDigest(e.Request.Header)
	if next := nextNonce(e.Response.Header); next != "" {
		s.Tokens.nextNonce(by, sent["nonce"], next)
	}
	if e.Response.Status != http.StatusUnauthorized {
		return ""
	}
	a := chooseDigest(Challenges(e.Response.Header), v)
	if a == nil || a.nonce == sent["nonce"] {
		return ""
	}
	s.Tokens.mu.Lock()
	defer s.Tokens.mu.Unlock()
	if last, ok := s.Tokens.proofs.asked[by]; !ok || last.nonce == sent["nonce"] || len(sent) == 0 { // else another request took in a newer one
		s.Tokens.proofs.ask(by, a)
	}
	if len(sent) > 0 {
		return "the server ended the nonce of the digest and gave another"
	}
	return "the server asked for a digest and was given it"
}

// sentDigest returns the parameters of a digest that was sent.
func sentDigest(h http.Header) map[string]string {
	for _, c := range readChallenges(h.Get("Authorization")) {
		if c.Is("Digest") {
			return c.Params
		}
	}
	return nil
}

// nextNonce returns the nonce that a server wants from now on (RFC 7616, section 3.5).
func nextNonce(h http.Header) string {
	line := h.Get("Authentication-Info")
	if line == "" {
		return ""
	}
	for _, c := range readChallenges("Digest " + line) {
		return c.Params["nextnonce"]
	}
	return ""
}

func (ts *Tokens) nextNonce(by askedBy, sent, next string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if last, ok := ts.proofs.asked[by]; ok && last.nonce == sent && sent != next {
		fresh := *last
		fresh.nonce, fresh.count, fresh.clientNonce = next, 0, rand.Text()
		ts.proofs.ask(by, &fresh)
	}
}

// chooseDigest returns the first challenge that can be answered: a server names the best first (RFC 7616, section 3.7).
func chooseDigest(all []Challenge, v values) *asked {
	for _, c := range all {
		algorithm, nonce := c.Params["algorithm"], c.Params["nonce"]
		at := slices.IndexFunc(digestAlgorithms(), func(known string) bool { return strings.EqualFold(known, algorithm) })
		if !c.Is("Digest") || nonce == "" || algorithm != "" && at < 0 {
			continue
		}
		if want := v.text("algorithm"); want != "" && !strings.EqualFold(want, algorithm) && (algorithm != "" || want != "MD5") {
			continue
		}
		return &asked{realm: c.Params["realm"], nonce: nonce, opaque: c.Params["opaque"], algorithm: algorithm,
			qop: chooseQop(c.Params["qop"], v.text("qop")), userhash: strings.EqualFold(c.Params["userhash"], "true"),
			clientNonce: v.or("client_nonce", rand.Text())}
	}
	return nil
}

// chooseQop returns what is wanted where it is offered, else auth, else what is offered.
func chooseQop(offered, want string) string {
	var words []string
	for word := range strings.SplitSeq(offered, ",") {
		if word = strings.ToLower(strings.TrimSpace(word)); word == "auth" || word == "auth-int" {
			words = append(words, word)
		}
	}
	switch {
	case len(words) == 0:
		return ""
	case slices.Contains(words, want):
		return want
	case slices.Contains(words, "auth"):
		return "auth"
	}
	return words[0]
}

// answer writes the parameters of the header (RFC 7616, section 3.4).
func (a *asked) answer(username, password string, req *wire.Request, u *url.URL) string {
	hash := digestHash(a.algorithm)
	a1 := hash(username + ":" + a.realm + ":" + password)
	if strings.HasSuffix(strings.ToLower(a.algorithm), "-sess") {
		a1 = hash(a1 + ":" + a.nonce + ":" + a.clientNonce)
	}
	target := u.RequestURI()
	a2 := req.Method + ":" + target
	if a.qop == "auth-int" {
		a2 += ":" + hash(string(req.Body))
	}
	count, clientNonce := fmt.Sprintf("%08x", a.count), ""
	response := hash(a1 + ":" + a.nonce + ":" + hash(a2))
	if a.qop == "" {
		count = ""
	} else {
		response = hash(a1 + ":" + a.nonce + ":" + count + ":" + a.clientNonce + ":" + a.qop + ":" + hash(a2))
	}
	if a.qop != "" || strings.HasSuffix(strings.ToLower(a.algorithm), "-sess") {
		clientNonce = quoted(a.clientNonce)
	}
	name := [2]string{"username", quoted(username)}
	userhash := ""
	switch {
	case a.userhash:
		name[1], userhash = quoted(hash(username+":"+a.realm)), "true"
	case strings.ContainsFunc(username, func(r rune) bool { return r > '~' }):
		name = [2]string{"username*", "UTF-8''" + url.PathEscape(username)}
	}
	opaque := ""
	if a.opaque != "" {
		opaque = quoted(a.opaque)
	}
	return pairs(name, [2]string{"realm", quoted(a.realm)}, [2]string{"nonce", quoted(a.nonce)}, [2]string{"uri", quoted(target)},
		[2]string{"algorithm", a.algorithm}, [2]string{"qop", a.qop}, [2]string{"nc", count}, [2]string{"cnonce", clientNonce},
		[2]string{"response", quoted(response)}, [2]string{"opaque", opaque}, [2]string{"userhash", userhash})
}

// digestHash returns the hash of an algorithm, which writes hexadecimal.
func digestHash(algorithm string) func(string) string {
	switch name := strings.ToUpper(algorithm); {
	case strings.HasPrefix(name, "SHA-256"):
		return func(text string) string { sum := sha256.Sum256([]byte(text)); return hex.EncodeToString(sum[:]) }
	case strings.HasPrefix(name, "SHA-512-256"):
		return func(text string) string { sum := sha512.Sum512_256([]byte(text)); return hex.EncodeToString(sum[:]) }
	}
	return func(text string) string { sum := md5.Sum([]byte(text)); return hex.EncodeToString(sum[:]) } //nolint:gosec // as above
}
