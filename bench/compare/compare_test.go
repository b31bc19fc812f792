package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestTheMedianIsInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"none", nil, 0},
		{"one", []float64{3}, 3},
		{"odd", []float64{9, 1, 3}, 3},
		{"even", []float64{9, 1, 3, 5}, 4},
	} {
		if got := median(row.values); got != row.want {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}

// measured is a workload whose rounds were quiet, slow and quiet again.
func measured(hgrunWall, hgrunPeak, doublePeak float64) []row {
	return []row{
		{"hgrun", []sample{{hgrunWall, 5, hgrunPeak, 0}, {3 * hgrunWall, 5, hgrunPeak, 0}, {hgrunWall, 5, hgrunPeak, 0}}},
		{baseline, []sample{{10, 4, 7, 0}, {30, 4, 7, 0}, {10, 4, 7, 0}}},
		{"hgrun x2", []sample{{2 * hgrunWall, 9, doublePeak, 0}, {6 * hgrunWall, 9, doublePeak, 0}, {2 * hgrunWall, 9, doublePeak, 0}}},
	}
}

func TestABudgetBreaksOnlyAboveIt(t *testing.T) {
	t.Parallel()
	w := workload{budget: budget{ratio: 1.5, peakMB: 24, growthMB: 4}, more: 2}
	for _, row := range []struct {
		name               string
		wall, peak, double float64
		want               int
	}{
		{"all below", 11, 20, 21, 0},
		{"all exactly", 15, 24, 28, 0},
		{"too slow", 15.1, 20, 21, 1},
		{"too big", 11, 24.1, 24.2, 1},
		{"grows", 11, 20, 24.1, 1},
		{"all above", 16, 25, 30, 3},
	} {
		if got := failures(w.judge(measured(row.wall, row.peak, row.double))); got != row.want {
			t.Errorf("%s: got %d broken budgets, want %d", row.name, got, row.want)
		}
	}
	beside := append(measured(10, 20, 21), row{"newman", []sample{{300, 5, 100, 0}, {900, 5, 100, 0}, {300, 5, 100, 0}}})
	held := workload{budget: budget{newmanWall: 0.05, newmanPeak: 0.25}}.judge(beside)
	if got := fmt.Sprint(held); got != "[wall / newman: got 0.03, budget 0.05: holds peak / newman: got 0.20, budget 0.25: holds]" {
		t.Errorf("beside newman: got %s", got)
	}
	if got := (workload{}).judge(measured(99, 99, 999)); len(got) != 0 {
		t.Errorf("no budget: got %v, want nothing judged", got)
	}
}

func TestATableShowsMediansBesideTheLoopOfTheSameRound(t *testing.T) {
	t.Parallel()
	w := workload{code: "W9", title: "a workload", budget: budget{ratio: 1.1, peakMB: 24}}
	rows := measured(12, 20, 21)
	const want = `
W9: a workload

        who  wall ms  fastest  slowest  CPU ms  x wall  x CPU  peak MB
      hgrun     12.0     12.0     36.0     5.0    1.20   1.25     20.0
  loop-json     10.0     10.0     30.0     4.0    1.00   1.00      7.0
   hgrun x2     24.0     24.0     72.0     9.0    2.40   2.25     21.0
wall / loop-json: got 1.20, budget 1.10: BROKEN
peak MB: got 20.00, budget 24.00: holds
`
	if got := render(w, rows, w.judge(rows)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAWorkloadIsChosenByItsCode(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, list, want, wrong string }{
		{"all", "", "W1,W1T,W2,W3,W3L,W4,W4M,W5,W5D,W6,W7,W8", ""},
		{"two, in the order asked for", "w6, W1", "W6,W1", ""},
		{"unknown", "W1,W99", "", `got workload "W99", want one of W1, W1T, W2, W3, W3L, W4, W4M, W5, W5D, W6, W7, W8`},
	} {
		got, err := choose(workloads(), row.list)
		if wrong := fmt.Sprint(err); err != nil && wrong != row.wrong {
			t.Errorf("%s: got error %q, want %q", row.name, wrong, row.wrong)
		}
		if (err == nil) != (row.wrong == "") || strings.Join(codes(got), ",") != row.want {
			t.Errorf("%s: got %v, %v, want %s", row.name, codes(got), err, row.want)
		}
	}
}

func TestEveryWorkloadHasHgrunAndItsBaseline(t *testing.T) {
	t.Parallel()
	for _, w := range workloads() {
		seen := map[string]bool{}
		for _, e := range w.entrants(nil) {
			if seen[e.name] {
				t.Errorf("%s: %s runs twice", w.code, e.name)
			}
			seen[e.name] = true
		}
		if !seen["hgrun"] || !seen[baseline] || seen[w.longer()] != (w.more > 0) {
			t.Errorf("%s: got %v, want hgrun, %s, and hgrun with more requests where the workload has them", w.code, seen, baseline)
		}
		if w.job.requests%w.job.files != 0 {
			t.Errorf("%s: got %d requests in %d files, want as many in each", w.code, w.job.requests, w.job.files)
		}
		if math.IsNaN(w.budget.ratio) || w.budget.growthMB > 0 && w.more < 2 {
			t.Errorf("%s: has a budget for growth that nobody measures", w.code)
		}
	}
}

func TestACollectionSaysWhatEveryPatientMustBe(t *testing.T) {
	t.Parallel()
	const want = `name: Patients from 1007
auth:
  oauth2:
    grant: jwt-bearer
    token_url: "{{base}}/oauth/token"
    assertion:
      alg: HS256
      key: "{{client_secret}}"
      claims: {iss: bench, sub: bench}
requests:
  - name: Read patient 1007
    request: GET {{base}}/fhir/R4/Patient/1007
    expect:
      status: 200
      json:
        id: "1007"
        name.0.family: Lindqvist
  - name: Read patient 1008
    request: GET {{base}}/fhir/R4/Patient/1008
    expect:
      status: 200
      json:
        id: "1008"
        name.0.family: Lindqvist
`
	if got := string(collection(job{exchange: true, family: family}, 1007, 2)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	given := collection(job{family: family}, 1000, 1)
	if !bytes.HasPrefix(given, []byte("name: Patients from 1000\nauth: {bearer: \"{{token}}\"}\nrequests:\n")) {
		t.Errorf("given token: got\n%s", given)
	}
}
