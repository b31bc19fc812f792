package reporters

import (
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// allureBody is how many bytes of a body an attachment shows.
const allureBody = 64 << 10

// stepMaker makes the steps of a result.
type stepMaker struct {
	a        *allure
	r        *runner.Result
	uuid     string
	attached int
}

// aside is the step of an exchange that a request needed first.
func aside(r *runner.Result) allureStep {
	name := oneLine(r.Name.Name)
	if last := r.Last(); last != nil {
		name += ": " + exchangeLine(last)
	}
	s := stepOf(name, allureStatus(r.Outcome), r.Start, r.Duration)
	if text := reason(r); text != "" {
		s.Details = &allureDetails{Message: text}
	}
	return s
}

// exchangeLine is an exchange in a line: "GET https://api.example/ → 200 OK".
func exchangeLine(a *runner.Attempt) string {
	return oneLine(a.Method+" "+cut(a.URL, lineText)) + " → " + answer(a)
}

// steps are those of a result: one for each exchange, and in the last one what was expected of it.
func (m *stepMaker) steps() []allureStep {
	if len(m.r.Attempts) == 0 {
		return m.expectations(m.r.Start.Add(m.r.Duration))
	}
	steps := make([]allureStep, 0, len(m.r.Attempts))
	for i := range m.r.Attempts {
		steps = append(steps, m.attempt(i))
	}
	return steps
}

func (m *stepMaker) attempt(i int) allureStep {
	a, n := &m.r.Attempts[i], len(m.r.Attempts)
	start := a.Timings.Start
	if start.IsZero() {
		start = m.r.Start
	}
	s := stepOf(exchangeLine(a), allurePassed, start, a.Timings.Total)
	if n > 1 {
		what := "attempt"
		if a.Step != "" {
			what = string(a.Step)
		}
		s.Name = what + " " + strconv.Itoa(i+1) + " of " + strconv.Itoa(n) + ": " + s.Name
	}
	last := i == n-1
	switch {
	case last:
		s.Status = allureStatus(m.r.Outcome)
		s.Steps = m.expectations(start.Add(a.Timings.Total))
	case a.Step != "":
	case a.Status == 0:
		s.Status = allureBroken
	default:
		s.Status = allureFailed
	}
	if !last && len(a.Problems) > 0 {
		s.Details = &allureDetails{Message: attemptLine(a)}
	}
	if a.Detail != nil {
		s.Attachments = m.wire(a)
	}
	return s
}

// wire attaches what went over the wire.
func (m *stepMaker) wire(a *runner.Attempt) []allureAttachment {
	list := []allureAttachment{m.attach("Request", sent(a, allureBody))}
	if a.Status > 0 {
		list = append(list, m.attach("Response", received(a, allureBody)))
	}
	return list
}

// expectations are the steps of what did not hold, of what did, as far as the run tells of each, and of the tests of scripts.
func (m *stepMaker) expectations(at time.Time) []allureStep {
	var steps []allureStep
	held := m.r.Expectations
	for i := range m.r.Problems {
		p := &m.r.Problems[i]
		if p.Kind == runner.AssertionFailure {
			held--
		}
		s := stepOf(shortLine(p.Message), allureStatus(m.r.Outcome), at, 0)
		if s.Name == "" {
			s.Name = problemKind(m.r, runner.AssertionFailure)
		}
		s.Details = &allureDetails{Message: shortLine(p.Message), Trace: capped(strings.TrimRight(problemText(p), "\n"), passedText)}
		steps = append(steps, s)
	}
	told := func(name string, o runner.Outcome) {
		if o == runner.Failed {
			return // among the problems
		}
		steps = append(steps, stepOf(oneLine(name), allureStatus(o), at, 0))
	}
	if last := m.r.Last(); last != nil {
		for i := range last.Judged {
			told(last.Judged[i].Name, last.Judged[i].Outcome)
			if last.Judged[i].Outcome != runner.Failed {
				held--
			}
		}
	}
	for i := range m.r.Tests {
		t := &m.r.Tests[i]
		told(t.Name, testOutcome(t))
		if testOutcome(t) == runner.Passed {
			held--
		}
	}
	if held > 0 && m.r.Outcome != runner.Skipped {
		steps = append(steps, stepOf(plural(held, "expectation")+" held", allurePassed, at, 0))
	}
	return steps
}

// notes attach what belongs to no step: what scripts wrote, and the command that repeats a request that did not pass.
func (m *stepMaker) notes() []allureAttachment {
	var list []allureAttachment
	if len(m.r.Console) > 0 {
		var out strings.Builder
		for _, l := range m.r.Console {
			out.WriteString(oneLine(l.Level) + " " + clean(l.Text) + "\n")
		}
		list = append(list, m.attach("Console", out.String()))
	}
	last := m.r.Last()
	if m.a.o.Curl == nil || last == nil || m.r.Outcome != runner.Failed && m.r.Outcome != runner.Errored {
		return list
	}
	if command := m.a.o.Curl(last); command != "" {
		list = append(list, m.attach("As curl", clean(command)+"\n"))
	}
	return list
}
