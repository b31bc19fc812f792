package reporters

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// longRunOf is a run of so many requests, each slower than the one before, with some that were skipped or retried.
func longRunOf(n int) []runner.Event {
	r := &recorder{at: time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)}
	r.begin(runner.Suite{Name: "Long", File: "long.yaml"}, n)
	for i := range n {
		r.add(passed("Read "+strconv.Itoa(i+1), 3+i, time.Duration(i+1)*100*time.Millisecond))
	}
	for range 3 {
		r.add(skipped("Cancel", "\"Create order\" captured no order_id"))
	}
	r.add(skipped("Bill", "when: region is \"eu\", want \"us\""))
	late := passed("Poll", 90, time.Millisecond)
	late.Attempts = append([]runner.Attempt{{Method: "GET", URL: "https://api.example/", Status: 503, Sent: 2 << 20}}, late.Attempts...)
	r.add(late)
	r.end(false)
	return r.events
}

const longSummary = `
Skipped
  – 3 requests: "Create order" captured no order_id
  – Bill: when: region is "eu", want "us"

Passed at a later attempt
  ! Poll  2 attempts  long.yaml:90:5

Slowest
     1.20 s   15 %  Read 12
     1.10 s   14 %  Read 11
     1.00 s   13 %  Read 10
     900 ms   12 %  Read 9
     800 ms   10 %  Read 8

17 requests: 13 passed, 4 skipped in 7.80 s
26 expectations · 1.7/s · 6,656 bytes received · 2.0 MiB sent
`

func TestTheSummaryOfALongRunTellsWhatWasSkippedRetriedAndSlow(t *testing.T) {
	t.Parallel()
	if got := render(t, "console", Options{}, longRunOf(12)); !strings.HasSuffix(got, longSummary) {
		t.Errorf("got\n%s\nwant at its end\n%s", got, longSummary)
	}
	if got := render(t, "console", Options{Screen: Screen{Quiet: true}}, longRunOf(12)); got != longSummary {
		t.Errorf("quiet: got\n%s\nwant\n%s", got, longSummary)
	}
}

func TestTheSummaryOfAShortRunIsShort(t *testing.T) {
	t.Parallel()
	got := render(t, "console", Options{}, longRunOf(5))
	if want := "\n\n10 requests: 6 passed, 4 skipped in 1.50 s\n12 expectations · 3,072 bytes received · 2.0 MiB sent\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant at its end\n%s", got, want)
	}
	if strings.Contains(got, "Slowest") || strings.Contains(got, "later attempt") {
		t.Errorf("what stands above is told again:\n%s", got)
	}
}

func TestALongRunOfFastRequestsHasNoSlowest(t *testing.T) {
	t.Parallel()
	if got := render(t, "console", Options{}, manyPassed(50)); strings.Contains(got, "Slowest") {
		t.Errorf("got\n%s", got)
	}
	if got := render(t, "console", Options{Verbose: 1}, manyPassed(50)); strings.Count(got[strings.Index(got, "Slowest"):], " %  Patients › Read › ") != slowListed {
		t.Errorf("-v tells the slowest however fast: got\n%s", got)
	}
}

func TestManyReasonsForSkippingAreAFew(t *testing.T) {
	t.Parallel()
	var all []runner.Result
	for i := range 30 {
		all = append(all, skipped("One", "reason "+strconv.Itoa(i)))
	}
	got := render(t, "console", Options{Screen: Screen{Quiet: true}}, runOf(all...))
	if !strings.Contains(got, "reason 9\n  … and 20 for other reasons\n\n30 requests: 30 skipped") {
		t.Errorf("got\n%s", got)
	}
}

func TestSizesAreToldInWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "1 byte", 9_999: "9,999 bytes", 10_000: "9.8 KiB", 1 << 20: "1.0 MiB", 5 << 30: "5.0 GiB", 3 << 40: "3.0 TiB"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// wide is a failure with texts that are wider than a small terminal.
func wide() runner.Result {
	r := problem("Read", 3, runner.Failed, runner.AssertionFailure, "json name: got \"a value of many words that goes on\", want \"another value of many words\"")
	r.Problems[0].Details = []string{"check: the assertion has aud https://auth.example.com/a/very/long/path/that/has/no/space/in/it and lives 60 s; then the clocks"}
	r.Findings = []runner.Finding{{Code: "HG005", Confidence: "certain", Title: "sub is an email address",
		Evidence: []runner.Evidence{{Label: "sent", Text: "sub is an email address of twenty-six characters"}}, Fix: "set client_id to the ID that the vendor assigned"}}
	return r
}

const wideScreen = `  ✗ Read                             GET     –        3 ms
    collections/orders.yaml:3:14: json name: got "a value
      of many words that goes on", want "another value of
      many words"
      check: the assertion has aud
        https://auth.example.com/a/very/long/path/that/has/no/space/in/it
        and lives 60 s; then the clocks
    HG005 certain: sub is an email address
      sent       sub is an email address of twenty-six
                 characters
      fix        set client_id to the ID that the vendor
                 assigned
    GET http://127.0.0.1:1/ → no answer
    # masked here, to be set in the shell: ACCESS_TOKEN, CLIENT_SECRET
    curl http://127.0.0.1:1/a/long/path/with/no/space/in/it \
      --header 'Authorization: Bearer '"$ACCESS_TOKEN"
`

func TestLongLinesAreWrappedBetweenWordsAndCommandsAreNot(t *testing.T) {
	t.Parallel()
	o := Options{Screen: Screen{Terminal: true, Columns: func() int { return 58 }}, Curl: func(*runner.Attempt) string {
		return "# masked here, to be set in the shell: ACCESS_TOKEN, CLIENT_SECRET\ncurl http://127.0.0.1:1/a/long/path/with/no/space/in/it \\\n  --header 'Authorization: Bearer '\"$ACCESS_TOKEN\"\n"
	}}
	if got := render(t, "console", o, runOf(wide())); !strings.Contains(got, wideScreen) {
		t.Errorf("got\n%s\nwant in it\n%s", got, wideScreen)
	}
	o.Terminal = false
	if got := render(t, "console", o, runOf(wide())); !strings.Contains(got, "many words that goes on\", want \"another value of many words\"\n") {
		t.Errorf("a log is searched by line, and has no wrapped lines: got\n%s", got)
	}
}

func TestACommandWithALineBreakInItsBodyIsNotIndented(t *testing.T) {
	t.Parallel()
	const command = "curl http://x/ \\\n  --data-raw 'one\n  two'"
	got := render(t, "console", Options{Curl: func(*runner.Attempt) string { return command + "\n" }}, runOf(failed("One", 3, 500, "", "")))
	if !strings.Contains(got, "\n"+command+"\n") {
		t.Errorf("got\n%s", got)
	}
	long := func(*runner.Attempt) string { return "curl " + strings.Repeat("x", curlShown) }
	if got := render(t, "console", Options{Curl: long}, runOf(failed("One", 3, 500, "", ""))); strings.Contains(got, "curl") {
		t.Error("a very long command is shown without -v")
	}
	if got := render(t, "console", Options{Curl: long, Verbose: 1}, runOf(failed("One", 3, 500, "", ""))); !strings.Contains(got, "curl") {
		t.Error("a very long command is not shown with -v")
	}
}
