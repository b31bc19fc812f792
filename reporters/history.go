package reporters

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/hgrun/hgrun/runner"
)

const (
	historyRuns     = 30   // that a history keeps
	historyRequests = 2000 // of a run that are kept by themselves; those that did not pass come first
)

// History is what the last runs of the same collections came to, and a Reporter that adds this one. Its file has a line of JSON for
// each run, the oldest first, and no more than 30; no name and no text of a request is in it, only what their names hash to.
// A run that is reported again, from its record, has the place that it had.
type History struct {
	Past []PastRun // before this one, the oldest first

	path string
	all  []PastRun // of the file
	run  PastRun
	ends map[string]bool // hash of a request -> whether it passed every time in this run
	last time.Time
	open int
	seen []map[string]bool // by run: how each request ended
}

// PastRun is one run, as a line of a history has it.
type PastRun struct {
	Time        time.Time     `json:"time"` // of the first event
	Duration    time.Duration `json:"duration_ns"`
	Passed      int           `json:"passed"`
	Failed      int           `json:"failed"`
	Errored     int           `json:"errored"`
	Skipped     int           `json:"skipped"`
	Interrupted bool          `json:"interrupted,omitempty"`
	Bad         []string      `json:"bad,omitempty"`  // hashes of the requests that failed or errored
	Good        []string      `json:"good,omitempty"` // hashes of those that passed
}

// OpenHistory reads the history in a file. There need be none yet. A line that is none of a history is an error that names its place,
// so that no file of another kind is replaced.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path, ends: map[string]bool{}}
	if path == "-" {
		return nil, errors.New("got -, want a file: a history is read and written")
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		var run PastRun
		if err := json.Unmarshal(lines.Bytes(), &run); err != nil || run.Time.IsZero() {
			_ = f.Close() // it was only read
			return nil, fmt.Errorf("%s:%d: this is no line of a history; want a file that --history wrote, or a new one", path, n)
		}
		h.Past = append(h.Past, run)
	}
	if err := errors.Join(lines.Err(), f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h.all = h.Past[max(len(h.Past)-historyRuns, 0):]
	h.before(time.Time{})
	return h, nil
}

// before leaves the runs to be looked at that come before the one that began at a time: all of them where it is none of them.
func (h *History) before(now time.Time) {
	n := slices.IndexFunc(h.all, func(run PastRun) bool { return run.Time.Equal(now) })
	if n < 0 {
		n = len(h.all)
	}
	h.Past, h.seen = h.all[:n:n], h.seen[:0]
	for _, run := range h.Past {
		ended := make(map[string]bool, len(run.Bad)+len(run.Good))
		for _, key := range run.Good {
			ended[key] = true
		}
		for _, key := range run.Bad {
			ended[key] = false
		}
		h.seen = append(h.seen, ended)
	}
}

// Report implements Reporter.
func (h *History) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		h.open++
		if h.run.Time.IsZero() || ev.Time.Before(h.run.Time) {
			h.run.Time = ev.Time
			h.before(ev.Time)
		}
	case runner.RequestFinished:
		h.take(ev.Suite, &ev.Result)
	case runner.Finished:
		h.open--
		h.run.Interrupted = h.run.Interrupted || ev.Interrupted
		if end := ev.Start.Add(ev.Duration); end.After(h.last) {
			h.last = end
		}
	}
	return nil
}

func (h *History) take(s runner.Suite, r *runner.Result) {
	good := false
	switch r.Outcome {
	case runner.Passed:
		h.run.Passed++
		good = true
	case runner.Failed:
		h.run.Failed++
	case runner.Errored:
		h.run.Errored++
	case runner.Skipped:
		h.run.Skipped++
		return
	}
	key := historyKey(s, r)
	if before, known := h.ends[key]; known {
		h.ends[key] = before && good
		return
	}
	if good && len(h.run.Good) < historyRequests || !good && len(h.run.Bad) < historyRequests {
		h.ends[key] = good
		if good {
			h.run.Good = append(h.run.Good, key)
		} else {
			h.run.Bad = append(h.run.Bad, key)
		}
	}
}

// historyKey is what a request is called in a history: twelve hexadecimal digits.
func historyKey(s runner.Suite, r *runner.Result) string { return hexKey(htmlKey(s, r))[:12] }

// Close writes the history with this run in it. A run in which nothing began is none.
func (h *History) Close() error {
	if h.run.Time.IsZero() {
		return nil
	}
	h.run.Interrupted = h.run.Interrupted || h.open > 0
	if h.last.After(h.run.Time) {
		h.run.Duration = h.last.Sub(h.run.Time)
	}
	h.sort()
	out, err := create(h.path, nil)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(out)
	for _, run := range h.withThis() {
		if err := lines.Encode(&run); err != nil {
			out.discard()
			return out.place(err)
		}
	}
	return out.place(out.commit())
}

// withThis returns the last runs, this one among them.
func (h *History) withThis() []PastRun {
	later := h.all[len(h.Past):]
	runs := slices.Concat(h.Past, []PastRun{h.run}, later[min(len(later), 1):]) // the first of those is this one, as it was
	return runs[max(len(runs)-historyRuns, 0):]
}

// sort parts the requests by how they ended after all, in the order in which they came.
func (h *History) sort() {
	var good []string
	for _, key := range h.run.Good {
		if h.ends[key] {
			good = append(good, key)
		} else {
			h.run.Bad = append(h.run.Bad, key)
		}
	}
	h.run.Good = good[:min(len(good), max(historyRequests-len(h.run.Bad), 0))]
}

// remark says how a request that ended so now ended in the runs before: empty where there is nothing to say.
func (h *History) remark(s runner.Suite, r *runner.Result) string {
	if h == nil || len(h.Past) == 0 || r.Outcome == runner.Skipped {
		return ""
	}
	key, now := historyKey(s, r), r.Outcome == runner.Passed
	changes, failed, ran, streak := 0, 0, 0, 0
	same, last := true, now
	for i := len(h.seen) - 1; i >= 0; i-- {
		good, known := h.seen[i][key]
		if !known {
			continue
		}
		ran++
		if !good {
			failed++
		}
		if good != last {
			changes++
		}
		last, same = good, same && good == now
		if same {
			streak++
		}
	}
	switch {
	case ran == 0:
		return ""
	case changes > 1:
		return "flaky: failed in " + strconv.Itoa(failed) + " of the " + plural(ran, "run") + " before"
	case now && changes == 1 && streak == 0:
		return "fixed"
	case !now && streak == 0:
		return "newly failing"
	case !now:
		return "failing for " + plural(streak+1, "run")
	}
	return ""
}
