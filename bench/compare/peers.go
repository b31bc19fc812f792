package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// peer is another runner that may be on the PATH. Each does a job in the way its manual shows, with its own files, its own
// assertions and, where it has one, its JUnit report.
type peer struct {
	program  string                        // on the PATH
	refuses  int                           // exit code for an assertion that did not hold
	rows     bool                          // can run one request for each row
	parallel bool                          // can have several requests in flight within one file
	scripted bool                          // runs collections of Postman
	files    func(j job) map[string]string // by name
	argv     func(p place, j job) []string // without the program
	report   string                        // its JUnit file; empty for none
	marker   string                        // of one request in report
}

// peers are the other runners, by name.
func peers() map[string]peer {
	return map[string]peer{
		"newman":  newman(),
		"bruno":   bruno(),
		"httpyac": httpyac(),
		"k6":      k6(),
		"venom":   venom(),
	}
}

// invited returns the peers that a comma-separated list names, in order: all that are on the PATH for "installed", none for
// an empty list.
func invited(list string) ([]entrant, error) {
	known := peers()
	names := slices.Sorted(maps.Keys(known))
	if list == "" {
		return nil, nil
	}
	all := list == "installed"
	if !all {
		names = strings.Split(list, ",")
	}
	var es []entrant
	for _, name := range names {
		p, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("-peers: got %q, want installed or some of %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		path, err := exec.LookPath(p.program)
		switch {
		case err == nil:
			p.program = path
			es = append(es, entrant{name: name, contestant: p, refuses: p.refuses})
		case !all:
			return nil, fmt.Errorf("-peers: %s: %w", name, err)
		}
	}
	return es, nil
}

// does reports whether the peer can do a job: one file of patients, rows where it knows rows, and not more at a time than it is
// able to.
func (p peer) does(j job) bool {
	return j.files == 1 && j.megabytes == 0 && (!j.rows || p.rows) && (j.workers <= 1 || p.parallel) && (!j.scripted || p.scripted)
}

// prepare implements contestant.
func (p peer) prepare(dir string, j job) error {
	for name, text := range p.files(j) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// command implements contestant.
func (p peer) command(at place, j job) []string { return append([]string{p.program}, p.argv(at, j)...) }

// inspect implements contestant: where there is a report, it must have every request.
func (p peer) inspect(dir string, j job) error {
	if p.report == "" {
		return nil
	}
	return inspectReport(dir, p.report, p.marker, j.requests)
}

// ids are the patients that a job reads, in order.
func (j job) ids() []string {
	ids := make([]string, j.requests)
	for i := range ids {
		ids[i] = strconv.Itoa(firstID + i)
	}
	return ids
}

// grant is the form of a token exchange that a runner without assertions can send; the server looks at its shape alone.
const grant = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=e30.e30.c2ln"
