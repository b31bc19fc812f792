package newman_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// built returns a binary of hgrun.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hgrun")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/hgrun/hgrun/cmd/hgrun").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// byHgrun runs one collection by hgrun, as a person would who replaces newman run.
func byHgrun(t *testing.T, hgrun, base string, j job) outcome {
	t.Helper()
	record := filepath.Join(t.TempDir(), "record.ndjson")
	args := append([]string{"run", "-r", "ndjson=" + record}, j.arguments(base)...)
	if j.Options.Iterations > 0 {
		args = append(args, "-n", strconv.Itoa(j.Options.Iterations))
	}
	if j.Options.Folder != "" {
		args = append(args, "--only", j.Options.Folder)
	}
	out, code := call(t, hgrun, j.Shell, args...)
	if code > 3 {
		t.Fatalf("hgrun: exit code %d\n%s", code, out)
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

// arguments are those that run and check share.
func (j job) arguments(base string) []string {
	args := []string{j.Collection, "--var", "base=" + base}
	for _, option := range []struct{ flag, value string }{{"-e", j.Environment}, {"-g", j.Globals}, {"-d", j.Data}, {"--file-root", j.Root}} {
		if option.value != "" {
			args = append(args, option.flag, option.value)
		}
	}
	for _, secret := range j.Secrets {
		args = append(args, "--secret", secret)
	}
	return args
}

// call runs hgrun with more variables of the shell, and returns all that it wrote.
func call(t *testing.T, hgrun string, shell []string, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), hgrun, args...)
	cmd.Env = append(append(os.Environ(), "TZ=UTC"), shell...)
	text, err := cmd.CombinedOutput()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		return string(text), exit.ExitCode()
	}
	if err != nil {
		t.Fatalf("hgrun: %v\n%s", err, text)
	}
	return string(text), 0
}

// recordLine is what a line of a record says of a request.
type recordLine struct {
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

// add takes in a line of a record of hgrun.
func (o *outcome) add(t *testing.T, line []byte) {
	t.Helper()
	var l recordLine
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
	v := verdict{Name: name, Iteration: max(r.Request.Row-1, 0), Outcome: r.Outcome}
	var told []string // what problems say of tests
	for _, one := range r.Tests {
		outcome := "passed"
		switch {
		case one.Skipped:
			outcome = "skipped"
		case one.Message != "":
			outcome = "failed"
			first, _, _ := strings.Cut(one.Name+": "+one.Message, "\n")
			told = append(told, first)
		}
		v.Tests = append(v.Tests, test{one.Name, outcome, plain(one.Message)})
	}
	if r.Outcome == "skipped" {
		v.Name += " (skipped: " + r.Reason + ")"
	}
	for _, p := range r.Problems {
		if first, _, _ := strings.Cut(p.Message, "\n"); !slices.Contains(told, first) {
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
