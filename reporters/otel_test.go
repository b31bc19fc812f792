package reporters

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

const (
	tracedRun    = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	tracedParent = "00f067aa0ba902b7"
)

// tracedAs is the traceparent of an exchange in the traced run.
func tracedAs(n int) string {
	return "00-0af7651916cd43dd8448eb211c80319c-" + fmt.Sprintf("%016x", 0xA0+n) + "-01"
}

// tracedEvents is a run whose requests carried a traceparent: a token exchange within a request, folders, rows, a retry, an answer that was expected to be an error.
func tracedEvents() []runner.Event {
	start := time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)
	r := &recorder{at: start}
	r.begin(runner.Suite{Name: "Traced", File: "traced.yaml", Environment: "staging"}, 4)
	begun := r.events[0].(runner.Started)
	begun.Trace, begun.Parent = tracedRun, tracedParent
	r.events[0] = begun

	token := passed("token exchange (jwt-bearer)", 5, 4*time.Millisecond)
	token.Name.Phase = runner.Token
	token.Attempts[0].Trace = tracedAs(1)
	read := failed("Read", 7, 500, "Internal Server Error", "boom")
	read.Name.Folders, read.Name.Tags = []string{"Checkout", "v1"}, []string{"smoke"}
	read.Problems = []runner.Problem{{Pos: at(9, 5), Kind: runner.AssertionFailure, Message: "status: got 500, want 200", Details: []string{"a hint"}}}
	read.Findings = []runner.Finding{{Code: "HG040", Title: "the server is down", Confidence: "likely", Cause: "it says so", Fix: "wait"}}
	read.Attempts = append([]runner.Attempt{{Method: "POST", URL: "https://api.example/orders", Status: 503, Trace: tracedAs(2), Problems: []string{"status: got 503, want 200"},
		Timings: wire.Timings{Start: start.Add(4 * time.Millisecond), Total: 9 * time.Millisecond}}}, read.Attempts...)
	read.Attempts[1].Trace = tracedAs(3)
	read.Attempts[1].Detail.Remote = "192.0.2.7:443"
	read.Attempts[1].Timings = wire.Timings{Start: start.Add(1013 * time.Millisecond), DNS: time.Millisecond, Connect: 2 * time.Millisecond, TLS: 3 * time.Millisecond,
		Send: 100 * time.Microsecond, FirstByte: 20 * time.Millisecond, Total: 31 * time.Millisecond}
	gone := passed("Gone", 12, 20*time.Millisecond)
	gone.Name.Folders = []string{"Checkout"}
	gone.Attempts[0].Status, gone.Attempts[0].Trace, gone.Attempts[0].Timings.Reused = 404, tracedAs(4), true
	row := passed("Row", 15, 20*time.Millisecond)
	row.Name.Row, row.Name.Label, row.Name.Name = 1, "eu", "Row [eu]"
	row.Attempts[0].Trace, row.Attempts[0].Method = tracedAs(5), "PURGE"
	refused := problem("Nobody there", 20, runner.Errored, runner.TimeoutError, "no answer within 2 s")
	refused.Attempts[0].Trace = tracedAs(6)

	began := runner.RequestStarted{Suite: r.suite, Request: read.Name, Time: r.at}
	began.Request.Pos.File = r.suite.File
	r.events = append(r.events, began)
	r.add(token)
	r.events = append(r.events[:len(r.events)-2], r.events[len(r.events)-1]) // a token exchange does not begin
	r.add(read)
	r.events = append(r.events[:len(r.events)-2], r.events[len(r.events)-1]) // it began before the token exchange
	for _, result := range []runner.Result{gone, row, refused, skipped("Skipped", "no order_id")} {
		r.add(result)
	}
	r.end(false)
	return r.events
}

func TestSpansAreThoseThatRequestsCarried(t *testing.T) {
	t.Parallel()
	o := Options{Version: "1.0.0", Origin: Origin{Host: "ci-1", Selection: []string{"traced.yaml"}, Resource: [][2]string{{"service.name", "smoke"}}}}
	checkGolden(t, "otel-traced", render(t, "otel", o, tracedEvents()))
}

// span is what a test reads of a span.
type span struct {
	TraceID string `json:"traceId"`
	SpanID  string `json:"spanId"`
	Parent  string `json:"parentSpanId"`
	Name    string
	Kind    int
	Flags   int
	Start   string `json:"startTimeUnixNano"`
	End     string `json:"endTimeUnixNano"`
	Links   []struct{ TraceID, SpanID string }
	Events  []struct {
		At string `json:"timeUnixNano"`
	}
}

// spansOf reads lines of spans.
func spansOf(t *testing.T, text string) []span {
	t.Helper()
	var all []span
	for line := range strings.Lines(text) {
		var batch struct {
			ResourceSpans []struct {
				Resource   struct{ Attributes []struct{ Key string } }
				ScopeSpans []struct{ Spans []span }
			}
		}
		if err := json.Unmarshal([]byte(line), &batch); err != nil {
			t.Fatal(err)
		}
		if len(batch.ResourceSpans) != 1 || len(batch.ResourceSpans[0].Resource.Attributes) == 0 {
			t.Errorf("got %s", cut(line, 300))
		}
		all = append(all, batch.ResourceSpans[0].ScopeSpans[0].Spans...)
	}
	return all
}

// spanComplaints is what a collector would find wrong with spans.
func spanComplaints(spans []span) []string {
	var list []string
	known := map[string]span{}
	for _, s := range spans {
		if _, twice := known[s.TraceID+s.SpanID]; twice {
			list = append(list, s.Name+": the ID stands there twice")
		}
		known[s.TraceID+s.SpanID] = s
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(s.TraceID) || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(s.SpanID) {
			list = append(list, s.Name+": trace "+s.TraceID+", span "+s.SpanID)
		}
	}
	for _, s := range spans {
		start, err := strconv.ParseInt(s.Start, 10, 64)
		end, err2 := strconv.ParseInt(s.End, 10, 64)
		if err != nil || err2 != nil || end < start || s.Kind != otelInternal && s.Kind != otelClient || s.Flags&otelKnowsRemote == 0 {
			list = append(list, fmt.Sprintf("%+v", s))
		}
		parent, ok := known[s.TraceID+s.Parent]
		switch {
		case s.Parent != "" && !ok && s.Flags&otelIsRemote == 0:
			list = append(list, s.Name+": no span "+s.Parent)
		case ok && parent.Kind == otelClient:
			list = append(list, s.Name+" stands in an exchange")
		case s.Parent == "" && s.Name != "hgrun run" && len(s.Links) == 0:
			list = append(list, s.Name+" stands nowhere")
		}
	}
	return list
}

func TestSpansHangTogether(t *testing.T) {
	t.Parallel()
	runs := recorded()
	runs["cut off"] = tracedEvents()[:4]
	for name, events := range runs {
		spans := spansOf(t, render(t, "otel", Options{}, events))
		if list := spanComplaints(spans); len(list) > 0 {
			t.Errorf("%s: %q", name, list)
		}
		if name == "traced" && (len(spanComplaints(append(spans, spans[0]))) == 0 || len(spanComplaints(spans[:len(spans)-2])) == 0) {
			t.Error("nothing is wrong with a span twice, and with a parent that is not there")
		}
	}
}

// TestARequestOfAnotherTraceBeginsItsPartOfIt is about records of shards, merged, each of which has a trace of its own.
func TestARequestOfAnotherTraceBeginsItsPartOfIt(t *testing.T) {
	t.Parallel()
	events := tracedEvents()
	for _, ev := range events {
		if f, ok := ev.(runner.RequestFinished); ok && f.Result.Name.Name == "Gone" {
			f.Result.Attempts[0].Trace = "00-99999999999999999999999999999999-8888888888888888-01"
		}
	}
	spans := spansOf(t, render(t, "otel", Options{}, events))
	if list := spanComplaints(spans); len(list) > 0 {
		t.Errorf("%q", list)
	}
	n := 0
	for _, s := range spans {
		if s.TraceID == "99999999999999999999999999999999" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("got %d spans of the other trace, want the request and its exchange", n)
	}
}

func TestTheTraceStandsWithAFailure(t *testing.T) {
	t.Parallel()
	want := "trace 0af7651916cd43dd8448eb211c80319c, span 00000000000000a3"
	for _, kind := range []string{"console", "junit", "junit-xunit", "junit-ginkgo", "html", "teamcity", "allure"} {
		if got := strings.Count(render(t, kind, Options{}, tracedEvents()), want); got < 1 {
			t.Errorf("%s: got %d times %q", kind, got, want)
		}
	}
}

func TestATraceOfTheCollectionIsShownAndLinked(t *testing.T) {
	t.Parallel()
	events := tracedEvents()
	for _, ev := range events {
		if f, ok := ev.(runner.RequestFinished); ok && f.Result.Name.Name == "Read" {
			a := &f.Result.Attempts[1]
			a.Trace = ""
			a.Detail.RequestHeader["Traceparent"] = []string{"00-99999999999999999999999999999999-8888888888888888-01"}
		}
	}
	if got := render(t, "console", Options{}, events); !strings.Contains(got, "trace 99999999999999999999999999999999, span 8888888888888888\n") {
		t.Errorf("got %s", got)
	}
	spans := spansOf(t, render(t, "otel", Options{}, events))
	if list := spanComplaints(spans); len(list) > 0 {
		t.Errorf("%q", list)
	}
	n := 0
	for _, s := range spans {
		if len(s.Links) == 1 && s.Links[0].TraceID == "99999999999999999999999999999999" && s.Links[0].SpanID == "8888888888888888" && s.TraceID == "0af7651916cd43dd8448eb211c80319c" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("got %d links to the trace of the collection, want one", n)
	}
}
