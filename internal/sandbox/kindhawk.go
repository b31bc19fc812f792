package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

const hawkSkew = 60 // seconds, as the page of Hawk proposes

// hawk judges the Hawk scheme with SHA-256. A clock that is off is told the right time.
func (s *kindsServer) hawk(r *http.Request, body []byte) ruling {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Hawk ")
	if !ok {
		return refused(NoCredentials, "Hawk", "no Hawk")
	}
	got := parameters(text)
	if got["id"] != s.user.keyID {
		return refused(UnknownClient, `Hawk error="Unknown credentials"`, "id")
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
	}
	signed := fmt.Sprintf("hawk.1.header\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", got["ts"], got["nonce"], r.Method, r.URL.RequestURI(), host, port, got["hash"], got["ext"])
	if got["app"] != "" {
		signed += got["app"] + "\n" + got["dlg"] + "\n"
	}
	if !hmac.Equal([]byte(s.hawkMAC(signed)), []byte(got["mac"])) {
		return refused(WrongSignature, `Hawk error="Bad mac"`, "mac")
	}
	if got["hash"] != "" {
		media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		sum := sha256.Sum256([]byte("hawk.1.payload\n" + media + "\n" + string(body) + "\n"))
		if base64.StdEncoding.EncodeToString(sum[:]) != got["hash"] {
			return refused(WrongPayload, `Hawk error="Bad payload hash"`, "hash")
		}
	}
	now := s.sandbox.Now().Unix()
	at, err := strconv.ParseInt(got["ts"], 10, 64)
	if err != nil || at < now-hawkSkew || at > now+hawkSkew {
		right := strconv.FormatInt(now, 10)
		return refused(WrongTime, `Hawk ts="`+right+`", tsm="`+s.hawkMAC("hawk.1.ts\n"+right+"\n")+`", error="Stale timestamp"`, "ts")
	}
	if !s.seen.use("hawk "+got["nonce"]+got["ts"], at+2*hawkSkew, now) {
		return refused(ReplayedProof, `Hawk error="Invalid nonce"`, "nonce")
	}
	return ruling{reason: OK}
}

func (s *kindsServer) hawkMAC(text string) string {
	return base64.StdEncoding.EncodeToString(digestHMACOf(s.user.key, text))
}
