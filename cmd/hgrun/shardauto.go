package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// pairVariables are those by which a CI tells its parallel jobs apart.
type pairVariables struct {
	ci    string
	index string
	first int    // index of the first job
	total string // empty where the CI does not tell
	hint  string // what to do where it is not set
}

func ciPairs() []pairVariables {
	return []pairVariables{
		{"GitLab", "CI_NODE_INDEX", 1, "CI_NODE_TOTAL", "write parallel: 4 in the job"},
		{"CircleCI", "CIRCLE_NODE_INDEX", 0, "CIRCLE_NODE_TOTAL", "write parallelism: 4 in the job"},
		{"Buildkite", "BUILDKITE_PARALLEL_JOB", 0, "BUILDKITE_PARALLEL_JOB_COUNT", "write parallelism: 4 in the step"},
		{"Azure Pipelines", "SYSTEM_JOBPOSITIONINPHASE", 1, "SYSTEM_TOTALJOBSINPHASE", "write parallel: 4 in the job's strategy:"},
		{"Bitbucket", "BITBUCKET_PARALLEL_STEP", 0, "BITBUCKET_PARALLEL_STEP_COUNT", "put the step into parallel:"},
		{"Semaphore", "SEMAPHORE_JOB_INDEX", 1, "SEMAPHORE_JOB_COUNT", "write parallelism: 4 in the job"},
		{"Bazel", "TEST_SHARD_INDEX", 0, "TEST_TOTAL_SHARDS", "write shard_count = 4 in the rule"},
		{"Kubernetes", "JOB_COMPLETION_INDEX", 0, "", "an indexed Job does not tell how many completions it has"},
	}
}

// autoShard takes the shard from the variables of the CI. It never guesses: a shard that thinks it is the whole would run everything,
// one that thinks it is another would leave something out, and both are green.
func autoShard(text string, env func(string) string) (shard, error) {
	of := 0
	if _, given, ok := strings.Cut(text, "/"); ok {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > mostShards {
			return shard{}, fmt.Errorf("got %q, want auto, or how many shards there are, as in auto/5", text)
		}
		of = n
	}
	var found shard
	var by string
	for _, pair := range ciPairs() {
		which, ok, err := pair.shard(of, env)
		switch {
		case err != nil:
			return shard{}, err
		case ok && by != "" && which != found:
			return shard{}, fmt.Errorf("auto: %s says %s, and %s says %s; write which one it is, such as --shard %s", by, found, pair.index, which, found)
		case ok && by == "":
			found, by = which, pair.index
		}
	}
	if by == "" {
		return shard{}, noPair(env)
	}
	return found, nil
}

// shard reads one pair; ok is false where the CI sets none of it.
func (p *pairVariables) shard(of int, env func(string) string) (s shard, ok bool, err error) {
	index, total := env(p.index), ""
	if p.total != "" {
		total = env(p.total)
	}
	switch {
	case index == "" && total == "", index == "" && of > 0:
		return shard{}, false, nil
	case index == "":
		return shard{}, false, fmt.Errorf("auto: %s is set and %s is not; %s, or write --shard 1/4", p.total, p.index, p.hint)
	case total == "" && of == 0 && p.total == "":
		return shard{}, false, fmt.Errorf("auto: %s is set, and %s; write --shard auto/4 with their number", p.index, p.hint)
	case total == "" && of == 0:
		return shard{}, false, fmt.Errorf("auto: %s is set and %s is not; %s, or write --shard auto/4", p.index, p.total, p.hint)
	case total != "" && of > 0 && total != strconv.Itoa(of):
		return shard{}, false, fmt.Errorf("auto/%d: %s is %q", of, p.total, total)
	}
	s.of = of
	number, err := strconv.Atoi(index)
	if err == nil && of == 0 {
		s.of, err = strconv.Atoi(total)
	}
	s.number = number - p.first + 1
	if err != nil || s.of < 1 || s.of > mostShards || s.number < 1 || s.number > s.of {
		return shard{}, false, fmt.Errorf("auto: got %s and want a job of %s, which counts from %d; write which shard it is, such as --shard 2/5", p.values(index, total, of), p.ci, p.first)
	}
	return s, true, nil
}

// values says what was found.
func (p *pairVariables) values(index, total string, of int) string {
	if of > 0 {
		return fmt.Sprintf("%s=%q for --shard auto/%d", p.index, index, of)
	}
	return fmt.Sprintf("%s=%q and %s=%q", p.index, index, p.total, total)
}

// noPair says what to do where nothing tells the jobs apart.
func noPair(env func(string) string) error {
	if env("GITHUB_ACTIONS") == "true" {
		return errors.New("auto: GitHub Actions does not number the jobs of a matrix; write --shard ${{ matrix.shard }}/4 with a matrix of shard: [1, 2, 3, 4]")
	}
	var names []string
	for _, p := range ciPairs() {
		name := p.index
		if p.total != "" {
			name += " and " + p.total
		}
		names = append(names, name)
	}
	return fmt.Errorf("auto: no variable says which shard this is; known here: %s; without them write --shard 2/5", strings.Join(names, ", "))
}
