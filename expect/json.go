package expect

import (
	"errors"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// jsonQuery finds what a gjson path leads to.
type jsonQuery struct {
	path   string
	makes  bool // a modifier or a literal makes JSON of its own, which may be none
	always bool // there is always something there: a list of what was found, an empty one too
}

func readJSONQuery(n source.Node) Query {
	var t vars.Template
	switch t.Read(n); {
	case n.IsNull() || !n.IsScalar():
		return nil // t.Read has said it
	case n.Text() == "":
		n.Errorf("%s", emptyPath)
		return nil
	case t.IsZero():
		return nil
	}
	if !t.Static() {
		return jsonTemplate{t, n.Pos()}
	}
	q, err := newJSONQuery(t.String())
	if err != nil {
		var p *pathError
		if errors.As(err, &p) {
			n.ErrorAt(n.Place(p.offset), "%s", p.text)
		}
		return nil
	}
	return q
}

func newJSONQuery(path string) (jsonQuery, error) {
	c := &pathChecker{path: path}
	if err := c.check(); err != nil {
		return jsonQuery{}, err
	}
	return jsonQuery{path: path, makes: strings.ContainsAny(path, "@!"), always: c.always}, nil
}

func (q jsonQuery) String() string { return "json " + q.path }

// Find returns any value of JSON, or Absent. The error says that the body is not JSON.
func (q jsonQuery) Find(a *Answer) (any, error) { v, err := q.look(a); return v.box(), err }

func (q jsonQuery) look(a *Answer) (value, error) {
	doc, err := a.document()
	if err != nil {
		return value{}, err
	}
	r := gjson.Get(doc, q.path)
	if q.makes && r.Raw != "" && !isJSON(r.Raw) {
		return value{}, errors.New(q.path + " makes something that is not JSON: " + start20(r.Raw))
	}
	return valueOfJSON(r), nil
}

// refuse keeps exists away from paths that always find something.
func (q jsonQuery) refuse(word string) string {
	if word == "exists" && q.always {
		return alwaysThere(q.path)
	}
	return ""
}

func (q jsonQuery) hint(a *Answer) string {
	doc, err := a.document()
	if err != nil {
		return ""
	}
	if gjson.Get(doc, q.path).Exists() {
		return ""
	}
	return pathHint(doc, q.path)
}

// jsonTemplate is a path with variables in it. It is checked when they have their values.
type jsonTemplate struct {
	path vars.Template
	pos  source.Pos
}

func (t jsonTemplate) String() string { return "json " + t.path.String() }

// Find finds nothing, because it takes a scope to make a path of the template.
func (t jsonTemplate) Find(*Answer) (any, error) {
	return Absent{}, errors.New("the variables of the path have no values")
}

// refuse is that of the path with an index or a name in the place of each variable.
func (t jsonTemplate) refuse(word string) string {
	if word != "exists" {
		return ""
	}
	for _, stand := range []string{"0", "a"} {
		if q, err := newJSONQuery(t.path.Outline(stand)); err == nil && q.always {
			return alwaysThere(t.path.String())
		}
	}
	return ""
}

func (t jsonTemplate) uses() []vars.Use { return t.path.Uses() }

func (t jsonTemplate) fill(s *vars.Scope) (Query, error) {
	path, err := t.path.Expand(s)
	if err != nil {
		return nil, err
	}
	q, err := newJSONQuery(path)
	if err != nil {
		return nil, t.pos.Errorf("%s: %w", path, err)
	}
	return q, nil
}
