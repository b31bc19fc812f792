package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnAssertionBecomesATokenThatReadsAPatient(t *testing.T) {
	t.Parallel()
	for _, environment := range []string{"sandbox", "production"} {
		b := newBench(t, environment)
		got := b.get(b.token("patient360 user/*.*"), "/Patient/"+b.vars["patient"])
		if got.status != 200 || got.header.Get("Content-Type") != fhirType || got.header.Get("Etag") != `W/"1"` {
			t.Errorf("%s: got %d %v", environment, got.status, got.header)
		}
		want := `{"resourceType":"Patient","id":"` + b.vars["patient"] +
			`","meta":{"lastUpdated":"2025-01-15T08:00:00.000Z","versionId":"1"},"active":true,`
		if !strings.HasPrefix(got.body, want) || !strings.Contains(got.body, `"family":"Quillon"`) {
			t.Errorf("%s: got %s", environment, got.body)
		}
	}
}

func TestAStartedSandboxServesEveryHostOnLoopbackUntilItIsClosed(t *testing.T) {
	t.Parallel()
	s, err := Start(Options{ReasonHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	for _, environment := range []string{"sandbox", "production"} {
		b := benchOn(t, s, environment)
		for _, address := range []string{b.vars["fhir_url"] + "/metadata", b.vars["pattern_url"] + "/__sandbox/clock"} {
			if !strings.HasPrefix(address, "http://127.0.0.1:") {
				t.Errorf("%s is not on loopback", address)
			}
			if status, _ := fetch(t, client, address); status != 200 {
				t.Errorf("%s: got %d", address, status)
			}
		}
		if status, reason := fetch(t, client, b.vars["fhir_url"]+"/Patient"); status != 401 || reason != "no-credentials" {
			t.Errorf("got %d %q, want 401 no-credentials", status, reason)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := client.Get(benchOn(t, s, "sandbox").vars["fhir_url"] + "/metadata"); err == nil {
		t.Error("it still answers after Close")
	}
}

func fetch(t *testing.T, client *http.Client, address string) (status int, reason string) {
	t.Helper()
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("X-Sandbox-Reason")
}

func TestAStartedSandboxExchangesAnAssertionOverTheNetwork(t *testing.T) {
	t.Parallel()
	s, err := Start(Options{Address: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := benchOn(t, s, "production")
	response, err := http.PostForm(b.vars["token_url"], url.Values{
		"grant_type": {jwtBearerGrant}, "assertion": {b.assertion(nil)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 200 || response.Header.Get("X-Sandbox-Reason") != "" {
		t.Errorf("got %d %v", response.StatusCode, response.Header)
	}
	cut, err := http.PostForm(b.vars["token_url"], url.Values{"grant_type": {jwtBearerGrant}, "assertion": {"cut.off"}})
	if err != nil {
		t.Fatal(err)
	}
	defer cut.Body.Close()
	if kind, ok := cut.Header["Content-Type"]; cut.StatusCode != 400 || cut.ContentLength != 0 || ok {
		t.Errorf("got %d, %d bytes, Content-Type %q; want an empty 400", cut.StatusCode, cut.ContentLength, kind)
	}
}

func TestStartRefusesWhatIsNotLoopback(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0", "::", "192.0.2.1", "sandbox.example"} {
		if s, err := Start(Options{Address: address}); err == nil {
			s.Close()
			t.Errorf("%s was accepted", address)
		} else if want := `sandbox address: got "` + address + `", want a loopback address`; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

func TestStartUsesConsecutivePortsAndSaysWhenOneIsTaken(t *testing.T) {
	t.Parallel()
	s, err := Start(Options{Port: 47310})
	if err != nil {
		t.Skip("somebody else has the ports: ", err)
	}
	defer s.Close()
	for _, host := range []string{"127.0.0.1:47310", "127.0.0.1:47311", "127.0.0.1:47312", "127.0.0.1:47313"} {
		if s.Hosts()[host] == nil {
			t.Errorf("nothing at %s", host)
		}
	}
	if second, err := Start(Options{Port: 47310}); err == nil {
		second.Close()
		t.Error("one port was given twice")
	}
}

func TestVariablesAreTheSameNamesWithOtherValuesInEachEnvironment(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	sandbox, production := s.Variables("sandbox"), s.Variables("production")
	if len(sandbox) != 15 || len(production) != 15 || s.Variables("staging") != nil {
		t.Fatalf("got %d and %d variables, want 15", len(sandbox), len(production))
	}
	secrets := "client_secret viewer_client_secret refresh_token pattern_client_secret"
	for i, v := range sandbox {
		if p := production[i]; p.Name != v.Name || p.Value == v.Value || p.Secret != v.Secret || v.Value == "" {
			t.Errorf("got %s=%q in sandbox, %s=%q in production", v.Name, v.Value, p.Name, p.Value)
		}
		if want := strings.Contains(" "+secrets+" ", " "+v.Name+" "); v.Secret != want {
			t.Errorf("%s: got secret %t, want %t", v.Name, v.Secret, want)
		}
	}
}

func TestTheSandboxLivesInTheTimeOfASynctestBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		token := b.token("")
		time.Sleep(accessLife - time.Second)
		if got := b.get(token, "/Patient/1001"); got.status != 200 {
			t.Errorf("got %d a second before the end, want 200", got.status)
		}
		time.Sleep(2 * time.Second)
		b.get(token, "/Patient/1001").is(t, 401, "", ExpiredToken)
	})
}

func TestTheClockMovesForwardOnlyByRequestOrCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		clock := b.vars["base_url"] + "/__sandbox/clock"
		want := `{"now":"2000-01-01T00:01:01Z","advanced":"1m1s"}`
		if got := b.send("POST", clock, `{"advance":"61s"}`); got.status != 200 || got.body != want {
			t.Errorf("got %d %s, want %s", got.status, got.body, want)
		}
		for _, body := range []string{`{"advance":"-1s"}`, `{"advance":"soon"}`, `advance`} {
			if got := b.send("POST", clock, body); got.status != 400 {
				t.Errorf("%s: got %d, want 400", body, got.status)
			}
		}
		b.sandbox.Advance(-time.Hour)
		if got := b.send("GET", clock, ""); got.body != want {
			t.Errorf("got %s, want %s", got.body, want)
		}
		if got := b.send("GET", b.vars["pattern_url"]+"/__sandbox/nothing", ""); got.status != 404 {
			t.Errorf("got %d, want 404", got.status)
		}
		if got := b.send("POST", clock, `{"advance":"1s"}`, "Sec-Fetch-Site", "cross-site"); got.status != 403 {
			t.Errorf("got %d from the page of a stranger, want 403", got.status)
		}
	})
}

func TestTheLogTellsTheReasonAndNoSecret(t *testing.T) {
	t.Parallel()
	var told atomic.Int64
	b := benchOn(t, New(Options{Log: func(Entry) { told.Add(1) }}), "sandbox")
	token := b.token("")
	b.send("GET", b.vars["base_url"]+"/oauth/info?access_token="+token, "")
	b.exchange(b.assertion(claims{"aud": "https://elsewhere.example"}))
	log := b.send("GET", b.vars["base_url"]+"/__sandbox/log", "").body
	for _, want := range []string{`"reason":"wrong-audience"`, `"path":"/oauth/info"`, `"number":3`, `"server":"sandbox"`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in %s", want, log)
		}
	}
	if strings.Contains(log, token) || strings.Contains(log, b.vars["client_secret"]) {
		t.Error("the log shows a secret")
	}
	if told.Load() != 3 {
		t.Errorf("Log was told %d times, want 3", told.Load())
	}
}

func TestTheLogKeepsTheNewestEntries(t *testing.T) {
	t.Parallel()
	var j journal
	for range maxEntries + 3 {
		j.add(Entry{})
	}
	list := j.entries()
	if len(list) != maxEntries || list[0].Number != 4 || list[maxEntries-1].Number != maxEntries+3 {
		t.Errorf("got %d entries, %d to %d", len(list), list[0].Number, list[len(list)-1].Number)
	}
}

func TestAHandlerTakesARequestMadeInProcessWithoutABody(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	r, err := http.NewRequest("POST", b.vars["token_url"], nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", formType)
	w := httptest.NewRecorder()
	b.sandbox.Hosts()[r.URL.Host].ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("got %d, want 400", w.Code)
	}
}

func TestManyClientsAtOnceAreServed(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 20 {
				token := b.token("")
				b.get(token, "/Patient?family=Quillon")
				b.send("POST", b.vars["fhir_url"]+"/Patient", `{"resourceType":"Patient","name":[{"family":"Onlooker"}]}`,
					"Content-Type", fhirType, "Authorization", "Bearer "+token)
				b.get(token, "/Patient/1001/$everything", "Prefer", "respond-async")
				b.sandbox.Variables("sandbox")
			}
		})
	}
	workers.Wait()
	if got := b.get(b.token(""), "/Patient?family=Onlooker&_count=0"); !strings.Contains(got.body, `"total":160,`) {
		t.Errorf("got %s, want a total of 160", got.body)
	}
}

func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := Start(Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Variables("sandbox")
		s.Close()
	}
}

func BenchmarkSeed(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		seedRecords("sandbox")
	}
}

func BenchmarkReadAPatient(b *testing.B) {
	s := New(Options{})
	access := s.tokens.issue("sandbox", s.environments[0].clients.main, scope{"user/*.*"}, s.Now())
	handler := s.Hosts()["sandbox.hg.example"]
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("GET", "http://sandbox.hg.example/fhir/R4/Patient/1001", nil)
		r.Header.Set("Authorization", "Bearer "+access)
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func BenchmarkSearchPatients(b *testing.B) {
	s := New(Options{})
	access := s.tokens.issue("sandbox", s.environments[0].clients.main, scope{"user/*.*"}, s.Now())
	handler := s.Hosts()["sandbox.hg.example"]
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("GET", "http://sandbox.hg.example/fhir/R4/Patient?_count=50&name=a", nil)
		r.Header.Set("Authorization", "Bearer "+access)
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
	}
}
