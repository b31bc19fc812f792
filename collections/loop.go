package collections

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Loop says for which values a request or a folder runs again and again.
type Loop struct {
	Pos     source.Pos
	Name    string       // of the variable that holds the value; empty for repeat:
	Layers  []vars.Layer // in which the values are looked up, those of the run before them
	Collect []Collected
	values  values
	key     string // for_each or repeat
}

// Iteration is one time that a loop runs.
type Iteration struct {
	Value vars.Value
	Label string // the same in every run: the value where it stands in the collection, or the number
}

// Collected is a list of what each time captured.
type Collected struct {
	Name string // of the list, which has its value after the last time
	From string // the name that each time captures
}

// Each yields the times that the loop runs. After an error, which is a *source.Error, nothing follows.
func (l *Loop) Each(s *vars.Scope) iter.Seq2[Iteration, error] {
	return l.values.each(s.With(l.Layers...))
}

// Uses returns the names that the values need.
func (l *Loop) Uses() []vars.Use { return l.values.uses() }

// times returns how often the loop is known to run; a nil loop is no loop.
func (l *Loop) times() int {
	if l == nil {
		return 1
	}
	if n, ok := l.values.count(); ok {
		return max(n, 1) // where there is nothing to do, that is told
	}
	return 1
}

// checkCollect refuses lists of what nothing captures.
func checkCollect(n source.Node, lists []Collected, taken []string) {
	for _, c := range lists {
		if c.From != "" && !slices.Contains(taken, c.From) {
			n.Errorf("collect: nothing here captures %q; %s", c.From, source.Suggest(c.From, taken))
		}
	}
}

// collected adds to names the lists that are made of what is captured; nil stands for anything.
func (l *Loop) collected(names, captured []string) []string {
	return collected(l.Collect, names, captured)
}

func collected(lists []Collected, names, captured []string) []string {
	for _, c := range lists {
		if captured == nil || slices.Contains(captured, c.From) {
			names = append(names, c.Name)
		}
	}
	return names
}

// String names the loop in messages.
func (l *Loop) String() string { return l.key }

// binds reports whether a name is that of the variable, or of a member of it.
func (l *Loop) binds(name string) bool {
	rest, ok := strings.CutPrefix(name, l.Name)
	return ok && l.Name != "" && (rest == "" || rest[0] == '.')
}

// unknown returns what is wrong with a name that the loop binds, or nothing: that its rows have no such column.
func (l *Loop) unknown(name string) string {
	members := l.values.members()
	member, _, _ := strings.Cut(strings.TrimPrefix(name, l.Name+"."), ".")
	if name == l.Name || members == nil || slices.Contains(members, member) {
		return ""
	}
	return fmt.Sprintf("%s has no column %q; %s", l.Name, member, source.Suggest(member, members))
}

// readLoop reads for_each: {name: where its values come from}, or the values alone, whose name is item.
func (rd *reader) readLoop(n source.Node, to **Loop) {
	l := rd.loop(n, to, "for_each")
	l.Name = "item"
	if !n.IsMap() || rangeOrTable(n) {
		l.values = rd.readValues(n)
		return
	}
	entries := n.Entries()
	if len(entries) != 1 {
		n.Errorf("for_each: want one variable and its values, as in {id: [1, 2]}, got %d", len(entries))
		return
	}
	vars.CheckName(entries[0])
	l.Name = entries[0].Name()
	l.values = rd.readValues(entries[0].Value)
}

func (rd *reader) readRepeat(n source.Node, to **Loop) {
	times := 0
	source.Int(&times, 1)(n)
	rd.loop(n, to, "repeat").values = repeated(times)
}

// loop returns the loop that a key of a request or a folder fills.
func (rd *reader) loop(n source.Node, to **Loop, key string) *Loop {
	if *to != nil && (*to).key != "" {
		n.Errorf("%s: stands beside %s:; an item has one of them", key, (*to).key)
	}
	if *to == nil {
		*to = &Loop{}
	}
	l := *to
	l.Pos, l.key, l.values = n.Pos(), key, repeated(0)
	return l
}

// readCollect reads collect: {list: captured name}.
func readCollect(n source.Node, to **Loop) {
	if *to == nil {
		*to = &Loop{}
	}
	for _, e := range n.Entries() {
		vars.CheckName(e)
		(*to).Collect = append((*to).Collect, Collected{e.Name(), e.Value.Text()})
	}
}

// checkLoop refuses collect: where nothing is to be collected; taken are the names that each time captures.
func checkLoop(n source.Node, loop **Loop, taken []string) {
	l := *loop
	if l == nil {
		return
	}
	if l.key == "" {
		n.Errorf("collect: makes lists of what each time captured, and this runs once: write for_each:, repeat: or paginate:")
		*loop = nil
		return
	}
	checkCollect(n, l.Collect, taken)
}
