package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// contestant does jobs. Another runner is one more type with its own files, and one more line in entrants.
type contestant interface {
	// prepare writes the files that the job needs into dir, once.
	prepare(dir string, j job) error
	// command returns program and arguments for one run.
	command(place place, j job) []string
	// inspect returns what a finished run left undone although it exited well.
	inspect(dir string, j job) error
}

// place is where a contestant runs.
type place struct {
	bin  binaries
	base string // URL of the server
	dir  string // what prepare was given

	large document // of the server; zero where nobody reads it
}

// The constants that server, collections and loop agree on.
const (
	family    = "Lindqvist"
	bearer    = "given-at-the-start"
	secretEnv = "BENCH_SECRET"
	secret    = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" // signs for a server that does not verify
	firstID   = 1000
)

// loop is bench/loop with one way of judging.
type loop struct{ judge string }

func (loop) prepare(string, job) error { return nil }

func (l loop) command(p place, j job) []string {
	argv := []string{p.bin.loop, "-base", p.base, "-n", strconv.Itoa(j.requests), "-c", strconv.Itoa(max(j.workers, 1)),
		"-first", strconv.Itoa(firstID), "-family", j.family, "-judge", l.judge, "-secret-env", secretEnv}
	if !j.exchange {
		argv = append(argv, "-token", bearer)
	}
	if j.delay != "" {
		argv = append(argv, "-delay", j.delay)
	}
	return argv
}

func (loop) inspect(string, job) error { return nil }

// hgrun is the runner of this repository, with its JUnit report on.
type hgrun struct{}

func (hgrun) prepare(dir string, j job) error {
	switch {
	case j.scripted:
		return os.WriteFile(filepath.Join(dir, "collection.json"), []byte(scriptedCollection(j)), 0o644)
	case j.rows:
		return prepareRows(dir, j)
	}
	each := j.requests / j.files
	for i := range j.files {
		text := collection(j, firstID+i*each, each)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("part-%04d.yaml", i)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (hgrun) command(p place, j job) []string {
	argv := []string{p.bin.hgrun, "run", "-r", "junit=" + filepath.Join(p.dir, "junit.xml"), "--var", "base=" + p.base}
	if j.workers > 0 {
		argv = append(argv, "-j", strconv.Itoa(j.workers))
	}
	if j.exchange {
		argv = append(argv, "--secret", "client_secret="+secretEnv)
	} else {
		argv = append(argv, "--var", "token="+bearer)
	}
	if j.scripted {
		return append(argv, "-n", j.iterations(), filepath.Join(p.dir, "collection.json"))
	}
	for i := range j.files {
		argv = append(argv, filepath.Join(p.dir, fmt.Sprintf("part-%04d.yaml", i)))
	}
	return argv
}

// prepareRows writes a collection of one request and the rows that it runs for.
func prepareRows(dir string, j job) error {
	var rows bytes.Buffer
	rows.WriteString("id,family\n")
	for id := firstID; id < firstID+j.requests; id++ {
		fmt.Fprintf(&rows, "%d,%s\n", id, j.family)
	}
	query := ""
	if j.delay != "" {
		query = "    query: {delay: " + j.delay + "}\n"
	}
	text := "name: Patients\ndata: rows.csv\nauth: {bearer: \"{{token}}\"}\nrequests:\n  - name: Read the patient\n" +
		"    request: GET {{base}}/fhir/R4/Patient/{{id}}\n" + query + "    expect:\n      status: 200\n      json:\n        id: \"{{id}}\"\n        name.0.family: \"{{family}}\"\n"
	return errors.Join(os.WriteFile(filepath.Join(dir, "rows.csv"), rows.Bytes(), 0o644), os.WriteFile(filepath.Join(dir, "part-0000.yaml"), []byte(text), 0o644))
}

// inspect counts the testcases of the report: a runner that reports less is not faster.
func (hgrun) inspect(dir string, j job) error {
	return inspectReport(dir, "junit.xml", "<testcase ", j.requests)
}

// inspectReport counts what stands for a request in a report, and moves the report away, so that the next run is not judged by
// this one.
func inspectReport(dir, name, marker string, requests int) error {
	last := filepath.Join(dir, "last-"+name)
	if err := os.Rename(filepath.Join(dir, name), last); err != nil {
		return err
	}
	report, err := os.ReadFile(last)
	if err != nil {
		return err
	}
	if n := bytes.Count(report, []byte(marker)); n < requests {
		return fmt.Errorf("%s: got %d testcases, want %d", name, n, requests)
	}
	return nil
}

// collection writes so many requests out, each with an expectation of its status and two of its body.
func collection(j job, first, requests int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "name: Patients from %d\n", first)
	if j.exchange {
		b.WriteString("auth:\n  oauth2:\n    grant: jwt-bearer\n    token_url: \"{{base}}/oauth/token\"\n    assertion:\n" +
			"      alg: HS256\n      key: \"{{client_secret}}\"\n      claims: {iss: bench, sub: bench}\n")
	} else {
		b.WriteString("auth: {bearer: \"{{token}}\"}\n")
	}
	b.WriteString("requests:\n")
	for id := first; id < first+requests; id++ {
		fmt.Fprintf(&b, "  - name: Read patient %d\n    request: GET {{base}}/fhir/R4/Patient/%d\n    expect:\n      status: 200\n"+
			"      json:\n        id: %q\n        name.0.family: %s\n", id, id, strconv.Itoa(id), j.family)
	}
	return b.Bytes()
}
