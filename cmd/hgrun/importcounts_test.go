package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/collections/importers/translate"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// imports counts what became of collections.
type imports struct {
	collections, requests, folders int
	loads, passes, undefined       int
	empty, files, scripted         int // imports without a request, those that lack a file, and those with a script that is none in the original either
	unloaded                       map[string]int
	scripts                        importers.ScriptCount
	shared                         int // scripts of folders and collections
	handed                         int // tokens and JWTs that declarations have taken over
	reasons                        map[string]int
}

// TestWhatPublicCollectionsBecome imports every collection of the folder that POSTMAN_COLLECTIONS names, and checks what is made: it loads and passes check,
// but for names that nothing in the original defines. The table of docs/postman.md has the counts, which -update writes. Without that folder the collections
// that are compared with Newman are imported, and the table is not looked at.
func TestWhatPublicCollectionsBecome(t *testing.T) {
	t.Parallel()
	pattern := filepath.Join("..", "..", "internal", "newman", "testdata", "*", "collection.json")
	dir := os.Getenv("POSTMAN_COLLECTIONS")
	if dir != "" {
		pattern = filepath.Join(dir, "*.json")
	}
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < 20 {
		t.Fatalf("%s: got %d collections (%v), want twenty at least", pattern, len(files), err)
	}
	got := &imports{unloaded: map[string]int{}, reasons: map[string]int{}}
	for _, file := range files {
		got.add(t, filepath.ToSlash(file))
	}
	if dir == "" {
		t.Logf("POSTMAN_COLLECTIONS names no folder of public collections: the table of docs/postman.md is not compared; of %d collections of this repository %d pass", got.collections, got.passes)
		return
	}
	compareTable(t, got.table())
}

// add imports a file, and checks what is made of it.
func (c *imports) add(t *testing.T, file string) {
	t.Helper()
	c.collections++
	if _, err := collections.Load(source.Disk(), file, collections.Options{}); err != nil {
		for _, p := range gather(nil, err) {
			c.unloaded[general(p.Err.Error())]++
		}
	} else {
		c.loads++
	}
	folder := t.TempDir()
	im := &postmanImport{options: &postmanOptions{output: folder}, files: map[string][]byte{}}
	err := im.read(file)
	if err == nil {
		err = im.make()
	}
	if err != nil {
		t.Errorf("%s cannot be imported: %v", file, err)
		return
	}
	for name, text := range im.files {
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := c.requests
	c.count(im.collections[0].Report)
	c.check(t, file, folder, before, len(im.environments) > 0)
}

func (c *imports) count(r importers.Report) {
	c.requests += r.Requests
	c.folders += r.Folders
	c.scripts.Translated += r.Counts.Translated
	c.scripts.Partly += r.Counts.Partly
	c.scripts.Kept += r.Counts.Kept
	for _, s := range r.Scripts {
		if !strings.HasPrefix(s.Of, "request") {
			c.shared++
		}
		for _, reason := range s.Reasons {
			if _, text, ok := strings.Cut(reason, " stays: "); ok {
				c.reasons[general(text)]++
			}
		}
	}
	for _, n := range r.Remarks {
		if strings.Contains(n.Text, " now") {
			c.handed++
		}
	}
}

// check is hgrun check of what was made.
func (c *imports) check(t *testing.T, file, folder string, before int, secrets bool) {
	t.Helper()
	checked := target{}
	if secrets {
		checked.environment = "imported"
	}
	l, err := checked.load(t.Context(), []string{folder}, toCheck)
	if err == nil {
		l.close()
		c.passes++
		return
	}
	known := undefinedIn(t, file)
	kinds := map[string]bool{}
	for _, p := range gather(nil, err) {
		u, ok := vars.AsUndefined(p)
		switch text := p.Err.Error(); {
		case ok && known[u.Name]:
			kinds["undefined"] = true
		case strings.HasPrefix(text, "no requests") && c.requests == before:
			kinds["empty"] = true
		case strings.HasSuffix(text, "no such file or directory"):
			kinds["file"] = true
		case strings.HasPrefix(text, "the script is no JavaScript: ") && known[text]:
			kinds["script"] = true
		default:
			t.Errorf("%s: what was made of it does not pass check: %v", file, p)
			return
		}
	}
	switch {
	case kinds["script"]:
		c.scripted++
	case kinds["file"]:
		c.files++
	case kinds["empty"]:
		c.empty++
	default:
		c.undefined++
	}
}

// undefinedIn returns the names that hgrun check misses in the original and what it says of scripts that are none, and those names that its scripts read and that nothing in it defines, such as columns of
// a file of data.
func undefinedIn(t *testing.T, file string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	original, err := collections.Load(source.Disk(), file, collections.Options{Lenient: true})
	if err == nil {
		for _, p := range gather(nil, original.Check(vars.NewScope(nil))) {
			if u, ok := vars.AsUndefined(p); ok {
				names[u.Name] = true
			}
		}
	}
	var strict target
	l, err := strict.load(t.Context(), []string{file}, toCheck)
	if err == nil {
		l.close()
	}
	for _, p := range gather(nil, err) {
		names[p.Err.Error()] = true
	}
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.ParseJSON(file, src, func(n source.Node) {
		made := importers.Postman(n, importers.Options{Lenient: true}).Node
		all := namesIn(made, translate.Names{})
		variables, _ := made.Get("variables")
		for _, name := range all.Reads {
			if !slices.Contains(all.Sets, name) && (variables.IsZero() || !variables.Has(name)) {
				names[name] = true
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// namesIn adds the variables that the scripts of an item use.
func namesIn(n source.Node, all translate.Names) translate.Names {
	if both, ok := n.Get("script"); ok {
		for _, e := range both.Entries() {
			var lines []string
			for _, line := range e.Value.Lines() {
				lines = append(lines, line.Text)
			}
			names := translate.NamesIn(translate.Script{Listen: e.Name(), Text: strings.Join(lines, "\n")})
			all.Reads, all.Sets = append(all.Reads, names.Reads...), append(all.Sets, names.Sets...)
		}
	}
	if list, ok := n.Get("requests"); ok {
		for _, item := range list.Items() {
			all = namesIn(item, all)
		}
	}
	return all
}

// general takes out of a reason what is of one script alone.
func general(reason string) string {
	for _, r := range [][2]string{
		{`^what stays a script uses .*`, "a script that stays uses a variable"},
		{`^it uses what an earlier answer has left in .*`, "it uses what an earlier answer has left in a variable"},
		{`^it uses .*, which the script itself sets`, "it uses a variable that the script itself sets"},
		{`^only a script can (call|tell|put together) .*`, "only a script can $1 what it is about"},
		{`^declarations have no word for .*`, "declarations have no word for the statement"},
		{`^.* gets several values`, "a name gets several values"},
		{`^(.*) is known to a script alone.*`, "the value of a name is known to a script alone"},
		{`^it sends a request of its own.*`, "it sends a request of its own"},
		{`: .*`, ""},
	} {
		reason = regexp.MustCompile(r[0]).ReplaceAllString(reason, r[1])
	}
	return reason
}

// table is what docs/postman.md shows.
func (c *imports) table() string {
	var b strings.Builder
	row := func(what string, n int) { fmt.Fprintf(&b, "| %s | %d |\n", what, n) }
	b.WriteString("| Public collections | |\n|---|---|\n")
	row("collections", c.collections)
	row("requests in them", c.requests)
	row("collections that run as they are", c.loads)
	row("imports that pass `hgrun check`", c.passes)
	row("imports that pass but for variables that the original does not define before it uses them", c.undefined)
	row("imports that want a file, which is not beside the original either", c.files)
	row("imports without a request, because the original has none that could be sent", c.empty)
	row("imports that do not pass for another reason", c.collections-c.passes-c.undefined-c.files-c.empty-c.scripted)
	row("scripts", c.scripts.Translated+c.scripts.Partly+c.scripts.Kept)
	row("scripts that are declarations now", c.scripts.Translated)
	row("scripts that are declarations in part", c.scripts.Partly)
	row("scripts that stay", c.scripts.Kept)
	row("of these, scripts of folders and collections", c.shared)
	b.WriteString("\n| Why a statement stays a script | Statements |\n|---|---|\n")
	reasons := slices.SortedFunc(maps.Keys(c.reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.reasons[b], c.reasons[a]), strings.Compare(a, b))
	})
	for _, reason := range reasons[:min(len(reasons), 10)] {
		row(reason, c.reasons[reason])
	}
	return b.String()
}

// compareTable compares the counts with those of the page, or writes them into it.
func compareTable(t *testing.T, table string) {
	t.Helper()
	page := filepath.Join("..", "..", "docs", "postman.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := []byte("<!-- counts -->\n"), []byte("<!-- end of counts -->")
	before, rest, ok := bytes.Cut(text, begin)
	old, behind, closed := bytes.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the counts, between %s and %s", page, begin, end)
	}
	if string(old) == table {
		return
	}
	if !*update {
		t.Errorf("the counts of %s are others now; go test ./cmd/hgrun -run %s -update writes them:\n%s", page, t.Name(), table)
		return
	}
	if err := os.WriteFile(page, slices.Concat(before, begin, []byte(table), end, behind), 0o644); err != nil {
		t.Fatal(err)
	}
}
