package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// aws judges Signature Version 4 in the header or in the query, for whatever region and service the signature says; with the service
// s3 by the rules of S3.
func (s *kindsServer) aws(r *http.Request, body []byte) ruling {
	query := r.URL.Query()
	got := map[string]string{
		"credential": query.Get("X-Amz-Credential"), "signedheaders": query.Get("X-Amz-SignedHeaders"), "signature": query.Get("X-Amz-Signature"),
		"date": query.Get("X-Amz-Date"), "expires": query.Get("X-Amz-Expires"),
	}
	presigned := got["signature"] != ""
	if !presigned {
		text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
		if !ok {
			return refused(NoCredentials, "", "no AWS4-HMAC-SHA256")
		}
		got = parameters(text)
		got["date"], got["expires"] = r.Header.Get("X-Amz-Date"), "300"
	}
	id, scope, _ := strings.Cut(got["credential"], "/")
	steps := strings.Split(scope, "/")
	at, err := time.Parse("20060102T150405Z", got["date"])
	life, bad := strconv.Atoi(got["expires"])
	age := s.sandbox.Now().Sub(at)
	switch {
	case id != s.user.keyID:
		return refused(UnknownClient, "", "the access key")
	case len(steps) != 4 || steps[3] != "aws4_request" || err != nil || bad != nil || steps[0] != at.Format("20060102"):
		return refused(WrongProof, "", "the scope or the date")
	case age < -5*time.Minute || age > time.Duration(life)*time.Second:
		return refused(WrongTime, "", "X-Amz-Date")
	}
	payload, reason := awsPayload(r, body, steps[2] == "s3", presigned)
	if reason != OK {
		return refused(reason, "", "x-amz-content-sha256")
	}
	names := strings.Split(got["signedheaders"], ";")
	if !slices.Contains(names, "host") || !presigned && !slices.Contains(names, "x-amz-date") {
		return refused(WrongProof, "", "the signed headers")
	}
	canonical := r.Method + "\n" + awsPath(r.URL, steps[2] == "s3") + "\n" + awsQuery(query) + "\n" + awsHeaders(r, names) + "\n" + got["signedheaders"] + "\n" + payload
	sum := sha256.Sum256([]byte(canonical))
	key := "AWS4" + s.user.key
	for _, step := range append(steps, "AWS4-HMAC-SHA256\n"+got["date"]+"\n"+scope+"\n"+hex.EncodeToString(sum[:])) {
		key = string(digestHMACOf(key, step))
	}
	if !hmac.Equal([]byte(hex.EncodeToString([]byte(key))), []byte(got["signature"])) {
		return refused(WrongSignature, "", "the signature")
	}
	return ruling{reason: OK, detail: scope}
}

func digestHMACOf(key, text string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text)) // a hash never fails
	return mac.Sum(nil)
}

// awsPayload returns what stands for the body in the canonical request.
func awsPayload(r *http.Request, body []byte, s3, presigned bool) (string, Reason) {
	sum := sha256.Sum256(body)
	said, real := r.Header.Get("X-Amz-Content-Sha256"), hex.EncodeToString(sum[:])
	switch {
	case s3 && presigned, said == "UNSIGNED-PAYLOAD":
		return "UNSIGNED-PAYLOAD", OK
	case s3 && said == "", said != "" && said != real:
		return "", WrongPayload
	}
	return real, OK
}

func awsEscape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// awsPath takes the path as it came; all services but S3 escape it once more.
func awsPath(u *url.URL, s3 bool) string {
	path := u.EscapedPath()
	if s3 {
		return path
	}
	return strings.ReplaceAll(awsEscape(path), "%2F", "/")
}

func awsQuery(query url.Values) string {
	query.Del("X-Amz-Signature")
	var lines []string
	for name, values := range query {
		for _, value := range values {
			lines = append(lines, awsEscape(name)+"\x00"+awsEscape(value))
		}
	}
	slices.Sort(lines)
	return strings.ReplaceAll(strings.Join(lines, "&"), "\x00", "=")
}

func awsHeaders(r *http.Request, names []string) string {
	text := ""
	for _, name := range names {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		text += name + ":" + strings.TrimSpace(value) + "\n"
	}
	return text
}
