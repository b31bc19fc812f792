package expect

import (
	"strings"

	"github.com/onsi/gomega/types"
)

// Matcher is a compiled predicate: a Gomega matcher whose messages are worded for people who write YAML. It keeps no
// state, so one Matcher serves many goroutines.
//
// hgrun's matchers are its own because those of Gomega compare numbers as float64, compile a regular expression at
// every call and allocate in passing; their package also costs every start 0.6 ms. Each is tested against Gomega's.
type Matcher struct{ m matcher }

var _ types.GomegaMatcher = Matcher{}

// Match reports whether the predicate holds for a value that a Query found. The error says that the value is of a
// kind that the predicate cannot judge, so that not: does not turn it into a success.
func (m Matcher) Match(actual any) (bool, error) {
	v := valueOf(actual)
	switch m.m.judge(v) {
	case holds:
		return true, nil
	case unfit:
		return false, unfitError(explain(m.m, v, false))
	}
	return false, nil
}

// FailureMessage returns what was found and what was wanted: got 401, want 200.
func (m Matcher) FailureMessage(actual any) string { return explain(m.m, valueOf(actual), false) }

// NegatedFailureMessage is FailureMessage where the predicate should not have held.
func (m Matcher) NegatedFailureMessage(actual any) string { return explain(m.m, valueOf(actual), true) }

type unfitError string

func (e unfitError) Error() string { return string(e) }

// verdict is what a matcher says about a value.
type verdict int8

const (
	fails verdict = iota
	holds
	unfit // of a kind that cannot be judged, or nothing at all: neither a predicate nor its opposite holds
)

// of turns a yes or no into a verdict.
func of(ok bool) verdict {
	if ok {
		return holds
	}
	return fails
}

// matcher is a predicate that is ready to judge.
type matcher interface {
	judge(value) verdict
	// want says what is wanted of what: "it", "each element". not asks for the opposite.
	want(what string, not bool) string
}

// explainer is a matcher that has more to say than got and want, in one line.
type explainer interface {
	explain(v value, not bool) string
}

// comparer is a matcher that can list the differences, one a line.
type comparer interface{ differences(v value) []string }

// adviser is a matcher that knows what to use for values of a kind that it cannot judge.
type adviser interface{ advice(k kind) string }

// explain returns why a matcher does not hold.
func explain(m matcher, v value, not bool) string {
	want := m.want("it", not)
	if v.kind == absent {
		return "nothing there, want " + want
	}
	if e, ok := m.(explainer); ok {
		if s := e.explain(v, not); s != "" {
			return s
		}
	}
	got := "got " + render(v)
	if m.judge(v) == unfit {
		got += v.kindShown()
	}
	return got + ", want " + want
}

// toBe words a want of the kind "200", "a list", "below 5".
func toBe(what, target string, not bool) string {
	switch {
	case what == "it" && not:
		return "anything but " + target
	case what == "it":
		return target
	case not:
		return what + " not to be " + target
	}
	return what + " to be " + target
}

// to words a want of the kind "it to contain x".
func to(what, action string, not bool) string {
	if not {
		return what + " not to " + action
	}
	return what + " to " + action
}

// allOf holds if all of several hold. One that cannot judge the value decides, in whatever order they stand.
type allOf []matcher

func (a allOf) judge(v value) verdict {
	result := holds
	for _, m := range a {
		switch m.judge(v) {
		case unfit:
			return unfit
		case fails:
			result = fails
		}
	}
	return result
}

func (a allOf) want(what string, not bool) string {
	wants := make([]string, len(a))
	for i, m := range a {
		wants[i] = m.want(what, not)
	}
	if not {
		return strings.Join(wants, " or ")
	}
	return strings.Join(wants, " and ")
}
