package reporters

import (
	"net/http"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// sharedRun is the one run that every kind of report is shown: everything that can become of a request, with names and texts
// that are hard to show.
func sharedRun() []runner.Event {
	orders := runner.Suite{Name: "Orders v1.2 <&\">", File: "collections/orders.yaml", Environment: "staging"}
	twin := runner.Suite{Name: orders.Name, File: "other/orders.yaml", Index: 1}
	empty := runner.Suite{Name: "Nothing selected", File: "empty.yaml", Index: 2}
	cut := runner.Suite{Name: "Cut off", File: "cut.yaml", Index: 3}
	r := &recorder{at: time.Date(2026, 11, 22, 14, 30, 0, 0, time.FixedZone("CET", 3600))}

	r.begin(orders, 24)
	for _, result := range sharedSetup() {
		r.add(result)
	}
	for _, result := range sharedFailures() {
		r.add(result)
	}
	for _, result := range sharedTexts() {
		r.add(result)
	}
	r.end(false)
	r.begin(twin, 1)
	r.add(passed("Read it", 7, 200*time.Millisecond))
	r.end(false)
	r.begin(empty, 0)
	r.end(false)
	r.begin(cut, 3)
	r.end(true)
	return r.events
}

func sharedSetup() []runner.Result {
	token := passed("token exchange (jwt-bearer)", 5, 4*time.Millisecond)
	token.Name.Phase = runner.Token
	token.Attempts[0].Method, token.Attempts[0].URL = "POST", "https://auth.example/oauth/token"
	refused := failed("token exchange (client-credentials)", 9, 400, "Bad Request", `{"error":"invalid_client"}`)
	refused.Name.Phase = runner.Token
	refused.Attempts[0].Method, refused.Attempts[0].URL = "POST", "https://auth.example/oauth/token"
	refused.Attempts[0].Detail.RequestBody = "grant_type=client_credentials&client_secret=‹client_secret sha256:1a2b3c4d›"
	refused.Problems = []runner.Problem{{Pos: at(9, 5), Kind: runner.AuthError, Message: "token exchange: got 400 Bad Request (invalid_client)",
		Details: []string{"check: the client and its secret"}}}
	refused.Findings = []runner.Finding{
		{Code: "HG025", Title: "the secret ends with a line break", Cause: "the value <&\"> of client_secret has one character\nmore than it should", Confidence: "certain",
			Evidence: []runner.Evidence{{Label: "sent", Text: "44 characters, the last \\n"}, {Label: "configured", Text: "secrets: client_secret", Pos: at(9, 7)}},
			Fix:      "write it without the line break", Pos: at(9, 7)},
		{Code: "HG024", Title: "the Basic header is form-encoded, or not", Confidence: "possible", Fix: "basic_encoding: raw"},
	}
	noToken := problem("Needs the refused token", 14, runner.Errored, runner.AuthError, "no token: got 400 Bad Request (invalid_client)")
	noToken.Attempts = nil
	setup := passed("Create a tenant", 3, 31*time.Millisecond)
	setup.Name.Phase = runner.Setup
	setup.Findings = []runner.Finding{{Code: "HG019", Title: "expires_in counts milliseconds", Confidence: "likely", Fix: "expires_in_unit: ms"}}
	return []runner.Result{token, setup, passed("Read it", 7, 12*time.Millisecond), passed("Read it #2", 8, 0), refused, noToken}
}

func sharedFailures() []runner.Result {
	twice := failed("Create order", 20, 500, "Internal Server Error", `{"error":"boom","hint":["a","b"]}`)
	twice.Name.Folders = []string{"Checkout", "v1.2 api"}
	twice.Problems = []runner.Problem{
		{Pos: at(24, 15), Kind: runner.AssertionFailure, Message: "status: got 500, want 201"},
		{Pos: at(26, 16), Kind: runner.AssertionFailure, Message: `json total: got "1", want 1`, Details: []string{"- want: 1\n+ got:  \"1\""}},
	}
	after := skipped("Delete order", `"Create order" captured no order_id`)
	after.Name.Folders = twice.Name.Folders
	transport := problem("Refused", 31, runner.Errored, runner.TransportError, "dial tcp 127.0.0.1:1: connect: connection refused")
	retried := passed("Comes in the end", 40, 2100*time.Millisecond)
	down := runner.Attempt{Method: "GET", URL: "https://api.example/late", Status: 503, Reason: "Service Unavailable",
		Problems: []string{"status: got 503, want 200"}, Timings: wire.Timings{Total: 9 * time.Millisecond}}
	retried.Attempts = append([]runner.Attempt{{Method: "GET", URL: down.URL, Problems: []string{"connection reset by peer"}}, down}, retried.Attempts...)
	never := failed("Never comes", 44, 503, "Service Unavailable", "try later")
	never.Problems = []runner.Problem{{Pos: at(46, 15), Kind: runner.AssertionFailure, Message: "status: got 503, want 200"}}
	never.Attempts = append([]runner.Attempt{down, down}, never.Attempts...)
	list := []runner.Result{twice, after, skipped("Read order", after.Reason), skipped("Pay", after.Reason), transport, retried, never}
	list = append(list, skipped("Only in production", "when: region is \"eu\", want \"us\""))
	return list
}

func sharedTexts() []runner.Result {
	hostile := failed("Hostile <&\"> \x1b[31mred\x1b[0m \u202Egnp.exe", 50, 200, "OK",
		"a\x00b\x1b[2Jc ]]> d\uFFFEe\xed\xa0\x80f\r\ng\rh <script>alert(\"1\")</script> & more")
	hostile.Attempts[0].Detail.ResponseHeader.Set("X-Odd", "‹client_secret sha256:1a2b3c4d›")
	hostile.Problems = []runner.Problem{{Pos: at(52, 5), Kind: runner.AssertionFailure, Message: "text: got \"]]>\x00\", want \"<ok/>\""}}
	people := passed("Ordre für Иван 👩‍⚕️ 日本 שלום", 55, 999*time.Millisecond)
	people.Name.Folders = []string{"Ünïcode"}
	long := failed("Long body", 60, 200, "OK", strings.Repeat("0123456789abcde\n", 4096)[:64<<10])
	long.Attempts[0].Received = 11 << 20
	long.Problems = []runner.Problem{{Pos: at(62, 15), Kind: runner.CaptureError, Message: "capture order_id: nothing at json id"}}
	binary := failed("Not text", 65, 200, "OK", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01")
	binary.Problems = []runner.Problem{{Kind: runner.TimeoutError, Message: "the body took more than 2 s"}}
	slow := passed("Slow", 70, 2*time.Hour)
	teardown := passed("Delete the tenant", 80, 64*time.Second)
	teardown.Name.Phase = runner.Teardown
	return []runner.Result{hostile, people, long, binary, slow, teardown}
}

// recorder makes the events of a run.
type recorder struct {
	events []runner.Event
	suite  runner.Suite
	at     time.Time
	start  time.Time
	counts runner.Counts
}

func (r *recorder) begin(s runner.Suite, requests int) {
	r.suite, r.start, r.counts = s, r.at, runner.Counts{}
	r.events = append(r.events, runner.Started{Suite: s, Requests: requests, Time: r.at})
}

func (r *recorder) add(result runner.Result) {
	result.Name.Pos.File = r.suite.File
	result.Start = r.at
	r.at = r.at.Add(result.Duration)
	r.counts.Add(result.Outcome)
	r.events = append(r.events, runner.RequestStarted{Suite: r.suite, Request: result.Name, Time: result.Start},
		runner.RequestFinished{Suite: r.suite, Result: result})
}

func (r *recorder) end(interrupted bool) {
	r.events = append(r.events, runner.Finished{Suite: r.suite, Counts: r.counts, Start: r.start, Duration: r.at.Sub(r.start), Interrupted: interrupted})
}

func at(line, col int) source.Pos {
	return source.Pos{File: "collections/orders.yaml", Line: line, Col: col}
}

func passed(name string, line int, d time.Duration) runner.Result {
	return runner.Result{
		Name: runner.Name{Name: name, Pos: at(line, 5), Phase: runner.Main}, Duration: d, Expectations: 2,
		Attempts: []runner.Attempt{{Method: "GET", URL: "https://api.example/orders/1?page=2", Status: 200, Reason: "OK", Received: 512, Timings: wire.Timings{Total: d}}},
	}
}

func failed(name string, line, status int, reason, body string) runner.Result {
	r := passed(name, line, 1500*time.Millisecond)
	r.Outcome = runner.Failed
	r.Attempts = []runner.Attempt{{
		Method: "POST", URL: "https://api.example/orders", Status: status, Reason: reason, Sent: 13, Received: len(body),
		Timings: wire.Timings{Total: 31 * time.Millisecond},
		Detail: &runner.Detail{
			RequestHeader: http.Header{"Authorization": {"Bearer ‹access_token sha256:9f8e7d6c›"}, "Content-Type": {"application/json"}},
			RequestBody:   `{"sku":"a<b"}`,
			Proto:         "HTTP/1.1", ResponseHeader: http.Header{"Content-Type": {"application/json"}}, ResponseBody: body,
		},
	}}
	return r
}

func problem(name string, line int, o runner.Outcome, kind runner.Kind, message string) runner.Result {
	r := passed(name, line, 3*time.Millisecond)
	r.Outcome, r.Expectations = o, 0
	r.Attempts = []runner.Attempt{{Method: "GET", URL: "http://127.0.0.1:1/", Detail: &runner.Detail{}}}
	r.Problems = []runner.Problem{{Pos: at(line, 14), Kind: kind, Message: message}}
	return r
}

func skipped(name, reason string) runner.Result {
	return runner.Result{Name: runner.Name{Name: name, Pos: at(30, 5), Phase: runner.Main}, Outcome: runner.Skipped, Reason: reason}
}
