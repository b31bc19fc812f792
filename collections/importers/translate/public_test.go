package translate

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPublicCollectionsAreTranslated translates every script of the collections in the folder that POSTMAN_COLLECTIONS names and prints what became of them.
func TestPublicCollectionsAreTranslated(t *testing.T) {
	t.Parallel()
	all, unique, reasons := map[string]int{}, map[string]int{}, map[string]int{}
	seen := map[string]bool{}
	for _, s := range publicScripts(t) {
		r := Translate(s, Context{})
		all[s.Listen+" "+r.Class]++
		if key := s.Listen + s.Text; !seen[key] {
			seen[key] = true
			unique[s.Listen+" "+r.Class]++
			if testing.Verbose() {
				t.Logf("%s:\n%s\n--- becomes\n%s", s.Listen, s.Text, written(r))
			}
		}
		for _, n := range r.Notes {
			reasons[n.Kind+": "+n.Reason]++
		}
	}
	t.Logf("all: %v", all)
	t.Logf("each once: %v", unique)
	for _, reason := range slices.SortedFunc(maps.Keys(reasons), func(a, b string) int { return cmp.Compare(reasons[b], reasons[a]) }) {
		t.Logf("%4d %s", reasons[reason], reason)
	}
}

// publicScripts returns the scripts of public collections, and skips the test where there are none.
func publicScripts(t *testing.T) []Script {
	t.Helper()
	dir := os.Getenv("POSTMAN_COLLECTIONS")
	if dir == "" {
		t.Skip("POSTMAN_COLLECTIONS names no folder of public collections")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no collections: %v", err)
	}
	var all []Script
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var collection any
		if json.Unmarshal(content, &collection) != nil {
			continue // one that is no JSON is the reader's business
		}
		all = append(all, scriptsIn(collection)...)
	}
	return all
}

// scriptsIn finds the events of a collection, wherever they stand in it.
func scriptsIn(v any) []Script {
	var found []Script
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = append(found, scriptsIn(item)...)
		}
	case map[string]any:
		listen, _ := v["listen"].(string)
		if script, ok := v["script"].(map[string]any); ok && listen != "" {
			if text := joined(script["exec"]); strings.TrimSpace(text) != "" {
				found = append(found, Script{Listen: listen, Text: text})
			}
		}
		for _, item := range v {
			found = append(found, scriptsIn(item)...)
		}
	}
	return found
}

func joined(exec any) string {
	lines, ok := exec.([]any)
	if !ok {
		text, _ := exec.(string)
		return text
	}
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i], _ = line.(string)
	}
	return strings.Join(texts, "\n")
}
