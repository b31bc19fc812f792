package collections_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// included returns files of which a.yaml includes others.
func included(main string) fstest.MapFS {
	return folder(map[string]string{
		"in/a.yaml":     main,
		"in/get.yaml":   "requests: [{name: get, request: 'GET https://x.example/{{id}}', capture: {token: t, other: o}}]\n",
		"in/deep.yaml":  "requests: [{name: deep, include: get.yaml, with: {id: '{{id}}'}, returns: [token]}]\n",
		"in/body.yaml":  "requests: [{name: body, request: POST https://x.example, file: body.txt}]\n",
		"in/body.txt":   "here",
		"out/body.yaml": "requests: [{name: body, request: POST https://x.example, file: body.txt}]\n",
		"out/body.txt":  "there",
	})
}

func TestAnIncludeIsAPartOfItsOwnUnlessNamesLeadThroughIt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ requests, want string }{
		"on its own":           {"- {name: A, include: get.yaml, with: {id: 1}, returns: [token]}\n- {name: B, requests: [{name: b, request: 'GET https://x.example/{{other}}'}]}", "A/get | B/b"},
		"by what it returns":   {"- {name: A, include: get.yaml, with: {id: 1}, returns: [token]}\n- {name: B, requests: [{name: b, request: 'GET https://x.example/{{token}}'}]}", "A/get B/b"},
		"by what it is given":  {"- {name: A, requests: [{name: a, request: GET https://x.example, capture: {n: n}}]}\n- {name: B, include: get.yaml, with: {id: '{{n}}'}}", "A/a B/get"},
		"by what others do in": {"- {name: A, include: get.yaml, with: {id: 1}}\n- {name: B, include: deep.yaml, with: {id: 1}, returns: {other: token}}", "A/get | B/deep/get"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := loadFrom(t, included("requests:\n"+tt.requests), "in/a.yaml", collections.Options{})
			var parts []string
			for _, p := range c.Parts(nil) {
				var paths []string
				for _, r := range p.Requests {
					paths = append(paths, r.Path())
				}
				parts = append(parts, strings.Join(paths, " "))
			}
			if got := strings.Join(parts, " | "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAnIncludedFileReadsWhatStandsBesideIt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ path, root, want string }{
		"in the same folder":       {"body.yaml", "", "here"},
		"in another":               {"../out/body.yaml", "", "there"},
		"below the file root":      {"body.yaml", "in", "here"},
		"outside of the file root": {"../out/body.yaml", "in", `in/a.yaml:1:22: include "../out/body.yaml" leaves in, which --file-root names`},
		"below another file root":  {"../out/body.yaml", "out", "there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := collections.Load(included("requests: [{include: "+tt.path+"}]"), "in/a.yaml", collections.Options{FileRoot: tt.root})
			got := ""
			if err == nil {
				m, err := find(t, c, "body").Message.Build(vars.NewScope(nil))
				if err != nil {
					t.Fatal(err)
				}
				got = string(m.Body)
			} else {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAPreviewGoesThroughIncludes(t *testing.T) {
	t.Parallel()
	c := loadFrom(t, included(`
variables: {go: false}
requests:
  - {name: first, request: GET https://x.example, capture: {n: n}, set: {known: seven}}
  - {name: A, include: deep.yaml, with: {id: "{{n}}"}, returns: {t: token}}
  - {name: B, include: get.yaml, with: {id: "{{known}}"}}
  - {name: C, include: get.yaml, with: {id: 1}, when: {go: true}}
  - {name: last, request: "GET https://x.example/{{t}}"}
`), "in/a.yaml", collections.Options{})
	var b strings.Builder
	for p := range c.Preview(vars.NewScope(nil), func(u collections.Unknown) string { return "<" + u.Name + ">" }) {
		url, err := p.Request.Message.URL.Expand(p.Scope)
		fmt.Fprintln(&b, p.Request.Path(), url, err, p.Skipped)
	}
	want := `first https://x.example <nil> 
A/deep/get https://x.example/<n> <nil> 
B/get https://x.example/seven <nil> 
C/get https://x.example/{{id}} <nil> when go: got false, want true
last https://x.example/<t> <nil> 
`
	if got := b.String(); got != strings.ReplaceAll(want, "{{id}}", "1") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFilesThatIncludeOneAnotherOverAndOverAreRefused(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"0.yaml": {Data: []byte("requests: [{request: GET https://x.example}]")}}
	for i := range 18 {
		line := fmt.Sprintf("{include: %d.yaml}", i)
		fsys[fmt.Sprintf("%d.yaml", i+1)] = &fstest.MapFile{Data: []byte("requests: [" + strings.Repeat(line+",", 3) + line + "]")}
	}
	_, err := collections.Load(fsys, "18.yaml", collections.Options{})
	if err == nil || !strings.Contains(err.Error(), "include: more than 100000 requests come from includes") {
		t.Errorf("got %v", err)
	}
}

func TestAnIncludeIsReadOnceForACollection(t *testing.T) {
	t.Parallel()
	counted := &opened{FS: included("requests: [{include: get.yaml, with: {id: 1}}, {include: deep.yaml, with: {id: 1}}, {include: ./get.yaml, with: {id: 2}}]"), names: map[string]int{}}
	if _, err := collections.Load(counted, "in/a.yaml", collections.Options{}); err != nil {
		t.Fatal(err)
	}
	if n := counted.names["in/get.yaml"]; n != 1 {
		t.Errorf("it was opened %d times", n)
	}
}

func TestAllThatIncludesNeedIsAmongTheUsesOfACollection(t *testing.T) {
	t.Parallel()
	c := loadFrom(t, included("requests: [{include: get.yaml, with: {id: '{{smart_id}}'}, when: {go: true}}]"), "in/a.yaml", collections.Options{})
	var got []string
	for _, u := range c.Uses() {
		got = append(got, u.Name)
	}
	if strings.Join(got, " ") != "go smart_id" {
		t.Errorf("got %q", got)
	}
	err := c.Check(vars.NewScope(nil))
	if _, undefined := vars.AsUndefined(err); !undefined {
		t.Errorf("got %v", err)
	}
}

// opened counts how often files are opened.
type opened struct {
	fs.FS
	names map[string]int
}

func (o *opened) Open(name string) (fs.File, error) {
	o.names[name]++
	return o.FS.Open(name)
}
