// Package examples_test runs what stands in the folders beside it. Nobody lists them: a new folder is found.
package examples_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// pages are what every example has.
func pages() []string {
	return []string{"README.md", "collection.yaml", "environments/sandbox.yaml", "environments/production.yaml"}
}

// folders are the examples on disk.
func folders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			found = append(found, e.Name())
		}
	}
	if len(found) == 0 {
		t.Fatal("no example was found")
	}
	return found
}

// lacking returns the pages that an example does not have.
func lacking(fsys fs.FS, folder string) []string {
	return slices.DeleteFunc(pages(), func(page string) bool {
		info, err := fs.Stat(fsys, path.Join(folder, page))
		return err == nil && info.Size() > 0
	})
}

func TestEveryExampleHasItsPages(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		if lacks := lacking(os.DirFS("."), folder); len(lacks) > 0 {
			t.Errorf("%s lacks %s", folder, strings.Join(lacks, ", "))
		}
	}
}

func TestEveryExampleIsFormatted(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		for _, page := range pages()[1:] {
			file := path.Join(folder, page)
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			layout := environments.Layout()
			if page == "collection.yaml" {
				layout = collections.Layout()
			}
			if out, err := source.Format(file, src, layout); err != nil || string(out) != string(src) {
				t.Errorf("%s is not formatted: run hgrun fmt -w examples (%v)", file, err)
			}
		}
	}
}

func TestAFolderWithoutItsPagesIsNoExample(t *testing.T) {
	t.Parallel()
	for _, page := range pages() {
		fsys := fstest.MapFS{}
		for _, other := range pages() {
			if other != page {
				fsys["new/"+other] = &fstest.MapFile{Data: []byte("name: new\n")}
			}
		}
		if got := lacking(fsys, "new"); !slices.Equal(got, []string{page}) {
			t.Errorf("without %s: got %v lacking, want that page", page, got)
		}
		fsys["new/"+page] = &fstest.MapFile{}
		if got := lacking(fsys, "new"); !slices.Equal(got, []string{page}) {
			t.Errorf("with an empty %s: got %v lacking, want that page", page, got)
		}
	}
}

func load(t *testing.T, folder string) *collections.Collection {
	t.Helper()
	c, err := collections.Load(source.Disk(), path.Join(folder, "collection.yaml"), collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// environmentFiles are those of an example, as paths.
func environmentFiles(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "environments", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		files[i] = filepath.ToSlash(file)
	}
	return files
}

// check is what hgrun check does: every name is defined, nothing writes to what is protected, and no secret is read.
func check(c *collections.Collection, env *environments.Environment) error {
	if err := c.Check(vars.NewScope(nil, env.Layers()...)); err != nil {
		return err
	}
	for _, r := range c.Requests() {
		if err := env.Writes(r.Message.Method); err != nil && !r.AboutTokens() {
			return r.Pos.Errorf("%w", err)
		}
	}
	return nil
}

func TestEveryExampleIsWholeInEachOfItsEnvironments(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			c := load(t, folder)
			for _, file := range environmentFiles(t, folder) {
				env, err := environments.Load(source.Disk(), file)
				if err != nil {
					t.Errorf("%s: %v", file, err)
					continue
				}
				if err := check(c, env); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		})
	}
}

func TestEveryEnvironmentNamesItsHostsAndProductionIsOnlyRead(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		for _, file := range environmentFiles(t, folder) {
			env, err := environments.Load(source.Disk(), file)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if env.Hosts == nil {
				t.Errorf("%s: no hosts:, so that its secrets may go anywhere", file)
			}
			if production := path.Base(file) == "production.yaml"; env.Protected != production {
				t.Errorf("%s: got protected: %v, want %v", file, env.Protected, production)
			}
		}
	}
}

func TestSecretsComeFromTheProcessEnvironment(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		for _, file := range environmentFiles(t, folder) {
			env, err := environments.Load(source.Disk(), file)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			var missing source.Problems
			if err := env.Resolve(t.Context()); err != nil && !errors.As(err, &missing) {
				t.Errorf("%s: got %v, want problems with places", file, err)
			}
			for _, p := range missing { // those that are set where this test runs are none
				if !strings.Contains(p.Error(), "environment variable") {
					t.Errorf("got %v, want a secret that comes from {env: NAME}", p)
				}
			}
		}
	}
}

// needed are the servers of the sandbox whose variables a collection uses.
func needed(c *collections.Collection) sandbox.Servers {
	var servers sandbox.Servers
	for _, use := range c.Uses() {
		servers.Need(use.Name)
	}
	return servers
}

// embedded is the environment that -e embedded stands for.
func embedded(s *sandbox.Sandbox) *environments.Environment {
	variables, secrets := map[string]string{}, map[string]string{}
	for _, v := range s.Variables("sandbox") {
		if v.Secret {
			secrets[v.Name] = v.Value
		} else {
			variables[v.Name] = v.Value
		}
	}
	env := environments.New("embedded", variables, secrets)
	env.Hosts = []vars.Template{vars.Literal("127.0.0.1")}
	return env
}

func TestEveryExamplePassesInTheEmbeddedSandbox(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			c := load(t, folder)
			s, err := sandbox.Start(sandbox.Options{Servers: needed(c)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() }) // it lives in memory only
			known := secretsOf(s)
			var counts runner.Counts
			for event := range (&runner.Runner{Detail: true}).Run(t.Context(), c, embedded(s)) {
				if leak := leaked(known, event); leak != "" {
					t.Errorf("%s in clear in %T", leak, event)
				}
				switch event := event.(type) {
				case runner.RequestFinished:
					judge(t, event.Result)
				case runner.Finished:
					counts = event.Counts
				}
			}
			if counts.Passed < c.Count() || counts.Total() != counts.Passed {
				t.Errorf("got %+v, want %d requests or more, and every one passed", counts, c.Count())
			}
		})
	}
}

func judge(t *testing.T, r runner.Result) {
	t.Helper()
	for _, f := range r.Findings {
		t.Errorf("%s: a false alarm, %s %s: %s", r.Name.Name, f.Code, f.Title, f.Cause)
	}
	if r.Outcome != runner.Passed {
		t.Errorf("%s %s: %s %v", r.Name.Pos, r.Name.Name, r.Outcome, r.Problems)
	}
	if !r.Name.Aside() && r.Expectations == 0 {
		t.Errorf("%s %s: passed without an expectation", r.Name.Pos, r.Name.Name)
	}
}

// secretsOf are what the sandbox says is secret, in all the forms in which it can be written.
func secretsOf(s *sandbox.Sandbox) *vars.Secrets {
	known := &vars.Secrets{}
	for _, name := range []string{"sandbox", "production"} {
		for _, v := range s.Variables(name) {
			if v.Secret {
				known.Hide(v.Name, v.Value)
			}
		}
	}
	return known
}

// leaked names a secret, or something in the shape of a credential, that an event shows.
func leaked(known *vars.Secrets, event runner.Event) string {
	text, err := json.Marshal(event)
	if err != nil {
		return fmt.Sprintf("an event that cannot be searched (%v)", err)
	}
	if mask, found := known.Holds(string(text)); found {
		return mask
	}
	for _, shape := range []string{"eyJ", `"Bearer `, `"Basic `} {
		if _, after, found := strings.Cut(string(text), shape); found && !strings.HasPrefix(after, "‹") && !strings.HasPrefix(after, "realm=") {
			return "what follows " + shape
		}
	}
	return ""
}

func TestASecretInAnEventIsFound(t *testing.T) {
	t.Parallel()
	known := &vars.Secrets{}
	known.Hide("client_secret", "planted/secret+0123456789=")
	tests := []struct{ name, text, want string }{
		{"nothing", "status: got 401, want 200", ""},
		{"a masked token", "Bearer ‹access_token sha256:0a1b2c3d›", ""},
		{"a challenge", `Bearer realm="fhir"`, ""},
		{"raw", "body: planted/secret+0123456789=", vars.Mask("client_secret", "planted/secret+0123456789=")},
		{"in a form", "client_secret=planted%2Fsecret%2B0123456789%3D", vars.Mask("client_secret", "planted/secret+0123456789=")},
		{"a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln", "what follows eyJ"},
		{"a token that nobody knows", "Bearer abcdef", `what follows "Bearer `},
	}
	for _, test := range tests {
		event := runner.RequestFinished{Result: runner.Result{Problems: []runner.Problem{{Message: test.text}}}}
		if got := leaked(known, event); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// blocks are the ```yaml blocks of a page.
func blocks(page string) []string {
	var found []string
	for i, piece := range strings.Split(page, "\n```") {
		if text, ok := strings.CutPrefix(piece, "yaml\n"); ok && i%2 == 1 {
			found = append(found, text+"\n")
		}
	}
	return found
}

func TestEveryBlockOfTheirPagesLoads(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, folder := range folders(t) {
		page, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		env, err := environments.Load(source.Disk(), path.Join(folder, "environments", "sandbox.yaml"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, block := range blocks(string(page)) {
			seen++
			file := path.Join(folder, "README.md.yaml")
			c, err := collections.Load(fstest.MapFS{file: {Data: []byte(block)}}, file, collections.Options{})
			if err == nil {
				err = check(c, env)
			}
			if err != nil {
				t.Errorf("%v in\n%s", err, block)
			}
		}
	}
	if seen == 0 {
		t.Error("no page has a block of YAML, and one was known to have; are blocks still found?")
	}
}

func TestEveryPageSaysHowToRunIt(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		page, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		if want := "hgrun run examples/" + folder + " -e embedded"; !strings.Contains(string(page), want) {
			t.Errorf("%s/README.md does not say %q", folder, want)
		}
	}
}
