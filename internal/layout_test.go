// Package internal holds only the test of the house: which package may import which, and where each third party has its door.
package internal

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hgrun/hgrun"

// arrows are the imports between packages of the module that docs/architecture.md draws. All run downward.
func arrows() map[string][]string {
	floor0 := []string{"internal/source"}
	floor1 := append(slices.Clone(floor0), "internal/vars", "collections/importers")
	floor2 := append(slices.Clone(floor1), "environments", "assertions", "internal/wire")
	floor3 := append(slices.Clone(floor2), "expect", "auth")
	floor4 := append(slices.Clone(floor3), "collections")
	floor5 := append(slices.Clone(floor4), "diagnosis", "internal/script", "internal/phi")
	floor6 := append(slices.Clone(floor5), "runner")
	floor7 := append(slices.Clone(floor6), "reporters", "specs", "internal/sandbox", "internal/store", "internal/curl", "internal/embedded", "docs/schema")
	drafts := append(slices.Clone(floor4), "collections/importers/draft")
	for _, kind := range []string{"bruno", "curl", "har", "http", "openapi"} {
		floor7 = append(floor7, "collections/importers/"+kind)
	}
	floor7 = append(floor7, "collections/importers/draft", "collections/importers/translate", "collections/exporters/postman")
	return map[string][]string{
		"docs/schema":           nil,
		"internal/source":       nil,
		"internal/jsonpath":     nil,
		"internal/wire":         nil,
		"internal/curl":         {"internal/wire"},
		"internal/sandbox":      nil,
		"internal/store":        nil,
		"internal/embedded":     append(slices.Clone(floor4), "internal/sandbox"),
		"internal/xpath":        nil,
		"internal/vars":         floor0,
		"internal/phi":          floor1,
		"environments":          floor1,
		"assertions":            floor1,
		"expect":                append(slices.Clone(floor1), "internal/wire", "internal/jsonpath", "internal/xpath"),
		"auth":                  append(slices.Clone(floor1), "internal/wire", "assertions"),
		"collections/importers": {"internal/source"},
		"collections":           {"collections/importers", "internal/source", "internal/vars", "internal/wire", "assertions", "expect", "auth"},
		"diagnosis":             floor4,
		"internal/script":       floor4,
		"runner":                floor5,
		"reporters":             floor6,
		"specs":                 append(slices.Clone(floor6), "internal/curl", "internal/embedded", "internal/sandbox"),
		"cmd/hgrun":             floor7,

		"collections/importers/draft":     floor4,
		"collections/importers/bruno":     drafts,
		"collections/importers/curl":      drafts,
		"collections/importers/har":       drafts,
		"collections/importers/http":      drafts,
		"collections/importers/openapi":   drafts,
		"collections/exporters/postman":   floor4,
		"collections/importers/translate": floor0,
	}
}

// doors are the third parties and the packages that may import them, tests aside.
func doors() map[string][]string {
	return map[string][]string{
		"gopkg.in/yaml.v3":                         {"internal/source"},
		"go.yaml.in/yaml/v4":                       {"internal/source"},
		"github.com/golang-jwt/jwt/v5":             {"assertions"},
		"github.com/tidwall/gjson":                 {"expect"},
		"github.com/onsi/gomega":                   {"expect"},
		"github.com/onsi/ginkgo/v2/types":          {"reporters"},
		"github.com/onsi/ginkgo/v2/reporters":      {"reporters"},
		"github.com/onsi/ginkgo/v2":                {"specs"},
		"github.com/onsi/ginkgo/v2/dsl":            {"specs"},
		"github.com/spf13/cobra":                   {"cmd/hgrun"},
		"github.com/spf13/pflag":                   {"cmd/hgrun"},
		"github.com/dop251/goja/ast":               {"collections/importers/translate"},
		"github.com/dop251/goja/file":              {"collections/importers/translate"},
		"github.com/dop251/goja/parser":            {"collections/importers/translate"},
		"github.com/dop251/goja/token":             {"collections/importers/translate"},
		"modernc.org/quickjs":                      {"internal/script"},
		"modernc.org/libquickjs":                   {"internal/script"},
		"modernc.org/libc":                         {"internal/script"},
		"github.com/rogpeppe/go-internal":          nil,
		"github.com/go-jose/go-jose/v4":            nil,
		"golang.org/x/oauth2":                      nil,
		"github.com/santhosh-tekuri/jsonschema/v6": nil,
	}
}

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsRunDownward(t *testing.T) {
	t.Parallel()
	allowed := arrows()
	for _, p := range packages(t) {
		name, _ := strings.CutPrefix(p.ImportPath, module+"/")
		if len(p.GoFiles) == 0 || outside(name) {
			continue
		}
		may, ok := allowed[name]
		if !ok {
			t.Errorf("%s stands on no floor: draw it in docs/architecture.md and in this test", name)
		}
		for _, imported := range p.Imports {
			if to, ours := strings.CutPrefix(imported, module+"/"); ours && !slices.Contains(may, to) {
				t.Errorf("%s imports %s: not an arrow of the house", name, to)
			}
		}
	}
}

// outside reports whether a package is a program about hgrun and no part of it.
func outside(name string) bool {
	return strings.HasPrefix(name, "bench/") || strings.HasPrefix(name, "examples/")
}

func TestEachThirdPartyHasOneDoor(t *testing.T) {
	t.Parallel()
	open := doors()
	for _, p := range packages(t) {
		name, _ := strings.CutPrefix(p.ImportPath, module+"/")
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(first, ".") || strings.HasPrefix(imported, module) {
				continue
			}
			may, known := open[door(open, imported)]
			switch {
			case !known:
				t.Errorf("%s imports %s, which has no door", name, imported)
			case !slices.Contains(may, name):
				t.Errorf("%s imports %s, whose door is %v", name, imported, may)
			}
		}
	}
}

// door returns the longest key that imported is, or lies below.
func door(open map[string][]string, imported string) string {
	best := ""
	for key := range open {
		if (imported == key || strings.HasPrefix(imported, key+"/")) && len(key) > len(best) {
			best = key
		}
	}
	return best
}

func TestOnlyTheRunnerIsAnHTTPClient(t *testing.T) {
	t.Parallel()
	client := []string{"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head", "NewRequest", "NewRequestWithContext"}
	for _, p := range packages(t) {
		name, _ := strings.CutPrefix(p.ImportPath, module+"/")
		if name == "runner" || outside(name) {
			continue
		}
		for _, file := range p.GoFiles {
			for _, used := range selectors(t, filepath.Join(p.Dir, file), "net/http") {
				if slices.Contains(client, used) {
					t.Errorf("%s/%s uses http.%s: the HTTP client stands in runner alone", name, file, used)
				}
			}
		}
	}
}

// selectors returns the names that a file takes from a package.
func selectors(t *testing.T, file, path string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	local := ""
	for _, imp := range f.Imports {
		if imp.Path.Value == `"`+path+`"` {
			local = filepath.Base(path)
			if imp.Name != nil {
				local = imp.Name.Name
			}
		}
	}
	var names []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && local != "" && x.Name == local {
				names = append(names, s.Sel.Name)
			}
		}
		return true
	})
	return names
}

func TestNoFileRegistersAnythingAtStart(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
