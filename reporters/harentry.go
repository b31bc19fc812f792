package reporters

import (
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// The parts of an entry (HAR 1.2). What is not known is -1 where it is a number, and empty where it is a text.
type (
	harEntry struct {
		Page       string      `json:"pageref"`
		Started    string      `json:"startedDateTime"`
		Time       harAge      `json:"time"`
		Request    harRequest  `json:"request"`
		Response   harResponse `json:"response"`
		Cache      struct{}    `json:"cache"`
		Timings    harTimings  `json:"timings"`
		Server     string      `json:"serverIPAddress,omitempty"`
		Connection string      `json:"connection,omitempty"`
		Own        harOwn      `json:"_hgrun"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		Version     string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Header      []harPair `json:"headers"`
		Query       []harPair `json:"queryString"`
		Body        *harBody  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	harResponse struct {
		Status      int         `json:"status"`
		Text        string      `json:"statusText"`
		Version     string      `json:"httpVersion"`
		Cookies     []harCookie `json:"cookies"`
		Header      []harPair   `json:"headers"`
		Content     harContent  `json:"content"`
		Redirect    string      `json:"redirectURL"`
		HeadersSize int         `json:"headersSize"`
		BodySize    int         `json:"bodySize"`
		Error       string      `json:"_error,omitempty"` // why there is no answer, where browsers say it
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harCookie struct {
		harPair
		Path     string `json:"path,omitempty"`
		Domain   string `json:"domain,omitempty"`
		Expires  string `json:"expires,omitempty"`
		HTTPOnly bool   `json:"httpOnly,omitempty"`
		Secure   bool   `json:"secure,omitempty"`
	}
	harBody struct {
		Type    string `json:"mimeType"`
		Text    string `json:"text"`
		Comment string `json:"comment,omitempty"`
	}
	harContent struct {
		Size    int    `json:"size"`
		Type    string `json:"mimeType"`
		Text    string `json:"text,omitempty"`
		Comment string `json:"comment,omitempty"`
	}
	harTimings struct {
		Blocked harAge `json:"blocked"`
		DNS     harAge `json:"dns"`
		Connect harAge `json:"connect"` // TLS included
		Send    harAge `json:"send"`
		Wait    harAge `json:"wait"`
		Receive harAge `json:"receive"`
		TLS     harAge `json:"ssl"`
	}
)

// harOwn is what hgrun knows of an entry besides.
type harOwn struct {
	Request  string   `json:"request"`
	Folders  []string `json:"folders,omitempty"`
	Phase    string   `json:"phase,omitempty"`
	Outcome  string   `json:"outcome"`
	Attempt  int      `json:"attempt"`
	Attempts int      `json:"attempts"`
	Step     string   `json:"step,omitempty"` // what an exchange on the way was for
	Place    string   `json:"place,omitempty"`
	Trace    string   `json:"traceparent,omitempty"`
	Problems []string `json:"problems,omitempty"`
	Findings []string `json:"findings,omitempty"`
}

func harOwnOf(r *runner.Result, i int, hop bool) harOwn {
	a := &r.Attempts[i]
	own := harOwn{Request: r.Name.Name, Folders: r.Name.Folders, Phase: string(r.Name.Phase), Outcome: r.Outcome.String(),
		Attempt: i + 1, Attempts: len(r.Attempts), Step: string(a.Step), Place: r.Name.Pos.String(), Trace: a.Trace}
	switch {
	case hop:
	case i < len(r.Attempts)-1:
		own.Problems = a.Problems
	default:
		for j := range r.Problems {
			own.Problems = append(own.Problems, place(r.Problems[j])+r.Problems[j].Message)
		}
		for j := range r.Findings {
			own.Findings = append(own.Findings, findingLine(&r.Findings[j]))
		}
	}
	return own
}

// harAge is a time span: microseconds, written as milliseconds with three decimals. Negative ones mean that there was none.
type harAge int64

func age(d time.Duration) harAge { return harAge(max(d, 0) / time.Microsecond) }

// MarshalJSON implements json.Marshaler.
func (a harAge) MarshalJSON() ([]byte, error) {
	if a < 0 {
		return []byte("-1"), nil
	}
	return strconv.AppendFloat(nil, float64(a)/1000, 'f', -1, 64), nil
}

// phase is a time span that did not happen where it is zero.
func phase(d time.Duration) harAge {
	if d <= 0 {
		return -1
	}
	return age(d)
}

// harTimingsOf takes an exchange apart. What is not accounted for was spent on receiving.
func harTimingsOf(t *wire.Timings) harTimings {
	out := harTimings{Blocked: -1, DNS: phase(t.DNS), Connect: phase(t.Connect), TLS: phase(t.TLS), Send: age(t.Send), Wait: age(t.FirstByte)}
	if out.TLS >= 0 {
		out.Connect = max(out.Connect, 0) + out.TLS
	}
	out.Receive = max(age(t.Total)-out.sum(), 0)
	return out
}

// sum is what the time of an entry must be: all of its phases but TLS, which is a part of another.
func (t *harTimings) sum() harAge {
	sum := harAge(0)
	for _, part := range []harAge{t.Blocked, t.DNS, t.Connect, t.Send, t.Wait, t.Receive} {
		sum += max(part, 0)
	}
	return sum
}

// without takes a part of an exchange from the whole.
func without(t wire.Timings, part *wire.Timings) wire.Timings {
	t.DNS -= part.DNS
	t.Connect -= part.Connect
	t.TLS -= part.TLS
	t.Send -= part.Send
	t.FirstByte -= part.FirstByte
	t.Total -= part.Total
	return t
}

// harFirst is the request of an attempt as it was sent first.
func harFirst(a *runner.Attempt) harRequest {
	r := harRequest{Method: a.Method, HeadersSize: -1, BodySize: a.Sent, Version: "unknown", Cookies: []harPair{}, Header: []harPair{}}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	r.address(a.URL)
	d := a.Detail
	if d == nil {
		return r
	}
	r.Version = harVersion(d.Proto)
	r.head(d.RequestHeader)
	if d.RequestBody != "" {
		text, comment := harText(d.RequestBody, a.Sent, "")
		r.Body = &harBody{harType(d.RequestHeader, "application/octet-stream"), text, comment}
	}
	return r
}

// harNext is the request that a redirect led to.
func harNext(r *harRequest, hop *wire.Hop, to string) harRequest {
	method, same := redirected(r.Method, hop.Status)
	next := harRequest{Method: method, Version: r.Version, HeadersSize: -1, Cookies: []harPair{}}
	if same {
		next.Body, next.BodySize = r.Body, r.BodySize
	}
	next.head(hop.Next)
	next.address(to)
	return next
}

// head gives a request its header, and the cookies in it.
func (r *harRequest) head(h http.Header) {
	r.Header = harHeader(h)
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
				r.Cookies = append(r.Cookies, harPair{name, value})
			}
		}
	}
}

// address gives a request its URL, and the parameters in it.
func (r *harRequest) address(to string) {
	r.URL, r.Query = escapedURL(to), []harPair{}
	to, _, _ = strings.Cut(to, "#")
	_, query, _ := strings.Cut(to, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		r.Query = append(r.Query, harPair{unescaped(name), unescaped(value)})
	}
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// escapedURL is a URL whose masks are escaped, so that it is one.
func escapedURL(s string) string {
	const hex = "0123456789ABCDEF"
	if !utf8.ValidString(s) {
		s = string([]rune(s)) // as a record has it
	}
	var out []byte
	for i := range len(s) {
		if b := s[i]; b <= ' ' || b >= 0x7F || strings.IndexByte("\"<>\\^`{|}", b) >= 0 {
			if out == nil {
				out = append(make([]byte, 0, len(s)+32), s[:i]...)
			}
			out = append(out, '%', hex[b>>4], hex[b&0xF])
		} else if out != nil {
			out = append(out, b)
		}
	}
	if out == nil {
		return s
	}
	return string(out)
}

// harHop is the entry of a redirect.
func harHop(r *harRequest, hop *wire.Hop, to string) harEntry {
	return harEntry{Request: *r, Timings: harTimingsOf(&hop.Timings), Response: harResponse{Status: hop.Status, Text: http.StatusText(hop.Status), Version: r.Version,
		Cookies: harSetCookies(hop.Header), Header: harHeader(hop.Header), Content: harContent{Type: harType(hop.Header, "x-unknown")}, Redirect: escapedURL(to), HeadersSize: -1, BodySize: -1}}
}

func harResponseOf(a *runner.Attempt) harResponse {
	out := harResponse{Status: a.Status, Text: a.Reason, Version: "unknown", Cookies: []harCookie{}, Header: []harPair{},
		Content: harContent{Size: a.Received, Type: "x-unknown"}, HeadersSize: -1, BodySize: -1}
	d := a.Detail
	if d == nil {
		return out
	}
	out.Version, out.Header = harVersion(d.Proto), harHeader(d.ResponseHeader)
	out.Cookies = harSetCookies(d.ResponseHeader)
	if a.Status >= 300 && a.Status < 400 {
		out.Redirect = escapedURL(d.ResponseHeader.Get("Location"))
	}
	out.Content.Type = harType(d.ResponseHeader, "x-unknown")
	out.Content.Text, out.Content.Comment = harText(d.ResponseBody, a.Received, d.ResponseSHA256)
	return out
}

func harSetCookies(h http.Header) []harCookie {
	list := []harCookie{}
	for _, line := range h["Set-Cookie"] {
		list = append(list, harSetCookie(line))
	}
	return list
}

// harSetCookie reads a cookie that a server gave (RFC 6265, section 4.1.1).
func harSetCookie(line string) harCookie {
	first, rest, _ := strings.Cut(line, ";")
	var c harCookie
	c.Name, c.Value, _ = strings.Cut(strings.TrimSpace(first), "=")
	for part := range strings.SplitSeq(rest, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "path":
			c.Path = value
		case "domain":
			c.Domain = value
		case "expires":
			if at, err := http.ParseTime(value); err == nil {
				c.Expires = at.UTC().Format("2006-01-02T15:04:05.000Z")
			}
		case "httponly":
			c.HTTPOnly = true
		case "secure":
			c.Secure = true
		}
	}
	return c
}

func harVersion(proto string) string {
	if proto == "" {
		return "unknown"
	}
	return proto
}

func harHeader(h http.Header) []harPair {
	list := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			list = append(list, harPair{name, value})
		}
	}
	return list
}

func harType(h http.Header, otherwise string) string {
	if kind := h.Get("Content-Type"); kind != "" {
		return kind
	}
	return otherwise
}

// harText returns a body, and what is to be said of it: that there is more of it than is shown, or that it is no text.
func harText(body string, size int, sum string) (text, comment string) {
	if sum != "" {
		sum = ", sha256 " + sum
	}
	switch {
	case body == "":
		return "", ""
	case binary(body):
		return "", "not text: " + inBytes(size) + sum
	case sum != "" || len(body) >= wholeBody && size > len(body):
		return body, "cut here: the whole body has " + inBytes(size) + sum
	}
	return body, ""
}

// harServer takes the address of a server apart.
func harServer(remote string) (ip, port string) {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return "", ""
	}
	return at.Addr().Unmap().WithZone("").String(), strconv.Itoa(int(at.Port()))
}
