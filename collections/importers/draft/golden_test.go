package draft_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/collections/importers/bruno"
	"github.com/hgrun/hgrun/collections/importers/curl"
	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/collections/importers/har"
	"github.com/hgrun/hgrun/collections/importers/http"
	"github.com/hgrun/hgrun/collections/importers/openapi"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

var update = flag.Bool("update", false, "rewrite what testdata wants")

// kinds are the importers; each has a folder in testdata.
func kinds() map[string]func(draft.Input) (*draft.Collection, error) {
	return map[string]func(draft.Input) (*draft.Collection, error){
		"bruno":   bruno.Import,
		"curl":    curl.Import,
		"har":     har.Import,
		"http":    http.Import,
		"openapi": openapi.Import,
	}
}

// planted is in the name of every secret of testdata, and in no name of anything else.
const planted = "planted"

func TestImportsAreAsWanted(t *testing.T) {
	t.Parallel()
	for kind, read := range kinds() {
		files, err := filepath.Glob("testdata/" + kind + "/*.txtar")
		if err != nil || len(files) == 0 {
			t.Errorf("%s: no file in testdata: %v", kind, err)
		}
		for _, file := range files {
			t.Run(kind+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				golden(t, file, read)
			})
		}
	}
}

// golden imports what stands before the files of want/ in an archive, and compares.
func golden(t *testing.T, file string, read func(draft.Input) (*draft.Collection, error)) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in, want := fstest.MapFS{}, map[string]string{}
	given := archive.Files
	for i, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "want/"); ok {
			want[name] = string(f.Data)
			given = archive.Files[:min(i, len(given))]
			continue
		}
		in[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	got := imported(t, in, given[0], read)
	if *update {
		archive.Files = slices.Clone(given)
		for _, name := range slices.Sorted(maps.Keys(got)) {
			archive.Files = append(archive.Files, txtar.File{Name: "want/" + name, Data: []byte(got[name])})
		}
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != want[name] {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got[name], want[name])
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
}

// imported returns the files that an import makes, and what it told.
func imported(t *testing.T, in fstest.MapFS, first txtar.File, read func(draft.Input) (*draft.Collection, error)) map[string]string {
	input := draft.Input{FS: in, Name: first.Name, Text: first.Data}
	if folder, _, ok := strings.Cut(first.Name, "/"); ok && strings.HasSuffix(folder, ".d") {
		input.Name, input.Text = folder, nil
	}
	made, err := read(input)
	if err != nil {
		return map[string]string{"error": err.Error() + "\n"}
	}
	written, err := made.Write()
	if err != nil {
		return map[string]string{"error": err.Error() + "\n"}
	}
	got := map[string]string{}
	for name, text := range written {
		if name == "collection.yaml" || strings.HasPrefix(name, "environments/") {
			got[name] = string(text)
		}
	}
	for _, n := range made.Notes {
		got["notes"] += n.Error() + "\n"
	}
	for name, text := range got {
		if strings.Contains(text, planted) {
			t.Errorf("%s holds a secret:\n%s", name, text)
		}
	}
	loads(t, written)
	return got
}

// loads does what hgrun check does, and wants the files in the form of hgrun fmt.
func loads(t *testing.T, written map[string][]byte) {
	fsys := fstest.MapFS{}
	for name, text := range written {
		fsys[name] = &fstest.MapFile{Data: text}
	}
	c, err := collections.Load(fsys, "collection.yaml", collections.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, written["collection.yaml"])
	}
	formatted, err := source.Format("collection.yaml", written["collection.yaml"], collections.Layout())
	if err != nil || string(formatted) != string(written["collection.yaml"]) {
		t.Errorf("hgrun fmt would change the collection: %v\n%s", err, formatted)
	}
	names, err := fs.Glob(fsys, "environments/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		env, err := environments.Load(fsys, name)
		if err != nil {
			t.Fatalf("%v\n%s", err, written[name])
		}
		if err := c.Check(vars.NewScope(nil, env.Layers()...)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, written["collection.yaml"])
		}
	}
}

func FuzzNoImporterPanics(f *testing.F) {
	for kind := range kinds() {
		files, err := filepath.Glob("testdata/" + kind + "/*.txtar")
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(kind, string(archive.Files[0].Data))
		}
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		read, ok := kinds()[kind]
		if !ok {
			t.Skip()
		}
		timer := time.AfterFunc(3*time.Second, func() { panic(fmt.Sprintf("slow: %s %q", kind, text)) })
		defer timer.Stop()
		made, err := read(draft.Input{FS: fstest.MapFS{}, Name: "in", Text: []byte(text)})
		if err != nil {
			return
		}
		written, err := made.Write()
		if err != nil {
			if problems := (source.Problems)(nil); !errors.As(err, &problems) {
				t.Fatal(err)
			}
			return
		}
		fsys := fstest.MapFS{}
		for name, text := range written {
			fsys[name] = &fstest.MapFile{Data: text}
		}
		if _, err := collections.Load(fsys, "collection.yaml", collections.Options{}); err != nil {
			t.Errorf("%v\n%s", err, written["collection.yaml"])
		}
	})
}
