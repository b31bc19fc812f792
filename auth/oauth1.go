package auth

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	_ "crypto/sha1" // crypto.SHA1 below
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// oauth1 signs each request with the secrets of a client and of a token, or with a private key (RFC 5849).
type oauth1 struct {
	block
	in       string // header, body or query
	bodyHash bool   // a body that is no form is hashed into the signature
	empty    bool   // token, callback and verifier are sent and signed where they are empty
	rsa      assertions.Keys
}

func oauth1Methods() []string {
	return []string{"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA1", "RSA-SHA256", "RSA-SHA512", "PLAINTEXT"}
}

func oauth1Keys() []textKey {
	return []textKey{
		{name: "consumer_key", needed: true}, {name: "consumer_secret", secret: true}, {name: "token", secret: true}, {name: "token_secret", secret: true},
		{name: "signature_method", words: oauth1Methods()}, {name: "private_key", secret: true}, {name: "callback"}, {name: "verifier", secret: true},
		{name: "timestamp"}, {name: "nonce"}, {name: "version"}, {name: "realm"},
	}
}

func readOAuth1(n source.Node) Authorizer {
	o := &oauth1{in: "header"}
	o.block = readBlock(n, "oauth1", oauth1Keys(), source.Keys{
		"in":        source.OneOf(&o.in, "header", "body", "query"),
		"body_hash": source.Bool(&o.bodyHash), "empty_params": source.Bool(&o.empty),
	})
	method := o.texts[o.index("signature_method")]
	if !n.IsMap() || !method.Static() {
		return o
	}
	switch rsa := strings.HasPrefix(method.String(), "RSA-"); {
	case rsa && !n.Has("private_key"):
		n.Errorf(`oauth1 with %s needs private_key; add private_key: "{{private_key}}"`, method)
	case !rsa && !n.Has("consumer_secret"):
		n.Errorf(`oauth1 needs consumer_secret; add consumer_secret: "{{consumer_secret}}"`)
	case !rsa && n.Has("private_key"):
		n.Errorf("private_key has no use: only the methods RSA-SHA1, RSA-SHA256 and RSA-SHA512 sign with one; add signature_method: RSA-SHA256, or remove the key")
	}
	return o
}

// pair is a parameter.
type pair struct{ name, value string }

func (o *oauth1) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := o.expand(s.Scope)
	if err != nil {
		return err
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		return o.pos.Errorf("not a URL: %q", req.URL)
	}
	form := strings.HasPrefix(strings.ToLower(req.Header.Get("Content-Type")), "application/x-www-form-urlencoded")
	if err := o.room(req, u, form); err != nil {
		return err
	}
	method := v.or("signature_method", "HMAC-SHA1")
	own := o.parameters(v, method)
	if o.bodyHash && !form {
		sum := oauth1Hash(method).New()
		sum.Write(req.Body) // a hash never fails
		own = append(own, pair{"oauth_body_hash", base64.StdEncoding.EncodeToString(sum.Sum(nil))})
	}
	signature, err := o.sign(v, method, baseString(req, u, form, own), s)
	if err != nil {
		return err
	}
	o.put(req, v.text("realm"), append(own, pair{"oauth_signature", signature}))
	return nil
}

// room refuses a request that has no place for the parameters, or has them already.
func (o *oauth1) room(req *wire.Request, u *url.URL, form bool) error {
	switch {
	case o.in == "header":
		return vacant(req, o.pos, o.kind)
	case o.in == "body" && !form:
		return o.pos.Errorf("in: body puts the parameters into a form, and this request has none (RFC 5849, section 3.5.2); use in: header or in: query")
	}
	where := u.RawQuery
	if o.in == "body" {
		where = string(req.Body)
	}
	if slices.ContainsFunc(formPairs(where), func(p pair) bool { return p.name == "oauth_signature" }) {
		return o.pos.Errorf("the request has an oauth_signature of its own, and auth: oauth1 would write another; remove it, or give the request auth: none")
	}
	return nil
}

// parameters returns the protocol parameters (RFC 5849, section 3.1) but for the signature.
func (o *oauth1) parameters(v values, method string) []pair {
	all := []pair{
		{"oauth_callback", v.text("callback")},
		{"oauth_consumer_key", v.text("consumer_key")},
		{"oauth_nonce", v.or("nonce", rand.Text())},
		{"oauth_signature_method", method},
		{"oauth_timestamp", v.or("timestamp", strconv.FormatInt(time.Now().Unix(), 10))},
		{"oauth_token", v.text("token")},
		{"oauth_verifier", v.text("verifier")},
		{"oauth_version", v.or("version", "1.0")},
	}
	if v.place("version") != v.pos && v.text("version") == "" {
		all = all[:len(all)-1] // version: "" leaves it out, as the RFC allows
	}
	return slices.DeleteFunc(all, func(p pair) bool { return p.value == "" && !o.empty })
}

// sign returns the signature of a base string.
func (o *oauth1) sign(v values, method, base string, s Session) (string, error) {
	secrets := percent(v.text("consumer_secret")) + "&" + percent(v.text("token_secret"))
	if method == "PLAINTEXT" {
		s.Scope.Hide("oauth_signature", secrets)
		return secrets, nil
	}
	hash := oauth1Hash(method)
	if strings.HasPrefix(method, "HMAC-") {
		mac := hmac.New(hash.New, []byte(secrets))
		mac.Write([]byte(base)) // a hash never fails
		return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
	}
	key, err := o.rsa.Read(v.text("private_key"), "RS256", "")
	if err != nil {
		return "", o.place("private_key").Errorf("%w", err)
	}
	key.Hide(s.Scope)
	sum := hash.New()
	sum.Write([]byte(base)) // a hash never fails
	signature, err := key.SignRSA(hash, sum.Sum(nil))
	if err != nil {
		return "", o.place("private_key").Errorf("signing with %s: %w", method, err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

func oauth1Hash(method string) crypto.Hash {
	switch {
	case strings.HasSuffix(method, "SHA256"):
		return crypto.SHA256
	case strings.HasSuffix(method, "SHA512"):
		return crypto.SHA512
	}
	return crypto.SHA1
}

// put writes the parameters where they are wanted (RFC 5849, section 3.5).
func (o *oauth1) put(req *wire.Request, realm string, all []pair) {
	if o.in != "header" {
		var list []string
		for _, p := range all {
			list = append(list, percent(p.name)+"="+percent(p.value))
		}
		more := strings.Join(list, "&")
		if o.in == "query" {
			req.URL = withQuery(req.URL, more)
			return
		}
		if len(req.Body) > 0 {
			more = string(req.Body) + "&" + more
		}
		req.Body = []byte(more)
		return
	}
	var list [][2]string
	if realm != "" {
		list = append(list, [2]string{"realm", quoted(realm)})
	}
	for _, p := range all {
		list = append(list, [2]string{percent(p.name), `"` + percent(p.value) + `"`})
	}
	setHeader(req, "Authorization", "OAuth "+pairs(list...))
}

// withQuery adds parameters behind the query as it stands.
func withQuery(target, more string) string {
	switch base, query, found := strings.Cut(target, "?"); {
	case !found:
		return base + "?" + more
	case query == "":
		return base + "?" + more
	}
	return target + "&" + more
}

// baseString is what is signed (RFC 5849, section 3.4.1).
func baseString(req *wire.Request, u *url.URL, form bool, own []pair) string {
	all := append(formPairs(u.RawQuery), own...)
	if form {
		all = append(all, formPairs(string(req.Body))...)
	}
	for i, p := range all {
		all[i] = pair{percent(p.name), percent(p.value)}
	}
	slices.SortFunc(all, func(a, b pair) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	list := make([]string, len(all))
	for i, p := range all {
		list[i] = p.name + "=" + p.value
	}
	return strings.ToUpper(req.Method) + "&" + percent(baseURI(u, req.Header)) + "&" + percent(strings.Join(list, "&"))
}

// baseURI is the address without query, as the Host header names it and without a port that goes without saying (section 3.4.1.2).
func baseURI(u *url.URL, h http.Header) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if own := h.Get("Host"); own != "" {
		host = strings.ToLower(own)
	}
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return scheme + "://" + host + path
}

// formPairs takes a form apart. What has no = is a name with an empty value.
func formPairs(text string) []pair {
	var all []pair
	for piece := range strings.SplitSeq(text, "&") {
		if piece == "" {
			continue
		}
		name, value, _ := strings.Cut(piece, "=")
		all = append(all, pair{plainForm(name), plainForm(value)})
	}
	return all
}

func plainForm(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// percent escapes everything but the unreserved characters of RFC 3986 (RFC 5849, section 3.6).
func percent(text string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}
