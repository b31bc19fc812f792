package sandbox

import (
	"net/http"
	"strings"
)

// jwt takes a JWT of the user's key in the header, or in the parameter token of the query: HS256 with the shared key, RS256 with the
// private one. It wants iss, and times that are not over where there are any.
func (s *kindsServer) jwt(r *http.Request, _ []byte) ruling {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		text = r.URL.Query().Get("token")
	}
	j, bad := s.kindJWT(text)
	if bad.reason != OK {
		return bad
	}
	if j.claims.text("iss") != s.user.keyID {
		return refused(UnknownClient, "Bearer", "iss")
	}
	return ruling{reason: OK, detail: j.algorithm}
}

// asap takes a JWT of the Atlassian S2S protocol: RS256, a kid that begins with the issuer, iat, exp within an hour, a new jti.
func (s *kindsServer) asap(r *http.Request, _ []byte) ruling {
	text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	j, bad := s.kindJWT(text)
	if bad.reason != OK {
		return bad
	}
	now := s.sandbox.Now().Unix()
	iat, hasIAT, _ := j.seconds("iat")
	exp, hasExp, _ := j.seconds("exp")
	switch {
	case j.algorithm != "RS256":
		return refused(WrongAlgorithm, "Bearer", j.algorithm)
	case j.claims.text("iss") != s.user.keyID:
		return refused(WrongIssuer, "Bearer", "iss")
	case !strings.HasPrefix(j.header.text("kid"), s.user.keyID+"/"):
		return refused(UnknownKey, "Bearer", "kid does not begin with the issuer")
	case j.text("aud") != "kinds":
		return refused(WrongAudience, "Bearer", "aud")
	case !hasIAT || !hasExp || exp-iat > 3600 || iat > now+skew:
		return refused(WrongExpiry, "Bearer", "iat and exp")
	case j.claims.text("jti") == "" || !s.seen.use("asap "+j.claims.text("jti"), exp, now):
		return refused(WrongID, "Bearer", "jti")
	}
	return ruling{reason: OK}
}

// kindJWT verifies a JWT of the user and looks at its exp.
func (s *kindsServer) kindJWT(text string) (jwt, ruling) {
	if text == "" {
		return jwt{}, refused(NoCredentials, "Bearer", "no JWT")
	}
	j, err := parseJWT(text)
	if err != nil {
		return j, refused(MalformedAssertion, "Bearer", "")
	}
	var key any = []byte(s.user.key)
	if strings.HasPrefix(j.algorithm, "RS") {
		key = &s.rsa().PublicKey
	}
	if verify(j.algorithm, key, j.signed, j.signature) != genuine {
		return j, refused(WrongSignature, "Bearer", j.algorithm)
	}
	if exp, there, err := j.seconds("exp"); there && (err != nil || exp <= s.sandbox.Now().Unix()) {
		return j, refused(WrongTime, "Bearer", "exp")
	}
	return j, ruling{reason: OK}
}
