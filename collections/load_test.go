package collections_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

var update = flag.Bool("update", false, "write what was got into the golden files")

// folder returns files by name, for Load.
func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// load reads a collection that has no problem.
func load(t *testing.T, text string) *collections.Collection {
	t.Helper()
	return loadFrom(t, folder(map[string]string{"c.yaml": text}), "c.yaml", collections.Options{})
}

func loadFrom(t *testing.T, fsys fs.FS, file string, o collections.Options) *collections.Collection {
	t.Helper()
	c, err := collections.Load(fsys, file, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// find returns the request that has a name.
func find(t *testing.T, c *collections.Collection, name string) *collections.Request {
	t.Helper()
	for _, r := range c.Requests() {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no request %q", name)
	return nil
}

func TestABrokenFileNamesAllItsProblemsAtOnce(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files and %v, want some", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fsys, want := fstest.MapFS{}, ""
			for _, f := range archive.Files {
				if f.Name == "problems" {
					want = string(f.Data)
					continue
				}
				fsys[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			got := problems(fsys) + "\n"
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "problems" })
				archive.Files = append(archive.Files, txtar.File{Name: "problems", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

// problems returns what Load, or else Check without an environment, has to say.
func problems(fsys fs.FS) string {
	c, err := collections.Load(fsys, "collection.yaml", collections.Options{})
	if err == nil {
		err = c.Check(vars.NewScope(nil))
	}
	if err == nil {
		return "none"
	}
	return err.Error()
}

func TestAFileThatIsNotThereIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	_, err := collections.Load(fstest.MapFS{}, "none.yaml", collections.Options{})
	if got, want := err.Error(), "none.yaml: file does not exist"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist in it", err)
	}
}

const nested = `
name: Nested
description: What is inherited.
tags: [all]
timeout: 5s
follow_redirects: 3
variables: {a: collection, b: collection, c: collection}
headers: {X-A: collection, X-B: collection, X-C: collection}
auths:
  robot: {bearer: "{{a}}"}
auth: robot
setup:
  - request: GET https://x.example/setup
teardown:
  - request: GET https://x.example/teardown
requests:
  - name: Outer
    tags: [slow, all]
    timeout: 6s
    variables: {b: outer, c: outer}
    headers: {x-b: outer, X-C: outer}
    requests:
      - name: Inner
        tags: inner
        follow_redirects: false
        variables: {c: inner}
        headers: {X-C: null}
        auth: none
        requests:
          - name: Deep
            request: GET https://x.example/deep
            tags: [deep]
            variables: {d: request}
            headers: {X-D: [one, two]}
            auth: robot
            timeout: 7s
            follow_redirects: true
          - request: GET https://x.example/plain
  - request: GET https://x.example/last
`

func TestRequestsInheritFromTheInsideOut(t *testing.T) {
	t.Parallel()
	c := load(t, nested)
	type got struct {
		Path, Tags, Layers, Headers string
		Auth                        bool
		Timeout                     time.Duration
		Redirects                   int
	}
	want := []got{
		{"GET https://x.example/setup", "all", "collection", "X-A: collection, X-B: collection, X-C: collection", true, 5 * time.Second, 3},
		{"Outer/Inner/Deep", "all slow inner deep", "request, folder Inner, folder Outer, collection", "X-A: collection, X-B: outer, X-D: one two", true, 7 * time.Second, 10},
		{"Outer/Inner/GET https://x.example/plain", "all slow inner", "folder Inner, folder Outer, collection", "X-A: collection, X-B: outer", false, 6 * time.Second, 0},
		{"GET https://x.example/last", "all", "collection", "X-A: collection, X-B: collection, X-C: collection", true, 5 * time.Second, 3},
		{"GET https://x.example/teardown", "all", "collection", "X-A: collection, X-B: collection, X-C: collection", true, 5 * time.Second, 3},
	}
	var all []got
	for _, r := range c.Requests() {
		g := got{Path: r.Path(), Tags: strings.Join(r.Tags, " "), Auth: r.Auth != nil, Timeout: r.Flow.Timeout, Redirects: r.Flow.Redirects}
		var layers, headers []string
		for _, l := range r.Layers {
			layers = append(layers, l.Name)
		}
		for _, h := range r.Message.Headers {
			var values []string
			for _, v := range h.Values {
				values = append(values, v.String())
			}
			headers = append(headers, h.Name+": "+strings.Join(values, " "))
		}
		slices.Sort(headers)
		g.Layers, g.Headers = strings.Join(layers, ", "), strings.Join(headers, ", ")
		all = append(all, g)
	}
	if d := cmp.Diff(want, all); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTheInnerVariableWins(t *testing.T) {
	t.Parallel()
	r := find(t, load(t, nested), "Deep")
	s := vars.NewScope(nil, vars.Layer{Name: "environment", Values: map[string]vars.Value{"a": {Text: "environment"}}}).With(r.Layers...)
	for name, want := range map[string]string{"a": "environment", "b": "outer", "c": "inner", "d": "request"} {
		if got, err := s.Lookup(name); err != nil || got.Text != want {
			t.Errorf("%s: got %q and %v, want %q", name, got.Text, err, want)
		}
	}
}

func TestPhasesRunInOrder(t *testing.T) {
	t.Parallel()
	c := load(t, nested)
	var got []collections.Phase
	for phase := range c.Requests() {
		got = append(got, phase)
	}
	want := []collections.Phase{collections.Setup, collections.Main, collections.Main, collections.Main, collections.Teardown}
	if d := cmp.Diff(want, got); d != "" || c.Count() != 5 {
		t.Errorf("count %d, want 5 (-want +got):\n%s", c.Count(), d)
	}
}

func TestNamesAreUniqueInTheirFolder(t *testing.T) {
	t.Parallel()
	c := load(t, `
setup:
  - {name: Log in, request: GET https://x.example}
requests:
  - {name: Log in, request: GET https://x.example}
  - {name: "Log in #2", request: GET https://x.example}
  - {name: Log in, request: GET https://x.example}
  - request: GET https://x.example/a
  - request: GET https://x.example/a
  - name: Folder
    requests: [{name: Log in, request: GET https://x.example}]
  - name: Folder
    requests: [{name: Log in, request: GET https://x.example}]
`)
	var got []string
	for _, r := range c.Requests() {
		got = append(got, r.Path())
	}
	want := []string{
		"Log in", "Log in #2", "Log in #2 #2", "Log in #3",
		"GET https://x.example/a", "GET https://x.example/a #2", "Folder/Log in", "Folder #2/Log in",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestACollectionWithoutANameIsCalledAsItsFile(t *testing.T) {
	t.Parallel()
	fsys := folder(map[string]string{"a/smoke.test.yaml": "requests: [{request: GET https://x.example}]"})
	if got, want := loadFrom(t, fsys, "a/smoke.test.yaml", collections.Options{}).Name, "smoke.test"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnchorsAndMergeKeysHold(t *testing.T) {
	t.Parallel()
	c := load(t, `
requests:
  - &first
    name: First
    request: GET https://x.example
    headers: &h {X-A: "1"}
  - <<: *first
    name: Second
    headers: {<<: *h, X-B: "2"}
  - {name: Third, requests: [*first]}
`)
	want := []string{"First", "Second", "Third/First"}
	var got []string
	for _, r := range c.Requests() {
		got = append(got, r.Path())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := len(find(t, c, "Second").Message.Headers); got != 2 {
		t.Errorf("headers: got %d, want 2", got)
	}
}

func TestKeysNamesEveryMapping(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"async":      "every for",
		"collection": "auth auths data description follow_redirects headers max_body max_download name requests script session sessions setup tags teardown timeout variables",
		"data":       "csv in_order json name ndjson rows secrets",
		"folder":     "auth collect description follow_redirects for_each headers max_body max_download name once repeat requests script session setup tags teardown timeout variables when",
		"graphql":    "operation query variables",
		"include":    "collect description for_each include name once repeat returns session tags when with",
		"included":   "file only",
		"offset":     "items param size start total",
		"paginate":   "max next offset",
		"part":       "content_type file filename text",
		"request":    "assertion async auth capture collect delay description every expect file follow_redirects for for_each form graphql headers json max_body max_download multipart name once paginate query repeat request retry script session set tags text timeout until variables when xml",
		"retry":      "backoff deadline delay jitter max_delay on times",
		"script":     "prerequest test",
		"session":    "variables",
		"values":     "from step to csv json label ndjson",
	}
	got := map[string]string{}
	for name, keys := range collections.Keys() {
		got[name] = strings.Join(keys, " ")
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestRequestsAboutTokensAreExchangesIntrospectionAndRevocation(t *testing.T) {
	t.Parallel()
	c := load(t, `requests:
  - {name: exchange, request: POST http://x/, form: {grant_type: client_credentials}}
  - {name: revocation, request: POST http://x/, form: {token: a, token_type_hint: access_token}}
  - {name: form, request: POST http://x/, form: {token: a}}
  - {name: json, request: POST http://x/, json: {token_type_hint: access_token}}
  - {name: none, request: GET http://x/}
`)
	for name, want := range map[string]bool{"exchange": true, "revocation": true, "form": false, "json": false, "none": false} {
		if got := find(t, c, name).AboutTokens(); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestAFormWithAGrantTypeIsATokenExchange(t *testing.T) {
	t.Parallel()
	c := load(t, `
requests:
  - {name: exchange, request: POST https://x.example, form: {grant_type: client_credentials}}
  - {name: form, request: POST https://x.example, form: {a: grant_type}}
  - {name: json, request: POST https://x.example, json: {grant_type: client_credentials}}
  - {name: bare, request: GET https://x.example}
`)
	for name, want := range map[string]bool{"exchange": true, "form": false, "json": false, "bare": false} {
		if got := find(t, c, name).TokenExchange(); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
}

func inside(pos source.Pos, text string) bool {
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	return pos.Line >= 1 && pos.Line <= len(lines) && pos.Col >= 1 && pos.Col <= utf8.RuneCountInString(lines[pos.Line-1])+1
}
