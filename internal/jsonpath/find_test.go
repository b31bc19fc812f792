package jsonpath

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// example is a line of testdata/found.txt.
type example struct {
	line      int
	section   string
	doc, path string
	values    string // as JSON
	paths     string
}

func examples(tb testing.TB) []example {
	tb.Helper()
	data, err := os.ReadFile("testdata/found.txt")
	if err != nil {
		tb.Fatal(err)
	}
	var all []example
	e := example{}
	for line := range strings.Lines(string(data)) {
		e.line++
		line = strings.TrimSuffix(line, "\n")
		if section, ok := strings.CutPrefix(line, "## "); ok {
			e.section = section
		} else if doc, ok := strings.CutPrefix(line, "doc "); ok {
			e.doc = doc
		} else if strings.HasPrefix(line, "$") {
			parts := strings.Split(line, " => ")
			if len(parts) != 3 {
				parts = append(strings.Split(strings.TrimSuffix(line, " =>"), " => "), "")
			}
			if len(parts) != 3 {
				tb.Fatalf("line %d is no example", e.line)
			}
			e.path, e.values, e.paths = parts[0], parts[1], parts[2]
			all = append(all, e)
		}
	}
	return all
}

func TestPathsLeadWhereRFC9535Says(t *testing.T) {
	t.Parallel()
	all := examples(t)
	if len(all) < 200 {
		t.Fatalf("got %d examples, want 200 at least", len(all))
	}
	for _, e := range all {
		p, err := Parse(e.path)
		if err != nil {
			t.Errorf("line %d, %s: %s: %v", e.line, e.section, e.path, err)
			continue
		}
		nodes, err := p.Find([]byte(e.doc))
		if err != nil {
			t.Errorf("line %d, %s: %v", e.line, e.section, err)
			continue
		}
		values, paths := []any{}, []string{}
		for _, n := range nodes {
			values, paths = append(values, n.Value()), append(paths, n.Path())
		}
		if want := decoded(t, e.values); !reflect.DeepEqual(values, want) {
			t.Errorf("line %d, %s: %s:\ngot  %v\nwant %v", e.line, e.section, e.path, values, want)
		}
		if got := strings.Join(paths, " | "); got != e.paths {
			t.Errorf("line %d, %s: %s:\ngot  %s\nwant %s", e.line, e.section, e.path, got, e.paths)
		}
	}
}

// decoded reads JSON with the standard library.
func decoded(tb testing.TB, s string) any {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("%s: %v", s, err)
	}
	return v
}

func TestARawValueIsWhatTheDocumentSpells(t *testing.T) {
	t.Parallel()
	doc := ` { "a" : { "z" : 1.50, "b":[ "\u0041" ] } , "l":[1 ,2e0 ] } `
	for path, want := range map[string]string{
		"$":          strings.TrimSpace(doc),
		"$.a":        `{ "z" : 1.50, "b":[ "\u0041" ] }`,
		"$.a.z":      "1.50",
		"$.a.b[0]":   `"\u0041"`,
		"$.l[-1]":    "2e0",
		"$.l[*]":     "1 2e0",
		"$..b":       `[ "\u0041" ]`,
		"$.a['b',1]": `[ "\u0041" ]`,
	} {
		p, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		nodes, err := p.Find([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		var raw []string
		for _, n := range nodes {
			raw = append(raw, n.Raw)
		}
		if got := strings.Join(raw, " "); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestWhatIsNoJSONIsRefused(t *testing.T) {
	t.Parallel()
	p, err := Parse("$.a")
	if err != nil {
		t.Fatal(err)
	}
	for doc, want := range map[string]string{
		"":                        "the document is not JSON: it breaks at byte 0",
		" ":                       "the document is not JSON: it breaks at byte 1",
		"<a/>":                    "the document is not JSON: it breaks at byte 0",
		`{"a":1}x`:                "the document is not JSON: it breaks at byte 7",
		`{"a":1`:                  "the document is not JSON: it breaks at byte 6",
		`{"a":1,}`:                "the document is not JSON: it breaks at byte 7",
		`{"a":1 "b":2}`:           "the document is not JSON: it breaks at byte 7",
		`{a:1}`:                   "the document is not JSON: it breaks at byte 1",
		`{"a"}`:                   "the document is not JSON: it breaks at byte 4",
		`{"a":}`:                  "the document is not JSON: it breaks at byte 5",
		`[1,]`:                    "the document is not JSON: it breaks at byte 3",
		`[1 2]`:                   "the document is not JSON: it breaks at byte 3",
		`[01]`:                    "the document is not JSON: it breaks at byte 2",
		`[1.]`:                    "the document is not JSON: it breaks at byte 1",
		`[-]`:                     "the document is not JSON: it breaks at byte 1",
		`[1e]`:                    "the document is not JSON: it breaks at byte 1",
		`[.5]`:                    "the document is not JSON: it breaks at byte 1",
		`[tru]`:                   "the document is not JSON: it breaks at byte 1",
		`[nul]`:                   "the document is not JSON: it breaks at byte 1",
		`["a]`:                    "the document is not JSON: it breaks at byte 4",
		"[\"\n\"]":                "the document is not JSON: it breaks at byte 2",
		`["\x"]`:                  "the document is not JSON: it breaks at byte 3",
		`["\u12g4"]`:              "the document is not JSON: it breaks at byte 3",
		`["\`:                     "the document is not JSON: it breaks at byte 3",
		"[1]\ufeff":               "the document is not JSON: it breaks at byte 3",
		strings.Repeat("[", 1e6):  "the document is nested deeper than 10000 levels",
		strings.Repeat("[", 9000): "the document is not JSON: it breaks at byte 9000",
	} {
		if _, err := p.Find([]byte(doc)); err == nil || err.Error() != want {
			t.Errorf("%.50s: got %v, want %s", doc, err, want)
		}
	}
}

func TestDeepDocumentsAreSearchedInLinearTime(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":[`, 4_999) + `"` + strings.Repeat("x", 1<<20) + `"` + strings.Repeat("]}", 4_999)
	for path, want := range map[string]int{"$..a": 4_999, "$..*": 9_998, "$..[?@.a]": 4_998, "$[?@ == $.a]": 1, "$..none": 0} {
		p, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		nodes, err := p.Find([]byte(deep))
		if err != nil || len(nodes) != want {
			t.Errorf("%s: got %d nodes, %v, want %d", path, len(nodes), err, want)
		}
	}
}

func TestAPathThatLeadsToTooMuchIsGivenUp(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 150) + strings.Repeat("]", 150)
	for path, most := range map[string]limits{
		"$..*":                  {nodes: 148, visits: 1e6},
		"$..*..*":               {nodes: 1e4, visits: 1e9},
		"$[?$..*..*]":           {nodes: 1e4, visits: 1e9},
		"$..[?@..[?@..none]]":   {nodes: 1e9, visits: 1e5},
		"$..[?count(@..*) > 0]": {nodes: 1e9, visits: 1e4},
	} {
		p, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if nodes, err := p.find(deep, most); err == nil || err.Error() != "the path leads to too many values of the document" {
			t.Errorf("%s: got %d nodes, %v", path, len(nodes), err)
		}
		if nodes, err := p.find(deep, limits{1e9, 1e9}); err != nil {
			t.Errorf("%s without limits: got %d nodes, %v", path, len(nodes), err)
		}
	}
}

func TestAPathServesManyGoroutines(t *testing.T) {
	t.Parallel()
	p, err := Parse("$.a[-1].b[?@.c == $.a[0] || match(@.d, $.re)].c")
	if err != nil {
		t.Fatal(err)
	}
	doc := `{"re":"x.","a":[7,{"b":[{"c":7},{"c":8},{"c":9,"d":"xy"}]}]}`
	done := make(chan string)
	for range 8 {
		go func() {
			got := ""
			for range 100 {
				nodes, err := p.Find([]byte(doc))
				if err != nil || len(nodes) != 2 {
					got = "wrong"
					break
				}
				got = nodes[0].Path() + " " + nodes[1].Path()
			}
			done <- got
		}()
	}
	for range 8 {
		if got := <-done; got != "$['a'][1]['b'][0]['c'] $['a'][1]['b'][2]['c']" {
			t.Errorf("got %s", got)
		}
	}
}

func TestAPathTellsWhereItLeadsToNothing(t *testing.T) {
	t.Parallel()
	doc := `{"name": [{"family": "Smith"}], "n": null}`
	for _, tt := range []struct{ path, at, raw, missing string }{
		{"$.name[0].famly", "$['name'][0]", `{"family": "Smith"}`, ".famly"},
		{"$.nam[0]", "$", doc, ".nam"},
		{"$.name[-1] ['x'].y", "$['name'][0]", `{"family": "Smith"}`, "['x']"},
		{"$.name[-2].y", "$['name']", `[{"family": "Smith"}]`, "[-2]"},
		{"$.n.x", "$['n']", "null", ".x"},
		{"$.n", "", "", ""},
		{"$.x[*]", "", "", ""},
	} {
		p, err := Parse(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		g, is := p.Gap(doc)
		if tt.at == "" {
			if is {
				t.Errorf("%s leads to nothing at byte %d", tt.path, g.From)
			}
			continue
		}
		if got := tt.path[g.From:g.To]; got != tt.missing || g.Last.Path() != tt.at || g.Last.Raw != tt.raw {
			t.Errorf("%s: got %s at %s, %s; want %s at %s, %s", tt.path, got, g.Last.Path(), g.Last.Raw, tt.missing, tt.at, tt.raw)
		}
	}
}

func TestAnIndexFromTheEndIsThatOfEachDocument(t *testing.T) {
	t.Parallel()
	p, err := Parse("$.a[-1][-2]")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, doc := range []string{`{"a":[0,[1,2,3]]}`, `{"a":[[1,2]]}`, `{"a":[0,0,[1,2,3]]}`, `{"a":[]}`, `{"a":[[1]]}`, `{"a":[0,[1,2,3]]}`} {
		nodes, err := p.Find([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range nodes {
			got = append(got, n.Path())
		}
	}
	if got, want := strings.Join(got, " "), "$['a'][1][1] $['a'][0][0] $['a'][2][1] $['a'][1][1]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheFirstOfManyMembersOfOneNameCounts(t *testing.T) {
	t.Parallel()
	var doc strings.Builder
	for i := range 200 {
		fmt.Fprintf(&doc, `,"m%d":%d`, i%60, i)
	}
	p, err := Parse("$.*")
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := p.Find([]byte("{" + doc.String()[1:] + "}"))
	if err != nil || len(nodes) != 60 {
		t.Fatalf("got %d members, %v, want 60", len(nodes), err)
	}
	for i, n := range nodes {
		if want := strconv.Itoa(i); n.Raw != want || n.Path() != "$['m"+want+"']" {
			t.Errorf("got %s at %s, want %s", n.Raw, n.Path(), want)
		}
	}
}

func TestTheNamesAtTheEndOfAPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"$": "", "$.a.b": "b", "$.a[0][-1]": "a", "$.a[*].b[1:]": "b", "$..['a','b'][?@.c == 'd']": "a b", "$.a..*": "a", "$[*]": "", "$.a['b c']": "b c",
	} {
		p, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.LastNames(), " "); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestTheSegmentOfAMemberLeadsToIt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a1": ".a1", "_x": "._x", "é☺": ".é☺", "": "['']", "1a": "['1a']", "a-b": "['a-b']", "it's": `['it\'s']`, "a\nb": `['a\nb']`} {
		if got := Member(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
		p, err := Parse("$" + Member(name))
		if err != nil || p.LastNames()[0] != name {
			t.Errorf("%q: %v", name, err)
		}
	}
}
