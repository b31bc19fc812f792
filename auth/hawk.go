package auth

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	_ "crypto/sha1"   // crypto.SHA1 below
	_ "crypto/sha256" // crypto.SHA256 below
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// hawk signs each request with a shared key (the Hawk scheme, version 1). A server that says what its clock shows, and proves it with
// the same key, is believed.
type hawk struct {
	block
	payload bool // the body is hashed into the signature
}

func hawkKeys() []textKey {
	return []textKey{
		{name: "id", needed: true}, {name: "key", needed: true, secret: true}, {name: "algorithm", words: []string{"sha256", "sha1"}},
		{name: "ext"}, {name: "app"}, {name: "dlg"}, {name: "timestamp"}, {name: "nonce"},
	}
}

func readHawk(n source.Node) Authorizer {
	h := &hawk{}
	h.block = readBlock(n, "hawk", hawkKeys(), source.Keys{"payload_hash": source.Bool(&h.payload)})
	if n.IsMap() && n.Has("dlg") && !n.Has("app") {
		n.Errorf("dlg has no use without app: it says on whose behalf the application acts")
	}
	return h
}

func (h *hawk) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := h.expand(s.Scope)
	if err != nil {
		return err
	}
	if err := vacant(req, h.pos, h.kind); err != nil {
		return err
	}
	if err := h.quotable(v); err != nil {
		return err
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		return h.pos.Errorf("not a URL: %q", req.URL)
	}
	now := time.Now().Add(s.Tokens.clock(origin(u)))
	m := hawkMessage{ts: v.or("timestamp", strconv.FormatInt(now.Unix(), 10)), nonce: v.or("nonce", rand.Text()[:8]),
		ext: v.text("ext"), app: v.text("app"), dlg: v.text("dlg")}
	hash, key := hawkHash(v.text("algorithm")), v.text("key")
	if h.payload {
		m.hash = hawkPayload(hash, req)
	}
	text := func(name, value string) [2]string {
		if value != "" {
			value = `"` + value + `"`
		}
		return [2]string{name, value}
	}
	mac := hawkMAC(hash, key, m.normalized(req.Method, u, req.Header))
	setHeader(req, "Authorization", "Hawk "+pairs(text("id", v.text("id")), text("ts", m.ts), text("nonce", m.nonce), text("hash", m.hash),
		text("ext", hawkEscape(m.ext)), text("mac", mac), text("app", m.app), text("dlg", m.dlg)))
	return nil
}

// quotable refuses what the header of Hawk has no way to write.
func (h *hawk) quotable(v values) error {
	if err := v.printable("id", "ext", "app", "dlg", "nonce", "timestamp"); err != nil {
		return err
	}
	for _, name := range []string{"id", "app", "dlg", "nonce", "timestamp"} {
		if strings.ContainsAny(v.text(name), `"\`) {
			return v.place(name).Errorf(`%s has a " or a \, which the header of Hawk cannot carry`, name)
		}
	}
	return nil
}

// hawkMessage is what is signed beside the request itself.
type hawkMessage struct{ ts, nonce, hash, ext, app, dlg string }

// normalized is the text that is signed.
func (m hawkMessage) normalized(method string, u *url.URL, h http.Header) string {
	host := u.Host
	if own := h.Get("Host"); own != "" {
		host = own
	}
	at := url.URL{Host: strings.ToLower(host)}
	port := at.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	lines := []string{"hawk.1.header", m.ts, m.nonce, strings.ToUpper(method), u.RequestURI(), at.Hostname(), port, m.hash,
		strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(m.ext)}
	if m.app != "" {
		lines = append(lines, m.app, m.dlg)
	}
	return strings.Join(lines, "\n") + "\n"
}

func hawkEscape(text string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) }

func hawkHash(algorithm string) crypto.Hash {
	if algorithm == "sha1" {
		return crypto.SHA1
	}
	return crypto.SHA256
}

func hawkMAC(hash crypto.Hash, key, text string) string {
	mac := hmac.New(hash.New, []byte(key))
	mac.Write([]byte(text)) // a hash never fails
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// hawkPayload hashes the body and its media type, whose parameters do not count.
func hawkPayload(hash crypto.Hash, req *wire.Request) string {
	media, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	sum := hash.New()
	sum.Write([]byte("hawk.1.payload\n" + strings.ToLower(strings.TrimSpace(media)) + "\n")) // a hash never fails
	sum.Write(req.Body)
	sum.Write([]byte("\n"))
	return base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

// Observe takes in the time of the server, where the server proves that it is its own.
func (h *hawk) Observe(e *wire.Exchange, s Session) (why string) {
	if e.Response == nil || e.Response.Status != http.StatusUnauthorized || !sameOrigin(e.Request.URL, e.Response.URL) {
		return ""
	}
	v, err := h.expand(s.Scope)
	u, bad := url.Parse(e.Request.URL)
	if err != nil || bad != nil || v.text("timestamp") != "" {
		return ""
	}
	for _, c := range Challenges(e.Response.Header) {
		at, err := strconv.ParseInt(c.Params["ts"], 10, 64)
		mac := hawkMAC(hawkHash(v.text("algorithm")), v.text("key"), "hawk.1.ts\n"+c.Params["ts"]+"\n")
		if !c.Is("Hawk") || err != nil || !hmac.Equal([]byte(mac), []byte(c.Params["tsm"])) {
			continue
		}
		if off := time.Unix(at, 0).Sub(time.Now().Truncate(time.Second)); s.Tokens.setClock(origin(u), off) {
			return "the server's clock is " + ahead(off) + ", and it was told so"
		}
	}
	return ""
}

// ahead says how a clock differs from that of this machine.
func ahead(off time.Duration) string {
	if off < 0 {
		return (-off).String() + " behind that of this machine"
	}
	return off.String() + " ahead of that of this machine"
}

// clock returns how far the clock of a server is ahead, as far as it has said so.
func (ts *Tokens) clock(origin string) time.Duration {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.proofs.clocks[origin]
}

// setClock keeps how far the clock of a server is ahead, and reports whether that is news of more than a second.
func (ts *Tokens) setClock(origin string, off time.Duration) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if (off - ts.proofs.clocks[origin]).Abs() <= time.Second {
		return false
	}
	if ts.proofs.clocks == nil {
		ts.proofs.clocks = map[string]time.Duration{}
	}
	ts.proofs.clocks[origin] = off
	return true
}
