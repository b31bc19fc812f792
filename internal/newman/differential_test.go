// Package newman_test runs the same collections by Newman, by hgrun, by hgrun after hgrun import postman, and after hgrun export postman has
// written that back, against one server that records, and compares what came over the wire and every verdict.
package newman_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
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

	Root    string   `json:"-"` // the folder that files lie in; empty for that of the collection
	Shell   []string `json:"-"` // NAME=value, for hgrun
	Secrets []string `json:"-"` // name=NAME, for those that no environment says
	names   []string // secrets of an environment, as Secrets has them
}

type options struct {
	Iterations int    `json:"iterations,omitempty"`
	Folder     string `json:"folder,omitempty"`
}

// jobs are the folders of testdata.
func jobs(t *testing.T, r *recorder) []job {
	t.Helper()
	files, err := filepath.Glob("testdata/*/collection.json")
	if err != nil || len(files) < 50 {
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
	Outcome   string // of hgrun: passed, failed, errored or skipped
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

// TestHgrunDoesWhatPostmanDoes compares, collection by collection, hgrun with Newman, what was imported with its original, and what is sent by
// what was exported again with what was imported. Where they differ on purpose, difference.txt says why and what; -update writes what, and never why. Newman's part needs Newman.
func TestHgrunDoesWhatPostmanDoes(t *testing.T) {
	t.Parallel()
	r := newRecorder(t)
	all := jobs(t, r)
	theirs, newman := byNewman(t, all)
	hgrun := built(t)
	for _, j := range all {
		t.Run(j.Name, func(t *testing.T) {
			t.Parallel()
			ours := byHgrun(t, hgrun, r.base("hgrun-"+j.Name), j)
			want := purposes(t, j.Name)
			t.Run("newman", func(t *testing.T) {
				if !newman {
					t.Skip("NEWMAN does not name the folder of Newman's npm package: nothing to compare with")
				}
				want.judge(t, 0, difference(story(r.seen("newman-"+j.Name), theirs[j.Name]), story(r.seen("hgrun-"+j.Name), ours)))
			})
			made := imported(t, hgrun, j)
			again := checked(t, hgrun, r.base("imported-"+j.Name), j, made)
			t.Run("imported", func(t *testing.T) {
				want.judge(t, 1, difference(outline(r.seen("hgrun-"+j.Name), ours), outline(r.seen("imported-"+j.Name), again)))
			})
			t.Run("exported", func(t *testing.T) {
				if again.unloadable() {
					return // and what does not load is not exported
				}
				back := byHgrun(t, hgrun, r.base("exported-"+j.Name), exported(t, hgrun, made))
				if back.unloadable() {
					want.judge(t, 2, "+ "+back.Requests[0].Errors[0]+"\n")
					return
				}
				want.judge(t, 2, difference(outline(r.seen("imported-"+j.Name), outcome{}), outline(r.seen("exported-"+j.Name), outcome{})))
			})
		})
	}
}
