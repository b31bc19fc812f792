package main

import (
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/runner"
)

func TestRowsOfFilesAreExpectedToo(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"rows.csv":   {Data: []byte("id\n1\n\"2\nand more\"\n3\n")},
		"none.csv":   {Data: []byte("id\n")},
		"plain.yaml": {Data: []byte("requests:\n  - request: GET http://localhost/\n  - request: GET http://localhost/\n")},
		"rows.yaml":  {Data: []byte("data: {csv: rows.csv}\nsetup:\n  - request: GET http://localhost/\nrequests:\n  - request: GET http://localhost/\n  - request: GET http://localhost/\n")},
		"none.yaml":  {Data: []byte("data: {csv: none.csv}\nrequests:\n  - request: GET http://localhost/\n")},
		"jumps.yaml": {Data: []byte("requests:\n  - request: GET http://localhost/\n    script: {test: pm.execution.setNextRequest(null)}\n")},
	}
	job := func(file string) runner.Job {
		c, err := collections.Load(files, file, collections.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return runner.Job{Collection: c, Environment: environments.New("none", nil, nil)}
	}
	for _, row := range []struct {
		name  string
		files []string
		want  int
	}{
		{"nothing", nil, 0},
		{"requests", []string{"plain.yaml"}, 2},
		{"three rows, and a setup", []string{"rows.yaml"}, 7},
		{"several collections", []string{"plain.yaml", "rows.yaml", "plain.yaml"}, 11},
		{"a file without rows", []string{"none.yaml", "plain.yaml"}, 0},
		{"scripts that choose what is next", []string{"plain.yaml", "jumps.yaml"}, 0},
	} {
		var jobs []runner.Job
		for _, file := range row.files {
			jobs = append(jobs, job(file))
		}
		if got := expected(jobs); got != row.want {
			t.Errorf("%s: got %d, want %d", row.name, got, row.want)
		}
	}
}
