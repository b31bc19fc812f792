package script

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/wire"
)

// TestPublicCollectionsRun compiles and runs every script of the collections in the folder that POSTMAN_COLLECTIONS names, each on an empty response. What
// the scripts then say is their business; the engine must come back, and must know every name that they ask for.
func TestPublicCollectionsRun(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("POSTMAN_COLLECTIONS")
	if dir == "" {
		t.Skip("POSTMAN_COLLECTIONS names no folder of public collections")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no collections: %v", err)
	}
	var engine Engine
	vm := engine.Open(Limits{})
	defer vm.Close()
	count := 0
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var collection any
		if json.Unmarshal(content, &collection) != nil {
			continue // one that is no JSON is the reader's business
		}
		for _, s := range scriptsIn(collection) {
			count++
			runPublic(t, &engine, vm, filepath.Base(name), s)
		}
	}
	t.Logf("%d scripts of %d collections", count, len(names))
}

func runPublic(t *testing.T, engine *Engine, vm *VM, name string, s publicScript) {
	t.Helper()
	script := one(s.text)
	script.Pos.File = name
	if err := engine.Check(script); err != nil {
		t.Error(err)
		return
	}
	e := &Event{Info: Info{Listen: s.listen, Request: "r"}, Request: &Request{Method: "GET", URL: "{{base}}/x"}, Scopes: Scopes{Environment: memory{}, Globals: memory{}, Collection: memory{}, Local: memory{}, Data: memory{}}, Send: answerAnything}
	if s.listen == Test {
		e.Exchange = &wire.Exchange{Request: wire.Request{Method: "GET", URL: "https://x/"}, Response: &wire.Response{Proto: "HTTP/1.1", Status: 200, Reason: "OK"}}
	}
	o := vm.Run(t.Context(), script, e)
	for _, err := range o.Errors {
		if text := err.Error(); strings.Contains(text, "engine") || strings.Contains(text, "stopped") {
			t.Error(text)
		} else {
			t.Log(text)
		}
	}
	for _, v := range o.Tests {
		if v.Err != nil && strings.Contains(errors.Unwrap(v.Err).Error(), "is not a function") {
			t.Log(v.Name, v.Err)
		}
	}
}

type publicScript struct{ listen, text string }

// scriptsIn finds the events of a collection, wherever they stand in it.
func scriptsIn(v any) []publicScript {
	var found []publicScript
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = append(found, scriptsIn(item)...)
		}
	case map[string]any:
		listen, _ := v["listen"].(string)
		if script, ok := v["script"].(map[string]any); ok && listen != "" {
			found = append(found, publicScript{listen, joined(script["exec"])})
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
