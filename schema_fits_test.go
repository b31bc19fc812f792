package hgrun_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/docs/schema"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
)

// compiled are the schemas, ready to judge.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	ready := map[string]*jsonschema.Schema{}
	for kind, text := range map[string][]byte{"collection": schema.Collection(), "environment": schema.Environment()} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(kind, doc); err != nil {
			t.Fatal(err)
		}
		if ready[kind], err = c.Compile(kind); err != nil {
			t.Fatal(err)
		}
	}
	return ready
}

// judged returns what a schema says of YAML text; ok is false for text that is no YAML, or not JSON's.
func judged(t *testing.T, s *jsonschema.Schema, text []byte) (err error, ok bool) {
	t.Helper()
	var value any
	if source.Parse("f.yaml", text, func(n source.Node) { value = n.Value() }) != nil {
		return nil, false
	}
	plain, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc), true
}

func TestEveryCollectionAndEnvironmentFitsItsSchema(t *testing.T) {
	t.Parallel()
	ready := compiled(t)
	found := map[string]int{}
	for _, dir := range []string{"examples", "cmd/hgrun/template"} {
		err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) != ".yaml" {
				return err
			}
			kind := "collection"
			if filepath.Base(filepath.Dir(file)) == "environments" {
				kind = "environment"
			}
			src, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if kind == "collection" && !collections.IsCollection(src) {
				return nil // a schema, or data
			}
			found[kind]++
			if err, _ := judged(t, ready[kind], src); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found["collection"] < 5 || found["environment"] < 5 {
		t.Errorf("got %v files, want five of each at least", found)
	}
}

func TestEveryBlockOfThePagesFitsItsSchema(t *testing.T) {
	t.Parallel()
	ready := compiled(t)
	count := 0
	for _, file := range ours(t) {
		for _, b := range readPage(t, file).blocks {
			if !strings.HasPrefix(b.language, "yaml") {
				continue
			}
			text := []byte(b.text)
			kind := "environment"
			if collections.IsCollection(text) {
				kind = "collection"
			} else if strings.HasPrefix(b.text, "auth:") || !strings.Contains(b.text, "secrets:") {
				continue // a part of a file
			}
			count++
			if err, _ := judged(t, ready[kind], text); err != nil {
				t.Errorf("%s: %v\n%s", file, err, b.text)
			}
		}
	}
	if count < 10 {
		t.Errorf("got %d blocks, want ten at least", count)
	}
}

// TestTheSchemaRefusesWhatTheLoaderDoesNotKnow takes the broken files whose problems speak of a key that is unknown.
func TestTheSchemaRefusesWhatTheLoaderDoesNotKnow(t *testing.T) {
	t.Parallel()
	ready := compiled(t)
	files, err := filepath.Glob("collections/testdata/bad/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	unknown := regexp.MustCompile(`unknown (key|subject|predicate|part)`)
	refused := 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(archive.Files, func(f txtar.File) bool { return unknown.Match(f.Data) }) {
			continue
		}
		refused++
		if err, ok := judged(t, ready["collection"], archive.Files[0].Data); err == nil && ok {
			t.Errorf("%s has an unknown key, and fits the schema", file)
		}
	}
	if refused < 2 {
		t.Errorf("got %d files with an unknown key, want two at least", refused)
	}
}

// TestWhatLoadsFitsItsSchema takes every collection of the tests that loads.
func TestWhatLoadsFitsItsSchema(t *testing.T) {
	t.Parallel()
	ready := compiled(t)
	files, err := filepath.Glob("*/testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("cmd/hgrun/testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	loaded := 0
	for _, file := range append(files, more...) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree := fstest.MapFS{}
		for _, f := range archive.Files {
			tree[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		for _, f := range archive.Files {
			if filepath.Ext(f.Name) != ".yaml" || importers.IsEnvironment(f.Data) { // of Postman, which have a schema of their own
				continue
			}
			kind := "collection"
			_, err := collections.Load(tree, f.Name, collections.Options{})
			if err != nil {
				kind = "environment"
				_, err = environments.Load(tree, f.Name)
			}
			if err != nil {
				continue
			}
			loaded++
			if err, ok := judged(t, ready[kind], f.Data); ok && err != nil {
				t.Errorf("%s: %s loads, and does not fit the schema of a %s: %v", file, f.Name, kind, err)
			}
		}
	}
	if loaded < 20 {
		t.Errorf("got %d files that load, want twenty at least", loaded)
	}
}

// TestTheSchemaKnowsShorthandsAndTemplates takes pieces of a request, and whether an editor should underline them.
func TestTheSchemaKnowsShorthandsAndTemplates(t *testing.T) {
	t.Parallel()
	s := compiled(t)["collection"]
	for _, test := range []struct {
		text string
		fits bool
	}{
		{`expect: {status: 200}`, true}, {`expect: {status: 2xx}`, true}, {`expect: {status: [200, 3xx]}`, true}, {`expect: {status: "{{status}}"}`, true},
		{`expect: {status: {below: 300}}`, true}, {`expect: {status: 20}`, false}, {`expect: {status: ok}`, false}, {`expect: {status: {less: 300}}`, false},
		{`expect: {json: {a: {b: 1}}}`, false}, {`expect: {json: {a: {equals: {b: 1}}}}`, true}, {`expect: {json: {a: [1, {b: 2}]}}`, true}, {`expect: {}`, false},
		{`expect: {json: {a: {not: {each: {type: "{{kind}}"}}}}}`, true}, {`expect: {json: {a: {not: {each: {type: text}}}}}`, false},
		{`expect: {phases: {dns: {below: 1s}}}`, true}, {`expect: {phases: {dsn: {below: 1s}}}`, false}, {`expect: {redirects: {last.url: x}}`, true}, {`expect: {redirects: 2}`, true}, {`expect: {redirects: {first.url: x}}`, false},
		{`expect: {fhir: Patient}`, true}, {`expect: {fhir: [Patient, Bundle]}`, true}, {`expect: {fhir: {total: {above: 0}}}`, true}, {`expect: {fhir: {totals: 1}}`, false},
		{`expect: {bytes: "25 50"}`, true}, {`expect: {bytes: {above: 1}}`, false}, {`expect: {schema: {type: object}}`, true},
		{`expect: {jwt: {json: id_token, claims.sub: a, header.alg: {one_of: [RS256]}, verify: {file: k.pem}}}`, true}, {`expect: {jwt: [{value: "{{t}}", claims: {exists: true}}]}`, true}, {`expect: {jwt: {json: id_token, claim.sub: a}}`, false},
		{`capture: {a: name.0.family, b: {header: ETag}, c: {status: true}}`, true}, {`capture: {a: {status: 200}}`, false}, {`capture: {a: {heading: ETag}}`, false}, {`capture: {$a: b}`, false},
		{`capture: {a: {json: b, then: upper}}`, true}, {`capture: {a: {json: b, then: [upper, {regex: "(.)"}, {json: c}, {jwt: claims.sub}]}}`, true}, {`capture: {a: {json: b, then: uper}}`, false}, {`capture: {a: {json: b, then: {upper: [], lower: []}}}`, false},
		{`auth: none`, true}, {`auth: admin`, true}, {`auth: {bearer: "{{token}}"}`, true}, {`auth: {bearer: {prefix: x}}`, false}, {`auth: {basic: {username: a}}`, false}, {`auth: {digest: {}}`, false},
		{`auth: {oauth2: {token_url: x}}`, false}, {`auth: {oauth2: {profile: health-gorilla}}`, true}, {`auth: {oauth2: {grant: implicit}}`, false}, {`auth: {oauth2: {grant: password, scope: [a, b], skew: 5s}}`, true},
		{`assertion: {key: k, alg: "{{alg}}", lifetime: 1m}`, true}, {`assertion: {key: k, alg: HS257}`, false}, {`assertion: {alg: HS256}`, false}, {`assertion: {key: k, kid: null}`, true},
		{`retry: 3`, true}, {`retry: {times: 3, on: [failure, 5xx, 429]}`, true}, {`retry: {delay: 1s}`, false}, {`retry: {times: 1, on: always}`, false}, {`retry: -1`, false},
		{`timeout: 1m30s`, true}, {`timeout: 30`, false}, {`timeout: 5 s`, false}, {`delay: 0`, true}, {`follow_redirects: false`, true}, {`follow_redirects: 3`, true}, {`follow_redirects: some`, false},
		{`for_each: [1, 2]`, true}, {`for_each: {id: [1, 2]}`, true}, {`for_each: {from: 1, to: 3}`, true}, {`for_each: {row: {csv: a.csv, label: id}}`, true}, {`for_each: {a: [1], b: [2]}`, false}, {`for_each: {row: {cvs: a.csv}}`, false},
		{`paginate: fhir`, true}, {`paginate: {next: a.b, max: 3}`, true}, {`paginate: {max: 3}`, false}, {`paginate: {offset: {param: o, size: 5, items: a}}`, true}, {`paginate: {offset: {param: o}}`, false},
		{`async: true`, true}, {`async: {every: 1s}`, true}, {`async: {each: 1s}`, false}, {`repeat: 0`, false}, {`tags: smoke`, true}, {`tags: [smoke, slow]`, true}, {`tags: {smoke: true}`, false},
		{`headers: {A: b, C: [d, e], F: null}`, true}, {`headers: {A: {b: c}}`, false}, {`query: {a: 1, b: [true, x], c: null}`, true}, {`form: {"{{a}}": 1}`, false},
		{`multipart: {a: text, b: {file: x.pdf, content_type: application/pdf}, c: [d, {text: e}], f: null}`, true}, {`multipart: {a: {file: x, text: y}}`, false},
		{`graphql: "{a}"`, true}, {`graphql: {query: "{a}", variables: "{{v}}"}`, true}, {`graphql: {operation: a}`, false}, {`json: [1, {a: null}]`, true}, {`when: {a: {exists: true}, b: c}`, true}, {`when: {}`, false},
		{`requests: []`, false}, {`expects: {status: 200}`, false},
	} {
		err, ok := judged(t, s, []byte("requests:\n  - request: GET http://localhost/\n    "+test.text+"\n"))
		if !ok || test.fits != (err == nil) {
			t.Errorf("%s: got %v, want that it fits: %t", test.text, err, test.fits)
		}
	}
	for line, fits := range map[string]bool{"GET {{url}}/a": true, "get /": false, "{{method}} /": false, "GET": false, "https://h.example/": false, "PROPFIND http://h/": true} {
		if err, _ := judged(t, s, fmt.Appendf(nil, "requests: [{request: %q}]", line)); fits != (err == nil) {
			t.Errorf("request: %s: got %v, want that it fits: %t", line, err, fits)
		}
	}
}
