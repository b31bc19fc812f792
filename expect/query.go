// Package expect finds values in a response and judges them; it knows nothing of how the response came about.
//
// A Query finds a value, a Predicate (a Gomega matcher) judges it. Expectations, Captures and Conditions are what
// collections make of the two.
package expect

import (
	"crypto/md5"
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Query finds a value in an answer: nil, bool, json.Number, string, []any, map[string]any or time.Duration, and Absent
// where there is nothing. The error says why nothing can be found: a body that is no JSON. String names the value in
// messages: header ETag. A Query is shared by goroutines.
type Query interface {
	Find(*Answer) (any, error)
	String() string
}

// Subject is what an expectation can be about. One of Whole, Keyed and Own is set.
type Subject struct {
	Whole Query                   // of a subject that is one value: status
	Keyed func(source.Node) Query // of a subject that has many, by their names: headers. It returns nil after recording a problem
	// Read reads what is expected, for a subject that has more than predicates to say; nil for all others.
	Read func(source.Node, Terms) []Predicate
	// Own reads the whole of a subject that has a form of its own, and hands each value and what is expected of it to
	// Terms.expect. Captures use Keyed all the same; where that is nil too, there is nothing to capture.
	Own func(source.Node, Terms)
}

// Subjects is the table of what expectations can be about, in the words of expect:.
func Subjects() map[string]Subject {
	return map[string]Subject{
		"body":        {Whole: bodyQuery{}},
		"bytes":       {Whole: bytesQuery{}, Read: readBytes},
		"certificate": {Keyed: readCertificateQuery},
		"cookies":     {Keyed: readCookieQuery},
		"duration":    {Whole: durationQuery{}},
		"fhir":        {Keyed: readFHIRQuery, Own: readFHIR},
		"headers":     {Keyed: readHeaderQuery},
		"ip":          {Whole: addressQuery{}},
		"json":        {Keyed: readJSONQuery},
		"jsonpath":    {Keyed: readJSONPathQuery},
		"jwt":         {Own: readJWT},
		"md5":         {Whole: digestQuery{"md5", md5.Size}},
		"openapi":     {Own: readOpenAPI},
		"phases":      {Keyed: readPhaseQuery},
		"protocol":    {Whole: protocolQuery{}},
		"redirects":   {Keyed: readRedirectQuery, Own: readRedirects},
		"regex":       {Keyed: readRegexQuery},
		"schema":      {Own: readSchema},
		"sha256":      {Whole: digestQuery{"sha256", sha256.Size}},
		"size":        {Whole: sizeQuery{}},
		"status":      {Whole: statusQuery{}, Read: readStatus},
		"text":        {Whole: textQuery{}},
		"url":         {Whole: urlQuery{}},
		"variables":   {Own: readVariables},
		"xpath":       {Keyed: readXPathQuery},
	}
}

// Queries is the table of what a capture can take its value from: every subject, and header and cookie for one of them.
func Queries() map[string]func(source.Node) Query {
	queries := map[string]func(source.Node) Query{}
	for name, s := range Subjects() {
		if s.Whole != nil {
			queries[name] = whole(name, s.Whole)
		} else if s.Keyed != nil {
			queries[name] = s.Keyed
		}
	}
	queries["header"] = queries["headers"]
	queries["cookie"] = queries["cookies"]
	return queries
}

// whole reads the true of `status: true`.
func whole(name string, q Query) func(source.Node) Query {
	return func(n source.Node) Query {
		if !n.IsScalar() || n.Text() != "true" {
			n.Errorf("there is one %s; write %s: true", name, name)
			return nil
		}
		return q
	}
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// The rest of what a Query may be able to do. Each is asked for where it is needed.
type (
	// looker finds its value without a box around it.
	looker interface{ look(*Answer) (value, error) }
	// operator says what an expected value means for it: "2s" is a time span below duration.
	operator interface{ operand(any) (any, error) }
	// refuser says why a predicate makes no sense for it.
	refuser interface{ refuse(word string) string }
	// hinter says what is there instead, when nothing was found or what was found is of the wrong kind.
	hinter interface{ hint(*Answer) string }
	// detailer says more about what was found, one thing a line.
	detailer interface{ details(*Answer) []string }
	// repeater may find several values: predicates over lists see a single one as a list of one.
	repeater interface{ repeats() }
	// template is a query with variables in it.
	template interface {
		uses() []vars.Use
		fill(*vars.Scope) (Query, error)
	}
)

// look finds the value of any query.
func look(q Query, a *Answer) (value, error) {
	if l, ok := q.(looker); ok {
		return l.look(a)
	}
	v, err := q.Find(a)
	return valueOf(v), err
}

func hintOf(q Query, a *Answer) string {
	if h, ok := q.(hinter); ok {
		return h.hint(a)
	}
	return ""
}

// filled returns a query with its variables replaced.
func filled(q Query, s *vars.Scope) (Query, error) {
	if t, ok := q.(template); ok {
		return t.fill(s)
	}
	return q, nil
}

func usesOf(q Query) []vars.Use {
	if t, ok := q.(template); ok {
		return t.uses()
	}
	return nil
}
