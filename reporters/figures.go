package reporters

import (
	"slices"
	"time"

	"github.com/hgrun/hgrun/runner"
)

const (
	slowListed  = 5
	slowFrom    = 500 * time.Millisecond // a request that took less is not worth a line
	longRun     = 10                     // results; those of a shorter run stand on one screen, and are not told again
	lateListed  = 5                      // requests that passed at a later attempt
	skipsListed = 10                     // reasons for skipping requests
)

// figures are what the summary tells of a run besides how its requests ended.
type figures struct {
	results        int
	expectations   int // without the tests of scripts
	tests          testCounts
	remarks        int // about requests that passed
	sent, received int // bytes of bodies, of all attempts
	busy           time.Duration
	ran            int     // results that were sent
	slowest        []taken // the longest first
	late           []lateOne
	lateOnes       int
	skips          skipReasons
}

// testCounts are how many tests of scripts there were.
type testCounts struct{ all, failed, skipped int }

func (t *testCounts) add(test *runner.Test) {
	t.all++
	switch testOutcome(test) {
	case runner.Failed:
		t.failed++
	case runner.Skipped:
		t.skipped++
	case runner.Passed, runner.Errored:
	}
}

// taken is a request and how long it took.
type taken struct {
	name string
	took time.Duration
}

// lateOne is a request that passed, and not at its first attempt.
type lateOne struct {
	name, place string
	tries       int
}

func (f *figures) add(r *runner.Result) {
	f.results++
	f.expectations += r.Expectations
	for i := range r.Tests {
		f.tests.add(&r.Tests[i])
		if !r.Tests[i].Skipped {
			f.expectations-- // it is counted among them
		}
	}
	if r.Outcome == runner.Skipped {
		f.skips.add(r)
		return
	}
	for i := range r.Attempts {
		f.sent += r.Attempts[i].Sent
		f.received += r.Attempts[i].Received
	}
	if len(r.Attempts) > 0 {
		f.ran++
		f.busy += r.Duration
		f.slow(r)
	}
	if r.Outcome == runner.Passed {
		f.remarks += len(r.Findings)
		f.passedLate(r)
	}
}

func (f *figures) slow(r *runner.Result) {
	n := len(f.slowest)
	if n == slowListed && f.slowest[n-1].took >= r.Duration {
		return
	}
	at := slices.IndexFunc(f.slowest, func(t taken) bool { return t.took < r.Duration })
	if at < 0 {
		at = n
	}
	f.slowest = slices.Insert(f.slowest[:min(n, slowListed-1)], at, taken{trail(r.Name), r.Duration})
}

func (f *figures) passedLate(r *runner.Result) {
	if len(r.Attempts) < 2 {
		return
	}
	tries := r.Tries()
	if tries < 2 {
		return
	}
	f.lateOnes++
	if len(f.late) < lateListed {
		f.late = append(f.late, lateOne{trail(r.Name), oneLine(r.Name.Pos.String()), tries})
	}
}

// skipReasons are why requests were skipped, and how many for each reason.
type skipReasons struct {
	reasons []skipReason
	others  int // that were skipped for reasons not among them
}

type skipReason struct {
	reason, first string
	count         int
}

func (s *skipReasons) add(r *runner.Result) {
	why := reason(r)
	for i := range s.reasons {
		if s.reasons[i].reason == why {
			s.reasons[i].count++
			return
		}
	}
	if len(s.reasons) == skipsListed {
		s.others++
		return
	}
	s.reasons = append(s.reasons, skipReason{why, trail(r.Name), 1})
}
