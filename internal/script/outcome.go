package script

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"modernc.org/quickjs"

	"github.com/hgrun/hgrun/internal/source"
)

// thrown is an error as js/core.js describes it.
type thrown struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Stack   string `json:"stack"`
}

// told is what the function finish of js/core.js returns.
type told struct {
	Tests []struct {
		Name    string  `json:"name"`
		Skipped bool    `json:"skipped"`
		Error   *thrown `json:"error"`
	} `json:"tests"`
	Console []struct {
		Level string `json:"level"`
		Text  string `json:"text"`
	} `json:"console"`
	Errors  []thrown `json:"errors"`
	Skip    bool     `json:"skip"`
	Request *Request `json:"request"`
	Next    *struct {
		Name *string `json:"name"`
	} `json:"next"`
}

// finish asks the script's run for what it has done. why is what ended it early, or nil.
func (b *box) finish(t *turn, why error) Outcome {
	problem := problems(why)
	reason := ""
	if len(problem) > 0 {
		reason = problem[0].Err.Error()
	}
	b.js.SetMemoryLimit(uintptr(t.limits.Memory + 16<<20)) // enough to tell of a script that has used up all of it
	defer b.js.SetMemoryLimit(uintptr(t.limits.Memory))
	b.tellRejections()
	text, err := b.outcome(reason)
	if err != nil {
		t.spoiled = true
		if len(problem) == 0 {
			problem = problems(t.script.Pos.Errorf("the script engine does not tell what the script did: %w", err))
		}
		return Outcome{Errors: problem}
	}
	if text == "" || text[0] == '\n' {
		return Outcome{Tests: passed(text), Errors: problem}
	}
	var made told
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		return Outcome{Errors: append(problem, t.script.Pos.Errorf("the script engine tells what is no JSON: %w", err))}
	}
	return t.outcome(made, problem)
}

// passed returns the tests of a script that did nothing else, from what finish tells of them.
func passed(text string) []Verdict {
	var all []Verdict
	for name := range strings.SplitSeq(text, "\n") {
		all = append(all, Verdict{Name: name})
	}
	return all[1:] // what is before the first line feed is none
}

func (b *box) outcome(reason string) (string, error) {
	if err := b.js.SetEvalTimeout(5 * time.Second); err != nil {
		return "", err
	}
	v, err := b.functions["finish"].CallValue(quickjs.UndefinedValue, reason)
	if err != nil {
		return "", err
	}
	defer v.Free()
	text, err := v.Any()
	s, _ := text.(string)
	return s, err
}

// tellRejections hands the reasons of promises that nobody awaited to the run, as errors of the script.
func (b *box) tellRejections() {
	for b.rejected.next() {
		if err := b.js.SetEvalTimeout(5 * time.Second); err != nil {
			return
		}
		if _, err := b.functions["rejected"].CallValue(quickjs.UndefinedValue); err != nil {
			return
		}
	}
}

func (t *turn) outcome(made told, errs []*source.Error) Outcome {
	o := Outcome{Request: made.Request, Skip: made.Skip, Errors: errs}
	for _, e := range made.Errors {
		o.Errors = append(o.Errors, t.problem(e))
	}
	for _, test := range made.Tests {
		v := Verdict{Name: test.Name, Skipped: test.Skipped}
		if test.Error != nil {
			v.Err = t.problem(*test.Error)
		}
		o.Tests = append(o.Tests, v)
	}
	for _, l := range made.Console {
		o.Console = append(o.Console, Line{Level: l.Level, Text: l.Text})
	}
	if made.Next != nil {
		o.Next = &Next{Stop: true}
		if made.Next.Name != nil {
			o.Next = &Next{Name: *made.Next.Name}
		}
	}
	return o
}

// problem returns an error at the line of the script that caused it.
func (t *turn) problem(e thrown) *source.Error {
	line, col := lineOf(e.Stack)
	if e.Name == "TypeError" && e.Message == "not a function" {
		e.Message = t.script.called(line, col) + "not a function"
	}
	text, limit := t.explain(e.Name, e.Message)
	t.spoiled = t.spoiled || limit
	return &source.Error{Pos: t.script.place(line, col), Err: errors.New(text)}
}

// problems returns an error as a list, which is empty without one.
func problems(err error) []*source.Error {
	var at *source.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &at):
		return []*source.Error{at}
	default:
		return []*source.Error{{Err: err}}
	}
}
