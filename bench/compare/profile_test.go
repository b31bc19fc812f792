package main

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// inside is a workload's run inside the test process, where the profiler of go test sees it: one operation is one run.
type inside struct {
	files   []string
	env     *environments.Environment
	dir     string
	workers int
}

func prepare(b *testing.B, j job) inside {
	b.Helper()
	stands, err := newBench(b.Context(), b.TempDir(), options{hgrun: "none", delay: "0s"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(stands.close)
	dir := b.TempDir()
	j.family = family
	if err := (hgrun{}).prepare(dir, j); err != nil {
		b.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	variables := map[string]string{"base": stands.base, "token": bearer}
	return inside{files: files, env: environments.New("", variables, map[string]string{"client_secret": secret}), dir: dir}
}

// load reads and checks every file.
func (in inside) load(b *testing.B) []runner.Job {
	b.Helper()
	var jobs []runner.Job
	for _, file := range in.files {
		c, err := collections.Load(source.Disk(), file, collections.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Check(vars.NewScope(nil, in.env.Layers()...)); err != nil {
			b.Fatal(err)
		}
		jobs = append(jobs, runner.Job{Collection: c, Environment: in.env})
	}
	return jobs
}

// run runs the jobs with the reports that bench/compare measures, and fails unless every request passed.
func (in inside) run(b *testing.B, jobs []runner.Job) {
	b.Helper()
	var open []reporters.Reporter
	for kind, path := range map[string]string{"console": "-", "junit": filepath.Join(in.dir, "junit.xml")} {
		r, err := reporters.Open(kind, path, reporters.Options{Out: io.Discard})
		if err != nil {
			b.Fatal(err)
		}
		open = append(open, r)
	}
	var counts runner.Counts
	r := &runner.Runner{Jobs: in.workers}
	for event := range r.RunAll(b.Context(), jobs) {
		if f, ok := event.(runner.Finished); ok {
			counts = counts.Plus(f.Counts)
		}
		for _, o := range open {
			if err := o.Report(event); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, o := range open {
		if err := o.Close(); err != nil {
			b.Fatal(err)
		}
	}
	if counts.Failed+counts.Errored+counts.Skipped > 0 || counts.Passed == 0 {
		b.Fatalf("got %+v, want all passed", counts)
	}
}

func BenchmarkW2(b *testing.B) {
	in := prepare(b, job{requests: 1000, files: 1, exchange: true})
	b.ReportAllocs()
	for b.Loop() {
		in.run(b, in.load(b))
	}
}

func BenchmarkW2Load(b *testing.B) {
	in := prepare(b, job{requests: 1000, files: 1, exchange: true})
	b.ReportAllocs()
	for b.Loop() {
		in.load(b)
	}
}

func BenchmarkW6(b *testing.B) {
	in := prepare(b, job{requests: 200, files: 200, exchange: true})
	b.ReportAllocs()
	for b.Loop() {
		in.run(b, in.load(b))
	}
}

// benchmarkRows runs rows as bench/compare does, several at a time.
func benchmarkRows(b *testing.B, workers int) {
	in := prepare(b, rows(10_000, workers))
	in.workers = workers
	b.ReportAllocs()
	for b.Loop() {
		in.run(b, in.load(b))
	}
}

func BenchmarkW3(b *testing.B)  { benchmarkRows(b, 1) }
func BenchmarkW4(b *testing.B)  { benchmarkRows(b, 8) }
func BenchmarkW4M(b *testing.B) { benchmarkRows(b, 32) }
