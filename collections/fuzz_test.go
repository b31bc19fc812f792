package collections_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// FuzzLoad: loading never panics, every problem has a place inside the file, and what loads can be checked, built and
// selected.
func FuzzLoad(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if oddBreaks(text) {
			t.Skip("the YAML parser's own count of these lines is not that of any editor")
		}
		fsys := folder(map[string]string{"c.yaml": text, "data/a.json": "{}"})
		c, err := collections.Load(fsys, "c.yaml", collections.Options{})
		if err != nil {
			judgePlaces(t, err, text)
			return
		}
		s := vars.NewScope(nil)
		if err := c.Check(s); err != nil {
			judgePlaces(t, err, text)
			return
		}
		for _, r := range c.Requests() {
			if r.Name == "" {
				t.Errorf("the request at %s has no name", r.Pos)
			}
			if _, err := r.Message.Build(s.With(r.Layers...)); err != nil {
				judgePlaces(t, err, text)
			}
		}
		if _, err := c.Select(collections.Selection{Tags: "a || !a", Only: []string{"*"}}); err != nil {
			t.Errorf("selecting all: %v", err)
		}
	})
}

// oddBreaks reports whether a line ends in what YAML takes for a line break and hardly any editor does.
func oddBreaks(text string) bool {
	return strings.Contains(strings.ReplaceAll(text, "\r\n", "\n"), "\r") || strings.ContainsAny(text, "\u0085\u2028\u2029")
}

func seeds(f *testing.F) []string {
	f.Helper()
	seeds := []string{nested, chain}
	for _, pattern := range []string{"testdata/bad/*.txtar", "../examples/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			if filepath.Ext(file) == ".txtar" {
				text = txtar.Parse(text).Files[0].Data
			}
			seeds = append(seeds, string(text))
		}
	}
	return seeds
}

func judgePlaces(t *testing.T, err error, text string) {
	t.Helper()
	problems, ok := err.(source.Problems)
	if !ok {
		problem, single := errors.AsType[*source.Error](err)
		if !single {
			t.Fatalf("got a %T without a place: %v", err, err)
		}
		problems = source.Problems{problem}
	}
	for _, p := range problems {
		if p.Pos.File != "c.yaml" || !inside(p.Pos, text) {
			t.Errorf("%v: the place is not in the file", p)
		}
	}
}
