package main

import (
	"fmt"
	"slices"
	"strings"
)

// job is the work that every contestant of a workload does.
type job struct {
	requests int    // patients to read, in all
	files    int    // collection files the requests are spread over
	exchange bool   // whether a token is fetched first; otherwise one is given
	workers  int    // how many at a time; 0 is the contestant's own default
	rows     bool   // whether the requests are one, for each row of a CSV file
	delay    string // how long the server takes for a patient; empty for no time
	family   string // the family name to expect: another than the server's must fail the run

	megabytes int  // of the one document to read; 0 reads patients
	digest    bool // whether the document is judged by its digest

	scripted bool // whether the requests are those of a Postman collection with scripts, over and over
}

// budget is what hgrun may take. A zero does not limit.
type budget struct {
	seconds  float64 // wall time
	ratio    float64 // wall time, as a multiple of loop-json
	peakMB   float64
	growthMB float64 // peak of more requests, by the workload's more, above the peak of the requests

	newmanWall, newmanPeak float64 // wall time and peak, as multiples of newman's where it runs too
}

// workload is a job, who does it, and what hgrun may take for it.
type workload struct {
	code   string
	title  string
	job    job
	budget budget
	more   int // how many times the requests hgrun also does, to see what a request leaves behind; 0 for none
}

// workloads are the comparisons in the order they run.
func workloads() []workload {
	return []workload{
		{code: "W1", title: "one request with a given token", job: job{requests: 1, files: 1}, budget: budget{ratio: 1.5, peakMB: 24}},
		{code: "W1T", title: "token exchange and one request", job: job{requests: 1, files: 1, exchange: true}},
		{code: "W2", title: "token exchange and 1,000 requests in sequence", job: job{requests: 1000, files: 1, exchange: true}, budget: budget{ratio: 1.1, growthMB: 4}, more: 2},
		{code: "W3", title: "1,000 rows in sequence", job: rows(1000, 1), budget: budget{ratio: 1.1}},
		{code: "W3L", title: "10,000 rows in sequence", job: rows(10_000, 1), budget: budget{ratio: 1.1, peakMB: 48, growthMB: 16}, more: 10},
		{code: "W4", title: "10,000 rows, 8 at a time", job: rows(10_000, 8), budget: budget{ratio: 1.3, peakMB: 48}},
		{code: "W4M", title: "10,000 rows, 32 at a time", job: rows(10_000, 32), budget: budget{ratio: 1.3, peakMB: 48}},
		{code: "W5", title: "one JSON document of 100 MB, one member of it expected", job: job{requests: 1, files: 1, megabytes: 100}, budget: budget{seconds: 0.6, peakMB: 140}},
		{code: "W5D", title: "the same document, its digest expected", job: job{requests: 1, files: 1, megabytes: 100, digest: true}, budget: budget{seconds: 0.4, peakMB: 32}},
		{code: "W6", title: "200 collection files of one request each", job: job{requests: 200, files: 200, exchange: true}, budget: budget{ratio: 1.5}},
		{code: "W7", title: "200 rows of 50 ms, 32 at a time", job: waiting(rows(200, 32), "50ms"), budget: budget{ratio: 1.1}},
		{code: "W8", title: "1,000 iterations of a Postman collection of three requests with scripts", job: job{requests: 1000 * scriptedRequests, files: 1, scripted: true},
			budget: budget{newmanWall: 0.05, newmanPeak: 0.25}},
	}
}

// rows is the job of one request for each row of a file, with a token that was given.
func rows(n, workers int) job { return job{requests: n, files: 1, workers: workers, rows: true} }

func waiting(j job, delay string) job {
	j.delay = delay
	return j
}

// baseline is the contestant that the others are divided by.
const baseline = "loop-json"

// entrant is a contestant and the job it does in this workload.
type entrant struct {
	name       string
	contestant contestant
	job        job
	refuses    int // exit code for an expectation that does not hold; zero means 1
}

// entrants are who runs in a round, in that order.
func (w workload) entrants(others []entrant) []entrant {
	if w.job.megabytes > 0 {
		return bulkEntrants(w.job)
	}
	entrants := []entrant{
		{"hgrun", hgrun{}, w.job, 0},
		{baseline, loop{"json"}, w.job, 0},
		{"loop", loop{"text"}, w.job, 0},
	}
	if w.more > 0 {
		longer := w.job
		longer.requests *= w.more
		entrants = append(entrants, entrant{w.longer(), hgrun{}, longer, 0})
	}
	for _, e := range others {
		if p, ok := e.contestant.(peer); ok && p.does(w.job) {
			e.job = w.job
			entrants = append(entrants, e)
		}
	}
	return entrants
}

// longer is the name of hgrun where it does more.
func (w workload) longer() string { return fmt.Sprintf("hgrun x%d", w.more) }

// verdict is one budget and what was measured against it.
type verdict struct {
	what      string
	got, want float64
}

func (v verdict) broken() bool { return v.got > v.want }

func (v verdict) String() string {
	word := "holds"
	if v.broken() {
		word = "BROKEN"
	}
	return fmt.Sprintf("%s: got %.2f, budget %.2f: %s", v.what, v.got, v.want, word)
}

// judge compares the rows with the budget.
func (w workload) judge(rows []row) []verdict {
	ours, bare := find(rows, "hgrun"), find(rows, baseline)
	var verdicts []verdict
	if w.budget.seconds > 0 {
		verdicts = append(verdicts, verdict{"wall seconds", median(ours.walls()) / 1000, w.budget.seconds})
	}
	if w.budget.ratio > 0 {
		verdicts = append(verdicts, verdict{"wall / " + baseline, ours.ratio(bare), w.budget.ratio})
	}
	if w.budget.peakMB > 0 {
		verdicts = append(verdicts, verdict{"peak MB", ours.peak(), w.budget.peakMB})
	}
	if newman := find(rows, "newman"); w.budget.newmanWall > 0 && len(newman.samples) > 0 {
		verdicts = append(verdicts, verdict{"wall / newman", ours.ratio(newman), w.budget.newmanWall}, verdict{"peak / newman", ours.peak() / newman.peak(), w.budget.newmanPeak})
	}
	if w.budget.growthMB > 0 {
		verdicts = append(verdicts, verdict{fmt.Sprintf("growth MB for %d times the requests", w.more), find(rows, w.longer()).peak() - ours.peak(), w.budget.growthMB})
	}
	return verdicts
}

func failures(verdicts []verdict) int {
	n := 0
	for _, v := range verdicts {
		if v.broken() {
			n++
		}
	}
	return n
}

func codes(all []workload) []string {
	names := make([]string, len(all))
	for i, w := range all {
		names[i] = w.code
	}
	return names
}

// choose returns the workloads that a comma-separated list names; an empty list names all.
func choose(all []workload, list string) ([]workload, error) {
	if list == "" {
		return all, nil
	}
	var chosen []workload
	for code := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(all, func(w workload) bool { return strings.EqualFold(w.code, strings.TrimSpace(code)) })
		if i < 0 {
			return nil, fmt.Errorf("got workload %q, want one of %s", code, strings.Join(codes(all), ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
