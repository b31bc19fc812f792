package collections

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Warning is what is no mistake in a file, and probably not meant.
type Warning struct {
	Pos  source.Pos
	Text string
	Fix  string
}

// readName reads what something is called. Whoever writes {{name}} into it expects a value there, unless another program wrote the file,
// whose names are no templates either.
func (rd *reader) readName(n source.Node, l *Label) {
	l.Name = strings.Join(strings.Fields(n.Text()), " ")
	if l.Name == "" && n.IsText() {
		n.Errorf("name is empty")
	}
	if _, _, braced := cutBraces(l.Name); braced && !rd.foreign.is {
		at := n.Pos()
		l.braces = &at
	}
}

// cutBraces returns the first {{name}} of a text, and the text without it.
func cutBraces(text string) (first, without string, ok bool) {
	before, rest, opened := strings.Cut(text, "{{")
	name, after, closed := strings.Cut(rest, "}}")
	if !opened || !closed {
		return "", text, false
	}
	return "{{" + name + "}}", before + after, true
}

// Warnings returns what is odd about the collection as it is written, in the order of the file, each place once.
func (c *Collection) Warnings() []Warning {
	var found []Warning
	c.braced(&found, "write what is always the same: reports name the environment beside the collection")
	for _, root := range []*Folder{c.Setup, c.Main, c.Teardown} {
		root.warn(root == c.Main && c.Data != nil, &found)
	}
	return found
}

// warn looks at what is in a folder, nil for nothing; rows says that data run it.
func (f *Folder) warn(rows bool, found *[]Warning) {
	if f == nil {
		return
	}
	f.Setup.warn(rows, found)
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Folder:
			it.braced(found, it.valueless(it.looped(), rows))
			it.warn(rows, found)
		case *Request:
			loop := f.looped()
			if it.Flow.Loop != nil {
				loop = &it.Label
			}
			if !it.namedByURL() {
				it.braced(found, it.valueless(loop, rows))
			}
		}
	}
	f.Teardown.warn(rows, found)
}

// namedByURL reports whether a request is called what its line says: GET {{base_url}}/users. Nobody expects a value there, and many collections of Postman are like that.
func (r *Request) namedByURL() bool {
	name := strings.TrimPrefix(r.Name, r.Message.Method+" ")
	return strings.Contains(name, "/") && strings.Contains(r.Message.URL.String(), name)
}

// looped returns what the innermost folder is called that a loop runs, of this one and those around it; nil for none.
func (f *Folder) looped() *Label {
	for ; f != nil; f = f.Parent {
		if f.Loop != nil {
			return &f.Label
		}
	}
	return nil
}

// valueless says what to do instead of a value in a name. Loop is what is called so that the innermost loop runs.
func (l *Label) valueless(loop *Label, rows bool) string {
	first, _, _ := cutBraces(l.Name)
	switch {
	case loop != nil:
		return fmt.Sprintf("leave it out: each time of the loop is shown as %q by itself; of a file, label: names the column", loop.marked())
	case rows:
		return fmt.Sprintf("leave it out: each row is told apart by itself; data: {name: \"%s\"} makes it %q", first, l.marked())
	}
	return "write what is always the same: the URL stands beside the name, and the times of a loop and the rows of data are told apart by themselves"
}

// marked is a name as results of loops and rows have it.
func (l *Label) marked() string {
	name, again := l.Name, true
	for again {
		_, name, again = cutBraces(name)
	}
	return strings.Join(append(strings.Fields(name), "[value]"), " ")
}

// braced adds the warning about a name that holds {{name}}.
func (l *Label) braced(found *[]Warning, fix string) {
	if l.braces == nil || slices.ContainsFunc(*found, func(w Warning) bool { return w.Pos == *l.braces }) {
		return
	}
	first, _, _ := cutBraces(l.Name)
	*found = append(*found, Warning{*l.braces, "the name is shown as it stands here, with " + first + " in it: names are no templates", fix})
}
