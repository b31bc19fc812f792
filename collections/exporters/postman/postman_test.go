package postman

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/collections"
)

var update = flag.Bool("update", false, "rewrite what testdata wants")

func TestExportsAreAsWanted(t *testing.T) {
	t.Parallel()
	const file = "testdata/chain.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	want := map[string]string{}
	for _, f := range archive.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		want[f.Name] = string(f.Data)
	}
	made, err := Collection(fsys, "chain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env, err := Environment(fsys, "env.yaml", "env")
	if err != nil {
		t.Fatal(err)
	}
	notes := ""
	for _, n := range append(made.Notes, env.Notes...) {
		notes += n.Error() + "\n"
	}
	got := map[string]string{"want/collection.json": string(made.Text), "want/environment.json": string(env.Text), "want/notes": notes}
	for i, name := range []string{"want/collection.json", "want/environment.json", "want/notes"} {
		if *update {
			archive.Files = append(archive.Files[:2+i], txtar.File{Name: name, Data: []byte(got[name])})
			continue
		}
		if got[name] != want[name] {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got[name], want[name])
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// requests returns the methods and names of the requests of a file, in the order in which they run. What is included is no part of it.
func requests(t *testing.T, fsys fstest.MapFS, file string) []string {
	t.Helper()
	c, err := collections.Load(fsys, file, collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range c.Requests() {
		names = append(names, r.Message.Method+" "+r.Name)
	}
	return names
}

func TestEveryExampleComesBackFromPostmanWithItsRequests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../examples/*/collection.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			folder := filepath.Dir(file)
			made, err := Collection(os.DirFS(folder), "collection.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(made.Text) {
				t.Fatalf("no JSON:\n%s", made.Text)
			}
			back := requests(t, fstest.MapFS{"back.json": {Data: made.Text}}, "back.json")
			c, err := collections.Load(os.DirFS(folder), "collection.yaml", collections.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, r := range c.Requests() {
				if r.Pos.File == "collection.yaml" { // and in no include
					want = append(want, r.Message.Method+" "+r.Name)
				}
			}
			if got, want := strings.Join(back, "\n"), strings.Join(want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
