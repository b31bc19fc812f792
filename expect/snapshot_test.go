package expect

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// compared judges a body by expectations, with one snapshot on the disk; what is "" is not there. It returns what is said,
// and the snapshot that would make them hold.
func compared(t *testing.T, yaml, snapshot, body string) (said string, would *Snapshot) {
	t.Helper()
	store := &Snapshots{Folder: "__snapshots__/c", Open: func(name string) ([]byte, error) {
		if name != "a.json" || snapshot == "" {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(snapshot), nil
	}}
	var e Expectations
	if err := source.Parse("c.yaml", []byte(yaml), e.Read); err != nil {
		t.Fatal(err)
	}
	if err := e.LoadFrom(&Files{Snapshots: store}); err != nil {
		t.Fatal(err)
	}
	secret := map[string]vars.Value{"hidden": {Text: "s3cret-value", Secret: true}, "pin": {Text: "987654", Secret: true}, "name": {Text: "a"}}
	s := vars.NewScope(nil, vars.Layer{Values: secret})
	for _, name := range []string{"hidden", "pin"} {
		s.Hide(name, secret[name].Text)
	}
	failures, err := e.Judge(NewAnswer(&wire.Exchange{Response: &wire.Response{Body: []byte(body)}}), s)
	if err != nil {
		return "error " + err.Error(), nil
	}
	var lines []string
	for _, f := range failures {
		lines = append(append(lines, f.Message), f.Details...)
		would = f.Snapshot
	}
	return strings.Join(lines, "\n"), would
}

func TestAnAnswerIsComparedWithItsSnapshot(t *testing.T) {
	t.Parallel()
	const plain = "body: {snapshot: a.json}"
	const start, advice = "body: differs from __snapshots__/c/a.json ", "if this is right now, hgrun run --update changes the snapshot"
	for _, tt := range []struct{ name, yaml, snapshot, body, want string }{
		{"the same in another layout", plain, "{\r\n  \"b\": 1.0, \"a\": [\"x\"]}\r\n", `{"a":["x"],"b":1}`, ""},
		{"a name with a variable", `body: {snapshot: "{{name}}.json"}`, `{}`, `{}`, ""},
		{"values of every kind", plain, `{"a":1,"b":"x","c":[1,2,3],"d":{"e":true},"f.g":null}`, `{"a":"1","b":"y","c":[1,3],"d":{},"f.g":0,"h":[]}`,
			start + "in 7 places, the first at a: got \"1\" (text), want 1 (a number)\na: got \"1\" (text), want 1 (a number)\nb: got \"y\", want \"x\"\nc.1: got 3, want 2\nc.2: missing, want 3\n" +
				"d.e: missing, want true\nf\\.g: got 0, want null\nh: got [], want nothing there\n" + advice},
		{"matchers", plain, `{"id":"<uuid>","at":"<datetime>","on":"<date>","n":"<number>","i":"<integer>","s":"<string>","x":"<any>","r":"<regex:^P-\\d+$>","b":"<boolean>","lt":"<b>"}`,
			`{"id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","at":"2024-05-31T12:00:00Z","on":"2024-05-31","n":1.5,"i":3,"s":"","x":null,"r":"P-12","b":false,"lt":"<b>"}`, ""},
		{"matchers that do not fit", plain, `{"id":"<uuid>","n":"<number>","r":"<regex:^P-\\d+$>","gone":"<any>"}`, `{"id":"7","n":"1","r":"X"}`,
			start + "in 4 places, the first at gone: missing, want \"<any>\"\ngone: missing, want \"<any>\"\nid: got \"7\" (text), want a UUID (<uuid>)\nn: got \"1\" (text), want a number (<number>)\n" +
				"r: got \"X\" (text), want text that matches ^P-\\d+$\n" + advice},
		{"what is ignored", `body: {snapshot: {file: a.json, ignore: [meta.lastUpdated, "entry.#.id", "tags.*.at", 'a\.b']}}`,
			`{"meta":{"v":1},"entry":[{"id":1},{"x":1}],"tags":{"a":{}},"a.b":1}`, `{"meta":{"v":1,"lastUpdated":"x"},"entry":[{"id":2},{"x":1,"id":3}],"tags":{"a":{"at":1}}}`, ""},
		{"another kind of document", plain, `{"a":1}`, `[1]`, start + "at the whole: got [1], want {\"a\":1}\n" + advice},
		{"text", "text: {snapshot: a.json}", "one\r\ntwo\r\n", "one\ntwo", ""},
		{"text that differs", "text: {snapshot: a.json}", "one\ntwo\n", "one\n2\n", "text: differs from __snapshots__/c/a.json at line 2: got \"2\", want \"two\"\n" + advice},
		{"text and a document", plain, "one\n", `{"a":1}`, start + "at the whole: got an object, want the text of __snapshots__/c/a.json\n" + advice},
		{"a part", "json: {a.b: {snapshot: a.json}}", `[1,2]`, `{"a":{"b":[1,2]}}`, ""},
		{"a part that is not there", "json: {a.c: {snapshot: a.json}}", `[1,2]`, `{"a":{"b":[1,2]}}`, "json a.c: nothing there, want as in __snapshots__/c/a.json\na has b"},
		{"none yet", plain, "", `{}`, "body: there is no snapshot __snapshots__/c/a.json yet\nhgrun run --update writes it"},
		{"a matcher that is none", plain, `{"a":"<regex:(>"}`, `{}`, "error c.yaml:1:18: __snapshots__/c/a.json: \"<regex:(>\": not a regular expression: missing closing ): `(`"},
		{"a name that leads elsewhere", `body: {snapshot: "{{name}}/../../x.json"}`, "", `{}`,
			`error c.yaml:1:18: a snapshot lies in the folder of snapshots; write a name such as patients.json, got "a/../../x.json"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _ := compared(t, tt.yaml, tt.snapshot, tt.body)
			if got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestASnapshotHoldsWhatCameButNoSecrets(t *testing.T) {
	t.Parallel()
	const plain = "body: {snapshot: a.json}"
	const jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."
	for _, tt := range []struct {
		name, yaml, snapshot, body string
		want                       Snapshot
	}{
		{"in one layout", plain, "", `{"b":1.50,"a":["<&>"]}`, Snapshot{Text: "{\n  \"a\": [\n    \"<&>\"\n  ],\n  \"b\": 1.50\n}\n", Missing: true}},
		{"matchers stay where they fit", plain, `{"a":["<uuid>","<number>","<any>"],"b":"<string>"}`, `{"a":["x",2],"b":"y","c":1}`,
			Snapshot{Text: "{\n  \"a\": [\n    \"x\",\n    \"<number>\"\n  ],\n  \"b\": \"<string>\",\n  \"c\": 1\n}\n"}},
		{"a secret is a matcher", plain, "", `{"access_token":"abc","x":"is s3cret-value","n":987654,"t":"` + jwt + `","code":"ok"}`,
			Snapshot{Text: "{\n  \"access_token\": \"<string>\",\n  \"code\": \"ok\",\n  \"n\": \"<number>\",\n  \"t\": \"<string>\",\n  \"x\": \"<string>\"\n}\n", Missing: true}},
		{"a secret as a name", plain, "", `{"s3cret-value":1}`, Snapshot{Missing: true, Refused: "a secret is the name of a member"}},
		{"a secret in text", "text: {snapshot: a.json}", "", `it is s3cret-value`, Snapshot{Missing: true, Refused: "a secret stands in the text"}},
		{"bytes", "body: {snapshot: a.json}", "", "\xff\x00", Snapshot{Missing: true, Refused: "it is no text; compare it by sha256, or with file:"}},
		{"what looks like a matcher", plain, `{"a":1}`, `{"a":"<uuid>"}`, Snapshot{Text: "{\n  \"a\": \"<regex:^<uuid>$>\"\n}\n"}},
		{"what is ignored stays out", `body: {snapshot: {file: a.json, ignore: [at, "list.#"]}}`, "", `{"at":1,"list":[1],"b":2}`,
			Snapshot{Text: "{\n  \"b\": 2,\n  \"list\": [\n    \"<any>\"\n  ]\n}\n", Missing: true}},
		{"a FHIR resource", plain, "", `{"entry":[{"resourceType":"Patient"}]}`, Snapshot{Text: "{\n  \"entry\": [\n    {\n      \"resourceType\": \"Patient\"\n    }\n  ]\n}\n", Missing: true, FHIR: "Patient"}},
		{"a server's own", plain, "", `{"resourceType":"CapabilityStatement"}`, Snapshot{Text: "{\n  \"resourceType\": \"CapabilityStatement\"\n}\n", Missing: true}},
		{"FHIR in XML", plain, "", `<Patient xmlns="http://hl7.org/fhir"/>`, Snapshot{Text: "<Patient xmlns=\"http://hl7.org/fhir\"/>\n", Missing: true, FHIR: "resource in XML"}},
		{"text", plain, "", "a\r\nb\r\n", Snapshot{Text: "a\nb\n", Missing: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			said, got := compared(t, tt.yaml, tt.snapshot, tt.body)
			if tt.want.File = "__snapshots__/c/a.json"; got == nil || *got != tt.want {
				t.Fatalf("got %+v, want %+v\n%s", got, tt.want, said)
			}
			if got.Refused != "" {
				return
			}
			if again, _ := compared(t, tt.yaml, got.Text, tt.body); again != "" {
				t.Errorf("what was taken does not hold:\n%s", again)
			}
		})
	}
}

func TestASnapshotStandsWhereItMakesSense(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`body: {not: {snapshot: a.json}}`:                      "c.yaml:1:24: a snapshot is of a value itself; it stands in no other predicate",
		`json: {a: {each: {snapshot: a.json}}}`:                "c.yaml:1:29: a snapshot is of a value itself; it stands in no other predicate",
		`duration: {snapshot: a.json}`:                         "c.yaml:1:22: a snapshot is of body, text, json, jsonpath, xpath, headers, regex, jwt or fhir",
		`body: {snapshot: ../a.json}`:                          `c.yaml:1:18: a snapshot lies in the folder of snapshots; write a name such as patients.json, got "../a.json"`,
		`body: {snapshot: /a.json}`:                            `c.yaml:1:18: a snapshot lies in the folder of snapshots; write a name such as patients.json, got "/a.json"`,
		`body: {snapshot: "a:b"}`:                              `c.yaml:1:18: the name of a snapshot is that of a file on every system, without \ : * ? " < > and |; got "a:b"`,
		`body: {snapshot: ""}`:                                 "c.yaml:1:18: the name of the snapshot is empty",
		`body: {snapshot: {ignore: a}}`:                        "c.yaml:1:18: which file? write file: name.json beside ignore",
		`body: {snapshot: {file: a, ignore: [$.a, "", a..b]}}`: "c.yaml:1:37: want the path of what is not compared, such as meta.lastUpdated or entry.#.id, got \"$.a\"\nc.yaml:1:42: want the path of what is not compared, such as meta.lastUpdated or entry.#.id, got \"\"\nc.yaml:1:46: want the path of what is not compared, such as meta.lastUpdated or entry.#.id, got \"a..b\"",
		`body: {snapshot: {file: a, ignored: [a]}}`:            `c.yaml:1:28: unknown key "ignored"; did you mean "ignore"?`,
	} {
		var e Expectations
		if err := source.Parse("c.yaml", []byte(yaml), e.Read); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", yaml, err, want)
		}
	}
}

func TestASnapshotIsReadOnceForARun(t *testing.T) {
	t.Parallel()
	reads := 0
	store := &Snapshots{Open: func(string) ([]byte, error) { reads++; return []byte("{}"), nil }}
	var e Expectations
	if err := source.Parse("c.yaml", []byte("body: {snapshot: a.json}"), e.Read); err != nil {
		t.Fatal(err)
	}
	if err := e.LoadFrom(&Files{Snapshots: store}); err != nil || !e.Keeps() {
		t.Fatalf("got %v, %t", err, e.Keeps())
	}
	for range 3 {
		a := NewAnswer(&wire.Exchange{Response: &wire.Response{Body: []byte("{}")}})
		if failures, err := e.Judge(a, vars.NewScope(nil)); len(failures) > 0 || err != nil || len(a.Snapshots()) != 1 {
			t.Errorf("got %v, %v, %v", failures, err, a.Snapshots())
		}
	}
	if reads != 1 {
		t.Errorf("got %d reads, want 1", reads)
	}
}
