package collections_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// dataIn loads and checks a collection with files beside it, and returns it with what is wrong.
func dataIn(yaml string, files map[string]string) (*collections.Collection, string) {
	fsys := fstest.MapFS{"api/c.yaml": {Data: []byte(yaml)}}
	for name, text := range files {
		fsys["api/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := collections.Load(fsys, "api/c.yaml", collections.Options{})
	if err == nil {
		err = c.Check(vars.NewScope(nil, vars.Layer{Name: "command line"}, vars.Layer{Name: "environment", Values: map[string]vars.Value{"base": {Text: "http://x"}}}))
	}
	if err != nil {
		return c, err.Error()
	}
	return c, ""
}

// rowsOf is a line for each row: its place, its columns and its label.
func rowsOf(c *collections.Collection) string {
	var b strings.Builder
	for row, err := range c.Data.Rows(vars.NewScope(nil)) {
		if err != nil {
			fmt.Fprintf(&b, "! %v\n", err)
			continue
		}
		fmt.Fprintf(&b, "%s %s [%s]\n", row.Pos, row.Document().Literal(), c.Data.Label(&row))
	}
	return b.String()
}

func TestRowsComeFromFilesAndFromTheCollection(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"p.csv": "id,name\n1,Ann\n2,\"Bo\nJr\"\n3,Cy\n", "p.json": "[\n  {\"id\": 1, \"at\": {\"zip\": \"x\"}},\n  {\n    \"id\": 2\n  },\n  7\n]\n",
		"p.ndjson": "\ufeff{\"id\": 1}\n\n{\"id\": 2}\n",
	}
	for _, tt := range []struct{ name, data, want string }{
		{"CSV", "{csv: p.csv}", "api/p.csv:2:1 {\"id\":\"1\",\"name\":\"Ann\"} [row 1]\napi/p.csv:3:1 {\"id\":\"2\",\"name\":\"Bo\\nJr\"} [row 2]\napi/p.csv:5:1 {\"id\":\"3\",\"name\":\"Cy\"} [row 3]\n"},
		{"by its ending", "p.csv", "api/p.csv:2:1 {\"id\":\"1\",\"name\":\"Ann\"} [row 1]\napi/p.csv:3:1 {\"id\":\"2\",\"name\":\"Bo\\nJr\"} [row 2]\napi/p.csv:5:1 {\"id\":\"3\",\"name\":\"Cy\"} [row 3]\n"},
		{"JSON", "{json: p.json}", "api/p.json:2:1 {\"id\": 1, \"at\": {\"zip\": \"x\"}} [row 1]\napi/p.json:3:1 {\n    \"id\": 2\n  } [row 2]\napi/p.json:6:1 7 [row 3]\n"},
		{"NDJSON", "{ndjson: p.ndjson}", "api/p.ndjson:1:1 {\"id\": 1} [row 1]\napi/p.ndjson:3:1 {\"id\": 2} [row 2]\n"},
		{"rows", "{rows: [{id: 1, at: {zip: x}}, {id: \"2\"}]}", "api/c.yaml:1:15 {\"id\":1,\"at\":{\"zip\":\"x\"}} [row 1]\napi/c.yaml:1:38 {\"id\":\"2\"} [row 2]\n"},
		{"named", "{csv: p.csv, name: \"{{name | upper}} {{id}}\"}", "api/p.csv:2:1 {\"id\":\"1\",\"name\":\"Ann\"} [ANN 1]\napi/p.csv:3:1 {\"id\":\"2\",\"name\":\"Bo\\nJr\"} [BO JR 2]\napi/p.csv:5:1 {\"id\":\"3\",\"name\":\"Cy\"} [CY 3]\n"},
	} {
		c, wrong := dataIn("data: "+tt.data+"\nrequests: [{request: GET http://x/}]\n", files)
		if wrong != "" {
			t.Errorf("%s: %s", tt.name, wrong)
			continue
		}
		if got := rowsOf(c); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestRowsOfAFileAreCountedWhereSomebodyAsks(t *testing.T) {
	t.Parallel()
	files := map[string]string{"p.csv": "id\n1\n2\n3\n", "broken.ndjson": "{\"id\": 1}\n{\n"}
	for _, tt := range []struct {
		name, data     string
		count, counted int
	}{
		{"a file", "p.csv", 0, 3},
		{"a list", "{rows: [{id: 1}, {id: 2}]}", 2, 2},
		{"a file that breaks off", "broken.ndjson", 0, 0},
	} {
		c, wrong := dataIn("data: "+tt.data+"\nrequests: [{request: GET http://x/}]\n", files)
		if wrong != "" {
			t.Errorf("%s: %s", tt.name, wrong)
			continue
		}
		if n, all := c.Data.Count(), c.Data.Counted(vars.NewScope(nil)); n != tt.count || all != tt.counted {
			t.Errorf("%s: got %d, counted %d; want %d and %d", tt.name, n, all, tt.count, tt.counted)
		}
	}
}

func TestCheckKnowsTheColumnsOfTheFirstRow(t *testing.T) {
	t.Parallel()
	files := map[string]string{"p.csv": "id,name\n1,Ann\n", "empty.csv": "id,name\n", "none.json": "[]", "bad.ndjson": "{\"id\": 1,}\n"}
	for _, tt := range []struct{ name, yaml, want string }{
		{"all there", "data: p.csv\nrequests: [{request: 'GET {{base}}/{{id}}/{{$row.name}}/{{$iteration}}'}]", ""},
		{"misspelt", "data: p.csv\nrequests: [{request: 'GET {{base}}/{{nmae}}'}]",
			`api/c.yaml:2:36: variable "nmae" is not defined; did you mean "name"?`},
		{"through a variable", "data: p.csv\nvariables: {path: '{{idd}}'}\nrequests: [{request: 'GET {{base}}/{{path}}'}]",
			`api/c.yaml:2:19: variable "idd" is not defined; did you mean "id"? request "GET {{base}}/{{path}}" needs it for {{path}}`},
		{"in setup", "data: p.csv\nsetup: [{request: 'GET {{base}}/{{id}}'}]\nrequests: [{request: 'GET {{base}}/{{id}}'}]",
			`api/c.yaml:2:33: variable "id" is not defined; it is a column of p.csv, and this request runs once, around all rows`},
		{"the round in setup", "data: p.csv\nsetup: [{request: 'GET {{base}}/{{$iteration}}'}]\nrequests: [{request: 'GET {{base}}/{{$row.id}}'}]",
			`api/c.yaml:2:33: {{$iteration}} is of one row, and this request runs once, around all rows`},
		{"captured in rows, used after them", "data: p.csv\nrequests: [{name: Make, request: 'GET {{base}}/', capture: {made: id}}, {request: 'GET {{base}}/{{made}}'}]\nteardown: [{request: 'DELETE {{base}}/{{made}}'}]",
			`api/c.yaml:3:39: variable "made" is not defined; each row captures one of its own in request "Make", and this request runs once, around all rows; a folder's teardown runs in each row`},
		{"captured in setup", "data: {rows: [{id: '{{token}}'}]}\nsetup: [{request: 'GET {{base}}/', capture: {token: t}}]\nrequests: [{request: 'GET {{base}}/{{id}}/{{token}}'}]\nteardown: [{request: 'GET {{base}}/{{token}}'}]", ""},
		{"a row without a column", "data: {rows: [{id: 1, name: a}, {id: 2}]}\nrequests: [{request: 'GET {{base}}/{{name}}'}]",
			`api/c.yaml:2:36: the row at api/c.yaml:1:33 has no "name"`},
		{"a row without it and a variable", "data: {rows: [{id: 1, name: a}, {id: 2}]}\nvariables: {name: b}\nrequests: [{request: 'GET {{base}}/{{name}}'}]", ""},
		{"the name of rows", "data: {csv: p.csv, name: '{{nam}}'}\nrequests: [{request: 'GET {{base}}/'}]",
			`api/c.yaml:1:26: name: p.csv has no column "nam"; did you mean "name"?`},
		{"secret columns", "data: {csv: p.csv, secrets: [pasword]}\nrequests: [{request: 'GET {{base}}/'}]",
			`api/c.yaml:1:7: secrets: p.csv has no column "pasword"; known here: id, name`},
		{"no row", "data: empty.csv\nrequests: [{request: 'GET {{base}}/{{id}}'}]", `api/c.yaml:1:7: empty.csv has no row; a run without one would test nothing`},
		{"an empty list", "data: {json: none.json}\nrequests: [{request: 'GET {{base}}/{{id}}'}]", `api/c.yaml:1:7: none.json has no row; a run without one would test nothing`},
		{"no rows", "data: {rows: []}\nrequests: [{request: 'GET {{base}}/'}]", `api/c.yaml:1:14: rows: the list is empty; a run without a row would test nothing`},
		{"a first row that is broken", "data: bad.ndjson\nrequests: [{request: 'GET {{base}}/{{id}}'}]",
			`api/bad.ndjson:1:1: not a JSON value: invalid character '}' looking for beginning of object key string`},
		{"no file", "data: none.csv\nrequests: [{request: 'GET {{base}}/{{id}}'}]", `api/c.yaml:1:7: file "none.csv": file does not exist`},
		{"another ending", "data: p.xls\nrequests: [{request: 'GET {{base}}/'}]",
			`api/c.yaml:1:7: data: got "p.xls", want a file that ends in .csv, .json, .ndjson or .jsonl, or a mapping such as {rows: [{id: 1}]}`},
		{"two places", "data: {csv: p.csv, rows: [{id: 1}]}\nrequests: [{request: 'GET {{base}}/'}]", `api/c.yaml:1:7: rows: stands beside csv:; the rows come from one place`},
		{"no place", "data: {in_order: true}\nrequests: [{request: 'GET {{base}}/'}]",
			`api/c.yaml:1:7: data: no rows: write the file that has them, csv: rows.csv, or the rows themselves, rows: [{id: 1}]`},
		{"the number of rows of a file", "data: p.csv\nrequests: [{request: 'GET {{base}}/{{$iterationCount}}'}]",
			`api/c.yaml:2:36: {{$iterationCount}} is not known: the rows of a file are not counted before a run`},
		{"a row without data", "requests: [{request: 'GET {{base}}/{{$row.id}}/{{$iteration}}/{{$iterationCount}}'}]",
			`api/c.yaml:1:36: variable "$row.id" is not defined; the collection has no data:, and --data names no file`},
	} {
		if _, got := dataIn(tt.yaml, files); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestABrokenRowIsAnErrorAtItsLineAfterTheRowsBeforeIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, text, want string }{
		{"CSV", "p.csv", "id,n\n1,a\n2\n3,c\n", "api/p.csv:2:1 {\"id\":\"1\",\"n\":\"a\"} [row 1]\n! api/p.csv:3:1: wrong number of fields\n"},
		{"NDJSON", "p.jsonl", "{\"id\":1}\nx\n{\"id\":3}\n", "api/p.jsonl:1:1 {\"id\":1} [row 1]\n! api/p.jsonl:2:1: not a JSON value: invalid character 'x' looking for beginning of value\n"},
		{"JSON", "p.json", "[\n{\"id\":1},\n{\"id\" 2}\n]", "api/p.json:2:1 {\"id\":1} [row 1]\n! api/p.json:3:1: element 2: invalid character '2' after object key\n"},
		{"JSON without an end", "p.json", "[\n{\"id\":1},\n{\"id\":2", "api/p.json:2:1 {\"id\":1} [row 1]\n! api/p.json:3:1: element 2: the file ends before its list does\n"},
	} {
		c, wrong := dataIn("data: "+tt.file+"\nrequests: [{request: GET http://x/}]\n", map[string]string{tt.file: tt.text})
		if wrong != "" {
			t.Fatalf("%s: %s", tt.name, wrong)
		}
		if got := rowsOf(c); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestTheCommandLineNamesOtherRowsAndFewerOfThem(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"other.csv": {Data: []byte("id\n7\n8\n9\n")}, "folder/x": {}}
	c, wrong := dataIn("data: {rows: [{id: 1}], name: 'no {{id}}'}\nrequests: [{request: 'GET http://x/{{id}}'}]", nil)
	if wrong != "" {
		t.Fatal(wrong)
	}
	if err := c.TakeData(fsys, "other.csv", nil); err != nil {
		t.Fatal(err)
	}
	c.Iterate(2)
	same(t, rowsOf(c), "other.csv:2:1 {\"id\":\"7\"} [no 7]\nother.csv:3:1 {\"id\":\"8\"} [no 8]\n")
	for name, want := range map[string]string{"none.csv": "none.csv: file does not exist", "folder.csv": "folder.csv: file does not exist"} {
		if err := c.TakeData(fsys, name, nil); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint(c.Check(vars.NewScope(nil))), want)
	}
	same(t, fmt.Sprint(c.TakeData(fsys, "rows.txt", nil)), `got "rows.txt", want a file that ends in .csv, .json, .ndjson or .jsonl`)
	alone, _ := dataIn("requests: [{request: 'GET http://x/{{$iteration}}/{{$iterationCount}}'}]", nil)
	alone.Iterate(2)
	same(t, rowsOf(alone), " \"\" [iteration 1]\n \"\" [iteration 2]\n")
	same(t, fmt.Sprint(alone.Count(), alone.Check(vars.NewScope(nil))), "2 <nil>")
}

func TestRowsOfTheStandardInputAreReadOnceAndTheirColumnsAreKnownBefore(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"\n{\"id\": 7}\n{\"id\": 8}\n", "{\"id\": 7}\n\n{\"id\": 8}", "\ufeff{\"id\": 7}\n{\"id\": 8}"} {
		c, _ := dataIn("requests: [{request: 'GET http://x/{{id}}'}]", nil)
		if err := c.TakeData(nil, "-", strings.NewReader(input)); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint(c.Check(vars.NewScope(nil)), c.Check(vars.NewScope(nil))), "<nil> <nil>")
		got := rowsOf(c)
		if !strings.Contains(got, `{"id": 7} [row 1]`) || !strings.Contains(got, `{"id": 8} [row 2]`) || strings.Count(got, "\n") != 2 {
			t.Errorf("%q: got\n%s", input, got)
		}
		same(t, rowsOf(c), "! standard input: was read already; it can be read once\n")
	}
	c, _ := dataIn("requests: [{request: 'GET http://x/'}]", nil)
	if err := c.TakeData(nil, "-", strings.NewReader("\n")); err != nil {
		t.Fatal(err)
	}
	same(t, fmt.Sprint(c.Check(vars.NewScope(nil))), "standard input: no row; a run without one would test nothing")
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
