package runner_test

import (
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/runner"
)

// bundle is a FHIR Bundle of some megabytes with a token in the middle of what reports would show of it.
func bundle() []byte {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","link":[{"relation":"self","url":"http://api.test/"}],"padding":"`)
	b.WriteString(strings.Repeat("x", 64<<10-b.Len()-40))
	b.WriteString(`","access_token":"a-token-that-the-cut-at-64-KiB-would-halve-if-it-could","entry":[`)
	for i := range 20_000 {
		fmt.Fprintf(&b, `{"resource":{"resourceType":"Patient","id":"p%d","name":[{"family":"Lindqvist"}]}},`, i)
	}
	b.WriteString(`{"resource":{"resourceType":"Patient","id":"last"}}]}`)
	return []byte(b.String())
}

// large serves the bundle: compressed, with its length or without, or cut in the middle.
func large(t *testing.T, body []byte) string {
	t.Helper()
	return listen(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		switch r.URL.Path {
		case "/length":
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		case "/cut":
			w.Header().Set("Content-Length", fmt.Sprint(len(body)+1))
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			_, _ = zip.Write(body)
			_ = zip.Close()
			return
		case "/next":
			w.Header().Set("Link", `</length>; rel="next"`)
		case "/moved":
			w.Header().Set("Location", "/length")
			w.WriteHeader(http.StatusFound)
		}
		_, _ = w.Write(body)
	})
}

func TestEverySubjectLooksIntoALargeBody(t *testing.T) {
	t.Parallel()
	body := bundle()
	base := large(t, body)
	for _, path := range []string{"/length", "/chunked", "/gzip", "/moved"} {
		c := load(t, fmt.Sprintf(`
max_body: 100 KiB
requests:
  - name: Judge
    request: GET %s
    expect:
      status: 200
      size: {equals: %d, below: 10 MiB}
      sha256: "%x"
      md5: "%x"
      json: {entry.#: 20001, entry.20000.resource.id: last}
      jsonpath: {"$.entry[20000].resource.id": last}
      fhir: {resource: Bundle, entries: 20001, no_errors: true}
      schema: {type: object, required: [entry]}
      text: {ends_with: "]}"}
      regex: {'"id":"(p19\d+9)"': p1909}
      bytes: {starts_with: "7b"}
      body: {contains: p19999}
    capture: {first: entry.0.resource.id}
  - name: Use
    request: GET %s
    expect: {json: {entry.0.resource.id: "{{first}}"}}
`, base+path, len(body), sha256.Sum256(body), md5.Sum(body), base+path))
		got := run(t.Context(), &runner.Runner{}, c, environment(nil, nil))
		same(t, got.story(), "Judge: passed\nUse: passed")
		if received := got.results[0].Last().Received; received != len(body) {
			t.Errorf("%s: got %d bytes received, want %d", path, received, len(body))
		}
	}
}

func TestPagesPollsAndRetriesLookIntoLargeBodies(t *testing.T) {
	t.Parallel()
	base := large(t, bundle())
	c := load(t, fmt.Sprintf(`
max_body: 100 KiB
requests:
  - name: Pages
    request: GET %[1]s/next
    paginate: link
    expect: {fhir: {entries: 20001}}
  - name: Poll
    request: GET %[1]s/length
    until: {json: {entry.20000.resource.id: last}}
    expect: {status: 200}
  - name: Retry
    request: GET %[1]s/chunked
    retry: {times: 1, delay: 1ms}
    expect: {json: {entry.20000.resource.id: first}}
`, base))
	env := environment(nil, nil)
	env.PHI = environments.ShowPHI
	got := run(t.Context(), &runner.Runner{}, c, env)
	same(t, got.story(), `Pages: passed
Poll: passed
Retry: failed
  chain.yaml:15:46 AssertionFailure json entry.20000.resource.id: got "last", want "first"`)
	if n := len(got.results[2].Attempts); n != 2 {
		t.Errorf("got %d attempts, want 2", n)
	}
}

func TestAFailureShowsTheHeadOfALargeBodyAndWhatItIsTheHeadOf(t *testing.T) {
	t.Parallel()
	body := bundle()
	base := large(t, body)
	for expect, want := range map[string]string{
		"status: 201":           "status: got 200, want 201",
		"json: {entry.#: 1}":    "json entry.#: got 20001, want 1",
		"json: {nobody: home}":  `json nobody: nothing there, want "home"`,
		"text: {contains: zzz}": "",
	} {
		c := load(t, "max_body: 100 KiB\nrequests: [{name: Fail, request: GET "+base+"/chunked, expect: {"+expect+"}}]\n")
		got := run(t.Context(), &runner.Runner{}, c, environment(nil, nil))
		last := got.results[0].Last()
		if got.results[0].Outcome != runner.Failed || want != "" && got.results[0].Problems[0].Message != want {
			t.Errorf("%s: got %v, want it to fail with %s", expect, got.results[0].Problems, want)
		}
		d := last.Detail
		if d == nil || !strings.HasPrefix(d.ResponseBody, `{"resourceType":"Bundle"`) || len(d.ResponseBody) > 64<<10 {
			t.Fatalf("%s: got %v, want the first 64 KiB of the body", expect, d)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(body)); last.Received != len(body) || d.ResponseSHA256 != sum {
			t.Errorf("%s: got %d bytes, sha256 %s, want %d and %s", expect, last.Received, d.ResponseSHA256, len(body), sum)
		}
		if strings.Contains(got.text(t), "a-token-that-the-cut") || strings.Contains(got.text(t), "access_token\\\":\\\"a") {
			t.Errorf("%s: the beginning of the token is shown: …%s", expect, d.ResponseBody[len(d.ResponseBody)-100:])
		}
	}
}

func TestALargeBodyThatBreaksOffIsNoAnswer(t *testing.T) {
	t.Parallel()
	body := bundle()
	base := large(t, body)
	for _, expect := range []string{"status: 200", "json: {entry.#: 20001}", "size: {above: 1}"} {
		c := load(t, "max_body: 100 KiB\nrequests: [{name: Cut, request: GET "+base+"/cut, expect: {"+expect+"}}]\n")
		got := run(t.Context(), &runner.Runner{}, c, environment(nil, nil))
		same(t, got.story(), fmt.Sprintf("Cut: errored\n  chain.yaml:2:12 TransportError the answer of %s breaks off: the body ends after %d of %d bytes: unexpected EOF",
			strings.TrimPrefix(base, "http://"), len(body), len(body)+1))
	}
}

func TestABodyLargerThanAnyMayBeIsAnError(t *testing.T) {
	t.Parallel()
	base := large(t, bundle())
	c := load(t, fmt.Sprintf(`
max_download: 1 MiB
requests:
  - {name: Zip, request: GET %[1]s/gzip, expect: {status: 200}}
  - {name: Larger allowed, request: GET %[1]s/gzip, max_download: 1 GiB, expect: {status: 200}}
`, base))
	got := run(t.Context(), &runner.Runner{}, c, environment(nil, nil))
	same(t, got.story(), `Zip: errored
  chain.yaml:4:5 TransportError the body has more than the 1 MiB of max_download; nothing after that is read
Larger allowed: passed`)
}

func TestNoPartOfASecretIsShownWhereverABodyIsCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		before, token int // bytes
	}{
		{"short, across the cut", 64<<10 - 30, 64},
		{"long, across the cut", 60 << 10, 20 << 10},
		{"longer than what is looked at behind the cut", 60 << 10, 300 << 10},
		{"longer than what is searched", 100, 3 << 20},
		{"with an escape where it is cut", 60 << 10, 20<<10 - 17},
	} {
		token := strings.Repeat(`s3cr\u003dt\/`, tt.token/13+1)[:tt.token] + `\"`
		body := `{"padding":"` + strings.Repeat("x", tt.before) + `","refresh_token": "` + token + `","after":"` + strings.Repeat("y", 100<<10) + `"}`
		base := listen(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		for _, expect := range []string{"status: 201", "json: {after: z}"} {
			c := load(t, "requests: [{name: Fail, request: GET "+base+", expect: {"+expect+"}}]\n")
			got := run(t.Context(), &runner.Runner{}, c, environment(nil, nil))
			shown := got.results[0].Last().Detail.ResponseBody
			if strings.Contains(got.text(t), "s3cr") || !strings.HasPrefix(shown, `{"padding":"`) {
				t.Errorf("%s: %s: a part of the token is shown, or nothing: …%s", tt.name, expect, shown[max(0, len(shown)-80):])
			}
		}
	}
}
