// Package hgrun_test holds the pages of the repository against the program: what they say to run is run, what they show
// is what comes out, and what they list is what there is.
package hgrun_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/vars"
)

const readme = "README.md"

// setUp are the commands that bring somebody from a clone to a report, and there are two.
func setUp() []string {
	return []string{"go run ./cmd/hgrun run examples/health-gorilla -e embedded -r junit=junit.xml", "go test ./..."}
}

// bin is a folder for what the tests build.
var bin = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "hgrun-pages-") })

// binary is where hgrun is built to, once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := bin()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "hgrun")
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	out, err := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false", "-o", file, "./cmd/hgrun").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := bin(); err == nil {
		_ = os.RemoveAll(dir) // what stays is in the temporary folder
	}
	os.Exit(code)
}

// hgrun runs the command and returns what it printed.
func hgrun(t *testing.T, args ...string) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), file, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("hgrun %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// commands are those that hgrun --help lists.
func commands(t *testing.T) []string {
	t.Helper()
	_, list, _ := strings.Cut(hgrun(t, "--help"), "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	var found []string
	for line := range strings.Lines(list) {
		found = append(found, strings.Fields(line)[0])
	}
	return found
}

var flagLine = regexp.MustCompile(`(?m)^ +(?:(-\w), +)?(--[\w-]+)`)

// flags are those that the help of commands lists, each once, with their short forms.
func flags(t *testing.T, commands ...string) []string {
	t.Helper()
	var found []string
	for _, command := range commands {
		_, list, _ := strings.Cut(hgrun(t, command, "--help"), "Flags:\n")
		for _, match := range flagLine.FindAllStringSubmatch(list, -1) {
			found = append(found, match[2])
			if match[1] != "" {
				found = append(found, match[1])
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// exitCodes are those that the help of run lists.
func exitCodes(t *testing.T) []string {
	t.Helper()
	_, list, found := strings.Cut(hgrun(t, "run", "--help"), "Exit codes:")
	if !found {
		t.Fatal("the help of run lists no exit codes")
	}
	list, _, _ = strings.Cut(list, "\n\n")
	return regexp.MustCompile(`\d+`).FindAllString(list, -1)
}

// loadBlocks loads the blocks of a page that are collections and environments, and checks the collections against what
// the embedded sandbox defines.
func loadBlocks(t *testing.T, page string, blocks []block) {
	t.Helper()
	variables := map[string]string{}
	for _, v := range sandbox.New(sandbox.Options{}).Variables("sandbox") {
		variables[v.Name] = v.Value
	}
	scope := vars.NewScope(nil, environments.New("embedded", variables, nil).Layers()...)
	loaded := 0
	fsys := fstest.MapFS{}
	for _, b := range blocks {
		if words := strings.Fields(b.language); len(words) == 0 || words[0] != "yaml" || slices.Contains(words, "ci") {
			continue
		}
		loaded++
		fsys[page] = &fstest.MapFile{Data: []byte(b.text)}
		if _, name, named := strings.Cut(b.language, " "); named { // for blocks after it, which may include it
			fsys[path.Join(path.Dir(page), name)] = fsys[page]
		}
		var c *collections.Collection
		var err error
		if strings.Contains("\n"+b.text, "\nrequests:") {
			if c, err = collections.Load(fsys, page, collections.Options{}); err == nil {
				err = c.Check(scope)
			}
		} else {
			_, err = environments.Load(fsys, page)
		}
		if err != nil {
			t.Errorf("%v, in\n%s", err, b.text)
		}
	}
	if loaded == 0 {
		t.Errorf("%s has no block of YAML", page)
	}
}

func TestEveryBlockOfTheReadmeLoads(t *testing.T) {
	t.Parallel()
	loadBlocks(t, readme, readPage(t, readme).blocks)
}

func TestTheReadmeSetsUpWithTwoCommands(t *testing.T) {
	t.Parallel()
	for _, b := range readPage(t, readme).blocks {
		if b.language == "sh" {
			if got, want := b.text, strings.Join(setUp(), "\n")+"\n"; got != want {
				t.Errorf("the first commands of %s: got\n%swant\n%s", readme, got, want)
			}
			return
		}
	}
	t.Errorf("%s has no block of commands", readme)
}

// clone copies the repository without what git keeps, so that commands may write.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root := os.DirFS(".")
	err := fs.WalkDir(root, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(file))
		switch name := e.Name(); {
		case e.IsDir() && file != "." && (strings.HasPrefix(name, ".") || name == "dist" || name == "testdata"):
			return fs.SkipDir
		case e.IsDir():
			return os.MkdirAll(to, 0o755)
		case strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".test") || !e.Type().IsRegular():
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		return os.WriteFile(to, src, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// shell runs commands in the copy, with hgrun on the path and no way to any host but this one.
func shell(t *testing.T, dir, script string) (out string, err error) {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	built, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output() // what Go built before is not what hgrun keeps
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(file)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOFLAGS=-trimpath -buildvcs=false", "GOPROXY=off", "GOTOOLCHAIN=local", "NO_COLOR=1", "FORCE_COLOR=", "CLICOLOR_FORCE=",
		"GOCACHE="+strings.TrimSpace(string(built)), "XDG_CACHE_HOME="+filepath.Join(dir, ".cache"), "COLUMNS=", "CI=", "GITHUB_ACTIONS=", "GITLAB_CI=", "TF_BUILD=", "BUILDKITE=", "TEAMCITY_VERSION=", "TRAVIS=",
		"JENKINS_URL=", "CODEBUILD_BUILD_ID=", "BITBUCKET_BUILD_NUMBER=",
		"HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1", "http_proxy=", "https_proxy=", "NO_PROXY=", "no_proxy=")
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// TestTheReadmeShowsWhatHappens goes through the page from top to bottom: files are written, commands are run, and what
// is shown of their output must be their output.
func TestTheReadmeShowsWhatHappens(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh here")
	}
	dir := clone(t)
	shown := 0
	for _, b := range readPage(t, readme).blocks {
		kind, name, _ := strings.Cut(b.language, " ")
		switch {
		case kind == "yaml" && name != "" && name != "ci":
			if err := os.WriteFile(filepath.Join(dir, name), []byte(b.text), 0o644); err != nil {
				t.Fatal(err)
			}
		case kind == "sh":
			script := strings.ReplaceAll(b.text, "go test ./...\n", "") // is what runs this
			if out, err := shell(t, dir, "set -eu\n"+script); err != nil {
				t.Errorf("%v\n%s%s", err, b.text, out)
			}
		case kind == "console":
			shown++
			command, want, _ := strings.Cut(strings.TrimPrefix(b.text, "$ "), "\n")
			got, err := shell(t, dir, command)
			if err != nil {
				t.Errorf("%s: %v\n%s", command, err, got)
			}
			compare(t, "the output of "+command, got, want)
		case kind == "xml":
			shown++
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
			}
			compare(t, name, string(got), b.text)
		}
	}
	if shown < 2 {
		t.Errorf("%s shows %d outputs, want the console and the report at least", readme, shown)
	}
	if _, err := os.Stat(filepath.Join(dir, "junit.xml")); err != nil {
		t.Errorf("the first command wrote no report: %v", err)
	}
}

// compare compares output with what a page shows of it.
func compare(t *testing.T, what, got, want string) {
	t.Helper()
	if at, ok := shows(steady(want), steady(got)); !ok {
		t.Errorf("%s differs at %q: got\n%s\nwant\n%s", what, at, got, want)
	}
}

// shows reports whether a text is as a page shows it; a line that is an … alone stands for any lines. Where not, at is
// the line of the page that is not there.
func shows(want, got string) (at string, ok bool) {
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	skipping := false
	for line := range strings.SplitSeq(strings.TrimSuffix(want, "\n"), "\n") {
		if strings.TrimSpace(line) == "…" {
			skipping = true
			continue
		}
		i := slices.Index(lines, line)
		if i < 0 || i > 0 && !skipping {
			return line, false
		}
		lines, skipping = lines[i+1:], false
	}
	return "the end", skipping || len(lines) == 0
}

// steady takes from an output what is different each time.
func steady(text string) string {
	for _, each := range [][2]string{
		{`127\.0\.0\.1:\d+`, "127.0.0.1:PORT"},
		{` +((?:<|&lt;)?\d+ ms|\d+\.\d+ s)`, " N ms"},
		{`sha256:[0-9a-f]{8}`, "sha256:FINGERPRINT"},
		{` time="[0-9.]+"`, ` time="N"`},
		{` timestamp="[^"]+"`, ` timestamp="T"`},
		{` hostname="[^"]+"`, ` hostname="H"`},
		{`Date: .*`, "Date: D"},
		{`[0-9,]+ bytes (received|sent)`, "N bytes $1"},
	} {
		text = regexp.MustCompile(each[0]).ReplaceAllString(text, each[1])
	}
	return text
}

func TestADifferenceBetweenReadmeAndOutputIsFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, page, output, at string
		ok                     bool
	}{
		{"the same", "a\nb\n", "a\nb\n", "the end", true},
		{"another time and port", "GET 127.0.0.1:40921 1 ms\n", "GET 127.0.0.1:5000     <1 ms\n", "the end", true},
		{"left out in the middle", "a\n  …\nc\n", "a\nb\nb\nc\n", "the end", true},
		{"left out at the end", "a\n…\n", "a\nb\n", "the end", true},
		{"another line", "a\nb\n", "a\nc\n", "b", false},
		{"a line more", "a\n", "a\nb\n", "the end", false},
		{"a line less", "a\nb\n", "a\n", "b", false},
		{"a line between", "a\nc\n", "a\nb\nc\n", "c", false},
		{"another order", "a\n…\nb\n", "b\na\n", "a", false},
	} {
		at, ok := shows(steady(test.page), steady(test.output))
		if at != test.at || ok != test.ok {
			t.Errorf("%s: got %q %v, want %q %v", test.name, at, ok, test.at, test.ok)
		}
	}
}
