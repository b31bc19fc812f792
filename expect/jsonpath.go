package expect

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/jsonpath"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// jsonpathQuery finds what a query expression of RFC 9535 leads to: one value where it can lead to no more, else a list
// of all.
type jsonpathQuery struct{ path *jsonpath.Path }

func readJSONPathQuery(n source.Node) Query {
	var t vars.Template
	if t.Read(n); n.IsNull() || !n.IsScalar() || t.IsZero() && n.Text() != "" {
		return nil // t.Read has said it
	}
	if !t.Static() {
		return jsonpathTemplate{t, n.Pos()}
	}
	path, err := jsonpath.Parse(t.String())
	if err != nil {
		var s *jsonpath.SyntaxError
		if errors.As(err, &s) {
			n.ErrorAt(n.Place(s.Offset), "%s", s.Msg)
		}
		return nil
	}
	return jsonpathQuery{path}
}

func (q jsonpathQuery) String() string { return "jsonpath " + q.path.String() }

// Find returns any value of JSON or Absent for a singular path, and a []any for any other. The error says that the body
// is not JSON.
func (q jsonpathQuery) Find(a *Answer) (any, error) { v, err := q.look(a); return v.box(), err }

func (q jsonpathQuery) look(a *Answer) (value, error) {
	doc, err := a.document()
	if err != nil {
		return value{}, err
	}
	if n, ok := q.path.One(doc); ok {
		return valueOfJSON(gjson.Parse(n.Raw)), nil
	}
	if q.path.Singular() {
		return value{}, nil
	}
	nodes, err := q.path.FindValid(doc)
	return value{kind: list, text: listed(nodes)}, err
}

// listed makes a list of JSON, in which members keep their order and numbers their digits.
func listed(nodes []jsonpath.Node) string {
	n := 2
	for i := range nodes {
		n += len(nodes[i].Raw) + 1
	}
	b := append(make([]byte, 0, n), '[')
	for i := range nodes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, nodes[i].Raw...)
	}
	return string(append(b, ']'))
}

// refuse keeps exists away from paths that always find a list.
func (q jsonpathQuery) refuse(word string) string {
	if word == "exists" && !q.path.Singular() {
		return alwaysThere(q.path.String())
	}
	return ""
}

func alwaysThere(path string) string {
	return path + " makes a list, and an empty one exists as well; write empty: false or length: {above: 0}"
}

// hint tells of the deepest place of a path that exists, and what is there instead.
func (q jsonpathQuery) hint(a *Answer) string {
	doc, err := a.document()
	if err != nil {
		return ""
	}
	gap, ok := q.path.Gap(doc)
	if !ok {
		return ""
	}
	path := q.path.String()
	parent, rest := strings.TrimRight(path[:gap.From], " \t\r\n"), path[gap.To:]
	name := parent
	if parent == "$" {
		name = "the body"
	}
	switch r := gjson.Parse(gap.Last.Raw); {
	case r.IsArray():
		return name + " is a list" + elementHint(parent, path[gap.From:], gap, int(r.Get("#").Int()))
	case r.IsObject():
		return name + " has " + memberHint(doc, parent, rest, gap, r)
	default:
		return name + " is " + render(valueOfJSON(r)) + " and has no members"
	}
}

// elementHint tells how to get into a list.
func elementHint(parent, missing string, gap jsonpath.Gap, n int) string {
	switch {
	case n == 0:
		return " with nothing in it"
	case gap.Indexed && gap.Index < 0:
		return " of " + strconv.Itoa(n) + ", counted from -1 backwards"
	case gap.Indexed:
		return " of " + strconv.Itoa(n) + ", counted from 0"
	case gap.Name == "length" || gap.Name == "size" || gap.Name == "count":
		return " of " + strconv.Itoa(n) + "; its length is judged by the predicate: " + parent + ": {length: " + strconv.Itoa(n) + "}"
	}
	return " of " + strconv.Itoa(n) + "; write " + parent + "[0]" + missing + " for the first, " + parent + "[*]" + missing + " for all"
}

// memberHint lists what an object has, and the path that was probably meant.
func memberHint(doc, parent, rest string, gap jsonpath.Gap, r gjson.Result) string {
	var names []string
	r.ForEach(func(k, _ gjson.Result) bool {
		names = append(names, k.Str)
		return len(names) < 1000
	})
	if len(names) == 0 {
		return "no members"
	}
	if gap.Indexed {
		return some(names) + ", and no elements"
	}
	hint := source.Suggest(gap.Name, names)
	if len(gap.Name) < 2 || !strings.HasPrefix(hint, "did you mean") {
		return some(names)
	}
	for _, name := range names {
		if hint != `did you mean "`+name+`"?` {
			continue
		}
		meant, err := jsonpath.Parse(parent + jsonpath.Member(name) + rest)
		if err != nil {
			break
		}
		if found, err := meant.FindValid(doc); err == nil && len(found) > 0 {
			return some(names) + "; did you mean " + meant.String() + "?"
		}
	}
	return some(names) + "; " + hint
}

// jsonpathTemplate is a path with variables in it. It is checked when they have their values.
type jsonpathTemplate struct {
	path vars.Template
	pos  source.Pos
}

func (t jsonpathTemplate) String() string { return "jsonpath " + t.path.String() }

// Find finds nothing, because it takes a scope to make a path of the template.
func (t jsonpathTemplate) Find(*Answer) (any, error) {
	return Absent{}, errors.New("the variables of the path have no values")
}

// refuse is that of the path with an index or a name in the place of each variable.
func (t jsonpathTemplate) refuse(word string) string {
	for _, stand := range []string{"0", "a"} {
		path, err := jsonpath.Parse(t.path.Outline(stand))
		if err == nil && word == "exists" && !path.Singular() {
			return alwaysThere(t.path.String())
		}
	}
	return ""
}

func (t jsonpathTemplate) uses() []vars.Use { return t.path.Uses() }

func (t jsonpathTemplate) fill(s *vars.Scope) (Query, error) {
	text, err := t.path.Expand(s)
	if err != nil {
		return nil, err
	}
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, t.pos.Errorf("%s: %w", text, err)
	}
	return jsonpathQuery{path}, nil
}

// lastNames returns the names that a path ends in; of a template those that its text shows.
func lastNames(q Query) []string {
	switch q := q.(type) {
	case jsonpathQuery:
		return q.path.LastNames()
	case jsonpathTemplate:
		pieces := strings.FieldsFunc(q.path.String(), func(r rune) bool { return strings.ContainsRune(`.[]'"*$`, r) })
		for len(pieces) > 0 && digits(pieces[len(pieces)-1]) == len(pieces[len(pieces)-1]) {
			pieces = pieces[:len(pieces)-1]
		}
		return pieces[max(0, len(pieces)-1):]
	}
	return nil
}
