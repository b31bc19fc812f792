package expect

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// compiled reads a predicate as a Gomega matcher.
func compiled(t *testing.T, yaml string) types.GomegaMatcher {
	t.Helper()
	var p Predicate
	if err := source.Parse("x.yaml", []byte(yaml), p.Read); err != nil {
		t.Fatal(err)
	}
	m, err := p.Matcher(vars.NewScope(nil))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPredicatesAgreeWithTheMatchersOfGomega(t *testing.T) {
	t.Parallel()
	texts := []any{"", "a", "Smith", "smith", "x Smith y", "Grüß", "Sm"}
	lists := []any{[]any{}, []any{"a"}, []any{"a", "b"}, []any{"b", "a"}, []any{"a", "a"}, []any{"a", "b", "c"}}
	instants := []any{"2024-05-30T00:00:00Z", "2024-05-31T12:00:00Z", "2024-06-02T00:00:00Z"}
	limit := time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC)
	numbers := []any{1, 2, 3, 2.5, -1}
	for _, tt := range []struct {
		yaml   string
		want   types.GomegaMatcher
		values []any
	}{
		{`Smith`, gomega.Equal("Smith"), texts},
		{`{contains: Sm}`, gomega.ContainSubstring("Sm"), texts},
		{`{starts_with: Sm}`, gomega.HavePrefix("Sm"), texts},
		{`{ends_with: th}`, gomega.HaveSuffix("th"), texts},
		{`{matches: "^[A-Z]"}`, gomega.MatchRegexp("^[A-Z]"), texts},
		{`{empty: true}`, gomega.BeEmpty(), texts},
		{`{not: {contains: Sm}}`, gomega.Not(gomega.ContainSubstring("Sm")), texts},
		{`{contains: Sm, ends_with: th}`, gomega.And(gomega.ContainSubstring("Sm"), gomega.HaveSuffix("th")), texts},
		{`{one_of: [a, Sm]}`, gomega.BeElementOf("a", "Sm"), texts},
		{`{above: 2}`, gomega.BeNumerically(">", 2), numbers},
		{`{at_least: 2}`, gomega.BeNumerically(">=", 2), numbers},
		{`{below: 2.5}`, gomega.BeNumerically("<", 2.5), numbers},
		{`{at_most: 2.5}`, gomega.BeNumerically("<=", 2.5), numbers},
		{`{between: [1, 2]}`, gomega.And(gomega.BeNumerically(">=", 1), gomega.BeNumerically("<=", 2)), numbers},
		{`2`, gomega.BeNumerically("==", 2), numbers},
		{`[a, b]`, gomega.Equal([]any{"a", "b"}), lists},
		{`{unordered: [a, b]}`, gomega.ConsistOf("a", "b"), lists},
		{`{unordered: [a, a]}`, gomega.ConsistOf("a", "a"), lists},
		{`{includes: b}`, gomega.ContainElement("b"), lists},
		{`{includes: [b, a]}`, gomega.ContainElements("b", "a"), lists},
		{`{any: {starts_with: b}}`, gomega.ContainElement(gomega.HavePrefix("b")), lists},
		{`{none: b}`, gomega.Not(gomega.ContainElement("b")), lists},
		{`{each: a}`, gomega.HaveEach("a"), lists[1:]}, // of an empty list HaveEach says nothing but an error
		{`{length: 2}`, gomega.HaveLen(2), lists},
		{`{empty: true}`, gomega.BeEmpty(), lists},
		{`{before: 2024-05-31T12:00:00Z}`, moments(gomega.BeTemporally("<", limit)), instants},
		{`{after: 2024-05-31T12:00:00Z}`, moments(gomega.BeTemporally(">", limit)), instants},
	} {
		m := compiled(t, tt.yaml)
		for _, v := range tt.values {
			got, err := m.Match(v)
			want, wantErr := tt.want.Match(v)
			if got != want || err != nil || wantErr != nil {
				t.Errorf("%s of %v: got %v, %v; Gomega says %v, %v", tt.yaml, v, got, err, want, wantErr)
			}
		}
	}
}

// moments makes a matcher of times one of texts.
func moments(m types.GomegaMatcher) types.GomegaMatcher {
	return gomega.WithTransform(func(s string) time.Time {
		at, _ := time.Parse(time.RFC3339, s)
		return at
	}, m)
}

func TestPredicatesWorkInsideTheMatchersOfGomega(t *testing.T) {
	t.Parallel()
	g := gomega.NewWithT(t)
	g.Expect("Smith").To(compiled(t, `{starts_with: S}`))
	g.Expect("Smith").NotTo(compiled(t, `{starts_with: s}`))
	g.Expect([]any{"a", "Smith"}).To(gomega.ContainElement(compiled(t, `{matches: "^S"}`)))
	g.Expect(json.Number("5")).To(gomega.And(compiled(t, `{above: 4}`), gomega.Not(compiled(t, `{above: 5}`))))
	g.Expect(Absent{}).To(compiled(t, `{exists: false}`))
	g.Expect(int64(7)).To(compiled(t, `7`))
	g.Expect(2.5).To(compiled(t, `{below: 3}`))
}

func TestWhatCannotBeJudgedSatisfiesNeitherAPredicateNorItsOpposite(t *testing.T) {
	t.Parallel()
	for yaml, v := range map[string]any{
		`{contains: x}`:          json.Number("5"),
		`{not: {contains: x}}`:   json.Number("5"),
		`{above: 1}`:             "5",
		`{not: {above: 1}}`:      "5",
		`x`:                      Absent{},
		`{not: x}`:               Absent{},
		`{each: x}`:              "x",
		`{not: {each: x}}`:       "x",
		`{type: "null"}`:         Absent{},
		`{not: {before: now}}`:   "Smith",
		`{length: 1}`:            nil,
		`{not: {length: 1}}`:     true,
		`{equals_fold: x}`:       struct{}{},
		`{none: {matches: x}}`:   []any{json.Number("1")},
		`{any: {matches: x}}`:    []any{json.Number("1")},
		`{not: {includes: x}}`:   "x",
		`{unordered: [x]}`:       map[string]any{"x": 1},
		`{not: {empty: true}}`:   nil,
		`{not: {within: 5m}}`:    json.Number("5"),
		`{between: [1, 2]}`:      time.Second,
		`{not: {one_of: [1]}}`:   Absent{},
		`{starts_with: x}`:       []any{"x"},
		`{length: {above: "1"}}`: json.Number("5"),
	} {
		if ok, err := compiled(t, yaml).Match(v); ok || err == nil {
			t.Errorf("%s of %v: got %v, %v, want an error", yaml, v, ok, err)
		}
	}
}

func TestMatchersSpeakToPeopleWhoWriteYAML(t *testing.T) {
	t.Parallel()
	m := compiled(t, `{contains: fhir+json}`)
	for got, want := range map[string]string{
		m.FailureMessage("text/html"):                                  `got "text/html", want it to contain "fhir+json"`,
		m.NegatedFailureMessage("a fhir+json"):                         `got "a fhir+json", want it not to contain "fhir+json"`,
		compiled(t, `200`).FailureMessage(401):                         `got 401, want 200`,
		m.FailureMessage(Absent{}):                                     `nothing there, want it to contain "fhir+json"`,
		m.FailureMessage(struct{ A int }{1}):                           `got a value that is no JSON (a value of Go), want it to contain "fhir+json"`,
		compiled(t, `{exists: false}`).NegatedFailureMessage(Absent{}): `nothing there, want something`,
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
