package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAValueKnowsWhereItStarts(t *testing.T) {
	t.Parallel()
	text := "plain: a\ndouble: \"b\"\nsingle: 'c'\nblock: |\n  d\nfolded: >-\n  e\nlist:\n  - f\n  - g: h\nflow: {i: j, k: [l, m]}\nempty:\nanchor: &x n\nalias: *x\nключ: o\n"
	_ = Parse("f", []byte(text), func(n Node) {
		for path, want := range map[string]string{
			"plain": "f:1:8", "double": "f:2:9", "single": "f:3:9", "block": "f:4:8", "folded": "f:6:9",
			"list": "f:9:3", "list.0": "f:9:5", "list.1": "f:10:5", "list.1.g": "f:10:8",
			"flow": "f:11:7", "flow.i": "f:11:11", "flow.k": "f:11:17", "flow.k.1": "f:11:21",
			"empty": "f:12:7", "anchor": "f:13:9", "alias": "f:13:9", "ключ": "f:15:7",
		} {
			same(t, path+" "+child(t, n, path).Pos().String(), path+" "+want)
		}
	})
}

func TestAPlaceInsideATextIsFound(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, find, want string }{
		{"plain", "a: GET {{base}}/x/{{id}}\n", "{{id}}", "f:1:19"},
		{"the second of equals", "a: \"{{id}}/{{id}}?\"\n", "{{id}}?", "f:1:12"},
		{"plain over lines", "a: one\n  two {{id}}\n", "{{id}}", "f:2:7"},
		{"double quotes", "a: \"{{a}}/{{b}}\"\n", "{{b}}", "f:1:11"},
		{"double quotes with escapes", "a: \"\\\"{{a}}\\\"/{{b}}\"\n", "{{b}}", "f:1:15"},
		{"double quotes over lines", "a: \"x\n   {{b}}\"\n", "{{b}}", "f:2:4"},
		{"single quotes", "a: 'it''s {{b}}'\n", "{{b}}", "f:1:11"},
		{"literal block", "a: |\n  one\n\n  two {{b}}\n", "{{b}}", "f:4:7"},
		{"literal block, its start", "a: |\n  {{b}}\n", "{{b}}", "f:2:3"},
		{"literal block with a comment on its head", "a: | # {{b}}\n  {{b}}\n", "{{b}}", "f:2:3"},
		{"folded block", "a: >\n  one\n  two {{b}}\n", "{{b}}", "f:3:7"},
		{"wide letters", "a: ключ {{b}}\n", "{{b}}", "f:1:9"},
		{"CRLF", "x: 1\r\na: |\r\n  one\r\n  {{b}}\r\n", "{{b}}", "f:4:3"},
		{"byte order mark", "\ufeffa: x{{b}}\n", "{{b}}", "f:1:5"},
		{"behind an anchor", "a: &y x{{b}}\n", "{{b}}", "f:1:8"},
		{"hidden by an escape", "a: \"x\\x7b{b}}\"\nz: \"{{b}}\"\n", "{{b}}", "f:1:4"},
		{"one letter", "a: x/y\n", "y", "f:1:6"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			same(t, problems(tt.text, func(n Node) {
				a := child(t, n, "a")
				text := a.Text()
				same(t, a.Place(strings.Index(text, tt.find)).String(), tt.want)
				same(t, a.Place(-1), a.Pos())
				same(t, a.Place(len(text)+1), a.Pos())
			}), "")
		})
	}
}

func TestAKeyMayStandOnce(t *testing.T) {
	t.Parallel()
	var got []string
	err := problems("a: 1\nb: 2\na: 3\n\"b\": 4\n", func(n Node) {
		for _, e := range n.Entries() {
			got = append(got, e.Name()+"="+e.Value.Text())
		}
	})
	same(t, err, "f:3:1: key \"a\" stands here a second time; the first is at line 1\nf:4:1: key \"b\" stands here a second time; the first is at line 2")
	same(t, strings.Join(got, " "), "a=1 b=2")
}

func TestAKeyIsText(t *testing.T) {
	t.Parallel()
	same(t, problems("? [a, b]\n: 1\n? {c: d}\n: 2\n", func(n Node) { n.Entries() }),
		"f:1:3: a key must be text, got a list\nf:3:3: a key must be text, got a mapping")
}

func TestMergeKeysGiveWayToWhatTheMappingSays(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"own key wins, wherever << stands", "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n", "b=3 a=1"},
		{"own key wins before <<", "x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n", "b=3 a=1"},
		{"the earlier of several wins", "x: &x {a: 1}\nz: &z {a: 2, c: 4}\ny:\n  <<: [*x, *z]\n", "a=1 c=4"},
		{"merged ones may merge", "x: &x {a: 1}\nz: &z {<<: *x, c: 4}\ny: {<<: *z, d: 5}\n", "d=5 c=4 a=1"},
		{"an alias of a list", "x: &x {a: 1}\nz: &z [*x]\ny: {<<: *z}\n", "a=1"},
		{"quoted << is a key", "y: {\"<<\": 1}\n", "<<=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			same(t, problems(tt.text, func(n Node) {
				y := child(t, n, "y")
				for _, e := range y.Entries() {
					got = append(got, e.Name()+"="+e.Value.Text())
					same(t, y.Has(e.Name()), true)
				}
				same(t, y.Has("nope"), false)
			}), "")
			same(t, strings.Join(got, " "), tt.want)
		})
	}
	same(t, problems("<<: 5\na: 1\n", func(n Node) { n.Entries() }), `f:1:5: << wants a mapping or a list of mappings, got "5"`)
}

func TestHasFollowsAliasesOfKeys(t *testing.T) {
	t.Parallel()
	_ = Parse("f", []byte("a: &k name\n*k : 1\n"), func(n Node) {
		same(t, n.Has("name"), true)
		same(t, n.Has("k"), false)
		same(t, child(t, n, "a").Has("x"), false)
	})
}

func TestAnUnknownKeyIsToldWithTheNearestOne(t *testing.T) {
	t.Parallel()
	got := problems("nmae: x\nname: y\nzzz: 1\n", func(n Node) {
		var s string
		n.Map(Keys{"name": String(&s), "request": nothing})
	})
	same(t, got, "f:1:1: unknown key \"nmae\"; did you mean \"name\"?\nf:3:1: unknown key \"zzz\"; known here: name, request")
}

func TestValuesAreThoseOfJSON(t *testing.T) {
	t.Parallel()
	text := "null1:\nnull2: ~\nyes: yes\ntrue: true\nquoted: \"5\"\nint: 5\nplus: +5\nminus: -5\nunder: 1_000\nhex: 0x1F\noctal: 0o17\nlong: 12345678901234567890\n" +
		"half: .5\ndot: 5.\nfloat: 1.50\nexp: 1e3\nzero: 0\nzerop: 0.5\ndate: 2024-01-01\ntime: 2024-01-01T00:00:00Z\nver: 1.2.3\ntagged: !!str 5\nlist: [1, a, {b: c}]\nempty: {}\nnone: []\n"
	want := map[string]any{
		"null1": nil, "null2": nil, "yes": "yes", "true": true, "quoted": "5", "int": json.Number("5"), "plus": json.Number("5"), "minus": json.Number("-5"),
		"under": json.Number("1000"), "hex": json.Number("31"), "octal": json.Number("15"), "long": json.Number("12345678901234567890"),
		"half": json.Number("0.5"), "dot": json.Number("5"), "float": json.Number("1.50"), "exp": json.Number("1e3"), "zero": json.Number("0"), "zerop": json.Number("0.5"),
		"date": "2024-01-01", "time": "2024-01-01T00:00:00Z", "ver": "1.2.3", "tagged": "5",
		"list": []any{json.Number("1"), "a", map[string]any{"b": "c"}}, "empty": map[string]any{}, "none": []any{},
	}
	same(t, problems(text, func(n Node) {
		got := n.Value().(map[string]any)
		for name, w := range want {
			if !reflect.DeepEqual(got[name], w) {
				t.Errorf("%s: got %#v, want %#v", name, got[name], w)
			}
		}
		same(t, len(got), len(want))
	}), "")
}

func TestNumbersThatJSONCannotHoldAreProblems(t *testing.T) {
	t.Parallel()
	got := problems("- 014\n- -007\n- 08\n- .inf\n- -.INF\n- .nan\n- !!bool x\n- !!int y\n", func(n Node) { n.Value() })
	same(t, got, `f:1:3: 014 starts with 0 and would lose it as a number; quote it: "014"
f:2:3: -007 starts with 0 and would lose it as a number; quote it: "-007"
f:3:3: 08 starts with 0 and would lose it as a number; quote it: "08"
f:4:3: .inf is no number that JSON can hold
f:5:3: -.INF is no number that JSON can hold
f:6:3: .nan is no number that JSON can hold
f:7:3: want true or false, got "x"
f:8:3: y is no number that JSON can hold`)
}

func TestKindsOfValuesAreToldApart(t *testing.T) {
	t.Parallel()
	_ = Parse("f", []byte("text: a\nquoted: \"5\"\nnumber: 5\ndate: 2024-01-01\nnull:\nlist: []\nmap: {}\nalias: &x [1]\nof: *x\n"), func(n Node) {
		for path, want := range map[string]string{
			"text": "scalar text", "quoted": "scalar text", "number": "scalar", "date": "scalar text", "null": "scalar null", "list": "list", "map": "map", "of": "list",
		} {
			c := child(t, n, path)
			var got []string
			for word, is := range map[string]bool{"scalar": c.IsScalar(), "list": c.IsList(), "map": c.IsMap()} {
				if is {
					got = append(got, word)
				}
			}
			if c.IsText() {
				got = append(got, "text")
			}
			if c.IsNull() {
				got = append(got, "null")
			}
			same(t, path+": "+strings.Join(got, " "), path+": "+want)
		}
	})
}

func TestAllProblemsComeBackInTheOrderOfTheFileAndOnce(t *testing.T) {
	t.Parallel()
	got := problems("a: 1\nb: 2\n", func(n Node) {
		entries := n.Entries()
		entries[1].Value.Errorf("second")
		entries[0].Value.Errorf("first")
		entries[0].Value.Errorf("other")
		entries[0].Value.Errorf("first")
	})
	same(t, got, "f:1:4: first\nf:1:4: other\nf:2:4: second")
}

func TestRecordedProblemsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := Parse("f", []byte("a: 1\n"), func(n Node) {
		n.Record(Pos{"g", 7, 8}.Errorf("elsewhere"))
		n.Record(Problems{Pos{"g", 9, 1}.Errorf("one"), Pos{"g", 10, 1}.Errorf("two")})
		n.Record(Pos{File: "h"}.Errorf("gone"))
		n.Record(fmt.Errorf("because: %w", cause))
		n.ErrorAt(Pos{"f", 1, 3}, "here")
	})
	same(t, err.Error(), "f:1:1: h: gone\nf:1:1: because: cause\nf:1:3: here\ng:7:8: elsewhere\ng:9:1: one\ng:10:1: two")
	same(t, errors.Is(err, cause), true)
}

func TestAPlaceIsWrittenAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	same(t, Pos{"f", 2, 3}.String(), "f:2:3")
	same(t, Pos{File: "f"}.String(), "f")
	same(t, Pos{File: "f"}.Errorf("x").Error(), "f: x")
	same(t, Pos{}.Errorf("x").Error(), "x")
	same(t, Node{}.Pos(), Pos{})
	same(t, Problems{}.Err(), nil)
}

func TestReadNamesTheFileOnceWhenItIsMissing(t *testing.T) {
	t.Parallel()
	err := Read(fstest.MapFS{}, "nope.yaml", nothing)
	same(t, err.Error(), "nope.yaml: file does not exist")
	same(t, errors.Is(err, fs.ErrNotExist), true)
	same(t, Read(fstest.MapFS{"a.yaml": {Data: []byte("[")}}, "a.yaml", nothing).(Problems)[0].Pos.File, "a.yaml")
}
