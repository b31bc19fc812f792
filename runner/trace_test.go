package runner_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// parents are the traceparents that arrived.
func (s *server) parents() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, r := range s.seen {
		all = append(all, strings.Join(r.Header["Traceparent"], ","))
	}
	return all
}

const traced = `
name: Traced
auths:
  theirs: {oauth2: {grant: client-credentials, token_url: http://api.test/token, client_id: me, client_secret: planted}}
requests:
  - {name: with a token, request: GET http://api.test/one, auth: theirs, expect: {status: 200}}
  - {name: again, request: GET http://api.test/late, retry: {times: 2, delay: 1s}, expect: {status: 200}}
  - {name: moved, request: GET http://api.test/moved, expect: {status: 200}}
  - {name: its own, request: GET http://api.test/one, headers: {traceparent: 00-11111111111111111111111111111111-2222222222222222-01}, expect: {status: 200}}
`

func tracedServer() *server {
	late := 0
	return serve(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/token":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"planted-token","token_type":"Bearer","expires_in":3600}`)
		case "/late":
			if late++; late == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		case "/moved":
			http.Redirect(w, r, "/one", http.StatusFound)
		}
	})
}

func TestEveryExchangeHasASpanOfItsOwnInTheTraceOfTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		trace, err := runner.NewTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		if err != nil {
			t.Fatal(err)
		}
		s := tracedServer()
		all := run(t.Context(), &runner.Runner{Transport: s, Headers: runner.Headers{Trace: trace}}, load(t, traced), environment(nil, nil, "api.test"))
		same(t, all.story(), "token exchange (client-credentials): passed\nwith a token: passed\nagain: passed\nmoved: passed\nits own: passed")
		started := all.events[0].(runner.Started)
		if started.Trace != "00-0af7651916cd43dd8448eb211c80319c-"+trace.SpanID+"-01" || started.Parent != "b7ad6b7169203331" {
			t.Errorf("got the run %s below %s", started.Trace, started.Parent)
		}
		var told []string
		for _, r := range all.results {
			for _, a := range r.Attempts {
				told = append(told, a.Trace)
			}
		}
		sent := s.parents() // a redirect is followed with the traceparent of its exchange
		if len(sent) != 7 || sent[4] != sent[5] {
			t.Fatalf("got %q, want 7, those of the redirect equal", sent)
		}
		sent = slices.Delete(sent, 5, 6)
		if sent[5] != "00-11111111111111111111111111111111-2222222222222222-01" || told[5] != "" {
			t.Errorf("got %s, told as %q; want what the collection wrote, and none of ours", sent[5], told[5])
		}
		spans := map[string]bool{trace.SpanID: true, trace.Parent: true}
		for i := range 5 {
			of, err := runner.ParseTraceparent(sent[i])
			if err != nil || of.TraceID != trace.TraceID || spans[of.SpanID] || told[i] != sent[i] {
				t.Errorf("exchange %d: sent %s (%v), told as %s; want a new span of the trace %s", i, sent[i], err, told[i], trace.TraceID)
			}
			spans[of.SpanID] = true
		}
	})
}

func TestARunWithoutATraceSendsNoTraceparent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := tracedServer()
		all := run(t.Context(), &runner.Runner{Transport: s}, load(t, traced), environment(nil, nil, "api.test"))
		if got := strings.Join(s.parents(), ";"); got != ";;;;;;00-11111111111111111111111111111111-2222222222222222-01" {
			t.Errorf("got %s", got)
		}
		if text := all.text(t); strings.Contains(text, `"Trace":"0`) {
			t.Errorf("got a trace in %s", text)
		}
	})
}

func TestATraceGoesOnWithTheOneThatItIsAPartOf(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, parent, trace, of, flags, err string }{
		{"none", " ", "", "", "01", ""},
		{"of a CI", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "01", ""},
		{"that nobody keeps", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00", ""},
		{"of a later version", "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "01", ""},
		{"with more than it has", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", "", "", "01", `got "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", want a traceparent such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`},
		{"in capitals", "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01", "", "", "01", `got "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01", want a traceparent such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`},
		{"of a version that is none", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "", "", "01", `got "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", want a traceparent such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`},
		{"of zeros", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "", "", "01", `got "00-00000000000000000000000000000000-b7ad6b7169203331-01", a traceparent whose ids are zero`},
		{"something else", "abc", "", "", "01", `got "abc", want a traceparent such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`},
	} {
		trace, err := runner.NewTrace(row.parent)
		if got := fmt.Sprint(err); got != row.err && (err != nil || row.err != "") {
			t.Errorf("%s: got  %s\nwant %s", row.name, got, row.err)
		}
		if row.trace == "" { // one of its own
			row.trace = trace.TraceID
		}
		back, err := runner.ParseTraceparent(trace.String())
		if err != nil || back != trace.SpanContext || trace.TraceID != row.trace || trace.Parent != row.of || !strings.HasSuffix(trace.String(), "-"+row.flags) {
			t.Errorf("%s: got %s below %q (%v)", row.name, trace, trace.Parent, err)
		}
	}
}

func TestAnExchangeKnowsThePhasesOfItsRedirects(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to", http.StatusSeeOther)
		}
	}))
	defer s.Close()
	yaml := "requests: [{request: POST {{api}}/from, text: hello, expect: {status: 200}}]"
	all := run(t.Context(), &runner.Runner{Detail: true}, load(t, strings.Replace(yaml, "POST {{api}}/from", `"POST {{api}}/from"`, 1)), environment(map[string]string{"api": s.URL}, nil))
	if len(all.results) != 1 || len(all.results[0].Attempts) != 1 || len(all.results[0].Attempts[0].Detail.Hops) != 1 {
		t.Fatalf("got %s", all.text(t))
	}
	a := &all.results[0].Attempts[0]
	hop := a.Detail.Hops[0].Timings
	if a.Detail.URL != s.URL+"/to" || a.Detail.Remote != strings.TrimPrefix(s.URL, "http://") {
		t.Errorf("got the answer from %s at %s, want %s/to", a.Detail.URL, a.Detail.Remote, s.URL)
	}
	if !hop.Start.Equal(a.Timings.Start) || hop.Total <= 0 || hop.Total >= a.Timings.Total || hop.Connect <= 0 || hop.FirstByte <= 0 || hop.FirstByte >= a.Timings.FirstByte || hop.Send > a.Timings.Send {
		t.Errorf("got %+v of %+v, want a part", hop, a.Timings)
	}
	if a.Timings.Send <= 0 || a.Timings.Send > time.Minute {
		t.Errorf("got %s for sending", a.Timings.Send)
	}
}
