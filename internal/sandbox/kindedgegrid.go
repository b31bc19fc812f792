package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// edgegrid judges EG1-HMAC-SHA256, with the header X-Signed among what is signed.
func (s *kindsServer) edgegrid(r *http.Request, body []byte) ruling {
	head, signature, ok := strings.Cut(r.Header.Get("Authorization"), "signature=")
	text, is := strings.CutPrefix(head, "EG1-HMAC-SHA256 ")
	if !ok || !is {
		return refused(NoCredentials, "", "no EG1-HMAC-SHA256")
	}
	got := parameters(strings.ReplaceAll(text, ";", ","))
	at, err := time.Parse("20060102T15:04:05-0700", got["timestamp"])
	switch {
	case got["client_token"] != s.user.keyID || got["access_token"] != s.user.token:
		return refused(UnknownClient, "", "client_token or access_token")
	case err != nil || s.sandbox.Now().Sub(at).Abs() > 30*time.Second:
		return refused(WrongTime, "", "timestamp")
	}
	content, extra := "", ""
	if r.Method == http.MethodPost && len(body) > 0 {
		sum := sha256.Sum256(body[:min(len(body), 131072)])
		content = base64.StdEncoding.EncodeToString(sum[:])
	}
	if value := r.Header.Get("X-Signed"); value != "" {
		extra = "x-signed:" + value
	}
	key := base64.StdEncoding.EncodeToString(digestHMACOf(s.user.key, got["timestamp"]))
	signed := r.Method + "\thttp\t" + r.Host + "\t" + r.URL.RequestURI() + "\t" + extra + "\t" + content + "\t" + head
	if !hmac.Equal([]byte(base64.StdEncoding.EncodeToString(digestHMACOf(key, signed))), []byte(signature)) {
		return refused(WrongSignature, "", "signature")
	}
	if !s.seen.use("edgegrid "+got["nonce"], at.Unix()+60, s.sandbox.Now().Unix()) {
		return refused(ReplayedProof, "", "nonce")
	}
	return ruling{reason: OK}
}
