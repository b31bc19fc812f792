package expect

import (
	"maps"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Predicates is the table of the words that may stand below a subject, and of who reads what stands behind them.
func Predicates() map[string]Reader {
	return map[string]Reader{
		"above":       readAbove,
		"after":       readAfter,
		"any":         readAny,
		"at_least":    readAtLeast,
		"at_most":     readAtMost,
		"before":      readBefore,
		"below":       readBelow,
		"between":     readBetween,
		"contains":    readContains,
		"each":        readEach,
		"empty":       readEmpty,
		"ends_with":   readEndsWith,
		"equals":      readEquals,
		"equals_fold": readEqualsFold,
		"exists":      readExists,
		"file":        readFile,
		"includes":    readIncludes,
		"length":      readLength,
		"matches":     readMatches,
		"none":        readNone,
		"not":         readNot,
		"one_of":      readOneOf,
		"optional":    readOptional,
		"snapshot":    readSnapshot,
		"starts_with": readStartsWith,
		"then":        readThen,
		"type":        readType,
		"unordered":   readUnordered,
		"within":      readWithin,
	}
}

// Reader reads what stands behind the word of a predicate. It returns the zero Predicate after recording a problem.
type Reader func(source.Node, Terms) Predicate

// Terms is what a Reader knows of the place where its predicate stands.
type Terms struct {
	words  map[string]Reader
	query  Query         // that finds the value; nil for a variable
	files  *[]loader     // where a predicate that needs a file leaves word of it
	nested bool          // within another predicate, or in a condition
	into   *Expectations // where a subject of its own form puts what it reads; nil for all others
}

// about returns the terms for another value at the same place.
func (t Terms) about(q Query) Terms {
	t.query = q
	return t
}

// expect reads the predicates for a value of a subject that has a form of its own.
func (t Terms) expect(q Query, n source.Node) {
	q = processed(q, n)
	t.into.expect(q, t.about(q).all(n))
}

// Predicate is one demand on a value. It becomes a Gomega matcher when it is read, or, where variables stand in it,
// when they have their values.
type Predicate struct {
	pos     source.Pos
	word    string                             // that it is called by below a subject; empty for a value to be equal to
	matcher matcher                            // nil where variables are needed, and in the zero Predicate
	compile func(*vars.Scope) (matcher, error) // nil where none are
	uses    []vars.Use
	lists   bool // looks at lists: a header that came once is a list of one for it
	absence bool // has something to say where nothing was found
}

// Read reads a predicate of any kind: a scalar or a list to be equal to, or a mapping of predicates which must all hold.
func (p *Predicate) Read(n source.Node) {
	*p = Terms{words: Predicates()}.one(n)
}

// Uses returns the names that the predicate needs.
func (p Predicate) Uses() []vars.Use { return p.uses }

// Matcher returns the predicate as a Gomega matcher, which may be used by many goroutines. The error is a
// *source.Error: a variable without a value, or with one that the predicate cannot compare with.
func (p Predicate) Matcher(s *vars.Scope) (types.GomegaMatcher, error) {
	m, err := p.ready(s)
	if err != nil {
		return nil, err
	}
	return Matcher{m}, nil
}

func (p Predicate) valid() bool { return p.matcher != nil || p.compile != nil }

func (p Predicate) ready(s *vars.Scope) (matcher, error) {
	if p.matcher != nil {
		return p.matcher, nil
	}
	if p.compile == nil {
		return nil, p.pos.Errorf("a predicate that was not read")
	}
	return p.compile(s)
}

// all reads the predicates for one value, each with its place.
func (t Terms) all(n source.Node) []Predicate {
	if !n.IsMap() {
		return t.valid(readEquals(n, t))
	}
	var parts []Predicate
	_, prepared := t.query.(processedQuery)
	for _, e := range n.Entries() {
		if e.Name() == "then" && prepared && !t.nested {
			continue // processed has read it
		}
		read, ok := t.words[e.Name()]
		if !ok {
			t.unknown(n, e)
			continue
		}
		if r, ok := t.query.(refuser); ok {
			if why := r.refuse(e.Name()); why != "" {
				e.Key.Errorf("%s", why)
				continue
			}
		}
		p := read(e.Value, t)
		p.pos, p.word = e.Key.Pos(), e.Name()
		parts = append(parts, t.valid(p)...)
	}
	if n.IsEmpty() {
		n.Errorf("an empty mapping expects nothing; to compare with an empty object write equals: {}")
	}
	return parts
}

func (Terms) valid(p Predicate) []Predicate {
	if !p.valid() {
		return nil
	}
	return []Predicate{p}
}

// unknown explains a key that is no predicate: misspelt, or a member of an object that was meant as a literal.
func (t Terms) unknown(mapping source.Node, e source.Entry) {
	words := slices.Sorted(maps.Keys(t.words))
	hint := source.Suggest(e.Name(), words)
	literal := !slices.ContainsFunc(mapping.Entries(), func(e source.Entry) bool { return t.words[e.Name()] != nil })
	if literal && !strings.HasPrefix(hint, "did you mean") {
		e.Key.Errorf("%q is no predicate; to compare with an object write equals: {%s: …}", e.Name(), e.Name())
		return
	}
	e.Key.Errorf("unknown predicate %q; %s", e.Name(), hint)
}

// one reads the predicates for one value as one.
func (t Terms) one(n source.Node) Predicate {
	t.nested = true
	parts := t.all(n)
	if len(parts) == 1 {
		parts[0].pos = n.Pos()
		return parts[0]
	}
	return combine(n.Pos(), parts, func(m []matcher) matcher { return allOf(m) })
}

// around returns a predicate made of another one.
func around(p Predicate, wrap func(matcher) matcher) Predicate {
	if !p.valid() {
		return Predicate{}
	}
	return combine(p.pos, []Predicate{p}, func(m []matcher) matcher { return wrap(m[0]) })
}

// combine returns a predicate made of others; it is compiled as late as the last of them.
func combine(pos source.Pos, parts []Predicate, wrap func([]matcher) matcher) Predicate {
	if len(parts) == 0 {
		return Predicate{}
	}
	p := Predicate{pos: pos}
	early := true
	for _, part := range parts {
		p.uses = append(p.uses, part.uses...)
		p.lists = p.lists || part.lists
		p.absence = p.absence || part.absence
		early = early && part.matcher != nil
	}
	compile := func(s *vars.Scope) (matcher, error) {
		ready := make([]matcher, len(parts))
		for i, part := range parts {
			m, err := part.ready(s)
			if err != nil {
				return nil, err
			}
			ready[i] = m
		}
		return wrap(ready), nil
	}
	if early {
		p.matcher, _ = compile(nil) // parts that are ready have no error left
		return p
	}
	p.compile = compile
	return p
}

// operand reads the value that a predicate compares with, and compiles the predicate as soon as it is known.
// The subject has the last word on what the value means: "2s" is a time span below duration.
func (t Terms) operand(n source.Node, build func(any) (matcher, error)) Predicate {
	return t.prepared(n, func(v any) any { return v }, build)
}

func (t Terms) prepared(n source.Node, prepare func(any) any, build func(any) (matcher, error)) Predicate {
	return raw(n, func(v any) (matcher, error) {
		v, err := t.meaning(prepare(v))
		if err != nil {
			return nil, err
		}
		return build(v)
	})
}

// meaning returns what an expected value means to the subject.
func (t Terms) meaning(v any) (any, error) {
	if r, ok := t.query.(operator); ok {
		return r.operand(v)
	}
	return v, nil
}

// raw is operand for predicates whose value means the same below every subject: a pattern, a date, true.
func raw(n source.Node, build func(any) (matcher, error)) Predicate {
	var doc vars.Document
	doc.Read(n)
	p := Predicate{pos: n.Pos(), uses: doc.Uses()}
	compile := func(s *vars.Scope) (matcher, error) {
		v, err := doc.Any(s)
		if err != nil {
			return nil, err
		}
		m, err := build(v)
		if err != nil {
			return nil, n.Pos().Errorf("%w", err)
		}
		return m, nil
	}
	if !doc.Static() {
		p.compile = compile
		return p
	}
	m, err := compile(nil)
	if err != nil {
		n.Record(err)
		return Predicate{}
	}
	p.matcher = m
	return p
}
