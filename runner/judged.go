package runner

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
)

// judgement is what was judged in an attempt.
type judgement struct {
	count int      // expectations, tests of scripts included
	each  []Judged // of the expectations
}

// judged says of each expectation how it ended, from those that failed.
func (x *round) judged(stated []expect.Statement, failures []expect.Failure) []Judged {
	if len(stated) == 0 {
		return nil
	}
	list := make([]Judged, len(stated))
	for i, s := range stated {
		list[i] = Judged{Name: x.statement(s.Name), Pos: s.Pos}
		if len(failures) > 0 {
			list[i].Outcome = outcomeAt(s.Pos, failures)
		}
	}
	return list
}

// outcomeAt is how the expectation at a place ended.
func outcomeAt(at source.Pos, failures []expect.Failure) Outcome {
	outcome := Passed
	for i := range failures {
		switch f := &failures[i]; {
		case f.Pos == at:
			return Failed
		case slices.Contains(f.Unjudged, at):
			outcome = Skipped
		}
	}
	return outcome
}

// statement redacts the name of an expectation. It stands in the YAML as it is, so that nobody but a condition in it can be about a person.
func (x *round) statement(name string) string {
	if strings.ContainsAny(name, `="'`) {
		return x.redact(name)
	}
	return redactText(x.scope.Secrets(), name)
}
