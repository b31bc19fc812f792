package examples_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
)

// noFlow are the keys of collections, folders, requests and includes that say what something is called, what is sent and what
// must come back. All others say when and how often it runs, and with what.
func noFlow() []string {
	return []string{
		"name", "description", "variables", "auth", "auths", "headers", "requests", "request", "query", "assertion", "expect", "capture",
		"json", "form", "multipart", "text", "xml", "graphql", "file", "max_body", "max_download",
	}
}

// flowKeywords are those of the tables of docs/format.md, which docs_test.go holds to the same keys.
func flowKeywords() []string {
	var words []string
	for _, of := range []string{"collection", "folder", "request", "include", "included", "retry"} {
		words = append(words, collections.Keys()[of]...)
	}
	slices.Sort(words)
	return slices.DeleteFunc(slices.Compact(words), func(word string) bool { return slices.Contains(noFlow(), word) })
}

// keywords notes the keys of a collection, its items and what they include.
func keywords(n source.Node, into map[string]bool) {
	if !n.IsMap() {
		return
	}
	for _, e := range n.Entries() {
		into[e.Name()] = true
		switch e.Name() {
		case "setup", "requests", "teardown":
			for _, item := range e.Value.Items() {
				keywords(item, into)
			}
		case "include", "retry":
			keywords(e.Value, into)
		}
	}
}

func TestEveryKeywordOfTheFlowIsInAnExample(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil || !collections.IsCollection(text) {
			return err
		}
		return source.Parse(file, text, func(n source.Node) { keywords(n, used) })
	})
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, word := range flowKeywords() {
		if !used[word] {
			missing = append(missing, word)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no example shows %s; of all keys, the examples have %q", strings.Join(missing, ", "), slices.Sorted(maps.Keys(used)))
	}
}

func TestAKeywordThatNoExampleShowsIsMissed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	err := source.Parse("c.yaml", []byte("requests: [{requests: [{request: GET x, json: {once: 1}, retry: {times: 1}}]}]"), func(n source.Node) { keywords(n, used) })
	if err != nil {
		t.Fatal(err)
	}
	if !used["retry"] || !used["times"] || used["once"] {
		t.Errorf("got %v", used)
	}
}
