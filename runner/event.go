package runner

import (
	"net/http"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// Event is one thing that happened in a run: Started, RequestStarted, RequestFinished or Finished.
// Everything in an event is redacted: no text of it holds a secret. An event stays as it is once it is yielded.
type Event interface{ event() }

// Started says that a collection begins.
type Started struct {
	Suite    Suite
	Requests int // that will be reported, setup and teardown included, token exchanges not; zero where only the run can tell
	Time     time.Time
	Trace    string // traceparent of the run's own span, in whose trace its requests are sent; empty where they carry none
	Parent   string // ID of the span that the run is a part of; empty for none
}

// RequestStarted says that a request begins, before its first attempt.
type RequestStarted struct {
	Suite   Suite
	Request Name
	Time    time.Time
}

// RequestFinished says how a request, or a token exchange made for one, ended.
type RequestFinished struct {
	Suite  Suite
	Result Result
}

// Finished says that a collection ended, by whatever cause. It comes once for each Started.
type Finished struct {
	Suite       Suite
	Counts      Counts
	Start       time.Time
	Duration    time.Duration
	Interrupted bool // by a signal: requests after it are reported as skipped
}

func (Started) event()         {}
func (RequestStarted) event()  {}
func (RequestFinished) event() {}
func (Finished) event()        {}

// Suite is a collection in a run.
type Suite struct {
	Name        string // of the collection
	File        string // as the user named it
	Environment string // its name, empty for none
	Index       int    // place among the collections of the run, from 0
}

// Name is what a request is called and where it stands.
type Name struct {
	Name    string   // as in the collection; unique in its folder: a second one ends in " #2", one of a row in " [row 17]"
	Folders []string // from the outermost
	Pos     source.Pos
	Phase   Phase
	Row     int      // of data, counted from 1; zero for none
	Label   string   // of the row; Name ends in it: "Read [row 17]"
	Tags    []string // those of the folders around it included
}

// Phase says what a request is for.
type Phase string

// The phases. A token exchange stands in Token whatever request needed it.
const (
	Setup    Phase = "setup"
	Main     Phase = "request"
	Teardown Phase = "teardown"
	Token    Phase = "token"

	FromScript Phase = "script" // what a script sent with pm.sendRequest, whatever request it belongs to
)

// Aside reports whether the result is no request of the collection: an exchange that one of them needed.
func (n *Name) Aside() bool { return n.Phase == Token || n.Phase == FromScript }

// Outcome is how a request ended.
type Outcome int

// The outcomes. Failed: the answer is not what was expected. Errored: there was no answer, or nothing could be sent.
const (
	Passed Outcome = iota
	Failed
	Errored
	Skipped
)

// String returns passed, failed, errored or skipped.
func (o Outcome) String() string {
	return [...]string{"passed", "failed", "errored", "skipped"}[o]
}

// Result is how one request ended.
type Result struct {
	Name         Name
	Outcome      Outcome
	Start        time.Time
	Duration     time.Duration // of all attempts, waiting between them included
	Expectations int           // that were judged, in the last attempt
	Problems     []Problem     // of the last attempt; one or more where Outcome is Failed or Errored
	Reason       string        // why it was skipped
	Skip         Skip          // what kind of reason that is
	Attempts     []Attempt     // none where nothing was sent; the last one decided
	Findings     []Finding     // explanations, the likeliest first; of a request that passed, what is odd all the same
	Tests        []Test        // of its scripts, in the last attempt
	Console      []ConsoleLine // what its scripts wrote, in the last attempt
}

// Test is one pm.test of a script. One that failed is a problem of the result too.
type Test struct {
	Name    string     // as the script calls it; two may have the same
	Pos     source.Pos // of the line that failed; of the script where the test passed or was skipped
	Skipped bool
	Message string // why it failed, in the words of the script; empty where it did not
}

// ConsoleLine is a line that a script wrote.
type ConsoleLine struct {
	Level string // log, info, warn, error or debug
	Text  string
}

// Skip says what kept a request from running. It is empty for one that ran, and for a token exchange that another one made good.
type Skip string

// What keeps requests from running.
const (
	SkipCondition Skip = "condition" // when: does not hold, or a loop has nothing to run it for
	SkipCause     Skip = "cause"     // something before it did not pass, which is the root cause
	SkipStop      Skip = "stop"      // the run ended before it: by --bail, or by a signal
)

// Last returns the attempt that decided, or nil where nothing was sent.
func (r *Result) Last() *Attempt {
	if len(r.Attempts) == 0 {
		return nil
	}
	return &r.Attempts[len(r.Attempts)-1]
}

// Tries returns how many attempts there were at the answer that was judged: those on the way to it are none.
func (r *Result) Tries() int {
	n := 0
	for i := range r.Attempts {
		if r.Attempts[i].Step == "" {
			n++
		}
	}
	return n
}

// Problem is one reason why a request failed.
type Problem struct {
	Pos     source.Pos // the expectation, the capture or the variable
	Kind    Kind
	Message string   // one line: "status: got 401, want 200"
	Details []string // more lines: a difference path by path, a hint
}

// Finding is one explanation of what went wrong, from checking what was sent against what came back.
type Finding struct {
	Code       string // "HG003", stable; hgrun explain prints its page
	Title      string // of the rule
	Cause      string // what is wrong here
	Confidence string // possible, likely or certain
	Evidence   []Evidence
	Fix        string
	Pos        source.Pos // in the YAML; the zero Pos where it is not known
}

// Evidence is one line that a finding rests on.
type Evidence struct {
	Label string // sent, expected, configured, server or measured
	Text  string
	Pos   source.Pos // where it was configured, if anywhere
}

// Kind says what sort of problem it is, in the words that reports use as its type.
type Kind string

// The kinds of problems.
const (
	AssertionFailure Kind = "AssertionFailure" // an expectation did not hold
	CaptureError     Kind = "CaptureError"     // nothing to capture
	TransportError   Kind = "TransportError"   // no answer
	TimeoutError     Kind = "TimeoutError"     // no answer in time
	AuthError        Kind = "AuthError"        // no token, or an assertion that cannot be signed
	ConfigError      Kind = "ConfigError"      // a variable without a value, a host that is not allowed
	ScriptError      Kind = "ScriptError"      // a script threw, or hit a limit
)

// Step says what an exchange on the way to an answer was for. It is no attempt that failed.
type Step string

// The steps.
const (
	StepPoll Step = "poll" // until: waits for another answer
	StepPage Step = "page" // paginate: judged, and one more follows
	StepJob  Step = "look" // async: the job is not done
)

// Attempt is one exchange of a request, redirects followed within it.
type Attempt struct {
	Step     Step // empty for an attempt at the answer
	Method   string
	URL      string
	Status   int    // 0 for no answer
	Reason   string // "Unauthorized"
	Timings  wire.Timings
	Sent     int      // bytes of the request's body
	Received int      // bytes of the response's body, decompressed
	Problems []string // why this attempt did not do, one line each, where another came after it
	Trace    string   // the traceparent that it was sent with, where it had none of its own; empty for none
	Judged   []Judged // the expectations, in the order of the file; none where none was judged, or another attempt came after it
	Detail   *Detail  // nil for a request that passed, unless Runner.Detail asks for it
}

// Judged is one expectation and how it ended: Passed, Failed, or Skipped where it could not be judged because another one failed.
type Judged struct {
	Name    string     // subject and predicate, "json total at_least"; two may have the same
	Pos     source.Pos // which the problem has too, if it failed
	Outcome Outcome
}

// Detail is what went over the wire, for those who want to read it.
type Detail struct {
	RequestHeader  http.Header
	RequestBody    string // shortened to 64 KiB
	Proto          string
	ResponseHeader http.Header
	ResponseBody   string // shortened to 64 KiB
	ResponseSHA256 string // of the whole body, in hexadecimal digits, where ResponseBody is shortened; else empty
	Hops           []wire.Hop
	URL            string // that answered after these; empty where there are none
	Remote         string // address and port that the last connection led to; empty where it is not known
}

// Counts are how many requests ended how, token exchanges included.
type Counts struct{ Passed, Failed, Errored, Skipped int }

// Add counts one more.
func (c *Counts) Add(o Outcome) {
	switch o {
	case Passed:
		c.Passed++
	case Failed:
		c.Failed++
	case Errored:
		c.Errored++
	case Skipped:
		c.Skipped++
	}
}

// Plus returns the sum of both.
func (c Counts) Plus(d Counts) Counts {
	return Counts{c.Passed + d.Passed, c.Failed + d.Failed, c.Errored + d.Errored, c.Skipped + d.Skipped}
}

// Total is the number of all.
func (c Counts) Total() int { return c.Passed + c.Failed + c.Errored + c.Skipped }
