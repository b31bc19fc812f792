package reporters

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// exchanged is the testcase of what is no expectation of a request: that it was sent and answered, captures, and what nobody expected.
const exchanged = "[request]"

// split replaces each result by its parts, so that each becomes a testcase.
func split(batch []runner.Event) []runner.Event {
	all := make([]runner.Event, 0, 4*len(batch))
	for _, ev := range batch {
		finished, ok := ev.(runner.RequestFinished)
		if !ok {
			all = append(all, ev)
			continue
		}
		for _, part := range partsOf(&finished.Result) {
			all = append(all, runner.RequestFinished{Suite: finished.Suite, Result: part})
		}
	}
	return all
}

// partsOf takes a result apart: the request itself, then its expectations, then the tests of its scripts, each in a folder of the name of the
// request. What stands for no request, such as a token exchange or a file that did not load, stays as it is.
func partsOf(r *runner.Result) []runner.Result {
	if r.Name.Aside() || len(r.Attempts) == 0 && strings.HasPrefix(r.Name.Name, "[") {
		return []runner.Result{*r}
	}
	p := parts{of: r, left: slices.Clone(r.Problems)}
	p.name = r.Name
	p.name.Folders = append(slices.Clip(r.Name.Folders), phased(r.Name))
	p.name.Phase = runner.Main
	list := make([]runner.Result, 1, 1+r.Expectations)
	if last := r.Last(); last != nil {
		for i := range last.Judged {
			list = append(list, p.expectation(&last.Judged[i]))
		}
	}
	for i := range r.Tests {
		list = append(list, p.test(&r.Tests[i]))
	}
	list[0] = p.request(list[1:])
	return list
}

// parts are those of a result.
type parts struct {
	of   *runner.Result
	name runner.Name      // of the folder that they stand in
	left []runner.Problem // that belong to none yet
}

func (p *parts) part(name string, at source.Pos, outcome runner.Outcome) runner.Result {
	part := runner.Result{Name: p.name, Outcome: outcome, Start: p.of.Start, Expectations: 1}
	part.Name.Name = name
	if at.Line > 0 {
		part.Name.Pos = at
	}
	if outcome == runner.Failed {
		part.Attempts, part.Findings = p.of.Attempts, p.of.Findings
	}
	return part
}

func (p *parts) expectation(j *runner.Judged) runner.Result {
	part := p.part(j.Name, j.Pos, j.Outcome)
	switch j.Outcome {
	case runner.Failed:
		part.Problems = p.take(j.Name+" does not hold", j.Pos, func(q *runner.Problem) bool { return q.Pos == j.Pos })
	case runner.Skipped:
		part.Reason = "not judged, because another expectation failed"
	case runner.Passed, runner.Errored:
	}
	return part
}

func (p *parts) test(t *runner.Test) runner.Result {
	part := p.part(t.Name, t.Pos, testOutcome(t))
	switch part.Outcome {
	case runner.Failed:
		part.Problems = p.take(t.Message, t.Pos, func(q *runner.Problem) bool { return q.Pos == t.Pos && strings.HasPrefix(q.Message, t.Name) })
	case runner.Skipped:
		part.Reason, part.Expectations = "skipped by the script", 0
	case runner.Passed, runner.Errored:
	}
	return part
}

// take takes the first problem that belongs to a part out of those that are left, and makes one of the message where there is none.
func (p *parts) take(message string, at source.Pos, belongs func(*runner.Problem) bool) []runner.Problem {
	for i := range p.left {
		if q := p.left[i]; q.Kind == runner.AssertionFailure && belongs(&q) {
			p.left = slices.Delete(p.left, i, i+1)
			return []runner.Problem{q}
		}
	}
	return []runner.Problem{{Pos: at, Kind: runner.AssertionFailure, Message: message}}
}

// request is the part of what belongs to no other one. It passed where all that went wrong is told by others.
func (p *parts) request(others []runner.Result) runner.Result {
	part := *p.of
	part.Name = p.name
	part.Name.Name = exchanged
	part.Expectations, part.Tests, part.Problems = 0, nil, p.left
	told := slices.ContainsFunc(others, func(o runner.Result) bool { return o.Outcome == runner.Failed })
	if part.Outcome == runner.Failed && told && len(p.left) == 0 {
		part.Outcome, part.Findings = runner.Passed, nil
		part.Attempts = part.Attempts[max(len(part.Attempts)-1, 0):] // those before it are told of by what failed
	}
	return part
}
