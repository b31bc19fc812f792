package expect

import (
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Expectations are what a response must satisfy, in the order of the file. The zero value expects nothing. Once read
// and loaded they serve many goroutines.
type Expectations struct {
	all    []expectation
	files  []loader
	stated []Statement
}

// Statement is an expectation by name.
type Statement struct {
	Name string     // "status", "json total", "json count at_least": subject and predicate, without the value, which may differ from run to run
	Pos  source.Pos // of the predicate, which a Failure of it has too
}

// expectation is what must hold for one value.
type expectation struct {
	query Query
	parts []Predicate
}

// Failure is an expectation that did not hold, or a capture that found nothing.
type Failure struct {
	Pos     source.Pos
	Message string   // one line: "status: got 401, want 200"
	Details []string // differences path by path, or what is there instead

	Snapshot *Snapshot // that would make it hold; nil for anything but a snapshot

	// Unjudged are the places of expectations that could not be judged because of it: what they are about is not there, or cannot be read.
	Unjudged []source.Pos
}

// The tables, made once and never changed, because a long collection has expectations a thousand times.
var (
	subjectTable = sync.OnceValue(Subjects)
	wordTable    = sync.OnceValue(Predicates)
)

// Read reads the mapping of subjects to what is expected of them.
func (e *Expectations) Read(n source.Node) {
	*e = Expectations{}
	subjects, words := subjectTable(), wordTable()
	if n.IsMap() && n.IsEmpty() {
		n.Errorf("expects nothing; name a subject: status, headers, json, …")
	}
	for _, entry := range n.Entries() {
		subject, ok := subjects[entry.Name()]
		if !ok {
			entry.Key.Errorf("unknown subject %q; %s", entry.Name(), source.Suggest(entry.Name(), sortedNames(subjects)))
			continue
		}
		switch {
		case subject.Own != nil:
			subject.Own(entry.Value, Terms{words: words, files: &e.files, into: e})
		case subject.Whole != nil:
			e.add(subject, subject.Whole, entry.Value, words)
		default:
			e.keyed(subject, entry, words)
		}
	}
}

// keyed reads a subject of many values: names and what is expected of each.
func (e *Expectations) keyed(subject Subject, entry source.Entry, words map[string]Reader) {
	if !entry.Value.IsMap() {
		entry.Value.Errorf("%s wants a mapping of names to what is expected of each", entry.Name())
		return
	}
	if entry.Value.IsEmpty() {
		entry.Value.Errorf("expects nothing of %s", entry.Name())
	}
	for _, one := range entry.Value.Entries() {
		if q := subject.Keyed(one.Key); q != nil {
			e.add(subject, q, one.Value, words)
		}
	}
}

func (e *Expectations) add(subject Subject, q Query, n source.Node, words map[string]Reader) {
	if subject.Read == nil {
		q = processed(q, n)
	}
	t := Terms{words: words, query: q, files: &e.files}
	read := t.all
	if subject.Read != nil {
		read = func(n source.Node) []Predicate { return subject.Read(n, t) }
	}
	e.expect(q, read(n))
}

func (e *Expectations) expect(q Query, parts []Predicate) {
	if len(parts) == 0 {
		return
	}
	e.all = append(e.all, expectation{q, parts})
	for i := range parts {
		name := q.String()
		if parts[i].word != "" {
			name += " " + parts[i].word
		}
		e.stated = append(e.stated, Statement{name, parts[i].pos})
	}
}

// Statements returns every expectation in the order of the file. The list must not be changed.
func (e *Expectations) Statements() []Statement { return e.stated }

// Len returns how many expectations there are; each predicate of a mapping counts.
func (e *Expectations) Len() int {
	n := 0
	for _, x := range e.all {
		n += len(x.parts)
	}
	return n
}

// JudgesStatus reports whether the status is expected to be something.
func (e *Expectations) JudgesStatus() bool {
	for _, x := range e.all {
		if _, ok := x.query.(statusQuery); ok {
			return true
		}
	}
	return false
}

// Uses returns the names that the expectations need.
func (e *Expectations) Uses() []vars.Use {
	var uses []vars.Use
	for _, x := range e.all {
		uses = append(uses, lenient(x.query, usesOf(x.query), x.parts)...)
		for _, p := range x.parts {
			uses = append(uses, p.uses...)
		}
	}
	return uses
}

// Judge returns every expectation that does not hold, in the order of the file, and nil where all hold. The error is a
// *source.Error: a variable without a value, or with one that its predicate cannot use; what could be judged was.
func (e *Expectations) Judge(a *Answer, s *vars.Scope) ([]Failure, error) {
	var failures []Failure
	var first error
	var unread map[string]int // which failure said first that the answer cannot be read
	for i := range e.all {
		failed, err := e.all[i].judge(a, s)
		if failures = append(failures, failed...); err == nil {
			continue
		}
		if u, ok := err.(*unreadableError); ok {
			if unread == nil {
				unread = map[string]int{}
			}
			failures = u.join(failures, unread)
		} else if first == nil {
			first = err
		}
	}
	return failures, first
}

// unreadableError says why a query could not look: the body is not JSON.
type unreadableError struct {
	failure Failure
	subject string // "json name.0.family"
}

func (u *unreadableError) Error() string { return u.failure.Message }

// join adds the failure, or adds to the one that said the same: that a body is HTML is said once.
func (u *unreadableError) join(failures []Failure, seen map[string]int) []Failure {
	i, again := seen[u.failure.Message]
	if !again {
		seen[u.failure.Message] = len(failures)
		return append(failures, u.failure)
	}
	f := &failures[i]
	f.Unjudged = append(append(f.Unjudged, u.failure.Pos), u.failure.Unjudged...)
	if len(f.Details) == 0 {
		f.Details = []string{"not judged either: " + u.subject}
	} else {
		f.Details[0] += ", " + u.subject
	}
	return failures
}

// judge returns the parts that do not hold.
func (x *expectation) judge(a *Answer, s *vars.Scope) ([]Failure, error) {
	q, err := filled(x.query, s)
	if err != nil {
		return nil, err
	}
	v, err := look(q, a)
	if err != nil {
		subject := q.String()
		if _, own := q.(processedIn); !own { // what cannot be read is the body, for all paths alike
			subject, _, _ = strings.Cut(subject, " ")
		}
		return nil, &unreadableError{Failure{Pos: x.parts[0].pos, Message: subject + ": " + err.Error(), Unjudged: x.after(0)}, q.String()}
	}
	var failures []Failure
	var first error
	for i := range x.parts {
		p := &x.parts[i]
		m, err := p.ready(s)
		if err == nil && asksExistence(m) {
			err = alwaysFound(p.pos, x.query, q)
		}
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		seen := v
		if p.lists {
			seen = aslist(q, v)
		}
		kept, keeps := m.(*asSnapshot)
		if keeps {
			a.kept = append(a.kept, kept.shown)
		}
		if m.judge(seen) == holds {
			continue
		}
		failures = append(failures, newFailure(p.pos, q, m, seen, a))
		if keeps && v.kind != absent {
			failures[len(failures)-1].Snapshot = kept.taken(v, s)
		}
		if v.kind == absent {
			failures[len(failures)-1].Unjudged = x.after(i)
			break // what is missing is missing once
		}
	}
	return failures, first
}

// after returns the places of the parts behind one.
func (x *expectation) after(i int) []source.Pos {
	var places []source.Pos
	for _, p := range x.parts[i+1:] {
		places = append(places, p.pos)
	}
	return places
}

// asksExistence reports whether a predicate is exists, or its opposite.
func asksExistence(m matcher) bool {
	if o, ok := m.(negated); ok {
		m = o.m
	}
	_, ok := m.(exists)
	return ok
}

// alwaysFound refuses exists where the variables of a query made one of it that always finds something. Any other query
// was refused when it was read.
func alwaysFound(pos source.Pos, written, filled Query) error {
	r, ok := filled.(refuser)
	if _, varies := written.(template); !ok || !varies {
		return nil
	}
	if why := r.refuse("exists"); why != "" {
		return pos.Errorf("%s", why)
	}
	return nil
}

// aslist makes a list of one of what may come several times.
func aslist(q Query, v value) value {
	if _, ok := q.(repeater); ok && v.kind == text {
		return value{kind: list, any: []any{v.text}}
	}
	return v
}

func newFailure(pos source.Pos, q Query, m matcher, v value, a *Answer) Failure {
	f := Failure{Pos: pos, Message: q.String() + ": " + explain(m, v, false)}
	if c, ok := m.(comparer); ok {
		if lines := c.differences(v); len(lines) > 1 || len(lines) == 1 && !strings.HasSuffix(f.Message, lines[0]) {
			f.Details = lines
		}
	}
	if d, ok := q.(detailer); ok {
		f.Details = append(f.Details, d.details(a)...)
	}
	if adv, ok := m.(adviser); ok && adv.advice(v.kind) != "" {
		f.Details = append(f.Details, adv.advice(v.kind))
	}
	if v.kind == absent || m.judge(v) == unfit {
		if hint := hintOf(q, a); hint != "" {
			f.Details = append(f.Details, hint)
		}
	}
	f.Details = copied(f.Details)
	return f
}

// copied makes texts that are no part of the body: it is gone when the answer was judged.
func copied(lines []string) []string {
	for i := range lines {
		lines[i] = strings.Clone(lines[i])
	}
	return lines
}
