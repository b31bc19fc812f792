package importers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

// TestFoldersOfFilesBecomeOurs reads the collections in YAML files of testdata/*.txtar: the files below c are the collection, want is what it becomes, with
// notes and problems.
func TestFoldersOfFilesBecomeOurs(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fsys := fstest.MapFS{}
		for _, f := range archive.Files {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		got := tree(fsys, "c")
		last := &archive.Files[len(archive.Files)-1]
		if last.Name != "want" {
			t.Fatalf("%s: the last file is %s, want want", name, last.Name)
		}
		if *update {
			last.Data = []byte(got)
			if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(last.Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// tree returns what a folder becomes: YAML, then notes, then problems.
func tree(fsys fstest.MapFS, dir string) string {
	var b strings.Builder
	err := importers.ReadTree(fsys, dir, importers.Options{}, func(in importers.Imported) {
		text, err := source.Write(in.Node, nil)
		if err != nil {
			fmt.Fprintf(&b, "cannot be written: %v\n", err)
		}
		b.Write(text)
		for _, note := range in.Notes {
			fmt.Fprintf(&b, "note: %s: %s\n", note.Pos, note.Text)
		}
		for _, s := range in.Hidden {
			fmt.Fprintf(&b, "secret: %s: %s\n", s.Pos, s.Name)
		}
	})
	if err != nil {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}

func TestAFolderWithoutADefinitionIsNoCollection(t *testing.T) {
	t.Parallel()
	got := tree(fstest.MapFS{"c/a.request.yaml": {Data: []byte("url: x\n")}}, "c")
	if want := "c: no .resources/definition.yaml in this folder: it is no collection of Postman in YAML files\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAPartOfACollectionKnowsTheFolder(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for _, dir := range []string{"c", "c/A", "c/A/B"} {
		fsys[dir+"/.resources/definition.yaml"] = &fstest.MapFile{Data: []byte("$kind: collection\n")}
	}
	tests := []struct{ name, root, part string }{
		{"c", "", ""},
		{"c/A", "c", "A"},
		{"c/A/B", "c", "A/B"},
		{"c/A/B/Read it.request.yaml", "c", "A/B/Read it"},
		{"c/One.request.yml", "c", "One"},
		{"c/.resources/definition.yaml", "c", ""},
		{"c/A/.resources/definition.yaml", "c", "A"},
		{"d/One.request.yaml", "", ""},
	}
	for _, test := range tests {
		if root, part := importers.PartOf(fsys, test.name); root != test.root || part != test.part {
			t.Errorf("%s: got %q in %q, want %q in %q", test.name, part, root, test.part, test.root)
		}
	}
	if !importers.IsTree(fsys, "c") || importers.IsTree(fsys, "c/A") {
		t.Error("the collection is none, or its folder is one")
	}
}
