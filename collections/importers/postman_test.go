package importers_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

var update = flag.Bool("update", false, "write what comes out to the golden files")

// converted returns what a file becomes: YAML, then notes, then problems.
func converted(name string, src []byte) string {
	var b strings.Builder
	err := source.ParseJSON(name, src, func(n source.Node) {
		in := importers.Postman(n, importers.Options{})
		text, err := source.Write(in.Node, nil)
		if err != nil {
			fmt.Fprintf(&b, "cannot be written: %v\n", err)
		}
		b.Write(text)
		for _, note := range in.Notes {
			fmt.Fprintf(&b, "note: %s: %s\n", note.Pos, note.Text)
		}
	})
	if err != nil {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}

func TestARunSendsTheBytesOfABodyInJSON(t *testing.T) {
	t.Parallel()
	const src = `{"info": {"schema": "v2.1.0"}, "item": [{"name": "a", "request": {"method": "POST", "url": "http://x/", "body": {"mode": "raw",
"raw": "{\n  \"a\" : 1 }", "options": {"raw": {"language": "json"}}}}}]}`
	for exact, want := range map[bool]string{true: "{\n  \"a\" : 1 }", false: ""} {
		err := source.ParseJSON("f.json", []byte(src), func(n source.Node) {
			items, _ := importers.Postman(n, importers.Options{Exact: exact}).Node.Get("requests")
			got := ""
			if text, ok := items.Items()[0].Get("text"); ok {
				got = text.Text()
			}
			if _, isValue := items.Items()[0].Get("json"); got != want || isValue == exact {
				t.Errorf("exact %v: got text %q, json %v", exact, got, isValue)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestCollectionsBecomeOurs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !importers.Is(src) {
				t.Error("it is not taken for a collection of Postman")
			}
			got := converted(filepath.Base(file), src)
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the collection (-want +got):\n%s", diff)
			}
		})
	}
}
