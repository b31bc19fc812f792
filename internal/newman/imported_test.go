package newman_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// imported turns a job into the one that hgrun import postman makes of its files. As a person would, it takes from what the command says which
// secrets to set, and with which flags to go on.
func imported(t *testing.T, hgrun string, j job) job {
	t.Helper()
	dir := t.TempDir()
	args := []string{"import", "postman", j.Collection, "-o", dir}
	for _, file := range []string{j.Environment, j.Globals} {
		if file != "" {
			args = append(args, file)
		}
	}
	said, code := call(t, hgrun, nil, args...)
	if code != 0 {
		t.Fatalf("hgrun import postman: exit code %d\n%s", code, said)
	}
	made := job{Name: j.Name, Collection: dir, Data: j.Data, Options: j.Options}
	made.Shell, made.names = secrets(t, said)
	_, advice, _ := strings.Cut(said, "hgrun check ")
	words := strings.Fields(advice)
	for i, word := range words {
		switch word {
		case "-e":
			made.Environment = words[i+1]
		case "-g":
			made.Globals = words[i+1]
		case "--file-root":
			made.Root = words[i+1]
		}
	}
	return made
}

// checked runs a job that was imported. hgrun check, which needs no secret, must find nothing in it that it does not find in the original, but for
// what keeps it from running at all.
func checked(t *testing.T, hgrun, base string, original, j job) outcome {
	t.Helper()
	o := byHgrun(t, hgrun, base, j)
	said, code := call(t, hgrun, nil, append([]string{"check"}, j.arguments(base)...)...)
	switch {
	case o.unloadable() && code == 0:
		t.Errorf("hgrun check finds nothing in what does not run:\n%s", said)
	case code != 0 && !o.unloadable():
		if _, was := call(t, hgrun, nil, append([]string{"check"}, original.arguments(base)...)...); was == 0 {
			t.Errorf("hgrun check finds more in what was imported than in its original:\n%s", said)
		}
	}
	return o
}

// exported turns a job that was imported into the one that hgrun export postman makes of it. Postman has no place for
// where a secret comes from, so that the command line says it.
func exported(t *testing.T, hgrun string, j job) job {
	t.Helper()
	dir := t.TempDir()
	args := []string{"export", "postman", j.Collection, "-o", filepath.Join(dir, "back.json")}
	for _, option := range [][2]string{{"-e", j.Environment}, {"-g", j.Globals}, {"--file-root", j.Root}} {
		if option[1] != "" {
			args = append(args, option[0], option[1])
		}
	}
	if said, code := call(t, hgrun, j.Shell, args...); code != 0 {
		t.Fatalf("hgrun export postman: exit code %d\n%s", code, said)
	}
	back := j
	back.Collection, back.Secrets, back.Environment = filepath.Join(dir, "back.json"), j.names, ""
	if files, _ := filepath.Glob(filepath.Join(dir, "*.postman_environment.json")); len(files) > 0 {
		back.Environment = files[0]
	}
	return back
}

// unloadable reports whether nothing was sent because of what a file says.
func (o outcome) unloadable() bool {
	return len(o.Requests) > 0 && o.Requests[0].Name == "[load]"
}

// secrets are the variables of the shell that the command asks for, with the values that stand at the places which it names.
func secrets(t *testing.T, said string) (shell, names []string) {
	t.Helper()
	asked := regexp.MustCompile(`(?m)^  (.+):(\d+):(\d+): the secret {{(.+)}} is not written down; set the environment variable (\w+)$`)
	for _, m := range asked.FindAllStringSubmatch(said, -1) {
		line, _ := strconv.Atoi(m[2])
		col, _ := strconv.Atoi(m[3])
		shell = append(shell, m[5]+"="+literal(t, m[1], line, col))
		names = append(names, m[4]+"="+m[5])
	}
	return shell, names
}

// literal is the text in JSON that stands at a place of a file; of a header Authorization what is behind the scheme.
func literal(t *testing.T, file string, line, col int) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if line > len(lines) || col > len(lines[line-1]) {
		t.Fatalf("%s:%d:%d: there is no such place", file, line, col)
	}
	var value string
	if err := json.NewDecoder(bytes.NewReader(lines[line-1][col-1:])).Decode(&value); err != nil {
		t.Fatalf("%s:%d:%d: %v", file, line, col, err)
	}
	return regexp.MustCompile(`^(Bearer|Basic|Token) `).ReplaceAllString(value, "")
}

// outline words a run so that a collection can be compared with what was imported of it: its requests on the wire, and what became of each. A test
// that is a declaration now has no name of its own any more; that as many of them fail stands for the rest.
func outline(wire []exchange, o outcome) string {
	var b strings.Builder
	for _, x := range wire {
		b.WriteString(x.text(compact(x.body)))
	}
	b.WriteString("--\n")
	for _, r := range o.Requests {
		fmt.Fprintf(&b, "%s: %s", r.Name, r.Outcome)
		problems := len(r.Errors)
		for _, t := range r.Tests {
			if t.Outcome == "failed" {
				problems++
			}
		}
		if problems > 0 {
			fmt.Fprintf(&b, " (%d)", problems)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// compact is a body in JSON without white space, which YAML does not keep.
func compact(body string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(body)) == nil {
		return b.String()
	}
	return body
}
