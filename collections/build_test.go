package collections_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// variables are what the requests of these tests can use.
func variables() *vars.Scope {
	return vars.NewScope(nil, vars.Layer{Name: "environment", Values: map[string]vars.Value{
		"base":    {Text: "https://x.example"},
		"bare":    {Text: "x.example"},
		"path":    {Text: "a b/ü|%41%4"},
		"token":   {Text: "t&k=n +"},
		"number":  {Text: "5", JSON: true},
		"list":    {Text: `["a",1]`, JSON: true},
		"break":   {Text: "a\r\nX-Evil: b"},
		"newline": {Text: "https://x.example\n"},
		"name":    {Text: "a"},
		"empty":   {},
	}})
}

// text returns a request as HTTP/1.1 would write it, with URL and all, and BOUNDARY for a random boundary.
func text(req *wire.Request) string {
	var b strings.Builder
	b.WriteString(req.Method + " " + req.URL + "\n")
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		for _, value := range req.Header[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	if req.Body != nil {
		b.WriteString("\n" + strings.ReplaceAll(string(req.Body), "\r\n", "\n"))
	}
	return regexp.MustCompile(`\b[0-9a-f]{60}\b`).ReplaceAllString(b.String(), "BOUNDARY")
}

func TestARequestIsBuiltByteForByte(t *testing.T) {
	t.Parallel()
	fsys := folder(map[string]string{
		"dir/data/a.json": "{\"a\":\n1}", "dir/data/b.DCM": "\x00\x01", "dir/a": "A",
	})
	tests := []struct{ name, request, want string }{
		{"bare", `request: GET {{base}}`, "GET https://x.example\n"},
		{"method and spaces", "request: \"  DELETE   {{base}}/a  \"", "DELETE https://x.example/a\n"},
		{"a fragment goes", `request: GET {{base}}/a?b=c#d`, "GET https://x.example/a?b=c\n"},
		{"what a URL cannot hold is escaped, once", `request: "GET {{base}}/{{path}}?q={{path}}"`,
			"GET https://x.example/a%20b/%C3%BC%7C%41%254?q=a%20b/%C3%BC%7C%41%254\n"},
		{"userinfo, port and brackets stay", `request: "GET http://u:p@[::1]:8080/a;b=c/$everything?x[]=1"`,
			"GET http://u:p@[::1]:8080/a;b=c/$everything?x[]=1\n"},
		{"query", "request: GET {{base}}\nquery: {_count: 50, z: \"{{token}}\", a: [1, true, \"{{number}}\"], gone: null, none: [], e: \"\"}",
			"GET https://x.example?_count=50&z=t%26k%3Dn+%2B&a=1&a=true&a=5&e=\n"},
		{"query behind the URL's own", "request: GET {{base}}/a?b=c\nquery: {d: e}", "GET https://x.example/a?b=c&d=e\n"},
		{"query behind an open ?", "request: GET {{base}}/a?\nquery: {d: e}", "GET https://x.example/a?d=e\n"},
		{"query behind an open &", "request: GET {{base}}/a?b=c&\nquery: {d: e}", "GET https://x.example/a?b=c&d=e\n"},
		{"query before the fragment", "request: GET {{base}}/a#top\nquery: {d: e}", "GET https://x.example/a?d=e\n"},
		{"query of nothing", "request: GET {{base}}/a\nquery: {d: null}", "GET https://x.example/a\n"},
		{"headers", "request: GET {{base}}\nheaders: {x-b: \"{{name}}\", X-A: [1, \"{{token}}\"], accept: a/b}",
			"GET https://x.example\nAccept: a/b\nX-A: 1\nX-A: t&k=n +\nX-B: a\n"},
		{"json keeps order, types and digits", `
request: POST {{base}}
json: {z: 1.10, a: "{{number}}", s: "n {{number}}", l: "{{list}}", n: null, b: false, big: 12345678901234567890, t: 2024-01-02, u: "<ü>"}`,
			"POST https://x.example\nContent-Type: application/json\n\n" +
				`{"z":1.10,"a":5,"s":"n 5","l":["a",1],"n":null,"b":false,"big":12345678901234567890,"t":"2024-01-02","u":"<ü>"}`},
		{"json without names", "request: POST {{base}}\njson: [1, {a: b}]", "POST https://x.example\nContent-Type: application/json\n\n[1,{\"a\":\"b\"}]"},
		{"json by another name", "request: PUT {{base}}\njson: {a: 1}\nheaders: {content-type: application/fhir+json}",
			"PUT https://x.example\nContent-Type: application/fhir+json\n\n{\"a\":1}"},
		{"form", "request: POST {{base}}\nform: {z: \"{{token}}\", a: [1, x], none: null}",
			"POST https://x.example\nContent-Type: application/x-www-form-urlencoded\n\nz=t%26k%3Dn+%2B&a=1&a=x"},
		{"empty form", "request: POST {{base}}\nform: {}", "POST https://x.example\nContent-Type: application/x-www-form-urlencoded\n\n"},
		{"text", "request: POST {{base}}\ntext: \"a {{name}}\"", "POST https://x.example\nContent-Type: text/plain; charset=utf-8\n\na a"},
		{"xml", "request: POST {{base}}\nxml: <a>{{name}}</a>", "POST https://x.example\nContent-Type: application/xml\n\n<a>a</a>"},
		{"graphql", "request: POST {{base}}\ngraphql: {query: \"query Q($n: Int) { a(n: $n) { \\\"x\\\" } }\", variables: {n: \"{{number}}\"}, operation: Q}",
			"POST https://x.example\nContent-Type: application/json\n\n" +
				`{"query":"query Q($n: Int) { a(n: $n) { \"x\" } }","variables":{"n":5},"operationName":"Q"}`},
		{"graphql in short", "request: POST {{base}}\ngraphql: \"{ {{name}} }\"", "POST https://x.example\nContent-Type: application/json\n\n{\"query\":\"{ a }\"}"},
		{"file", "request: POST {{base}}\nfile: data/{{name}}.json", "POST https://x.example\nContent-Type: application/json\n\n{\"a\":\n1}"},
		{"file of an unknown kind", "request: POST {{base}}\nfile: ./a", "POST https://x.example\nContent-Type: application/octet-stream\n\nA"},
		{"multipart", `
request: POST {{base}}
multipart:
  z: "{{token}}"
  a: [1, {text: "{}", content_type: application/json}]
  f: {file: data/a.json}
  g: {file: "data/b.DCM", filename: "scan \"{{name}}\".dcm", content_type: "application/x-{{name}}"}
  none: null`, `POST https://x.example
Content-Type: multipart/form-data; boundary=BOUNDARY

--BOUNDARY
Content-Disposition: form-data; name="z"

t&k=n +
--BOUNDARY
Content-Disposition: form-data; name="a"

1
--BOUNDARY
Content-Disposition: form-data; name="a"
Content-Type: application/json

{}
--BOUNDARY
Content-Disposition: form-data; name="f"; filename="a.json"
Content-Type: application/json

{"a":
1}
--BOUNDARY
Content-Disposition: form-data; name="g"; filename="scan \"a\".dcm"
Content-Type: application/x-a

` + "\x00\x01" + `
--BOUNDARY--
`},
		{"multipart with a type of one's own", "request: POST {{base}}\nmultipart: {a: b}\nheaders: {Content-Type: multipart/form-data}",
			"POST https://x.example\nContent-Type: multipart/form-data; boundary=BOUNDARY\n\n--BOUNDARY\nContent-Disposition: form-data; name=\"a\"\n\nb\n--BOUNDARY--\n"},
		{"multipart with a boundary of one's own", "request: POST {{base}}\nmultipart: {a: b}\nheaders: {Content-Type: multipart/mixed; boundary=xyz}",
			"POST https://x.example\nContent-Type: multipart/mixed; boundary=xyz\n\n--xyz\nContent-Disposition: form-data; name=\"a\"\n\nb\n--xyz--\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fsys := maps.Clone(fsys)
			maps.Copy(fsys, folder(map[string]string{"dir/c.yaml": one(test.request)}))
			r := find(t, loadFrom(t, fsys, "dir/c.yaml", collections.Options{}), "It")
			for range 2 { // a second attempt sends the same
				req, err := r.Message.Build(variables())
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(test.want, text(req)); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			}
		})
	}
}

// one returns a collection of one request called It.
func one(request string) string {
	return "requests:\n  - name: It\n    " + strings.ReplaceAll(strings.TrimSpace(request), "\n", "\n    ") + "\n"
}

func TestARequestThatCannotBeBuiltSaysWhere(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, request, want string }{
		{"no scheme", "request: GET {{bare}}/a", `c.yaml:3:14: the URL "x.example/a" is not absolute; want http:// or https:// at its start`},
		{"host and port alone", "request: \"GET {{bare}}:80/a\"", `c.yaml:3:14: the URL "x.example:80/a" is not absolute; want http:// or https:// at its start`},
		{"empty", "request: GET {{empty}}/a", `c.yaml:3:14: the URL "/a" is not absolute; want http:// or https:// at its start`},
		{"no host", "request: GET http://{{empty}}/a", `c.yaml:3:14: the URL "http:///a" has no host`},
		{"line break", "request: GET {{newline}}/a", `c.yaml:3:14: the URL has a control character ('\n') in it; a variable may end in a line break`},
		{"bad host", "request: GET {{base}}{{path}}/a", `c.yaml:3:14: the URL "https://x.examplea%20b/%C3%BC%7C%41%254/a" is not valid: invalid URL escape "%20"`},
		{"unknown name in the URL", "request: GET {{base}}/{{nmae}}", `c.yaml:3:27: variable "nmae" is not defined; did you mean "name"?`},
		{"unknown name in a body", "request: GET {{base}}\njson: {a: [\"{{x}}\"]}", `c.yaml:4:16: variable "x" is not defined`},
		{"unknown name in graphql", "request: GET {{base}}\ngraphql: {query: a, variables: {b: \"{{x}}\"}}", `c.yaml:4:40: variable "x" is not defined`},
		{"unknown name in a part", "request: GET {{base}}\nmultipart: {a: {text: b, content_type: \"{{x}}\"}}", `c.yaml:4:44: variable "x" is not defined`},
		{"line break in a header", "request: GET {{base}}\nheaders: {X-A: \"b{{break}}\"}",
			`c.yaml:4:20: header X-A: the value has a line break or another control character in it`},
		{"line break in a part", "request: GET {{base}}\nmultipart: {a: {text: b, content_type: \"{{break}}\"}}", `c.yaml:4:20: part "a": content_type has a line break in it`},
		{"type that no multipart has", "request: POST {{base}}\nheaders: {Content-Type: text/plain}\nmultipart: {a: b}",
			`c.yaml:5:16: header Content-Type: a multipart body is multipart/form-data; leave the header out`},
		{"file that is not there", "request: POST {{base}}\nfile: \"{{name}}.json\"", `c.yaml:4:11: file "a.json": file does not exist`},
		{"file that leaves the folder", "request: POST {{base}}\nfile: \"{{name}}/../../b\"",
			`c.yaml:4:11: file "a/../../b" leaves the folder of the collection; allow a wider one with --file-root`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := find(t, load(t, one(test.request)), "It").Message.Build(variables())
			if err == nil {
				t.Fatalf("got nothing, want %s", test.want)
			}
			if d := cmp.Diff(test.want, err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if _, ok := err.(*source.Error); !ok {
				t.Errorf("got a %T, want a *source.Error", err)
			}
		})
	}
}

func TestTheContentTypeOfAFolderIsNotThatOfAForm(t *testing.T) {
	t.Parallel()
	c := load(t, `
headers: {Content-Type: application/fhir+json}
requests:
  - {name: json, request: POST https://x.example, json: {}}
  - {name: form, request: POST https://x.example, form: {a: b}}
  - {name: own, request: POST https://x.example, form: {a: b}, headers: {content-type: x/y}}
  - {name: removed, request: POST https://x.example, json: {}, headers: {content-type: null}}
`)
	for name, want := range map[string]string{
		"json": "application/fhir+json", "form": "application/x-www-form-urlencoded", "own": "x/y", "removed": "application/json",
	} {
		req, err := find(t, c, name).Message.Build(variables())
		if err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("Content-Type"); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFilesStayInTheirFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"secret.txt": "secret", "shared/a.txt": "shared", "c/in.txt": "in",
		"c/direct.yaml": one("request: POST https://x.example\nfile: in.txt"),
		"c/link.yaml":   one("request: POST https://x.example\nfile: link.txt"),
		"c/late.yaml":   one("request: POST https://x.example\nfile: \"{{link}}\""),
		"c/root.yaml":   one("request: POST https://x.example\nfile: shared/a.txt"),
		"c/out.yaml":    one("request: POST https://x.example\nfile: ../secret.txt"),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret.txt", filepath.Join(dir, "c", "link.txt")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	tests := []struct{ name, file, root, body, err string }{
		{"inside", "direct.yaml", "", "in", ""},
		{"a link out", "link.yaml", "", "", `link.yaml:4:11: file "link.txt": path escapes from parent`},
		{"a link out that a name hides", "late.yaml", "", "", `late.yaml:4:11: file "link.txt": path escapes from parent`},
		{"a wider root", "root.yaml", dir, "shared", ""},
		{"out of a wider root", "out.yaml", dir, "", `out.yaml:4:11: file "../secret.txt" leaves ` + dir},
		{"a root that is not there", "direct.yaml", dir + "/none", "", `direct.yaml:4:11: file "in.txt": folder "` + dir + `/none": no such file or directory`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := "", error(nil)
			c, err := collections.Load(source.Disk(), filepath.Join(dir, "c", test.file), collections.Options{FileRoot: test.root})
			if err == nil {
				var req *wire.Request
				s := vars.NewScope(nil, vars.Layer{Values: map[string]vars.Value{"link": {Text: "link.txt"}}})
				if req, err = find(t, c, "It").Message.Build(s); err == nil {
					body = string(req.Body)
				}
			}
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), filepath.Join(dir, "c")+string(filepath.Separator))
			}
			if body != test.body || got != test.err {
				t.Errorf("got %q and %q, want %q and %q", body, got, test.body, test.err)
			}
		})
	}
}

func TestTheTypeOfAFileFollowsFromItsName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.json": "application/json", "a.JSON": "application/json", "a.ndjson": "application/x-ndjson", "a.xml": "application/xml",
		"a.txt": "text/plain; charset=utf-8", "a.csv": "text/csv", "a.html": "text/html; charset=utf-8", "a.yml": "application/yaml",
		"a.pdf": "application/pdf", "a.zip": "application/zip", "a.tar.gz": "application/gzip", "a.png": "image/png", "a.jpeg": "image/jpeg",
		"a.gif": "image/gif", "a.svg": "image/svg+xml", "a.dcm": "application/dicom", "a.hl7": "x-application/hl7-v2+er7", "json": "application/octet-stream",
	} {
		fsys := folder(map[string]string{"c.yaml": one("request: POST https://x.example\nfile: " + name), name: "x"})
		req, err := find(t, loadFrom(t, fsys, "c.yaml", collections.Options{}), "It").Message.Build(variables())
		if err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("Content-Type"); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestAFileIsReadForEveryAttempt(t *testing.T) {
	t.Parallel()
	fsys := folder(map[string]string{"c.yaml": one("request: POST https://x.example\nfile: a"), "a": "first"})
	r := find(t, loadFrom(t, fsys, "c.yaml", collections.Options{}), "It")
	for _, want := range []string{"first", "second"} {
		fsys["a"].Data = []byte(want)
		req, err := r.Message.Build(variables())
		if err != nil || string(req.Body) != want {
			t.Errorf("got %q and %v, want %q", req.Body, err, want)
		}
	}
}
