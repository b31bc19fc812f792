// Package translate turns the scripts of Postman collections into declarations, text in and declarations out, and knows neither files nor requests.
package translate

import (
	"slices"
	"sort"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// The two events that scripts listen to, in the words of Postman.
const (
	Prerequest = "prerequest" // before a request is sent
	Test       = "test"       // after it was answered
)

// The classes of a Result.
const (
	Translated = "translated" // nothing of the script is left
	Partly     = "partly"     // some statements became declarations, the others stay a script
	Kept       = "kept"       // all of it stays a script
)

// The kinds of a Note.
const (
	Stays   = "stays"   // the statement stays a script
	Changed = "changed" // it became a declaration that says something slightly different
	Dropped = "dropped" // it is gone, because nothing depended on it
)

// Script is one script as it stands in the file of a collection.
type Script struct {
	Listen string // Prerequest or Test
	Text   string
	Lines  []source.Pos // where each line of Text stands; may be nil
}

// Context is what is known of the request that a script belongs to. The zero value knows nothing, and less is translated then.
type Context struct {
	Request  string                        // the name of the request
	Next     string                        // the name of the request that runs after it; empty for the last one, and where that is not known
	Last     bool                          // no request runs after it
	Replaces bool                          // the caller puts into the request what Result.Token and Result.Assertion give way to; without it such scripts stay
	Hidden   func(scope, name string) bool // whether a scope that is stronger than this one ("pm.globals") has the variable; nil where that is not known
	Around   []string                      // the scripts for the same event of the folders and the collection around the request, which run before it
	Uses     func(name string) bool        // whether the request itself, other scripts included, uses {{name}}; nil where that is not known
}

// Result is what became of a script.
type Result struct {
	Expect    []Entry // subjects and their predicates, in the order of the script
	Capture   []Entry // names and where their values come from
	Set       []Entry // names and their values, before the request is sent
	Flow      []Entry // other keys of the request: delay, auth, headers, retry …
	Assertion string  // the variable that held the JWT which assertion in Flow signs; {{Assertion}} in the request gives way to {{$assertion}}
	Token     *Token  // that auth in Flow fetches: what sends it as a bearer token gives way to auth; nil for none
	Kept      string  // what stays a script, with its comments; empty when nothing does
	Class     string  // Translated, Partly or Kept
	Comment   string  // comments of statements that are gone without an entry, and of scripts that are nothing else
	Notes     []Note  // in the order of the script
}

// Entry is a key of a mapping in YAML, and its value.
type Entry struct {
	Key     string
	Value   any    // string (a template), bool, json.Number, nil, []any or []Entry
	Comment string // the name of the test, and what stood in comments before it; lines without #
	Pos     source.Pos
}

// Note says what happened to one statement that is not simply translated.
type Note struct {
	Kind   string // Stays, Changed or Dropped
	Pos    source.Pos
	Line   int // of the script, counted from 1
	Reason string
}

// Translate returns the declarations that give the same verdict as the script. A statement is translated as a whole or not at all; what depends on a
// statement that stays, stays too. It never panics: what cannot be read stays a script.
func Translate(s Script, c Context) (r Result) {
	defer func() {
		if p := recover(); p != nil { // the parser is not ours
			r = whole(s, "the script cannot be read")
		}
	}()
	t, err := parse(s, c)
	if err != nil {
		return whole(s, err.Error())
	}
	t.translate()
	t.settle()
	return t.result()
}

// whole is the result for a script that stays as it is.
func whole(s Script, reason string) Result {
	if strings.TrimSpace(s.Text) == "" {
		return Result{Class: Translated}
	}
	n := Note{Kind: Stays, Line: 1, Reason: reason}
	if len(s.Lines) > 0 {
		n.Pos = s.Lines[0]
	}
	return Result{Kept: s.Text, Class: Kept, Notes: []Note{n}}
}

// result puts together what the units became.
func (t *translator) result() Result {
	var r Result
	var checks []check
	var kept, comments []string
	moved := false
	for _, u := range t.units {
		if u.kept || u.needed {
			kept = append(kept, t.text[u.start:u.end])
		}
		switch {
		case u.kept:
			r.Notes = append(r.Notes, Note{Kind: Stays, Reason: u.reason, Line: t.line(u.body), Pos: t.pos(u.body)})
			continue
		case len(u.checks) > 0 && !u.needed || len(u.sets)+len(u.flow) > 0:
			moved = true
		case u.comment != "" && !u.needed:
			comments = append(comments, u.comment)
		}
		if !u.needed {
			r.Notes = append(r.Notes, u.notes...)
		}
		if !u.needed { // or the script looks itself whether the body is JSON
			checks = append(checks, u.checks...)
		}
		r.add(u)
		t.place(&r, u)
	}
	if t.trailing != "" && len(kept) > 0 {
		kept = append(kept, t.trailing)
	} else if t.trailing != "" {
		comments = append(comments, uncommented(t.trailing))
	}
	r.Expect, _ = arrange(parsed(checks, t.captured()))
	r.Kept = strings.Join(kept, "\n")
	r.Comment = strings.Join(comments, "\n")
	r.Class = classOf(r.Kept != "", moved)
	if _, err := parse(Script{Text: r.Kept}, Context{}); err != nil {
		return whole(t.script, "its parts cannot stand alone")
	}
	if r.Class == Kept {
		r.Notes = slices.DeleteFunc(r.Notes, func(n Note) bool { return n.Kind != Stays })
		r.Kept, r.Comment, r.Expect, r.Set, r.Capture = t.script.Text, "", nil, nil, nil
	}
	sort.SliceStable(r.Notes, func(i, j int) bool { return r.Notes[i].Line < r.Notes[j].Line })
	return r
}

// add adds the keys of the request that a unit became: headers are one mapping.
func (r *Result) add(u *unit) {
	if u.token != nil {
		r.Token = u.token
	}
	if u.assertion != "" {
		r.Assertion = u.assertion
	}
	for _, e := range u.flow {
		i := find(r.Flow, e.Key)
		if i < 0 {
			r.Flow = append(r.Flow, e)
			continue
		}
		if e.Key != "headers" {
			r.Flow[i] = e
			continue
		}
		all := slices.Clone(entriesOf(r.Flow[i].Value))
		for _, h := range entriesOf(e.Value) {
			if j := find(all, h.Key); j >= 0 {
				all = slices.Delete(all, j, j+1)
			}
			all = append(all, h)
		}
		r.Flow[i].Value = all
	}
}

func classOf(kept, moved bool) string {
	switch {
	case !kept:
		return Translated
	case moved:
		return Partly
	}
	return Kept
}

// place puts the variables that a unit sets where they belong.
func (t *translator) place(r *Result, u *unit) {
	for _, s := range u.sets {
		into := &r.Set
		if s.captured {
			into = &r.Capture
		}
		e := Entry{Key: s.name, Value: s.value, Comment: u.comment, Pos: t.pos(u.body)}
		u.comment = ""
		if i := find(*into, s.name); i >= 0 && s.captured {
			*into = append((*into)[:i:i], (*into)[i+1:]...) // the last one wins, in a script too
		}
		*into = append(*into, e)
	}
}

func find(entries []Entry, key string) int {
	for i, e := range entries {
		if e.Key == key {
			return i
		}
	}
	return -1
}

// captured returns, as checks, that what is captured is there.
func (t *translator) captured() []check {
	var all []check
	for _, u := range t.units {
		for _, s := range u.sets {
			if f, ok := s.from.(found); ok && s.captured && !u.kept && !conditional(s) {
				all = append(all, check{of: f, word: "exists", arg: true})
			}
		}
	}
	return all
}

// parsed leaves out that the body is JSON, and that there is something to look into, where a value in it is asked for anyway.
func parsed(checks, captured []check) []check {
	asked := append(slices.Clip(captured), checks...)
	implied := slices.ContainsFunc(asked, func(k check) bool {
		return k.of.parsed && !isRoot(k) && k.word != "optional" && k.word != "schema" && k.arg != false
	})
	seen := false
	return slices.DeleteFunc(slices.Clone(checks), func(k check) bool {
		drop := isRoot(k) && (implied || seen) || k.comment == "" && isThere(k) && slices.ContainsFunc(asked, func(l check) bool { return below(l, k) })
		seen = seen || isRoot(k)
		return drop
	})
}

// isJSON asks whether the body is JSON. A body of null is, but no script could look into it.
func isJSON() check { return check{of: found{subject: "json", parsed: true}, word: "not"} }

// isThere reports whether a check asks whether there is something to look into.
func isThere(k check) bool {
	return k.word == "not" && k.arg == nil && !k.of.length && len(k.of.then) == 0
}

// below reports whether a check asks for something that is within what another is about.
func below(l, k check) bool {
	return l.of.subject == k.of.subject && len(l.of.path) > len(k.of.path) && slices.Equal(l.of.path[:len(k.of.path)], k.of.path) && l.word != "optional" && l.arg != false
}

// isRoot reports whether a check asks whether the body is JSON.
func isRoot(k check) bool {
	return k.of.parsed && len(k.of.path) == 0 && k.word == "not" && k.arg == nil && len(k.of.then) == 0 && !k.of.length
}
