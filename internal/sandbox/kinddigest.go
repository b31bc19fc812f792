package sandbox

import (
	"crypto/md5" //nolint:gosec // one of the algorithms of RFC 7616
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const digestTurn = 300 // seconds after which the nonce is another one; the one before is stale

// digest wants SHA-256 or MD5 with a qop (RFC 7616), and counts that are new. The second step of the path chooses what it asks
// for: "/digest/md5", "/digest/sess", "/digest/int" and "/digest/old" (RFC 2069).
func (s *kindsServer) digest(r *http.Request, body []byte) ruling {
	_, variety, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	algorithm, qop := "SHA-256", "auth, auth-int"
	switch variety {
	case "md5":
		algorithm = "MD5"
	case "sess":
		algorithm = "SHA-256-sess"
	case "int":
		qop = "auth-int"
	case "old":
		algorithm, qop = "MD5", ""
	}
	nonce := s.digestNonce(0, variety)
	challenge := fmt.Sprintf(`Digest realm="kinds", nonce="%s", algorithm=%s, opaque="b3BhcXVl"`, nonce, algorithm)
	if qop != "" {
		challenge += `, qop="` + qop + `"`
	}
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Digest ")
	if !ok {
		return refused(NoCredentials, challenge, "no Digest")
	}
	got := parameters(text)
	switch {
	case got["nonce"] == s.digestNonce(1, variety):
		return refused(WrongNonce, challenge+", stale=true", "the nonce of the turn before")
	case got["nonce"] != nonce:
		return refused(WrongNonce, challenge, "a nonce that is not of here")
	case got["username"] != s.user.name:
		return refused(UnknownClient, challenge, "username")
	case got["uri"] != r.URL.RequestURI():
		return refused(WrongSignature, challenge, "uri is not that of the request")
	case got["algorithm"] != algorithm:
		return refused(WrongAlgorithm, challenge, "algorithm")
	}
	if want := s.digestResponse(r, got, body, algorithm, qop); want != got["response"] || want == "" {
		return refused(WrongSignature, challenge, "response")
	}
	if qop != "" && !s.seen.use(got["nonce"]+got["cnonce"]+got["nc"], s.sandbox.Now().Unix()+2*digestTurn, s.sandbox.Now().Unix()) {
		return refused(ReplayedProof, challenge, "nc was there already")
	}
	return ruling{reason: OK}
}

func (s *kindsServer) digestNonce(ago int64, variety string) string {
	turn := s.sandbox.Now().Unix()/digestTurn - ago
	return hex.EncodeToString(s.sandbox.mac([]byte("digest " + s.name + variety + strconv.FormatInt(turn, 10))))[:32]
}

// digestResponse computes what RFC 7616, section 3.4.1, or RFC 2069 wants; empty where the parameters are not those asked for.
func (s *kindsServer) digestResponse(r *http.Request, got map[string]string, body []byte, algorithm, qop string) string {
	sum := func(parts ...string) string {
		b := []byte(strings.Join(parts, ":"))
		if strings.HasPrefix(algorithm, "MD5") {
			return fmt.Sprintf("%x", md5.Sum(b)) //nolint:gosec // as above
		}
		return fmt.Sprintf("%x", sha256.Sum256(b))
	}
	secret := sum(s.user.name, "kinds", s.user.password)
	if strings.HasSuffix(algorithm, "-sess") {
		secret = sum(secret, got["nonce"], got["cnonce"])
	}
	switch {
	case qop == "" && got["qop"] == "":
		return sum(secret, got["nonce"], sum(r.Method, got["uri"]))
	case !slices.Contains(strings.Split(qop, ", "), got["qop"]) || len(got["nc"]) != 8 || got["cnonce"] == "":
		return ""
	case got["qop"] == "auth-int":
		return sum(secret, got["nonce"], got["nc"], got["cnonce"], "auth-int", sum(r.Method, got["uri"], sum(string(body))))
	}
	return sum(secret, got["nonce"], got["nc"], got["cnonce"], "auth", sum(r.Method, got["uri"]))
}
