package reporters

import (
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// judgedRun is a run whose requests tell of each expectation, and of each test of a script.
func judgedRun() []runner.Event {
	judged := func(r runner.Result, list ...runner.Judged) runner.Result {
		r.Attempts[len(r.Attempts)-1].Judged = list
		r.Expectations = len(list)
		return r
	}
	holds := judged(passed("Read it", 7, 12*time.Millisecond), runner.Judged{Name: "status", Pos: at(9, 7)}, runner.Judged{Name: "json total <&\">", Pos: at(10, 7)},
		runner.Judged{Name: "json total <&\">", Pos: at(11, 7)})
	holds.Tests = []runner.Test{{Name: "the status", Pos: at(13, 9)}, {Name: "later", Pos: at(13, 9), Skipped: true}}
	holds.Console = []runner.ConsoleLine{{Level: "log", Text: "two\nlines"}}

	fails := judged(failed("Create order", 20, 500, "Internal Server Error", `{"error":"boom"}`), runner.Judged{Name: "status", Pos: at(24, 15), Outcome: runner.Failed},
		runner.Judged{Name: "json total", Pos: at(26, 16), Outcome: runner.Failed}, runner.Judged{Name: "json total below", Pos: at(26, 30), Outcome: runner.Skipped})
	fails.Name.Folders = []string{"Checkout", "v1.2 api"}
	fails.Tests = []runner.Test{{Name: "the id", Pos: at(30, 9), Message: "expected 1 to equal 2"}}
	fails.Problems = []runner.Problem{
		{Pos: at(24, 15), Kind: runner.AssertionFailure, Message: "status: got 500, want 201"},
		{Pos: at(26, 16), Kind: runner.AssertionFailure, Message: "json total: got nothing, want 1", Details: []string{"there is error"}},
		{Pos: at(30, 9), Kind: runner.AssertionFailure, Message: "the id: expected 1 to equal 2"},
	}
	first := fails.Attempts[0]
	first.Problems, first.Detail, first.Judged = []string{"status: got 503, want 201"}, nil, nil
	fails.Attempts = append([]runner.Attempt{first}, fails.Attempts...)

	captures := judged(failed("Capture", 40, 200, "OK", "{}"), runner.Judged{Name: "status", Pos: at(42, 15)})
	captures.Problems = []runner.Problem{{Pos: at(43, 15), Kind: runner.CaptureError, Message: "capture order_id: nothing at json id"}}
	broken := judged(failed("Throw", 50, 200, "OK", "{}"), runner.Judged{Name: "status", Pos: at(52, 15), Outcome: runner.Failed})
	broken.Outcome = runner.Errored
	broken.Problems = []runner.Problem{{Pos: at(52, 15), Kind: runner.AssertionFailure, Message: "status: got 200, want 201"},
		{Pos: at(54, 11), Kind: runner.ScriptError, Message: "ReferenceError: nothing is not defined"}}
	token := passed("token exchange (jwt-bearer)", 5, 4*time.Millisecond)
	token.Name.Phase = runner.Token
	setup := judged(passed("Create a tenant", 3, 31*time.Millisecond), runner.Judged{Name: "status", Pos: at(4, 7)})
	setup.Name.Phase = runner.Setup
	refused := problem("Refused", 60, runner.Errored, runner.TransportError, "dial tcp 127.0.0.1:1: connect: connection refused")
	return runOf(token, setup, holds, fails, captures, broken, refused, skipped("Delete order", `"Create order" captured no order_id`))
}

func TestJUnitCanTellOfEachExpectation(t *testing.T) {
	t.Parallel()
	checkGolden(t, "junit-each", render(t, "junit", Options{Formats: Formats{Each: true}}, judgedRun()))
}

func TestJUnitTellsOfTheTestsOfScripts(t *testing.T) {
	t.Parallel()
	checkGolden(t, "junit-tests", render(t, "junit", Options{Verbose: 1}, judgedRun()))
}

func TestWhatFailsIsRedHoweverARequestIsTakenApart(t *testing.T) {
	t.Parallel()
	for name, events := range corpus() {
		for _, ev := range events {
			f, ok := ev.(runner.RequestFinished)
			if !ok {
				continue
			}
			worst := runner.Passed
			for _, part := range partsOf(&f.Result) {
				if part.Outcome == runner.Errored || worst != runner.Errored && part.Outcome == runner.Failed {
					worst = part.Outcome
				}
			}
			want := f.Result.Outcome
			if want == runner.Skipped {
				want = runner.Passed
			}
			if worst != want {
				t.Errorf("%s: %s is %s, its parts are %s at worst", name, cut(f.Result.Name.Name, 50), f.Result.Outcome, worst)
			}
		}
	}
}
