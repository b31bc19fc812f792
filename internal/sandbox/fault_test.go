package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func (b bench) inject(f Fault) {
	b.Helper()
	if err := b.sandbox.Inject(f); err != nil {
		b.Fatal(err)
	}
}

func TestAFaultHappensToItsRouteAsOftenAsWanted(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	b.inject(Fault{Route: "GET /fhir/R4/Patient/*", Kind: "503", After: 1, Times: 2, RetryAfter: "7"})
	token := b.token("")
	for i, want := range []int{200, 503, 503, 200} {
		got := b.get(token, "/Patient/1001")
		if got.status != want || want == 503 && (got.header.Get("Retry-After") != "7" || got.issue() != "transient" ||
			got.reason != InjectedFault) {
			t.Errorf("%d: got %d %v %s (%s), want %d", i+1, got.status, got.header, got.body, got.reason, want)
		}
	}
	b.inject(Fault{Route: "GET /fhir/R4/Patient/*", Kind: "500", Server: "production"})
	b.get(token, "/Patient/1001").is(t, 200, "", OK)
	b.get(token, "/Observation").is(t, 200, "", OK)
	production := benchOn(t, b.sandbox, "production")
	production.get(production.token(""), "/Patient/2001").is(t, 500, "", InjectedFault)
	b.sandbox.ClearFaults()
	production.get(production.token(""), "/Patient/2001").is(t, 200, "", OK)
}

func TestAFaultByChanceIsTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		b := newBench(t, "sandbox")
		b.inject(Fault{Route: "/oauth/info", Kind: "500", Probability: 0.3, Seed: seed})
		var happened strings.Builder
		for range 60 {
			if b.send("GET", b.vars["base_url"]+"/oauth/info", "").reason == InjectedFault {
				happened.WriteByte('x')
			} else {
				happened.WriteByte('.')
			}
		}
		return happened.String()
	}
	first := run(7)
	if again := run(7); again != first {
		t.Errorf("got %s, then %s", first, again)
	}
	if other := run(8); other == first {
		t.Error("another seed has the same chances")
	}
	if n := strings.Count(first, "x"); n < 8 || n > 30 {
		t.Errorf("got %d of 60 at 0.3", n)
	}
}

func TestFaultsAreInjectedListedAndRemovedByRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	control := b.vars["base_url"] + "/__sandbox/faults"
	order := `{"route":"/oauth/token","fault":"429","after":1,"times":2,"probability":0.3,"seed":7,"retry_after":"2"}`
	got := b.send("POST", control, order)
	kinds, err := json.Marshal(FaultKinds())
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"faults":[%s],"kinds":%s}`, order, kinds)
	if got.status != 200 || !sameJSON(t, got.body, want) {
		t.Errorf("got %d %s, want %s", got.status, got.body, want)
	}
	for body, want := range map[string]string{
		`{"route":"/","fault":"thunder"}`:               `fault: got "thunder", want one of ` + strings.Join(FaultKinds(), ", "),
		`{"route":"token","fault":"500"}`:               `route: got "token", want a path such as /oauth/token or /fhir/R4/Patient/*`,
		`{"route":"/","fault":"500","times":-1}`:        `after and times: got 0 and -1, want numbers that are not negative`,
		`{"route":"/","fault":"500","probability":2}`:   `probability: got 2, want a number between 0 and 1`,
		`{"route":"/","fault":"slow_body","delay":"1"}`: `delay: got "1", want a duration such as 250ms`,
		`{"path":"/"}`: `want {"route":"/oauth/token","fault":"429","times":2}: json: unknown field "path"`,
	} {
		if got := b.send("POST", control, body); got.status != 400 || got.member("error") != want {
			t.Errorf("%s: got %d %s, want %s", body, got.status, got.body, want)
		}
	}
	b.send("DELETE", control, "")
	if got := b.send("GET", control, ""); !sameJSON(t, got.body, fmt.Sprintf(`{"faults":[],"kinds":%s}`, kinds)) {
		t.Errorf("got %s", got.body)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

func TestAStarInARouteIsAnyText(t *testing.T) {
	t.Parallel()
	cases := []struct {
		pattern, text string
		want          bool
	}{
		{"/a", "/a", true}, {"/a", "/a/b", false}, {"/a/*", "/a/b/c", true}, {"/a/*", "/a", false}, {"*", "/anything", true},
		{"/a*/c", "/a/b/c", true}, {"/a*/c", "/a/b/c/d", false}, {"*b*d", "/a/b/c/d", true}, {"*d*b", "/a/b/c/d", false},
		{"/ab*ba", "/aba", false},
	}
	for _, c := range cases {
		if got := glob(c.pattern, c.text); got != c.want {
			t.Errorf("%s, %s: got %t, want %t", c.pattern, c.text, got, c.want)
		}
	}
}

func TestEveryKindOfAnswerThatIsNotTheTrueOne(t *testing.T) {
	t.Parallel()
	const plain, html = "text/plain; charset=utf-8", "text/html; charset=utf-8"
	page := "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sign in</title></head>\n<body>" +
		`<form method="post" action="/login"><input name="user"><button>Sign in</button></form></body></html>` + "\n"
	synctest.Test(t, func(t *testing.T) {
		cases := []struct {
			fault              Fault
			whole, name, value string
		}{
			{Fault{Kind: "429", RetryAfter: "2"}, `429 application/json {"error":"too_many_requests"}`, "Retry-After", "2"},
			{Fault{Kind: "429"}, `429 application/json {"error":"too_many_requests"}`, "Retry-After", ""},
			{Fault{Kind: "503", RetryAfter: "date"}, "503 " + plain + " Service Unavailable", "Retry-After",
				"Sat, 01 Jan 2000 00:00:02 GMT"},
			{Fault{Kind: "500", RetryAfter: "2"}, "500 " + plain + " Internal Server Error", "Retry-After", ""},
			{Fault{Kind: "502"}, "502 " + plain + " Bad Gateway", "", ""},
			{Fault{Kind: "504"}, "504 " + plain + " Gateway Timeout", "", ""},
			{Fault{Kind: "407"}, "407 " + plain + " Proxy Authentication Required", "Proxy-Authenticate",
				`Basic realm="sandbox proxy"`},
			{Fault{Kind: "html"}, "200 " + html + " " + strings.TrimSpace(page), "", ""},
			{Fault{Kind: "301"}, "301", "Location", "/oauth/info?access_token=x"},
			{Fault{Kind: "302", To: "https://login.example/"}, "302", "Location", "https://login.example/"},
			{Fault{Kind: "307", To: "cross-host"}, "307", "Location", "http://other.sandbox.hg.example/oauth/info?access_token=x"},
			{Fault{Kind: "308"}, "308", "Location", "/oauth/info?access_token=x"},
			{Fault{Kind: "content_type"}, "400 " + plain + ` {"error":"invalid_request"}`, "", ""},
			{Fault{Kind: "invalid_json"}, `400 application/json {"error":"inva`, "", ""},
			{Fault{Kind: "bom"}, "400 application/json \ufeff" + `{"error":"invalid_request"}`, "", ""},
			{Fault{Kind: "date_skew", Skew: "-90s"}, `400 application/json {"error":"invalid_request"}`, "Date",
				"Fri, 31 Dec 1999 23:58:30 GMT"},
			{Fault{Kind: "duplicate_members"}, `400 application/json {"error":"the first of two","error":"invalid_request"}`, "", ""},
			{Fault{Kind: "slow_headers"}, `400 application/json {"error":"invalid_request"}`, "", ""},
			{Fault{Kind: "slow_body"}, `400 application/json {"error":"invalid_request"}`, "", ""},
		}
		for _, c := range cases {
			b := newBench(t, "sandbox")
			c.fault.Route = "/oauth/info"
			b.inject(c.fault)
			got := b.send("GET", b.vars["base_url"]+"/oauth/info?access_token=x", "")
			if got.whole() != c.whole || got.header.Get(c.name) != c.value || got.reason != InjectedFault {
				t.Errorf("%s: got %s %v (%s), want %s, %s: %s", c.fault.Kind, got.whole(), got.header, got.reason, c.whole, c.name, c.value)
			}
		}
	})
}

func TestASlowAnswerTakesItsTime(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]time.Duration{"slow_headers": 250 * time.Millisecond, "slow_body": 16 * 250 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, "sandbox")
			b.inject(Fault{Route: "*", Kind: kind, Delay: "250ms"})
			start := time.Now()
			got := b.send("GET", b.vars["fhir_url"]+"/metadata", "")
			if took := time.Since(start); took != want || got.status != 200 || len(got.body) < 1000 {
				t.Errorf("%s: got %d, %d bytes in %s, want %s", kind, got.status, len(got.body), took, want)
			}
		})
	}
}

func TestAnAnswerIsCompressedWhetherTheClientCanReadItOrNot(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	b.inject(Fault{Route: "/fhir/R4/metadata", Kind: "gzip", After: 1})
	plain := b.send("GET", b.vars["fhir_url"]+"/metadata", "")
	packed := b.send("GET", b.vars["fhir_url"]+"/metadata", "")
	if packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("Content-Type") != fhirType {
		t.Errorf("got %v", packed.header)
	}
	r, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(r); err != nil || string(unpacked) != plain.body {
		t.Errorf("got %s %v", unpacked, err)
	}
}

func TestThePatternServerSaysNoInItsOwnShape(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	b.inject(Fault{Route: "/api/*", Kind: "429", Times: 1})
	want := `429 application/json {"status":429,"message":"Too Many Requests: wait a few seconds"}`
	if got := b.patternToken(); got.whole() != want || got.header.Get("Retry-After") != "" {
		t.Errorf("got %s %v, want %s", got.whole(), got.header, want)
	}
	b.patternToken().is(t, 200, "", OK)
}

func TestARefusedRequestIsNotServed(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	b.inject(Fault{Route: tokenPath, Kind: "503", Times: 1})
	named := b.assertion(claims{"jti": "one"})
	b.exchange(named).is(t, 503, "", InjectedFault)
	b.exchange(named).is(t, 200, "", OK) // its jti was not taken
	b.inject(Fault{Route: refreshPath, Kind: "invalid_json", Times: 1})
	token := b.vars["refresh_token"]
	b.refresh(token).is(t, 200, "", InjectedFault)
	b.refresh(token).is(t, 400, "invalid_grant", ReplacedRefreshToken) // but this one was served, and nobody could read it
}

// started is a sandbox on loopback and a client that follows no redirects and keeps no connections.
func started(t *testing.T, o Options) (bench, *http.Client) {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return benchOn(t, s, "sandbox"), &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func TestAConnectionThatBreaksLooksToTheClientAsItShould(t *testing.T) {
	t.Parallel()
	b, client := started(t, Options{})
	cases := []struct {
		kind          string
		err           error // of getting the head
		length        int64 // announced
		bodyErr       error
		chunked, some bool
	}{
		{kind: "close", err: io.EOF},
		{kind: "reset", err: syscall.ECONNRESET},
		{kind: "truncated_length", length: -2, bodyErr: io.ErrUnexpectedEOF, some: true},
		{kind: "truncated_chunked", length: -1, bodyErr: io.ErrUnexpectedEOF, chunked: true, some: true},
		{kind: "slow_body", length: -2, some: true},
	}
	for _, c := range cases {
		t.Run(c.kind, func(t *testing.T) {
			b.sandbox.ClearFaults()
			b.inject(Fault{Route: "*", Kind: c.kind, Delay: "1ms"})
			response, err := client.Get(b.vars["fhir_url"] + "/metadata")
			if c.err != nil {
				if !errors.Is(err, c.err) {
					t.Errorf("got %v, want %v", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if !errors.Is(err, c.bodyErr) || (len(body) > 0) != c.some || slices.Contains(response.TransferEncoding, "chunked") != c.chunked {
				t.Errorf("got %d bytes, %v, %v, want %v", len(body), response.TransferEncoding, err, c.bodyErr)
			}
			if c.length == -1 && response.ContentLength != -1 || c.length == -2 && response.ContentLength < int64(len(body)) {
				t.Errorf("got a length of %d", response.ContentLength)
			}
		})
	}
}

func TestACrossHostRedirectLeavesTheHostButNotTheMachine(t *testing.T) {
	t.Parallel()
	b, client := started(t, Options{})
	b.inject(Fault{Route: tokenPath, Kind: "307", To: "cross-host"})
	response, err := client.Post(b.vars["token_url"], formType, bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	want := strings.Replace(b.vars["token_url"], "127.0.0.1", "localhost", 1)
	if got := response.Header.Get("Location"); response.StatusCode != 307 || got != want {
		t.Errorf("got %d to %q, want %q", response.StatusCode, got, want)
	}
}

func TestABrokenConnectionIsAPanicWhereThereIsNoConnection(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"close", "reset", "truncated_length", "truncated_chunked"} {
		b := newBench(t, "sandbox")
		b.inject(Fault{Route: "*", Kind: kind})
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("%s: got %v, want http.ErrAbortHandler", kind, got)
				}
			}()
			b.send("GET", b.vars["fhir_url"]+"/metadata", "")
		}()
	}
}

func TestManyFaultsAtOnceAreCountedRight(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	b.inject(Fault{Route: "*", Kind: "500", Times: 40, Probability: 0.5, Seed: rand.Uint64()})
	results := make(chan bool)
	for range 4 {
		go func() {
			for range 100 {
				results <- b.send("GET", b.vars["fhir_url"]+"/metadata", "").status == 500
			}
		}()
	}
	failed := 0
	for range 400 {
		if <-results {
			failed++
		}
	}
	if failed != 40 {
		t.Errorf("got %d faults, want 40", failed)
	}
}
