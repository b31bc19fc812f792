package importers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

// TestPublicCollectionsAreRead reads every collection in the folder that POSTMAN_COLLECTIONS names: nothing of them stops an import, and what is written
// can be read again.
func TestPublicCollectionsAreRead(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("POSTMAN_COLLECTIONS")
	if dir == "" {
		t.Skip("POSTMAN_COLLECTIONS names no folder of public collections")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no collections: %v", err)
	}
	requests, notes := 0, 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !importers.Is(src) {
			t.Errorf("%s is not taken for a collection", file)
		}
		if err := source.ParseJSON(file, src, func(n source.Node) {
			made := importers.Rewrite(file, importers.Postman(n, importers.Options{Lenient: true}), kept, importers.Beside{})
			requests += made.Report.Requests
			notes += len(made.Report.Remarks)
			text, err := source.Write(made.Node, nil)
			if err == nil {
				err = source.Parse(file, text, func(source.Node) {})
			}
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}); err != nil {
			t.Errorf("%v", err)
		}
	}
	t.Logf("%d collections, %d requests, %d notes", len(files), requests, notes)
}

// kept declares nothing.
func kept(s importers.Source) importers.Declared {
	return importers.Declared{Kept: s.Text, Class: importers.Kept}
}

// FuzzPostman reads anything as a collection or an environment: it never panics, every problem has a place in the file, and what was read can be
// written and read again.
func FuzzPostman(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(`{"item": [{"item": null}, 1, {"request": {"url": [], "body": {"mode": "raw", "raw": {}}, "header": [null, {}], "auth": []}, "event": [1, {"script": 2}]}]}`))
	f.Add([]byte(`{"values": [1, {"key": {}}, {"key": "a", "value": [null]}]}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, lenient := range []bool{false, true} {
			err := source.ParseJSON("f.json", src, func(n source.Node) {
				made := importers.Rewrite("f.json", importers.Postman(n, importers.Options{Lenient: lenient}), kept, importers.Beside{})
				env := importers.PostmanEnvironment(n)
				for _, node := range []source.Node{made.Node, importers.EnvironmentNode(env, made.Secrets)} {
					if text, err := source.Write(node, nil); err == nil {
						if err := source.Parse("f.yaml", text, func(source.Node) {}); err != nil {
							t.Errorf("%v in\n%s", err, text)
						}
					}
				}
			})
			if err == nil {
				continue
			}
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "f.json:") && !strings.HasPrefix(line, " ") {
					t.Errorf("no place: %s", line)
				}
			}
		}
	})
}
