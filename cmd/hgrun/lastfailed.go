package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// failedFlags choose what did not pass the last time.
type failedFlags struct {
	on   bool
	file string
	kept bool // what did not pass in this run is in the file
}

func (f *failedFlags) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "last-failed", false, "only what did not pass the last time, and what it needs; everything where everything passed")
	c.Flags().StringVar(&f.file, "last-failed-file", "", "the `FILE` that remembers what did not pass, for caches of a CI; by default one in the user's cache folder for each working folder")
}

// choose returns the jobs with the requests that did not pass the last time in this environment, and a note about them. Where all
// passed it returns all jobs: to run nothing would be a green of nothing, and to fail would make a pipeline red that is not.
func (f *failedFlags) choose(jobs []runner.Job, environment string) (kept []runner.Job, note string, err error) {
	if !f.on {
		return jobs, "", nil
	}
	m, err := openMemory(f.file)
	if err != nil {
		return nil, "", fmt.Errorf("--last-failed: %w", err)
	}
	n := 0
	for _, job := range jobs {
		failed := m.of(environment, job.Collection)
		if len(failed) == 0 {
			continue
		}
		c, err := onlyFailed(job, failed)
		if err != nil {
			return nil, "", err
		}
		n += len(failed)
		kept = append(kept, runner.Job{Collection: c, Environment: job.Environment})
	}
	if n == 0 {
		return jobs, "--last-failed: no failure is remembered here: everything runs", nil
	}
	return kept, fmt.Sprintf("--last-failed: %s did not pass the last time, %s", count(n, "request"), m.Time.Local().Format("2006-01-02 15:04")), nil
}

// onlyFailed returns what did not pass of a collection: all of it where that is something in its setup or its teardown.
func onlyFailed(job runner.Job, failed map[*collections.Request]bool) (*collections.Collection, error) {
	c := job.Collection
	for _, around := range []*collections.Folder{c.Setup, c.Teardown} {
		for r := range around.All() {
			if failed[r] {
				return c, nil
			}
		}
	}
	return c.Select(collections.Selection{Fits: func(r *collections.Request) bool { return failed[r] }, Scope: known(job)})
}

// remember updates what is known with what happened in a run. A file that the user named must be written; the one in the cache
// folder only where it would tell otherwise what is not so any more.
func (f *failedFlags) remember(h *happened, redact func(string) string) error {
	m, err := openMemory(f.file)
	if errors.Is(err, errNowhere) {
		return nil
	}
	if err != nil {
		m = &memory{file: m.file} // what cannot be read is replaced
	}
	there := len(m.Requests) > 0 || err != nil
	m.update(h, redact)
	if !there && len(m.Requests) == 0 && f.file == "" {
		return nil
	}
	err = m.save()
	f.kept = err == nil
	if err == nil || f.file == "" && !there {
		return nil
	}
	return fmt.Errorf("what did not pass cannot be remembered for --last-failed: %w", err)
}

// happened is how a run ended, and its requests by collection and place.
type happened struct {
	counts      runner.Counts
	finding     string // code of the first that is no mere possibility, of a request that did not pass; empty for none
	environment string
	jobs        []runner.Job
	whole       bool // nothing of the collections was left out
	ends        map[ended]runner.Outcome
	untested    untested
	vain        error // that nothing was tested; nil where something was, or where that is no error
}

type ended struct {
	suite int
	at    source.Pos
}

// take notes how a request ended: the worst of all times that it ran. What the end of the run kept from running is as it was.
func (h *happened) take(event runner.Event) {
	if end, ok := event.(runner.Finished); ok {
		h.counts = h.counts.Plus(end.Counts)
		h.untested.interrupted = h.untested.interrupted || end.Interrupted
	}
	f, ok := event.(runner.RequestFinished)
	if !ok {
		return
	}
	h.explain(&f.Result)
	h.untested.take(&f.Result)
	if f.Result.Name.Phase == runner.Token || f.Result.Skip == runner.SkipStop {
		return
	}
	key := ended{f.Suite.Index, f.Result.Name.Pos}
	outcome := f.Result.Outcome
	if outcome == runner.Skipped && f.Result.Skip != runner.SkipCause {
		outcome = runner.Passed // by its own condition
	}
	if before, ok := h.ends[key]; !ok || before == runner.Passed {
		h.ends[key] = outcome
	}
}

func (h *happened) explain(r *runner.Result) {
	if h.finding != "" || r.Outcome == runner.Passed {
		return
	}
	for i := range r.Findings {
		if r.Findings[i].Confidence != "possible" {
			h.finding = r.Findings[i].Code
			return
		}
	}
}

// cacheFile is the file of the working folder in the user's cache folder.
func cacheFile() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w (%w); name one with --last-failed-file", errNowhere, err)
	}
	where, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("%w (%w); name one with --last-failed-file", errNowhere, err)
	}
	return filepath.Join(cache, "hgrun", "last-failed", fingerprint(where)+".json"), nil
}

var errNowhere = errors.New("no folder is known for the file that remembers what did not pass")
