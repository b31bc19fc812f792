package expect

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// openDocument reads the documents of testdata/openapi.
func openDocument(name string) ([]byte, error) { return os.ReadFile("testdata/openapi/" + name) }

// conformed judges an answer and returns what is said of it, without the name of the document.
func conformed(t *testing.T, files *Files, yaml, request string, r wire.Response) string {
	t.Helper()
	var e Expectations
	err := source.Parse("c.yaml", []byte(yaml), e.Read)
	if err == nil {
		err = e.LoadFrom(files)
	}
	if err != nil {
		t.Fatal(err)
	}
	method, address, _ := strings.Cut(request, " ")
	x := &wire.Exchange{Request: wire.Request{Method: method, URL: "http://127.0.0.1:1" + address}, Response: &r}
	failures, err := e.Judge(NewAnswer(x), vars.NewScope(nil))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range failures {
		lines = append(lines, f.Message)
		for _, d := range f.Details {
			lines = append(lines, "  "+d)
		}
	}
	return strings.Join(lines, "\n")
}

// answered makes a response of "200 Name: value, Name: value" and a body.
func answered(head, body string) wire.Response {
	status, rest, _ := strings.Cut(head, " ")
	r := wire.Response{Header: http.Header{}, Body: []byte(body), URL: "http://127.0.0.1:1/"}
	for _, c := range status {
		r.Status = r.Status*10 + int(c-'0')
	}
	for pair := range strings.SplitSeq(rest, "; ") {
		if name, v, ok := strings.Cut(pair, ": "); ok {
			r.Header.Add(name, v)
		}
	}
	return r
}

func TestAnAnswerIsComparedWithItsOperation(t *testing.T) {
	t.Parallel()
	const json, tagged = "Content-Type: application/json", `ETag: W/"1"; Content-Type: application/json`
	const get = "openapi: the answer differs from GET /patients/{id} (getPatient) of clinic.yaml"
	for _, tt := range []struct{ name, request, head, body, want string }{
		{"as described", "GET /api/v2/patients/7?x=1", "200 " + tagged, `{"id":"7","name":null,"age":3,"born":"1970-05-17","doctor":null}`, ""},
		{"below another server", "GET /api/patients/a%2Fb", "200 " + tagged, `{"id":"7","name":"Ada","doctor":{"id":1}}`, ""},
		{"a member that is not there", "GET /api/patients/7", "200 " + tagged, `{"id":"7"}`, get + ": body name: missing, and required"},
		{"several places", "GET /api/patients/7", "200 " + json + "; X-Page-Count: 0; X-Flags: 1, 2,x", `{"id":7,"name":"Ada","age":0,"nam":1,"doctor":{}}`,
			get + " in 8 places, the first: header ETag: missing, and required\n  header ETag: missing, and required\n" +
				"  header X-Flags 2: got \"x\" (text), want a whole number\n  header X-Flags: got 3 elements, want at most 2\n  header X-Page-Count: got 0, want at least 1\n" +
				"  body nam: got 1, want nothing there; did you mean \"name\"?\n  body age: got 0, want above 0\n  body doctor.id: missing, and required\n  body id: got 7 (a number), want text"},
		{"the body itself", "GET /api/patients/7", "200 " + tagged, `[]`, get + ": body: got [] (a list), want an object"},
		{"a broken body", "GET /api/patients/7", "200 " + tagged, `{"id"`, get + `: body: is not JSON (application/json, breaks off after 5 bytes: "{\"id\"")`},
		{"another media type", "GET /api/patients/7", `200 ETag: W/"1"; Content-Type: text/html`, `<html>`,
			get + ": header Content-Type: got text/html, want application/fhir+json or application/json or application/xml or text/plain"},
		{"no media type", "GET /api/patients/7", `200 ETag: W/"1"`, `{}`,
			get + ": header Content-Type: got no Content-Type, want application/fhir+json or application/json or application/xml or text/plain"},
		{"a type with a suffix", "GET /api/patients/7", `200 ETag: W/"1"; Content-Type: application/fhir+json`, `{}`, get + ": body resourceType: missing, and required"},
		{"text", "GET /api/patients/7", `200 ETag: W/"1"; Content-Type: text/plain`, `too long`, get + `: body: got 8 characters, want at most 5`},
		{"XML is of its type alone", "GET /api/patients/7", `200 ETag: W/"1"; Content-Type: application/xml`, `<a/>`, ""},
		{"no body", "GET /api/patients/7", `200 ETag: x`, ``,
			get + " in 2 places, the first: header ETag: got \"x\", want it to match ^W/\"\n  header ETag: got \"x\", want it to match ^W/\"\n" +
				"  body: empty, want application/fhir+json or application/json or application/xml or text/plain"},
		{"a part in another file", "GET /api/patients/7", "404 Content-Type: application/problem+json", `{"title":5}`, get + ": body title: got 5 (a number), want text"},
		{"a class of statuses", "GET /api/patients/7", "422", ``, ""},
		{"a body that is not described", "GET /api/patients/7", "422 " + json, `{}`, get + ": body: got 2 bytes of application/json, and none is described"},
		{"a status that is not", "GET /api/patients/7", "500 " + json, `{}`, get + ": status 500: not described, only 200, 404, 4XX"},
		{"no content", "DELETE /api/patients/7", "204", ``, ""},
		{"what is written out comes first", "GET /api/patients/me", "200 Content-Type: text/csv", `a,b`, ""},
		{"any type", "GET /api/patients/me", "503 Content-Type: application/json", `"x"`, `openapi: the answer differs from GET /patients/me (getMe) of clinic.yaml: body: got "x" (text), want a whole number`},
		{"parameters within a segment", "GET /api/patients/7/report-2024.json", "200 " + json, `{"kind":"lab","value":1.5}`, ""},
		{"the alternative that a member names", "GET /api/patients/7/report-2024.json", "200 " + json, `{"kind":"lab","url":"x"}`,
			"openapi: the answer differs from GET /patients/{id}/report-{date}.{format} of clinic.yaml: body value: missing, and required"},
		{"no alternative", "GET /api/patients/7/report-2024.json", "200 " + json, `{"kind":"labb"}`,
			"openapi: the answer differs from GET /patients/{id}/report-{date}.{format} of clinic.yaml: body kind: got \"labb\", want one of Lab, Scan, lab, scan"},
		{"nothing that names one", "GET /api/patients/7/report-2024.json", "200 " + json, `{}`,
			"openapi: the answer differs from GET /patients/{id}/report-{date}.{format} of clinic.yaml: body kind: missing, and required to tell one of Lab, Scan, lab, scan"},
		{"servers of a path", "GET /health", "200", ``, ""},
		{"HEAD has no body", "HEAD /health", "200 Content-Type: text/plain", ``, ""},
		{"an empty parameter", "GET /api/patients/", "200", ``,
			"openapi: clinic.yaml describes no path that /api/patients/ fits; it describes /health, /api/{version}/patients/me, /api/patients/me, /api/{version}/patients/{id}, /api/patients/{id}, /api/{version}/patients/{id}/report-{date}.{format}, /api/patients/{id}/report-{date}.{format}"},
		{"another method", "POST /api/patients/7", "200", ``, "openapi: clinic.yaml describes no POST of /patients/{id}, only GET, DELETE"},
		{"a path below a server that is not named", "GET /x/health", "200", ``,
			`openapi: clinic.yaml describes no path that /x/health fits; /health would fit below "/x", but servers: say nothing of that; give it an operationId, and name that: {file: clinic.yaml, operation: …}`},
		{"a path below another server", "GET /fhir/patients/7", "200", ``,
			`openapi: clinic.yaml describes no path that /fhir/patients/7 fits; /patients/{id} would fit below "/fhir", but servers: say /api/{version}, /api; name it: {file: clinic.yaml, operation: getPatient}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := conformed(t, &Files{Open: openDocument}, "openapi: clinic.yaml", tt.request, answered(tt.head, tt.body)); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestAnOperationMayBeNamed(t *testing.T) {
	t.Parallel()
	files := &Files{Open: openDocument}
	got := conformed(t, files, "openapi: {file: clinic.yaml, operation: getPatient}", "POST /anywhere", answered("500", ""))
	if want := "openapi: the answer differs from GET /patients/{id} (getPatient) of clinic.yaml: status 500: not described, only 200, 404, 4XX"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r := answered("500", "")
	r.Hops = []wire.Hop{{Status: 302, URL: "http://127.0.0.1:1/x"}}
	got = conformed(t, files, "openapi: {file: clinic.yaml, operation: getPatient}", "GET /x", r)
	if want := "\n  the answer came after one redirect, from http://127.0.0.1:1/; follow_redirects: false judges the first"; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want it to end with %s", got, want)
	}
}

func TestSchemasOf31AreThoseOfJSONSchema(t *testing.T) {
	t.Parallel()
	files := &Files{Open: openDocument}
	for body, want := range map[string]string{
		`null`:                        "",
		`{"n":6,"t":"ab","u":"kg"}`:   "",
		`{"n":5,"t":"abcd","u":"lb"}`: " in 3 places, the first: body n: got 5, want above 5\n  body n: got 5, want above 5\n  body t: got 4 characters, want at most 3\n  body u: got \"lb\", want one of [\"kg\"]",
		`{"t":"a"}`:                   ": body t: got 1 characters, want at least 2",
		`{"x":1}`:                     ": body x: got 1, want nothing there",
	} {
		if want != "" {
			want = "openapi: the answer differs from GET /n of new.json" + want
		}
		if got := conformed(t, files, "openapi: new.json", "GET /n", answered("201 Content-Type: application/json", body)); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", body, got, want)
		}
	}
}

func TestADocumentIsReadOnceForACollection(t *testing.T) {
	t.Parallel()
	reads := 0
	files := &Files{Open: func(name string) ([]byte, error) { reads++; return openDocument(name) }}
	for range 3 {
		conformed(t, files, "openapi: clinic.yaml", "GET /health", answered("200", ""))
	}
	if want := 2; reads != want { // clinic.yaml, and common.yaml that it refers to
		t.Errorf("got %d reads, want %d", reads, want)
	}
}

func TestWhatIsWrongWithADocumentIsToldAtItsPlaceAndOnce(t *testing.T) {
	t.Parallel()
	const head = "openapi: 3.0.0\npaths:\n"
	for _, tt := range []struct{ name, document, want string }{
		{"a reference", head + "  /a:\n    get: {responses: {\"200\": {content: {application/json: {schema: {$ref: '#/components/schemas/X'}}}}}}\n",
			"api.yaml:4:75: $ref: #/components/schemas/X: there is nothing at /components/schemas/X"},
		{"a schema", head + "  /a:\n    get:\n      responses:\n        \"200\":\n          content:\n            application/json:\n              schema:\n                type: objekt\n",
			`api.yaml:10:23: type: unknown type "objekt"; did you mean "object"?`},
		{"a status", head + "  /a: {get: {responses: {20: {description: x}, 2xx: {}, default: {}, x-y: 1}}}\n", `api.yaml:3:30: responses: "20" is no status; want one such as 200, a class such as 4XX, or default`},
		{"twins", head + "  /a: {get: {operationId: x}}\n  /b: {get: {operationId: x}}\n", `api.yaml:4:13: operationId "x" is that of GET /a too`},
		{"a path", head + "  a: {}\n  /b{: {}\n  x-c: {}\n", "api.yaml:3:6: the path \"a\" does not start with /\napi.yaml:4:8: the path \"/b{\" has a brace without its partner"},
		{"a circle", head + "  /a: {$ref: '#/paths/~1a'}\n", "api.yaml:3:7: $ref leads back to itself"},
		{"a part elsewhere", head + "  /a: {get: {responses: {\"200\": {$ref: 'https://x.test/r.yaml'}}}}\n",
			"api.yaml:3:40: https://x.test/r.yaml: it lies elsewhere, and nothing is fetched; save it in the folder of the collection, and refer to the file"},
		{"Swagger", "swagger: '2.0'\n", `c.yaml:1:10: api.yaml: is of Swagger "2.0"; convert it to OpenAPI 3`},
		{"a version that is a number", "openapi: 3.1\npaths: {}\n", `c.yaml:1:10: api.yaml: openapi: got 3.1, want a version in quotes such as "3.1.0"`},
		{"a version to come", "openapi: 4.0.0\n", `c.yaml:1:10: api.yaml: is of OpenAPI 4.0.0, and versions 3.0 to 3.2 are understood`},
		{"no paths", "openapi: 3.1.0\n", `c.yaml:1:10: api.yaml: describes no paths`},
		{"another document", "a: 1\n", `c.yaml:1:10: api.yaml: no OpenAPI document: it does not say openapi: 3.1.0 or the like`},
		{"a list", "[]\n", `c.yaml:1:10: api.yaml: no OpenAPI document: got an empty list, want a mapping with openapi:, info: and paths:`},
		{"an alternative", "openapi: 3.1.0\npaths: {/a: {get: {responses: {default: {content: {application/json: {schema: {$ref: '#/components/schemas/R'}}}}}}}}\ncomponents:\n  schemas:\n    L: {}\n" +
			"    R:\n      oneOf: [{$ref: '#/components/schemas/L'}]\n      discriminator: {propertyName: k, mapping: {l: X}}\n",
			`api.yaml:8:53: discriminator: "X" is none of the alternatives`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := &Files{Open: func(name string) ([]byte, error) {
				if name != "api.yaml" {
					return nil, os.ErrNotExist
				}
				return []byte(tt.document), nil
			}}
			var e Expectations
			if err := source.Parse("c.yaml", []byte("openapi: api.yaml"), e.Read); err != nil {
				t.Fatal(err)
			}
			err := e.LoadFrom(files)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got:\n%v\nwant:\n%s", err, tt.want)
			}
			var several source.Problems
			if again := e.LoadFrom(files); again != nil && !strings.HasPrefix(tt.want, "c.yaml") && errors.As(again, &several) {
				t.Errorf("told again: %v", again)
			}
		})
	}
}

func TestTheSubjectOpenAPIWantsADocumentThatIsThere(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`openapi: "{{doc}}"`:                                  "c.yaml:1:10: the document is read with the collection, before any variable has a value; write this without {{}}",
		`openapi: ""`:                                         "c.yaml:1:10: the name is empty",
		`openapi: {operation: x}`:                             "c.yaml:1:10: which document? write file: openapi.yaml beside operation",
		`openapi: {file: clinic.yaml, operaton: x}`:           `c.yaml:1:30: unknown key "operaton"; did you mean "operation"?`,
		`openapi: {file: clinic.yaml, operation: getPatiant}`: `c.yaml:1:41: clinic.yaml has no operation "getPatiant"; did you mean "getPatient"?`,
		`openapi: none.yaml`:                                  "c.yaml:1:10: none.yaml: no such file or directory",
		`openapi: [a]`:                                        "c.yaml:1:10: want text, got a list",
	} {
		var e Expectations
		err := source.Parse("c.yaml", []byte(yaml), e.Read)
		if err == nil {
			err = e.LoadFrom(&Files{Open: openDocument})
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", yaml, err, want)
		}
	}
}

func TestPlacesInADocumentAreBelowTheFolderOfTheCollection(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"openapi: 3.0.0\npaths: {/a: {$ref: '#/b'}}\n": "in/docs/api.yaml:2:20: #/b: there is nothing at /b",
		"openapi: [3.0.0\n":                            "in/docs/api.yaml:1:10: ",
	} {
		var e Expectations
		if err := source.Parse("in/c.yaml", []byte("openapi: docs/api.yaml"), e.Read); err != nil {
			t.Fatal(err)
		}
		err := e.LoadFrom(&Files{Folder: "in", Open: func(string) ([]byte, error) { return []byte(document), nil }})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
