package collections

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
)

// The two events that scripts listen to, in the words of Postman.
const (
	Prerequest = "prerequest" // before a request is sent
	Test       = "test"       // after it was answered
)

// Script is JavaScript in the words of Postman (pm.test and the like), as it stands in a file.
type Script struct {
	Pos   source.Pos
	Of    string       // "collection", "folder Search", "request By family"
	Text  string       // with \n at the ends of its lines
	Lines []source.Pos // where each line of Text stands

	sets     []string // names that it gives a value to
	computes bool     // it gives one to names that only the run knows
}

// scripts are those of a collection, a folder or a request alone.
type scripts struct {
	prerequest, test *Script // nil for none
}

func (s *scripts) read(n source.Node) {
	if !n.IsMap() {
		n.Errorf("want prerequest: or test: in front of the text of a script, which say when it runs")
		return
	}
	n.Map(scriptKeys(s))
}

func scriptKeys(s *scripts) source.Keys {
	return source.Keys{
		Prerequest: readScript(&s.prerequest),
		Test:       readScript(&s.test),
	}
}

func readScript(to **Script) func(source.Node) {
	return func(n source.Node) {
		if n.IsMap() {
			n.Errorf("want the text of a script, or a list of its lines")
			return
		}
		s := &Script{Pos: n.Pos()}
		var lines []string
		for _, line := range n.Lines() {
			lines = append(lines, line.Text)
			s.Lines = append(s.Lines, line.Pos)
		}
		s.Text = strings.Join(lines, "\n")
		if strings.TrimSpace(s.Text) == "" {
			return
		}
		s.look()
		*to = s
	}
}

// of returns the script of a listener, nil for none.
func (s scripts) of(listen string) *Script {
	if listen == Prerequest {
		return s.prerequest
	}
	return s.test
}

// named says what the scripts stand in.
func (s scripts) named(of string) {
	for _, each := range []*Script{s.prerequest, s.test} {
		if each != nil {
			each.Of = of
		}
	}
}

// inheritedScripts are those of a request and what is around it, the outermost first, which is the order in which they run.
type inheritedScripts []scripts

func (in inheritedScripts) plus(own scripts, of string) inheritedScripts {
	if own == (scripts{}) {
		return in
	}
	own.named(of)
	return append(slices.Clip(in), own)
}

// Scripts returns the scripts that listen to Prerequest or to Test for the request: those of the collection first, then those of its folders
// from the outside in, then its own. It is nil where there are none.
func (r *Request) Scripts(listen string) []*Script {
	var found []*Script
	for _, s := range r.scripts {
		if script := s.of(listen); script != nil {
			found = append(found, script)
		}
	}
	return found
}

// Judged reports whether scripts judge the answer.
func (r *Request) Judged() bool {
	return slices.ContainsFunc(r.scripts, func(s scripts) bool { return s.test != nil })
}

// sets returns the names that the scripts of a listener set by their first argument.
func (in inheritedScripts) sets(listen string) []string {
	var names []string
	for _, s := range in {
		if script := s.of(listen); script != nil {
			names = append(names, script.sets...)
		}
	}
	return names
}

// give reports whether a script sets a name.
func (in inheritedScripts) give(name string) bool {
	return slices.Contains(in.sets(Prerequest), name) || slices.Contains(in.sets(Test), name)
}

// computes reports whether a script of a listener sets names that only the run knows.
func (in inheritedScripts) computes(listen string) bool {
	return slices.ContainsFunc(in, func(s scripts) bool { script := s.of(listen); return script != nil && script.computes })
}

// setters finds where a script sets a variable, the name in the second to fourth group where it is written out.
var setters = sync.OnceValue(func() *regexp.Regexp {
	const object = `(?:pm\s*\.\s*(?:environment|globals|variables|collectionVariables)\s*\.\s*set|postman\s*\.\s*set(?:Environment|Global)Variable)`
	return regexp.MustCompile(object + `\s*\(\s*(?:"([^"\\]+)"\s*,|'([^'\\]+)'\s*,|` + "`([^`\\\\$]+)`" + `\s*,|)`)
})

// look finds the names that a script sets. Code that comes from elsewhere may set any.
func (s *Script) look() {
	s.computes = strings.Contains(s.Text, "eval(") || strings.Contains(s.Text, "new Function(")
	if !strings.Contains(s.Text, "set") {
		return
	}
	for _, found := range setters().FindAllStringSubmatch(s.Text, -1) {
		name := found[1] + found[2] + found[3]
		if name == "" {
			s.computes = true
		} else if !slices.Contains(s.sets, name) {
			s.sets = append(s.sets, name)
		}
	}
}
