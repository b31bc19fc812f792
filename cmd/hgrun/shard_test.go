package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/runner"
)

// someJobs are collections of folders and requests, some of which need what others capture. It returns how many requests they have,
// by place.
func someJobs(t *testing.T, random *rand.Rand) (jobs []runner.Job, requests map[string]bool) {
	t.Helper()
	requests = map[string]bool{}
	for c := range 2 + random.IntN(8) {
		var text strings.Builder
		text.WriteString("setup: [{name: Prepare, request: GET https://x.example, capture: {ready: id}}]\nrequests:\n")
		for i := range 1 + random.IntN(8) {
			uses, captures := "{{ready}}", ""
			if i > 0 && random.IntN(3) == 0 {
				uses = fmt.Sprintf("{{v%d | default: x}}", random.IntN(i))
			}
			if random.IntN(2) == 0 {
				captures = fmt.Sprintf(", capture: {v%d: id}", i)
			}
			line := fmt.Sprintf(`{name: R%d, request: "GET https://x.example/%s"%s}`, i, uses, captures)
			if random.IntN(4) > 0 {
				line = fmt.Sprintf("{name: F%d, requests: [%s, {request: GET https://x.example}]}", i, line)
			}
			text.WriteString("  - " + line + "\n")
		}
		file := fmt.Sprintf("c%02d.yaml", c)
		loaded, err := collections.Load(fstest.MapFS{file: {Data: []byte(text.String())}}, file, collections.Options{})
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, runner.Job{Collection: loaded, Environment: environments.New("", nil, nil)})
		for r := range loaded.Main.All() {
			requests[placed(r)] = true
		}
	}
	return jobs, requests
}

func placed(r *collections.Request) string { return r.Pos.String() + " " + r.Path() }

func TestShardsAreTogetherTheWholeAndHaveNothingTwice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		for _, by := range []string{"file", "folder"} {
			t.Run(fmt.Sprint(seed, " by ", by), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, 7))
				jobs, want := someJobs(t, random)
				var timed []string
				if seed%2 == 1 {
					timed = timesOf(t, jobs, random)
				}
				for n := 1; n <= 50; n++ {
					got := map[string]bool{}
					for i := 1; i <= n; i++ {
						flags := shardFlags{text: fmt.Sprintf("%d/%d", i, n), by: by, timings: timed}
						kept, _, err := flags.choose(jobs)
						if err != nil {
							t.Fatal(err)
						}
						takeOnce(t, kept, got)
					}
					if d := cmp.Diff(want, got); d != "" {
						t.Fatalf("%d shards (-want +got):\n%s", n, d)
					}
				}
			})
		}
	}
}

// takeOnce adds the requests of a shard, none of which another shard may have.
func takeOnce(t *testing.T, kept []runner.Job, all map[string]bool) {
	t.Helper()
	for _, job := range kept {
		for r := range job.Collection.Main.All() {
			if r.Needed || all[placed(r)] {
				t.Fatalf("%s runs in two shards", placed(r))
			}
			all[placed(r)] = true
		}
	}
}

// timesOf writes a JUnit report of a run of some of the collections.
func timesOf(t *testing.T, jobs []runner.Job, random *rand.Rand) []string {
	t.Helper()
	var doc strings.Builder
	doc.WriteString("<testsuites>")
	for _, job := range jobs {
		if random.IntN(4) == 0 {
			continue
		}
		fmt.Fprintf(&doc, "<testsuite file=%q>", job.Collection.File)
		for r := range job.Collection.Main.All() {
			fmt.Fprintf(&doc, "<testcase file=%q line=\"%d\" time=\"%.3f\"/>", r.Pos.File, r.Pos.Line, random.ExpFloat64())
		}
		doc.WriteString("</testsuite>")
	}
	doc.WriteString("</testsuites>")
	return []string{written(t, "report.xml", doc.String())}
}

func TestTheHeaviestUnitsAreSharedOutFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		weights []int64
		shards  int
		want    []int
	}{
		{"nothing", nil, 2, []int{}},
		{"one", []int64{7}, 3, []int{1}},
		{"alike", []int64{1, 1, 1, 1}, 2, []int{1, 2, 1, 2}},
		{"one that is as heavy as the others together", []int64{1, 2, 6, 3}, 2, []int{2, 2, 1, 2}},
		{"without a weight they count all the same", []int64{0, 0, 0}, 3, []int{1, 2, 3}},
	} {
		units := make([]unit, len(test.weights))
		for i, w := range test.weights {
			units[i].weight = w
		}
		if got := split(units, test.shards); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestTheVariablesOfEachCISayWhichShardItIs(t *testing.T) {
	t.Parallel()
	const unknown = "auto: no variable says which shard this is; known here: CI_NODE_INDEX and CI_NODE_TOTAL, CIRCLE_NODE_INDEX and CIRCLE_NODE_TOTAL, " +
		"BUILDKITE_PARALLEL_JOB and BUILDKITE_PARALLEL_JOB_COUNT, SYSTEM_JOBPOSITIONINPHASE and SYSTEM_TOTALJOBSINPHASE, " +
		"BITBUCKET_PARALLEL_STEP and BITBUCKET_PARALLEL_STEP_COUNT, SEMAPHORE_JOB_INDEX and SEMAPHORE_JOB_COUNT, " +
		"TEST_SHARD_INDEX and TEST_TOTAL_SHARDS, JOB_COMPLETION_INDEX; without them write --shard 2/5"
	for _, test := range []struct{ name, text, env, want string }{
		{"GitLab counts from 1", "auto", "CI_NODE_INDEX=2 CI_NODE_TOTAL=5", "2/5"},
		{"CircleCI counts from 0", "auto", "CIRCLE_NODE_INDEX=0 CIRCLE_NODE_TOTAL=5", "1/5"},
		{"Buildkite counts from 0", "auto", "BUILDKITE_PARALLEL_JOB=4 BUILDKITE_PARALLEL_JOB_COUNT=5", "5/5"},
		{"Azure counts from 1", "auto", "SYSTEM_JOBPOSITIONINPHASE=5 SYSTEM_TOTALJOBSINPHASE=5", "5/5"},
		{"Bitbucket counts from 0", "auto", "BITBUCKET_PARALLEL_STEP=1 BITBUCKET_PARALLEL_STEP_COUNT=2", "2/2"},
		{"Semaphore counts from 1", "auto", "SEMAPHORE_JOB_INDEX=1 SEMAPHORE_JOB_COUNT=2", "1/2"},
		{"Bazel counts from 0", "auto", "TEST_SHARD_INDEX=1 TEST_TOTAL_SHARDS=3", "2/3"},
		{"Kubernetes with the number given", "auto/3", "JOB_COMPLETION_INDEX=2", "3/3"},
		{"two that agree", "auto", "CI_NODE_INDEX=2 CI_NODE_TOTAL=5 CIRCLE_NODE_INDEX=1 CIRCLE_NODE_TOTAL=5", "2/5"},
		{"two that do not", "auto", "CI_NODE_INDEX=2 CI_NODE_TOTAL=5 CIRCLE_NODE_INDEX=2 CIRCLE_NODE_TOTAL=5",
			"auto: CI_NODE_INDEX says 2/5, and CIRCLE_NODE_INDEX says 3/5; write which one it is, such as --shard 2/5"},
		{"Kubernetes alone", "auto", "JOB_COMPLETION_INDEX=2",
			"auto: JOB_COMPLETION_INDEX is set, and an indexed Job does not tell how many completions it has; write --shard auto/4 with their number"},
		{"more than were given", "auto/2", "JOB_COMPLETION_INDEX=2",
			`auto: got JOB_COMPLETION_INDEX="2" for --shard auto/2 and want a job of Kubernetes, which counts from 0; write which shard it is, such as --shard 2/5`},
		{"a job of GitLab without parallel:", "auto", "CI_NODE_TOTAL=1",
			"auto: CI_NODE_TOTAL is set and CI_NODE_INDEX is not; write parallel: 4 in the job, or write --shard 1/4"},
		{"a number without how many", "auto", "CI_NODE_INDEX=1", "auto: CI_NODE_INDEX is set and CI_NODE_TOTAL is not; write parallel: 4 in the job, or write --shard auto/4"},
		{"another tool that counts from 0", "auto", "CI_NODE_INDEX=0 CI_NODE_TOTAL=4",
			`auto: got CI_NODE_INDEX="0" and CI_NODE_TOTAL="4" and want a job of GitLab, which counts from 1; write which shard it is, such as --shard 2/5`},
		{"too high", "auto", "CIRCLE_NODE_INDEX=4 CIRCLE_NODE_TOTAL=4",
			`auto: got CIRCLE_NODE_INDEX="4" and CIRCLE_NODE_TOTAL="4" and want a job of CircleCI, which counts from 0; write which shard it is, such as --shard 2/5`},
		{"no number", "auto", "CI_NODE_INDEX=one CI_NODE_TOTAL=4",
			`auto: got CI_NODE_INDEX="one" and CI_NODE_TOTAL="4" and want a job of GitLab, which counts from 1; write which shard it is, such as --shard 2/5`},
		{"not the number that was given", "auto/5", "CI_NODE_INDEX=1 CI_NODE_TOTAL=4", `auto/5: CI_NODE_TOTAL is "4"`},
		{"GitHub", "auto", "GITHUB_ACTIONS=true",
			"auto: GitHub Actions does not number the jobs of a matrix; write --shard ${{ matrix.shard }}/4 with a matrix of shard: [1, 2, 3, 4]"},
		{"nothing", "auto", "", unknown},
		{"nothing but a number that was given", "auto/5", "CI_NODE_TOTAL=5", unknown},
		{"no number that can be given", "auto/none", "CI_NODE_INDEX=1", `got "auto/none", want auto, or how many shards there are, as in auto/5`},
	} {
		env := map[string]string{}
		for pair := range strings.FieldsSeq(test.env) {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
		which, err := autoShard(test.text, func(name string) string { return env[name] })
		got := which.String()
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestTimingsAreReadFromAnyJUnit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"a suite with a file", `<?xml version="1.0"?><testsuites><testsuite file="./a.yaml"><testcase file="inc.yaml" line="3" time="1.5"/><testcase file="inc.yaml" line="3" time="1,000.25"/></testsuite></testsuites>`,
			"a.yaml inc.yaml:3 16m41.75s\n"},
		{"testcases with files, in one suite", "\ufeff\n<testsuite><testcase file=\"a.yaml\" time=\"2\"/><testcase file=\"b.yaml\" line=\"x\" time=\"1\"/><testcase time=\"9\"/></testsuite>",
			"a.yaml a.yaml:0 2s\nb.yaml b.yaml:0 1s\n"},
		{"times that are none", `<testsuite file="a"><testcase time="NaN"/><testcase time="-1"/><testcase/><testcase time="1e300"/></testsuite>`, "a .:0 0s\n"},
		{"no testcase", `<testsuites name="shard 7/9: nothing to run"></testsuites>`, ""},
		{"another document", `<html><body/></html>`, "want a report of an earlier run: junit or ndjson"},
		{"no document", `hello`, "want a report of an earlier run: junit or ndjson"},
		{"an empty file", " \n", "the file is empty"},
		{"half a document", `<testsuites><testsuite>`, "XML syntax error on line 1: unexpected EOF"},
	} {
		got := ""
		known, err := readTimings([]string{written(t, "times.xml", test.text)})
		if err != nil {
			_, got, _ = strings.Cut(err.Error(), "times.xml: ")
		}
		var lines []string
		for file, took := range known {
			for at, d := range took {
				lines = append(lines, fmt.Sprintf("%s %s:%d %s\n", file, at.file, at.line, d))
			}
		}
		slices.Sort(lines)
		if got += strings.Join(lines, ""); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestTheFirstByteIsFoundBehindSpace(t *testing.T) {
	t.Parallel()
	c, err := firstByte(bufio.NewReader(strings.NewReader(" \r\n\t{")))
	if c != '{' || err != nil {
		t.Errorf("got %q %v", c, err)
	}
}

// written returns the path of a file with a text in it.
func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
