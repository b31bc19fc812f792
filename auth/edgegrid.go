package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// edgeGrid signs each request as the APIs of Akamai want it (EG1-HMAC-SHA256).
type edgeGrid struct {
	block
	headers []string // that are signed, in this order
	maxBody int      // bytes of a body that are hashed
}

const edgeGridBody = 131072 // bytes of a body that Akamai hashes

func edgeGridKeys() []textKey {
	return []textKey{
		{name: "client_token", needed: true}, {name: "client_secret", needed: true, secret: true}, {name: "access_token", needed: true, secret: true},
		{name: "timestamp"}, {name: "nonce"},
	}
}

func readEdgeGrid(n source.Node) Authorizer {
	e := &edgeGrid{maxBody: edgeGridBody}
	e.block = readBlock(n, "edgegrid", edgeGridKeys(), source.Keys{"headers": source.Strings(&e.headers), "max_body": source.Int(&e.maxBody, 0)})
	for _, name := range e.headers {
		if !isHeaderName(name) {
			n.Errorf("%q cannot be the name of a header", name)
		}
	}
	return e
}

func (e *edgeGrid) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := e.expand(s.Scope)
	if err != nil {
		return err
	}
	if err := vacant(req, e.pos, e.kind); err != nil {
		return err
	}
	if err := v.printable("client_token", "access_token", "timestamp", "nonce"); err != nil {
		return err
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		return e.pos.Errorf("not a URL: %q", req.URL)
	}
	ts := v.or("timestamp", time.Now().UTC().Format("20060102T15:04:05-0700"))
	head := "EG1-HMAC-SHA256 client_token=" + v.text("client_token") + ";access_token=" + v.text("access_token") +
		";timestamp=" + ts + ";nonce=" + v.or("nonce", rand.Text()) + ";"
	host := u.Host
	if own := req.Header.Get("Host"); own != "" {
		host = own
	}
	signed := strings.Join([]string{strings.ToUpper(req.Method), strings.ToLower(u.Scheme), strings.ToLower(host), u.RequestURI(),
		e.signedHeaders(req.Header), e.contentHash(req), head}, "\t")
	key := base64.StdEncoding.EncodeToString(hmacSHA256([]byte(v.text("client_secret")), ts))
	setHeader(req, "Authorization", head+"signature="+base64.StdEncoding.EncodeToString(hmacSHA256([]byte(key), signed)))
	return nil
}

// signedHeaders writes the headers that the API wants signed; those that the request does not have are left out.
func (e *edgeGrid) signedHeaders(h http.Header) string {
	var list []string
	for _, name := range e.headers {
		if value := h.Get(name); value != "" {
			list = append(list, strings.ToLower(name)+":"+strings.Join(strings.Fields(value), " "))
		}
	}
	return strings.Join(list, "\t")
}

// contentHash hashes the body of a POST; other bodies do not count.
func (e *edgeGrid) contentHash(req *wire.Request) string {
	if !strings.EqualFold(req.Method, http.MethodPost) || len(req.Body) == 0 {
		return ""
	}
	sum := sha256.Sum256(req.Body[:min(len(req.Body), e.maxBody)])
	return base64.StdEncoding.EncodeToString(sum[:])
}
