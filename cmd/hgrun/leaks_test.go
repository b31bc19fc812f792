package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"maps"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/reporters"
)

// leakRun is a folder with the collections of testdata/leaks, in which everything that must not leak is planted, and a server that
// tells everybody everything.
type leakRun struct {
	folder   string
	house    *leakyHouse
	url      string
	env      []string
	secrets  []planted
	patients []planted
	inputs   map[string]bool // files that were there before
}

func newLeakRun(t *testing.T) *leakRun {
	t.Helper()
	l := &leakRun{folder: t.TempDir(), secrets: plantedIn(t, "secrets.txt"), patients: plantedIn(t, "patients.txt"), inputs: map[string]bool{}}
	pairs := []string{}
	l.env = append(os.Environ(), "NO_COLOR=1", "CI=", "TMPDIR="+l.folder, "HOME="+l.folder, "XDG_CACHE_HOME="+filepath.Join(l.folder, "cache"))
	for _, p := range slices.Concat(l.secrets, l.patients) {
		pairs = append(pairs, "@"+p.name+"@", p.text)
		l.env = append(l.env, "LEAK_"+strings.ToUpper(p.name)+"="+p.text)
	}
	fill := strings.NewReplacer(pairs...)
	l.house = &leakyHouse{fill: fill.Replace, hung: make(chan struct{}, 100)}
	server := httptest.NewServer(l.house)
	t.Cleanup(server.Close)
	l.url = server.URL
	if err := os.CopyFS(l.folder, os.DirFS("testdata/leaks")); err != nil {
		t.Fatal(err)
	}
	l.key(t)
	for _, list := range []string{"secrets.txt", "patients.txt"} {
		if err := os.Remove(filepath.Join(l.folder, list)); err != nil {
			t.Fatal(err)
		}
	}
	l.each(t, func(file string) {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, []byte(fill.Replace(string(text))), 0o600)
		}
		if err == nil && filepath.Base(file) == "dotenv" {
			err = os.Rename(file, filepath.Join(filepath.Dir(file), ".env"))
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	l.each(t, func(file string) { l.inputs[file] = true })
	return l
}

// key makes a private key, of which every line is a secret.
func (l *leakRun) key(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if !strings.HasPrefix(line, "-----") {
			l.secrets = append(l.secrets, planted{"line of the key " + string(rune('0'+i)), line})
		}
	}
	if err := os.WriteFile(filepath.Join(l.folder, "keys", "signing.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// each goes through the files of the folder.
func (l *leakRun) each(t *testing.T, do func(file string)) {
	t.Helper()
	err := filepath.WalkDir(l.folder, func(file string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			do(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// everyReport is a report of each kind that there is, in a folder.
func everyReport(folder string) []string {
	var flags []string
	for _, kind := range slices.Sorted(maps.Keys(reporters.Kinds())) {
		flags = append(flags, "-r", kind+"="+folder+"/"+kind+"."+strings.TrimPrefix(filepath.Ext(exampleFile(kind)), "."))
	}
	return flags
}

// hgrun runs the command and keeps what it says in the folder. It returns the exit code.
func (l *leakRun) hgrun(t *testing.T, says string, args ...string) int {
	t.Helper()
	c := l.command(t.Context(), args...)
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	err := c.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	l.keep(t, says, out.String(), errOut.String())
	return c.ProcessState.ExitCode()
}

func (l *leakRun) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "hgrun", args...)
	c.Dir, c.Env = l.folder, l.env
	return c
}

func (l *leakRun) keep(t *testing.T, says, out, errOut string) {
	t.Helper()
	for ending, text := range map[string]string{".out": out, ".err": errOut} {
		file := filepath.Join(l.folder, "said", says+ending)
		err := os.MkdirAll(filepath.Dir(file), 0o700)
		if err == nil {
			err = os.WriteFile(file, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// run runs the collections with every report on, in an environment.
func (l *leakRun) run(t *testing.T, environment string, more ...string) int {
	t.Helper()
	args := []string{"run", "leaks.yaml", "-e", environment, "--var", "api=" + l.url, "--last-failed-file", environment + "/failed.json", "--history", environment + "/history.ndjson"}
	return l.hgrun(t, environment, slices.Concat(args, everyReport(environment), more)...)
}

// leaked is something planted that was found.
type leaked struct {
	name, around string
	files        []string
}

// leaks returns what files that were not there before hold of what was planted.
func (l *leakRun) leaks(t *testing.T, all []planted) []leaked {
	t.Helper()
	f := newFinder(all)
	found := map[string]*leaked{}
	l.each(t, func(file string) {
		if l.inputs[file] {
			return
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, around := range f.in(string(text)) {
			if found[name] == nil {
				found[name] = &leaked{name: name, around: around}
			}
			below, _ := filepath.Rel(l.folder, file) // both are absolute
			found[name].files = append(found[name].files, below)
		}
	})
	var sorted []leaked
	for _, name := range slices.Sorted(maps.Keys(found)) {
		sorted = append(sorted, *found[name])
	}
	return sorted
}

// known are the secrets, with the pieces of them by which a cut one is found, and what was made of them.
func (l *leakRun) known() []planted {
	l.house.mu.Lock()
	defer l.house.mu.Unlock()
	return slices.Concat(l.secrets, l.house.proof, []planted{{"a piece", "planted"}, {"a JWT", "eyJhbGciOi"}})
}

func noLeaks(t *testing.T, found []leaked) {
	t.Helper()
	for _, leak := range found {
		t.Errorf("%s leaks into %d files, the first %s: %s", leak.name, len(leak.files), leak.files[0], leak.around)
	}
}

func TestNoOutputOfARunHoldsASecretOrPatientData(t *testing.T) {
	t.Parallel()
	l := newLeakRun(t)
	if code := l.run(t, "masked", "-vv"); code != 3 {
		t.Errorf("got exit code %d, want 3: a leak ends in 4, what does not load in 2; see %s", code, l.said(t, "masked.err"))
	}
	l.wasSent(t)
	l.hgrun(t, "postman", slices.Concat([]string{"run", "scripts.postman_collection.json", "-e", "of.postman_environment.json", "--var", "api=" + l.url, "-v"}, everyReport("postman"))...)
	l.hgrun(t, "again", slices.Concat([]string{"run", "leaks.yaml", "-e", "masked", "--var", "api=" + l.url, "--last-failed", "--last-failed-file", "masked/failed.json", "--history", "masked/history.ndjson", "--update", "-j", "4"}, everyReport("again"))...)
	record := "masked/ndjson.ndjson"
	l.hgrun(t, "convert", slices.Concat([]string{"report", "convert", record, "-v"}, everyReport("convert"))...)
	l.hgrun(t, "merge", slices.Concat([]string{"report", "merge", record, "postman/ndjson.ndjson"}, everyReport("merge"))...)
	l.hgrun(t, "diff", "report", "diff", record, "again/ndjson.ndjson")
	noLeaks(t, l.leaks(t, slices.Concat(l.known(), l.patients)))
}

// wasSent holds the run to what it must show in the places of secrets: one that was never sent proves nothing.
func (l *leakRun) wasSent(t *testing.T) {
	t.Helper()
	record := l.said(t, "masked.out")
	for _, p := range l.secrets {
		if strings.HasPrefix(p.name, "line") || p.name == "postman_secret" {
			continue
		}
		if !strings.Contains(record, fingerprintOf(p.text)) && !strings.Contains(record, fingerprintOf(url.QueryEscape(p.text))) {
			t.Errorf("%s is nowhere masked: the run did not show it", p.name)
		}
	}
}

func (l *leakRun) said(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(l.folder, "said", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWithPHIShownPatientDataAreInTheReportsAndSecretsAreNot(t *testing.T) {
	t.Parallel()
	l := newLeakRun(t)
	if code := l.run(t, "shown", "-vv"); code != 3 {
		t.Errorf("got exit code %d, want 3; see %s", code, l.said(t, "shown.err"))
	}
	noLeaks(t, l.leaks(t, l.known()))
	shown := newFinder(l.patients).in(l.said(t, "../shown/ndjson.ndjson"))
	for _, p := range l.patients {
		if shown[p.name] == "" {
			t.Errorf("%s, %q, is not shown: the run did not come by it", p.name, p.text)
		}
	}
}

func TestWhatIsShownBeforeARunHoldsNoSecretAndNoPatientDataOfVariables(t *testing.T) {
	t.Parallel()
	l := newLeakRun(t)
	for name, args := range map[string][]string{
		"dry":   {"run", "leaks.yaml", "-e", "masked", "--dry-run"},
		"curl":  {"export", "curl", "leaks.yaml", "-e", "masked"},
		"vars":  {"vars", "leaks.yaml", "-e", "masked"},
		"json":  {"vars", "leaks.yaml", "-e", "masked", "--json"},
		"list":  {"list", "leaks.yaml", "-e", "masked"},
		"check": {"check", "leaks.yaml", "-e", "masked"},
	} {
		if code := l.hgrun(t, name, append(args, "--var", "api="+l.url)...); code != 0 {
			t.Errorf("%s: got exit code %d, want 0: %s", name, code, l.said(t, name+".err"))
		}
	}
	noLeaks(t, l.leaks(t, slices.DeleteFunc(slices.Clone(l.secrets), func(p planted) bool { return p.name == "captured_token" }))) // which only the run makes a secret
	ofVariables := slices.DeleteFunc(slices.Clone(l.patients), func(p planted) bool {
		return !strings.HasPrefix(p.name, "column_") && !strings.HasPrefix(p.name, "variable_")
	})
	noLeaks(t, l.leaks(t, ofVariables))
}

func TestAnInterruptedRunLeaksNothing(t *testing.T) {
	t.Parallel()
	l := newLeakRun(t)
	text, err := os.ReadFile(filepath.Join(l.folder, "leaks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	hanging := append(text, "  - {name: Hangs, request: \"POST {{api}}/hang?name={{first_name}}&key={{query_key | urlencode}}\", form: {name: \"{{patient_name}}\", env: \"{{env_secret}}\"}}\n"...)
	if err := os.WriteFile(filepath.Join(l.folder, "hangs.yaml"), hanging, 0o600); err != nil {
		t.Fatal(err)
	}
	l.inputs[filepath.Join(l.folder, "hangs.yaml")] = true
	c := l.command(t.Context(), slices.Concat([]string{"run", "hangs.yaml", "-e", "masked", "--var", "api=" + l.url, "-v"}, everyReport("interrupted"))...)
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.house.hung:
	case <-time.After(time.Minute):
		t.Error("nothing hangs")
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	_ = c.Wait() // the exit code tells
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("got exit code %d, want 130: %s", code, errOut.String())
	}
	l.keep(t, "interrupted", out.String(), errOut.String())
	noLeaks(t, l.leaks(t, slices.Concat(l.known(), l.patients)))
}
