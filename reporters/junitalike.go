package reporters

import (
	"github.com/onsi/ginkgo/v2/reporters"

	"github.com/hgrun/hgrun/runner"
)

// alikeCases are testcases of requests that passed, as Ginkgo wrote them once: but for the name and the times, which are hgrun's
// own, all that passed with the same status after as many attempts are alike. Most of a long run is.
type alikeCases map[passedKind]*reporters.JUnitTestCase

// passedKind is what Ginkgo makes a difference of between requests that passed.
type passedKind struct{ status, tries int }

// maxAlike bounds how many kinds are kept.
const maxAlike = 64

func kindOfPassed(r *runner.Result) (passedKind, bool) {
	if r.Outcome != runner.Passed {
		return passedKind{}, false
	}
	kind := passedKind{tries: r.Tries()}
	if last := r.Last(); last != nil {
		kind.status = last.Status
	}
	return kind, true
}

// of returns the testcase of one that is alike, or nil.
func (a alikeCases) of(r *runner.Result) *reporters.JUnitTestCase {
	kind, passed := kindOfPassed(r)
	if !passed {
		return nil
	}
	return a[kind]
}

// learn keeps the testcases of kinds that were not known.
func (a *alikeCases) learn(batch []runner.Event, cases []reporters.JUnitTestCase) {
	if *a == nil {
		*a = alikeCases{}
	}
	i := 0
	for _, ev := range batch {
		ev, ok := ev.(runner.RequestFinished)
		if !ok {
			continue
		}
		if kind, passed := kindOfPassed(&ev.Result); passed && (*a)[kind] == nil && len(*a) < maxAlike {
			first := cases[i]
			(*a)[kind] = &first
		}
		i++
	}
}

// merge puts the testcases that Ginkgo wrote in the places of those that were not known.
func merge(order []*reporters.JUnitTestCase, written []reporters.JUnitTestCase) []reporters.JUnitTestCase {
	cases := make([]reporters.JUnitTestCase, len(order))
	for i, known := range order {
		if known != nil {
			cases[i] = *known
			continue
		}
		cases[i], written = written[0], written[1:]
	}
	return cases
}
