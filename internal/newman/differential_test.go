// Package newman_test runs the same collections by Newman and by hgrun against one server that records, and compares what came
// over the wire and every verdict.
package newman_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the differences of collections that have some on purpose")

// job is one collection for run.js.
type job struct {
	Name        string  `json:"name"`
	Collection  string  `json:"collection"`
	Environment string  `json:"environment"`
	Globals     string  `json:"globals"`
	Data        string  `json:"data"`
	Base        string  `json:"base"`
	Options     options `json:"options"`
}

type options struct {
	Iterations int    `json:"iterations,omitempty"`
	Folder     string `json:"folder,omitempty"`
}

// jobs are the folders of testdata.
func jobs(t *testing.T, r *recorder) []job {
	t.Helper()
	files, err := filepath.Glob("testdata/*/collection.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("got %d collections, %v", len(files), err)
	}
	var all []job
	for _, file := range files {
		dir := filepath.Dir(file)
		j := job{Name: filepath.Base(dir), Collection: file}
		j.Base = r.base("newman-" + j.Name)
		for to, name := range map[*string]string{&j.Environment: "environment.json", &j.Globals: "globals.json"} {
			if path := filepath.Join(dir, name); exists(path) {
				*to = path
			}
		}
		for _, name := range []string{"data.csv", "data.json"} {
			if path := filepath.Join(dir, name); exists(path) {
				j.Data = path
			}
		}
		if text, err := os.ReadFile(filepath.Join(dir, "options.json")); err == nil {
			if err := json.Unmarshal(text, &j.Options); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, j)
	}
	return all
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// verdict is what became of one request: its name, and its tests in order.
type verdict struct {
	Name      string
	Iteration int
	Ref       string // of Newman: what it counts twice has the same
	Tests     []test
	Errors    []string // besides the tests
}

type test struct{ Name, Outcome, Message string }

// outcome is what became of a collection.
type outcome struct {
	Name     string    `json:"name"`
	Error    string    `json:"error"`
	Requests []verdict `json:"requests"`
	Errors   []struct {
		Request, At, Message string
		Iteration            int
	} `json:"errors"`
}

// byNewman runs all collections by Newman, whose folder NEWMAN names.
func byNewman(t *testing.T, all []job) map[string]outcome {
	t.Helper()
	dir := os.Getenv("NEWMAN")
	if dir == "" {
		t.Skip("NEWMAN does not name the folder of Newman's npm package: nothing to compare with")
	}
	in, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "run.js", dir)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("newman: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var list []outcome
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	byName := map[string]outcome{}
	for _, o := range list {
		byName[o.Name] = o
	}
	return byName
}

// story words a run: its requests on the wire, then the verdicts.
func story(wire []string, o outcome) string {
	var b strings.Builder
	if o.Error != "" {
		fmt.Fprintf(&b, "error: %s\n", o.Error)
	}
	for _, line := range wire {
		b.WriteString(line + "\n")
	}
	b.WriteString("--\n")
	refs := map[string]bool{}
	for _, r := range o.Requests {
		if r.Ref != "" && refs[r.Ref] {
			continue // it lists a request once for each exchange
		}
		refs[r.Ref] = true
		fmt.Fprintf(&b, "%s\n", r.Name)
		for _, t := range r.Tests {
			fmt.Fprintf(&b, "  %s: %s", t.Outcome, t.Name)
			if t.Message != "" {
				fmt.Fprintf(&b, " (%s)", t.Message)
			}
			b.WriteByte('\n')
		}
		for _, e := range r.Errors {
			fmt.Fprintf(&b, "  error: %s\n", e)
		}
		for _, e := range o.Errors {
			if e.Request == r.Name && e.Iteration == r.Iteration {
				fmt.Fprintf(&b, "  error: %s\n", e.Message)
			}
		}
	}
	return b.String()
}

// byHgrun runs one collection by hgrun, as a person would who replaces newman run.
func byHgrun(t *testing.T, hgrun, base string, j job) outcome {
	t.Helper()
	record := filepath.Join(t.TempDir(), "record.ndjson")
	args := []string{"run", j.Collection, "--var", "base=" + base, "-r", "ndjson=" + record}
	for _, option := range []struct{ flag, value string }{{"-e", j.Environment}, {"-g", j.Globals}, {"-d", j.Data}, {"--only", j.Options.Folder}} {
		if option.value != "" {
			args = append(args, option.flag, option.value)
		}
	}
	if j.Options.Iterations > 0 {
		args = append(args, "-n", strconv.Itoa(j.Options.Iterations))
	}
	cmd := exec.CommandContext(t.Context(), hgrun, args...)
	out, err := cmd.CombinedOutput()
	if exit, failed := errors.AsType[*exec.ExitError](err); err != nil && (!failed || exit.ExitCode() > 3) {
		t.Fatalf("hgrun: %v\n%s", err, out)
	}
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	o := outcome{Name: j.Name}
	for line := range bytes.Lines(text) {
		o.add(t, line)
	}
	return o
}

// add takes in a line of a record of hgrun.
func (o *outcome) add(t *testing.T, line []byte) {
	t.Helper()
	var l struct {
		Type   string
		Result struct {
			Outcome string
			Request struct {
				Name, Phase string
				Row         int
			}
			Tests []struct {
				Name, Message string
				Skipped       bool
			}
			Problems []struct{ Kind, Message string }
			Reason   string
		}
	}
	if err := json.Unmarshal(line, &l); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	r := l.Result
	if l.Type != "request_finished" || r.Request.Phase == "script" || r.Request.Phase == "token" {
		return
	}
	if r.Outcome == "skipped" && strings.Contains(r.Reason, "script") {
		return // Newman says nothing of what its scripts leave out
	}
	name, _, _ := strings.Cut(r.Request.Name, " [")
	v := verdict{Name: name, Iteration: max(r.Request.Row-1, 0)}
	for _, one := range r.Tests {
		outcome := "passed"
		switch {
		case one.Skipped:
			outcome = "skipped"
		case one.Message != "":
			outcome = "failed"
		}
		v.Tests = append(v.Tests, test{one.Name, outcome, plain(one.Message)})
	}
	if r.Outcome == "skipped" {
		v.Name += " (skipped: " + r.Reason + ")"
	}
	for _, p := range r.Problems {
		if !slices.ContainsFunc(v.Tests, func(t test) bool { return t.Outcome == "failed" && strings.Contains(p.Message, t.Name) }) {
			v.Errors = append(v.Errors, plain(p.Message))
		}
	}
	o.Requests = append(o.Requests, v)
}

// plain is a message without the kind of its error, which Newman has beside it.
func plain(message string) string {
	kind, rest, found := strings.Cut(message, ": ")
	if found && strings.HasSuffix(kind, "Error") && !strings.Contains(kind, " ") {
		return rest
	}
	return message
}

// TestHgrunDoesWhatNewmanDoes compares both, collection by collection. Where they differ on purpose, difference.txt says why and what; -update
// writes what, and never why.
func TestHgrunDoesWhatNewmanDoes(t *testing.T) {
	t.Parallel()
	r := newRecorder(t)
	all := jobs(t, r)
	theirs := byNewman(t, all)
	hgrun := built(t)
	for _, j := range all {
		t.Run(j.Name, func(t *testing.T) {
			t.Parallel()
			ours := byHgrun(t, hgrun, r.base("hgrun-"+j.Name), j)
			got := difference(story(r.seen("newman-"+j.Name), theirs[j.Name]), story(r.seen("hgrun-"+j.Name), ours))
			why, want := deliberate(t, j.Name)
			if *update && why != "" {
				if err := os.WriteFile(filepath.Join("testdata", j.Name, "difference.txt"), []byte(why+"\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				want = got
			}
			if got != want {
				t.Errorf("Newman (-) and hgrun (+) differ; got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// deliberate returns why hgrun differs from Newman in a collection, and how; both empty where it must not.
func deliberate(t *testing.T, name string) (why, how string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name, "difference.txt"))
	if errors.Is(err, os.ErrNotExist) {
		return "", ""
	}
	if err != nil {
		t.Fatal(err)
	}
	why, how, _ = strings.Cut(string(text), "\n")
	return why, how
}

// difference lists the lines that only one of two texts has, in their order.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	longest := make([][]int, len(x)+1) // common lines from here on
	for i := range longest {
		longest[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if longest[i][j] = max(longest[i+1][j], longest[i][j+1]); x[i] == y[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	var out strings.Builder
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && longest[i+1][j] >= longest[i][j+1]:
			out.WriteString("- " + x[i] + "\n")
			i++
		default:
			out.WriteString("+ " + y[j] + "\n")
			j++
		}
	}
	return out.String()
}

// built returns a binary of hgrun.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hgrun")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/hgrun/hgrun/cmd/hgrun").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}
