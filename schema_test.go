package hgrun_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/docs/schema"
)

// whatToDo is told to somebody who added a key.
const whatToDo = "give it a shape in schema_shapes_test.go, then run go test . -run Schema -update"

// object is a mapping of JSON: a schema, or a part of one.
type object = map[string]any

// grammar makes schemas: keys come from the tables of the program, what is said of each from the format page, and only
// what its value looks like stands in schema_shapes_test.go.
type grammar struct {
	t      *testing.T
	page   page
	tables map[string][]string
	used   map[string]bool // the tables that a schema has
	defs   object
}

func newGrammar(t *testing.T) *grammar {
	t.Helper()
	return &grammar{t: t, page: readPage(t, formatPage), tables: program(t), used: map[string]bool{}, defs: object{}}
}

// mapping is a mapping with the keys of tables and no others.
func (g *grammar) mapping(shapes object, tables ...string) object {
	g.t.Helper()
	properties := object{}
	for _, ids := range tables {
		g.used[ids] = true
		if len(g.tables[ids]) == 0 {
			g.t.Errorf("the program has no table %s", ids)
		}
		for _, key := range g.tables[ids] {
			shape, ok := shapes[key].(object)
			if !ok {
				g.t.Errorf("the key %s of %s is in no schema: %s", key, ids, whatToDo)
				continue
			}
			properties[key] = g.described(shape, ids, key)
		}
	}
	for key := range shapes {
		if properties[key] == nil {
			g.t.Errorf("%s has a shape, and the tables %q have no such key: take it out of schema_shapes_test.go", key, tables)
		}
	}
	return object{"properties": properties, "additionalProperties": false}
}

// described returns a shape with what the page says of a key.
func (g *grammar) described(shape object, ids, key string) object {
	g.t.Helper()
	said := g.said(ids, key)
	if said == "" {
		g.t.Errorf("%s, table %s: nothing is said of %s", formatPage, ids, key)
	}
	return with(shape, object{"description": said})
}

var linked = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)

// said is what the page says of a key, without its links.
func (g *grammar) said(ids, key string) string {
	for id := range strings.SplitSeq(ids, "+") {
		if text, ok := g.page.rows[id+"/"+key]; ok {
			text = linked.ReplaceAllString(text, "$1")
			return strings.TrimSuffix(strings.TrimSuffix(text, ": see below."), "; see below.")
		}
	}
	return ""
}

// words is one of the words of a table.
func (g *grammar) words(ids string) object {
	g.used[ids] = true
	list := g.tables[ids]
	said := make([]string, len(list))
	for i, word := range list {
		said[i] = g.said(ids, word)
	}
	return object{"type": "string", "enum": list, "enumDescriptions": said}
}

// ref names a definition.
func ref(name string) object { return object{"$ref": "#/definitions/" + name} }

// with returns a shape with more to it.
func with(shape, more object) object {
	both := object{}
	for _, from := range []object{shape, more} {
		for key, value := range from {
			both[key] = value
		}
	}
	return both
}

const published = "https://raw.githubusercontent.com/hgrun/hgrun/main/docs/schema/"

func (g *grammar) document(kind string, top object) []byte {
	g.t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(with(top, object{
		"$schema": "http://json-schema.org/draft-07/schema#", "$id": published + kind + ".schema.json", "title": "hgrun " + kind, "definitions": g.defs, "type": "object",
	}))
	if err != nil {
		g.t.Fatal(err)
	}
	return b.Bytes()
}

// schemas are the files of docs/schema as they should be.
func schemas(t *testing.T) map[string][]byte {
	t.Helper()
	g := newGrammar(t)
	made := map[string][]byte{"collection": g.document("collection", g.collection())}
	g.defs = object{}
	made["environment"] = g.document("environment", g.environment())
	for _, ids := range names(g.tables) {
		if !g.used[ids] && !slices.Contains(notInSchemas(), ids) {
			t.Errorf("table %s is in no schema: %s", ids, whatToDo)
		}
	}
	return made
}

func TestTheSchemasAreThoseOfTheTables(t *testing.T) {
	t.Parallel()
	for kind, want := range schemas(t) {
		file := filepath.Join("docs", "schema", kind+".schema.json")
		if *updatePages {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is not what the tables and %s say: run go test . -run Schema -update, and read what changes", file, formatPage)
		}
	}
}

// TestTheSchemaRefusesAKeyThatNobodyKnows puts an unknown key into each mapping of the schema that lists its keys.
func TestTheSchemaRefusesAKeyThatNobodyKnows(t *testing.T) {
	t.Parallel()
	for kind, text := range map[string][]byte{"collection": schema.Collection(), "environment": schema.Environment()} {
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		walkSchema(doc, "", func(at string, s object) {
			if _, closed := s["additionalProperties"]; s["properties"] != nil && !closed {
				t.Errorf("%s%s: any key may stand beside those that are listed", kind, at)
			}
			if properties, ok := s["properties"].(object); ok {
				for key, of := range properties {
					if of, ok := of.(object); ok && of["description"] == nil {
						t.Errorf("%s%s: the key %s has no description", kind, at, key)
					}
				}
			}
		})
	}
}

// walkSchema shows every mapping of a schema to see. The names of properties and definitions are no keywords.
func walkSchema(v any, at string, see func(at string, s object)) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			walkSchema(e, fmt.Sprintf("%s/%d", at, i), see)
		}
	case object:
		see(at, v)
		for key, e := range v {
			names, _ := e.(object)
			if key == "properties" || key == "definitions" {
				for name, e := range names {
					walkSchema(e, at+"/"+key+"/"+name, see)
				}
			} else if key != "enum" && key != "const" && key != "examples" {
				walkSchema(e, at+"/"+key, see)
			}
		}
	}
}
