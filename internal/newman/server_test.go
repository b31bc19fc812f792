package newman_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// recorder is the server that both runners talk to. The first part of a path names the run, so that several can run at a time.
type recorder struct {
	url string

	mu     sync.Mutex
	seenBy map[string][]exchange // of a run: its requests, in order
	counts map[string]int
}

func newRecorder(t *testing.T) *recorder {
	t.Helper()
	r := &recorder{seenBy: map[string][]exchange{}, counts: map[string]int{}}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

// base is the URL that a run is marks as {{base}}.
func (r *recorder) base(run string) string { return r.url + "/" + run }

// seen returns the requests of a run.
func (r *recorder) seen(run string) []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seenBy[run])
}

// exchange is a request as it came, but for what each client says of itself, and what is drawn anew each time.
type exchange struct{ head, body string }

// text is the exchange in lines, with another body.
func (x exchange) text(body string) string {
	text := x.head + "\n"
	if body != "" {
		text += "  " + strings.ReplaceAll(body, "\n", "\n  ") + "\n"
	}
	return text
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	run, path, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	body, _ := io.ReadAll(req.Body)
	x := exchange{head(req, "/"+run), ""}
	if len(body) > 0 {
		x.body = bodyText(req, body)
	}
	r.mu.Lock()
	r.seenBy[run] = append(r.seenBy[run], x)
	r.counts[run+" "+path]++
	n := r.counts[run+" "+path]
	r.mu.Unlock()
	r.answer(w, req, run, path, n)
}

// answer answers by the first part of a path. n counts the requests of the run to that path.
func (r *recorder) answer(w http.ResponseWriter, req *http.Request, run, path string, n int) {
	first, rest, _ := strings.Cut(path, "/")
	switch first {
	case "patients":
		w.Header().Set("ETag", `W/"1"`)
		reply(w, map[string]int{"POST": 201}[req.Method], map[string]any{"id": "p-1", "active": true, "multiple": 2, "none": nil,
			"name": []any{map[string]any{"label": "Lovelace", "marks": []string{"Ada", "Augusta"}}}})
	case "values", "text", "xml":
		document(w, first)
	case "status":
		code, _ := strconv.Atoi(rest)
		w.WriteHeader(code)
	case "token":
		reply(w, 0, map[string]any{"access_token": "tok-0123456789abcdef", "token_type": "Bearer"})
	case "count":
		reply(w, 0, map[string]any{"n": n})
	case "cookie":
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s-1", Path: "/"})
		reply(w, 0, map[string]any{})
	case "redirect":
		http.Redirect(w, req, r.base(run)+"/echo/landed", http.StatusFound)
	case "digest":
		digest(w, req)
	default:
		query := map[string]string{}
		for name := range req.URL.Query() {
			query[name] = req.URL.Query().Get(name)
		}
		reply(w, 0, map[string]any{"method": req.Method, "query": query})
	}
}

// document answers with one that is always the same; that of JSON has a value of each type.
func document(w http.ResponseWriter, name string) {
	kind, text := "application/json", `{"id": 7, "text": "7", "text_of": "hello world", "float": 1.5, "zero": 0, "big": 9007199254740991, "yes": true, "no": false,
 "none": null, "empty": "", "list": [1, 2, 3], "nothing": [], "object": {}, "items": [{"id": 1, "name": "a", "tags": ["x"]}, {"id": 2, "name": "b", "tags": []}],
 "deep": {"er": {"est": [{"x": 1}]}}, "a.b": "dotted", "a-b": "dashed", "@type": "at", "ä": "umlaut", "date": "2026-11-22T10:00:00Z"}`
	switch name {
	case "text":
		kind, text = "text/plain", "hello world, token=abc123; path=/\n"
	case "xml":
		kind, text = "application/xml", `<a><b id="1">one</b><b id="2">two</b><c>text</c></a>`
	}
	w.Header().Set("Content-Type", kind)
	_, _ = io.WriteString(w, text)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	if status != 0 {
		w.WriteHeader(status)
	}
	_ = json.NewEncoder(w).Encode(v)
}

// digest asks for a Digest of RFC 2617 and looks whether it is right.
func digest(w http.ResponseWriter, req *http.Request) {
	field := func(name string) string {
		m := regexp.MustCompile(name + `="?([^",]+)"?`).FindStringSubmatch(req.Header.Get("Authorization"))
		if m == nil {
			return ""
		}
		return m[1]
	}
	sum := func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	secret := sum("ada:here:secret-of-ada")
	want := sum(strings.Join([]string{secret, "n0nce", field("nc"), field("cnonce"), "auth", sum(req.Method + ":" + req.URL.RequestURI())}, ":"))
	if field("response") != want {
		w.Header().Set("WWW-Authenticate", `Digest realm="here", nonce="n0nce", qop="auth", algorithm=MD5`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	reply(w, 0, map[string]any{"in": true})
}

// own are headers that a client sends of itself.
func own() []string {
	return []string{"User-Agent", "Accept", "Accept-Encoding", "Cache-Control", "Postman-Token", "Connection", "Content-Length", "Referer"}
}

// head is the first line of a request and its headers.
func head(req *http.Request, prefix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", req.Method, signatures().ReplaceAllString(drawn(strings.TrimPrefix(req.RequestURI, prefix)), "$1…"))
	for _, name := range slices.Sorted(mapKeys(req.Header)) {
		value := strings.Join(req.Header[name], " | ")
		ours := slices.Contains(own(), name) && !strings.Contains(value, "fhir") && !strings.HasPrefix(value, "mine/")
		if ours {
			continue
		}
		switch {
		case strings.HasPrefix(value, "multipart/"):
			value = "multipart/form-data"
		case strings.HasPrefix(value, "Digest "):
			value = "Digest"
		case name == "X-Amz-Date":
			value = "…"
		}
		value = jwts(signatures().ReplaceAllString(value, "$1…"))
		fmt.Fprintf(&b, "\n  %s: %s", name, value)
	}
	return b.String()
}

// signatures are those of a host, a path and a time that are others in each run. That they are right, the tests of auth say.
func signatures() *regexp.Regexp {
	return regexp.MustCompile(`(mac="|oauth_signature="?|;signature=|Signature=|Credential=AKID/)[^",&]+`)
}

// jwts writes JWTs as what they say. A jti is drawn anew each time, and the signature with it.
func jwts(value string) string {
	return regexp.MustCompile(`eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+`).ReplaceAllStringFunc(value, func(token string) string {
		parts := strings.Split(token, ".")
		for i := range 2 {
			text, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err != nil {
				return token
			}
			parts[i] = string(text)
		}
		if jti := regexp.MustCompile(`"jti":"[^"]*"`); jti.MatchString(parts[1]) {
			parts[1], parts[2] = jti.ReplaceAllString(parts[1], `"jti":"…"`), "…"
		}
		return strings.Join(parts, ".")
	})
}

// drawn hides the values of dynamic variables.
func drawn(uri string) string {
	return regexp.MustCompile(`(guid|ts|n|email)=[^&]{1,80}(&|$)`).ReplaceAllStringFunc(uri, func(s string) string {
		if !strings.HasPrefix(uri, "/dynamic") {
			return s
		}
		name, _, _ := strings.Cut(s, "=")
		return name + "=…" + strings.Repeat("&", strings.Count(s, "&"))
	})
}

// bodyText is a body; a multipart one part by part, because each client draws its own boundary.
func bodyText(req *http.Request, body []byte) string {
	kind, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return string(body)
	}
	var parts []string
	r := multipart.NewReader(strings.NewReader(string(body)), params["boundary"])
	for p, err := r.NextPart(); err == nil; p, err = r.NextPart() {
		text, _ := io.ReadAll(p)
		parts = append(parts, fmt.Sprintf("part %s %s %q: %s", p.FormName(), p.FileName(), p.Header.Get("Content-Type"), text))
	}
	return strings.Join(parts, "\n")
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
