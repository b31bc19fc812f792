package hgrun_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/hgrun/hgrun/reporters"
)

// pipelines are the files that run hgrun somewhere else, and the pages that show some.
func pipelines(t *testing.T) []string {
	t.Helper()
	files := []string{readme, "docs/ci.md", "action.yml", ".pre-commit-hooks.yaml", "templates/hgrun/template.yml"}
	for _, root := range []string{"deploy", ".github"} {
		err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				files = append(files, filepath.ToSlash(file))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// texts are what of a file is meant for a machine: of a page its blocks for pipelines.
func texts(t *testing.T, file string) []block {
	t.Helper()
	if filepath.Ext(file) != ".md" {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return []block{{strings.TrimPrefix(filepath.Ext(file), "."), string(src)}}
	}
	return slices.DeleteFunc(readPage(t, file).blocks, func(b block) bool { return !strings.HasSuffix(b.language, " ci") })
}

// documents are those of a YAML file.
func documents(t *testing.T, file, text string) []any {
	t.Helper()
	var all []any
	for _, piece := range strings.Split(text, "\n---\n") {
		var doc any
		if err := yaml.Unmarshal([]byte(piece), &doc); err != nil {
			t.Errorf("%s: %v in\n%s", file, err, piece)
		}
		all = append(all, doc)
	}
	return all
}

func isYAML(b block) bool { return strings.HasPrefix(b.language, "y") }

func TestFilesForPipelinesAreYAML(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, file := range pipelines(t) {
		for _, b := range texts(t, file) {
			if isYAML(b) {
				seen++
				documents(t, file, b.text)
			}
		}
	}
	if seen < 20 {
		t.Errorf("got %d texts, want those of all services; are they still found?", seen)
	}
}

// calls are the command lines of hgrun in a text, and what stands in lists of arguments: of containers and of hooks.
func calls(t *testing.T, file string, b block) [][]string {
	t.Helper()
	var found [][]string
	line := regexp.MustCompile(`(?m)(?:^|[\s'"&;(]|ghcr\.io/hgrun/)hgrun ((?:run|check|fmt|list|report merge|report convert) [^\n|&;'>]*)`)
	folded := regexp.MustCompile(`\n\s+(-r )`).ReplaceAllString(b.text, " $1")
	for _, match := range line.FindAllStringSubmatch(folded, -1) {
		found = append(found, strings.Fields(match[1]))
	}
	if !isYAML(b) {
		return found
	}
	for _, doc := range documents(t, file, b.text) {
		found = append(found, argumentLists(doc, "")...)
	}
	return found
}

// argumentLists are the args: of containers whose entry point is hgrun.
func argumentLists(doc any, key string) [][]string {
	var found [][]string
	switch doc := doc.(type) {
	case map[string]any:
		if doc["command"] == nil {
			for name, v := range doc {
				found = append(found, argumentLists(v, name)...)
			}
			return found
		}
	case []any:
		var words []string
		for _, v := range doc {
			if word, ok := v.(string); ok && key == "args" {
				words = append(words, word)
			}
			found = append(found, argumentLists(v, "")...)
		}
		if len(words) > 0 && words[0] == "run" {
			found = append(found, words)
		}
	}
	return found
}

// commandOf returns the words that name the command of a call, and its arguments.
func commandOf(call []string) (command, arguments []string) {
	if call[0] == "report" {
		return call[:2], call[2:]
	}
	return call[:1], call[1:]
}

func TestPipelinesUseFlagsAndReportsThatExist(t *testing.T) {
	t.Parallel()
	kinds := slices.Collect(maps.Keys(reporters.Kinds()))
	help := map[string][]string{}
	seen := map[string]int{}
	for _, file := range pipelines(t) {
		for _, b := range texts(t, file) {
			for _, call := range calls(t, file, b) {
				seen[file]++
				command, arguments := commandOf(call)
				name := strings.Join(command, " ")
				if help[name] == nil {
					help[name] = helpFlags(t, command)
				}
				for i, word := range arguments {
					if strings.HasPrefix(word, "-") && !slices.Contains(help[name], word) {
						t.Errorf("%s: hgrun %s has no %s", file, name, word)
					}
					if word != "-r" || i+1 == len(arguments) {
						continue
					}
					kind, target, _ := strings.Cut(strings.Trim(arguments[i+1], `"`), "=")
					if !slices.Contains(kinds, kind) || target == "" {
						t.Errorf("%s: got -r %s, want a kind of report and its file", file, arguments[i+1])
					}
				}
			}
		}
	}
	for file, least := range map[string]int{"docs/ci.md": 12, "action.yml": 1, "templates/hgrun/template.yml": 1, ".pre-commit-hooks.yaml": 1,
		"deploy/kubernetes/job.yaml": 1, "deploy/kubernetes/merge.yaml": 1, "deploy/testkube/workflow.yaml": 2} {
		if seen[file] < least {
			t.Errorf("%s: got %d calls of hgrun, want %d or more; are they still found?", file, seen[file], least)
		}
	}
}

// helpFlags are the flags of a command, long and short.
func helpFlags(t *testing.T, command []string) []string {
	t.Helper()
	_, list, _ := strings.Cut(hgrun(t, append(slices.Clone(command), "--help")...), "Flags:\n")
	var found []string
	for _, match := range flagLine.FindAllStringSubmatch(list, -1) {
		found = append(found, match[1], match[2])
	}
	return found
}

func TestTheIndexedJobRunsEachRequestOnce(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("deploy/kubernetes/job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := argumentLists(documents(t, "job.yaml", string(src))[0], "")
	if len(found) != 1 {
		t.Fatalf("got %v, want the arguments of one container", found)
	}
	if !strings.Contains(string(src), "completions: 4 ") || !slices.Contains(found[0], "auto/4") {
		t.Errorf("got another number of completions than of shards, want 4 of both")
	}
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for index := range 4 {
		var args []string
		for _, arg := range found[0] {
			arg = strings.NewReplacer("/work/collections", "examples", "$(JOB_COMPLETION_INDEX)", fmt.Sprint(index), "/reports", dir).Replace(arg)
			args = append(args, strings.ReplaceAll(arg, "sandbox", "embedded"))
		}
		cmd := exec.CommandContext(t.Context(), file, args...)
		cmd.Env = append(os.Environ(), fmt.Sprintf("JOB_COMPLETION_INDEX=%d", index))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("shard %d: %v\n%s", index, err, out)
		}
	}
	records, err := filepath.Glob(filepath.Join(dir, "shard-*.ndjson"))
	if err != nil || len(records) != 4 {
		t.Fatalf("got %v, %v, want a record of each shard", records, err)
	}
	merged := hgrun(t, append([]string{"report", "merge"}, records...)...)
	whole := hgrun(t, "run", "examples", "-e", "embedded")
	got, want := tally(merged), tally(whole)
	if got != want || want == "" {
		t.Errorf("got %q of the shards, want %q as of the whole", got, want)
	}
}

// tally is how many requests the last line of the console tells of.
func tally(console string) string {
	return regexp.MustCompile(`\d+ requests`).FindString(console)
}

// release is a folder in the layout of releases, with a program that says its version.
func release(t *testing.T, sum func([]byte) string) string {
	t.Helper()
	dir := t.TempDir()
	from := filepath.Join(dir, "download", "v1.2.3")
	if err := os.MkdirAll(from, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(from, "hgrun")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho hgrun v1.2.3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("hgrun_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	archive := filepath.Join(from, name)
	if out, err := exec.CommandContext(t.Context(), "tar", "-czf", archive, "-C", from, "hgrun").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	src, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "checksums.txt"), []byte(sum(src)+"  "+name+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func sha256Of(src []byte) string {
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:])
}

// installs runs a script with releases of the test.
func installs(t *testing.T, releases string, name string, args ...string) (string, error) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("scripts run by their first line, which Windows does not read")
	}
	for _, needed := range []string{"curl", "tar", "bash"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skipf("%s is not installed", needed)
		}
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "HGRUN_RELEASES=file://"+releases)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTheInstallerTakesNothingWithAnotherChecksum(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, version string
		sum           func([]byte) string
		want          string // of the output; empty for an installed program
	}{
		{"the release", "v1.2.3", sha256Of, ""},
		{"another checksum", "v1.2.3", func([]byte) string { return strings.Repeat("0", 64) }, "nothing was installed"},
		{"no release of the name", "v9.9.9", sha256Of, "is v9.9.9 a release"},
		{"no version", "1.2.3", sha256Of, "got version 1.2.3, want latest or a tag such as v1.2.3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "bin")
			out, err := installs(t, release(t, test.sum), "deploy/install.sh", test.version, folder)
			_, missing := os.Stat(filepath.Join(folder, "hgrun"))
			switch {
			case test.want == "" && (err != nil || missing != nil || !strings.Contains(out, "hgrun v1.2.3 in "+folder)):
				t.Errorf("got %v, %v and %q, want the program", err, missing, out)
			case test.want != "" && (err == nil || missing == nil || !strings.Contains(out, test.want)):
				t.Errorf("got %v, %v and %q, want nothing but %q", err, missing, out, test.want)
			}
		})
	}
}

// scripts are the run: of the steps of action.yml, by their ids.
func scripts(t *testing.T) map[string]string {
	t.Helper()
	src, err := os.ReadFile("action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct {
			Steps []struct{ ID, Run string }
		}
	}
	if err := yaml.Unmarshal(src, &action); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, step := range action.Runs.Steps {
		if step.Run != "" {
			found[step.ID] = step.Run
		}
	}
	return found
}

func TestTheActionInstallsRunsAndTellsTheExitCode(t *testing.T) {
	t.Parallel()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, arguments, code string }{
		{"passed", "--only\nRead the patient\n", "0"},
		{"failed", "--var\nclient_id=nobody", "3"},
		{"a slip", "--onyl", "2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			output := filepath.Join(dir, "output")
			env := []string{"GITHUB_OUTPUT=" + output, "GITHUB_PATH=" + filepath.Join(dir, "path"), "GITHUB_ACTION_PATH=" + here,
				"HGRUN_VERSION=v1.2.3", "HGRUN_BIN=" + filepath.Join(dir, "bin"), "HGRUN_CACHED=", "HGRUN_COLLECTIONS=examples/health-gorilla\n", "HGRUN_ENVIRONMENT=embedded",
				"HGRUN_ARGUMENTS=" + test.arguments, "HGRUN_SHARD=1/1", "HGRUN_REPORTS=" + filepath.Join(dir, "reports"), "HGRUN_FOLDER=.",
				"PATH=" + filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH")}
			if out, err := installs(t, release(t, sha256Of), "env", append(slices.Clone(env), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", scripts(t)["install"])...); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			out, err := installs(t, "", "env", append(slices.Clone(env), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", scripts(t)["run"])...)
			if failed := err != nil; failed != (test.code != "0") {
				t.Errorf("got %v from\n%s", err, out)
			}
			got, err := os.ReadFile(output)
			if err != nil {
				t.Fatal(err)
			}
			if want := "version=v1.2.3\nexit-code=" + test.code + "\nreports=" + filepath.Join(dir, "reports") + "\n"; string(got) != want {
				t.Errorf("got the outputs\n%s\nwant\n%s", got, want)
			}
			if test.code == "2" {
				return
			}
			for _, name := range []string{"junit.xml", "report.html", "run.ndjson"} {
				if info, err := os.Stat(filepath.Join(dir, "reports", name)); err != nil || info.Size() == 0 {
					t.Errorf("got no %s: %v", name, err)
				}
			}
		})
	}
}

func TestHooksTakeCollectionsAndNoOtherFiles(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(".pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ ID, Entry, Files, Exclude string }
	if err := yaml.Unmarshal(src, &hooks); err != nil || len(hooks) != 2 {
		t.Fatalf("got %v and %d hooks, want two", err, len(hooks))
	}
	tests := []struct {
		file       string
		check, fmt bool
	}{
		{"collection.yaml", true, true},
		{"api/orders.collection.yml", true, true},
		{"collections/deep/orders.yaml", true, true},
		{"collections/environments/sandbox.yaml", false, true},
		{"environments/sandbox.yaml", false, true},
		{"docker-compose.yaml", false, false},
		{"collection.json", false, false},
	}
	for _, test := range tests {
		for _, hook := range hooks {
			got := regexp.MustCompile(hook.Files).MatchString(test.file) && (hook.Exclude == "" || !regexp.MustCompile(hook.Exclude).MatchString(test.file))
			if want := map[string]bool{"hgrun-check": test.check, "hgrun-fmt": test.fmt}[hook.ID]; got != want {
				t.Errorf("%s takes %s: got %v, want %v", hook.ID, test.file, got, want)
			}
		}
	}
}
