package sandbox

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	_ "crypto/sha1" // crypto.SHA1 below
	"encoding/base64"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

const skew = 300 // seconds that a client's clock may be off

// oauth1 judges a signature of RFC 5849 in the header, the form or the query. The client's secret is the key; it has no token.
func (s *kindsServer) oauth1(r *http.Request, body []byte) ruling {
	const challenge = `OAuth realm="kinds"`
	all := r.URL.Query()
	if r.Header.Get("Content-Type") == formType {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return refused(UnreadableForm, challenge, "")
		}
		for name, values := range form {
			all[name] = append(all[name], values...)
		}
	}
	if text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth "); ok {
		for name, value := range parameters(text) {
			if plain, err := url.PathUnescape(value); err == nil && name != "realm" {
				all.Add(name, plain)
			}
		}
	}
	signature := all.Get("oauth_signature")
	all.Del("oauth_signature")
	at, err := strconv.ParseInt(all.Get("oauth_timestamp"), 10, 64)
	switch {
	case signature == "":
		return refused(NoCredentials, challenge, "no oauth_signature")
	case all.Get("oauth_consumer_key") != s.user.keyID:
		return refused(UnknownClient, challenge, "oauth_consumer_key")
	case err != nil || at < s.sandbox.Now().Unix()-skew || at > s.sandbox.Now().Unix()+skew:
		return refused(WrongTime, challenge, "oauth_timestamp")
	case !s.oauth1Body(all, r, body):
		return refused(WrongPayload, challenge, "oauth_body_hash")
	case !s.oauth1Signed(all, r, signature):
		return refused(WrongSignature, challenge, "oauth_signature")
	case !s.seen.use("oauth1 "+all.Get("oauth_nonce"), at+2*skew, s.sandbox.Now().Unix()):
		return refused(ReplayedProof, challenge, "oauth_nonce was there already")
	}
	return ruling{reason: OK, detail: all.Get("oauth_signature_method")}
}

func oauth1Hash(method string) crypto.Hash {
	return map[string]crypto.Hash{"SHA1": crypto.SHA1, "SHA256": crypto.SHA256, "SHA512": crypto.SHA512}[method[strings.IndexByte(method, '-')+1:]]
}

func (s *kindsServer) oauth1Body(all url.Values, r *http.Request, body []byte) bool {
	want, there := all["oauth_body_hash"]
	hash := oauth1Hash(all.Get("oauth_signature_method"))
	if !there {
		return true
	}
	return hash != 0 && r.Header.Get("Content-Type") != formType && want[0] == base64.StdEncoding.EncodeToString(digestOf(hash, string(body)))
}

func (s *kindsServer) oauth1Signed(all url.Values, r *http.Request, signature string) bool {
	escape := func(text string) string {
		return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(text))
	}
	var list []string
	for name, values := range all {
		for _, value := range values {
			list = append(list, escape(name)+"="+escape(value))
		}
	}
	sort.Slice(list, func(i, j int) bool {
		return strings.Replace(list[i], "=", "\x00", 1) < strings.Replace(list[j], "=", "\x00", 1)
	})
	base := r.Method + "&" + escape("http://"+strings.TrimSuffix(strings.ToLower(r.Host), ":80")+r.URL.EscapedPath()) + "&" + escape(strings.Join(list, "&"))
	method := all.Get("oauth_signature_method")
	key := escape(s.user.key) + "&"
	if method == "PLAINTEXT" {
		return hmac.Equal([]byte(signature), []byte(key))
	}
	hash := oauth1Hash(method)
	raw, err := base64.StdEncoding.DecodeString(signature)
	switch {
	case err != nil || hash == 0:
		return false
	case strings.HasPrefix(method, "RSA-"):
		return rsa.VerifyPKCS1v15(&s.rsa().PublicKey, hash, digestOf(hash, base), raw) == nil
	}
	mac := hmac.New(hash.New, []byte(key))
	mac.Write([]byte(base)) // a hash never fails
	return hmac.Equal(mac.Sum(nil), raw)
}
