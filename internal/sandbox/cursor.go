package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const cursorLife = 10 * time.Minute

// A cursor is the place in a search that the value of _cursor stands for.
type cursor struct {
	Path  string `json:"p"` // below the base
	Query string `json:"q"` // with _count and _offset
	Until int64  `json:"u"` // seconds since 1970, by the sandbox's clock
}

// seal makes an opaque text of a cursor, which nobody but this sandbox can make.
func (s *Sandbox) seal(c cursor) string {
	text := encode(c)
	return base64.RawURLEncoding.EncodeToString(append(s.mac(text), text...))
}

func (s *Sandbox) mac(text []byte) []byte {
	mac := hmac.New(sha256.New, s.key())
	mac.Write(text) // a hash never fails
	return mac.Sum(nil)[:16]
}

func (s *Sandbox) unseal(text string) (c cursor, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < 16 || !hmac.Equal(b[:16], s.mac(b[16:])) {
		return cursor{}, false
	}
	return c, json.Unmarshal(b[16:], &c) == nil
}

// follow returns the query that a _cursor stands for; a query without one is returned as it is.
func (s *fhirServer) follow(path string, query url.Values) (url.Values, *answer) {
	if !query.Has("_cursor") {
		return query, nil
	}
	sandbox := s.environment.sandbox
	c, ok := sandbox.unseal(query.Get("_cursor"))
	if !ok || c.Path != s.base+"/"+path {
		bad := outcome(http.StatusBadRequest, "invalid", "_cursor: not one of this search", WrongParameter)
		return nil, &bad
	}
	if ago := sandbox.Now().Unix() - c.Until; ago >= 0 {
		gone := outcome(http.StatusGone, "expired", "the cursor has expired: search again", ExpiredCursor)
		return nil, &gone
	}
	followed, _ := url.ParseQuery(c.Query) // written by at
	return followed, nil
}

// at is the URL of a page: by offset or, when the switch says so, by cursor for all pages but the first.
func (s *fhirServer) at(path string, used url.Values, count, offset int) string {
	query := used.Encode()
	if query != "" {
		query += "&"
	}
	query += "_count=" + strconv.Itoa(count)
	base, sandbox := s.base+"/"+path, s.environment.sandbox
	byCursor := sandbox.Switches().Cursor
	if byCursor && offset == 0 {
		return base + "?" + query
	}
	query += "&_offset=" + strconv.Itoa(offset)
	if byCursor {
		query = "_cursor=" + sandbox.seal(cursor{base, query, sandbox.Now().Add(cursorLife).Unix()})
	}
	return base + "?" + query
}
