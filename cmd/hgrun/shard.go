package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// shard is one of several parts of a run; the zero shard is the whole.
type shard struct{ number, of int }

// String returns 2/5 for the second of five, and nothing for the whole.
func (s shard) String() string {
	if s.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.number, s.of)
}

// mostShards bounds how many shards a run has: a slip of a digit would be a run of which nobody runs the rest.
const mostShards = 10_000

// parseShard reads NUMBER/OF, counted from 1.
func parseShard(text string) (shard, error) {
	number, of, ok := strings.Cut(text, "/")
	n, numberErr := strconv.Atoi(number)
	total, ofErr := strconv.Atoi(of)
	switch {
	case !ok || numberErr != nil || ofErr != nil:
		return shard{}, fmt.Errorf("got %q, want which shard of how many, such as 2/5, or auto", text)
	case total < 1 || total > mostShards:
		return shard{}, fmt.Errorf("got %q, want 1 to %d shards", text, mostShards)
	case n < 1 || n > total:
		return shard{}, fmt.Errorf("got %q, want 1/%d to %d/%d: shards are counted from 1", text, total, total, total)
	}
	return shard{n, total}, nil
}

// shardFlags say which shard of a run this one is, and how a run is taken apart.
type shardFlags struct {
	text    string
	by      string
	timings []string
	plan    string // of the division that choose made; empty before
}

func (s *shardFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.text, "shard", "", "only this part of all that is selected, `NUMBER/OF`, such as 2/5; auto takes both from the variables of the CI, auto/OF the number")
	f.StringVar(&s.by, "shard-by", "file", "what a shard keeps together: `file`, or folder, where no capture leads from one to another")
	f.StringArrayVar(&s.timings, "timings", nil, "balance shards by what took how long in an earlier run: its JUnit report or its record, `FILE`; may be repeated")
	// Completing a value is a convenience.
	_ = c.RegisterFlagCompletionFunc("shard-by", cobra.FixedCompletions([]string{"file", "folder"}, cobra.ShellCompDirectiveNoFileComp))
}

// shard returns which shard the flags mean.
func (s *shardFlags) shard() (shard, error) {
	switch {
	case s.by != "" && s.by != "file" && s.by != "folder":
		return shard{}, fmt.Errorf("--shard-by: got %q; %s", s.by, source.Suggest(s.by, []string{"file", "folder"}))
	case s.text == "" && len(s.timings) > 0:
		return shard{}, errors.New("--timings balances shards, and there are none: write --shard NUMBER/OF too")
	case s.text == "" && s.by == "folder":
		return shard{}, errors.New("--shard-by says how to make shards, and there are none: write --shard NUMBER/OF too")
	case s.text == "":
		return shard{}, nil
	}
	which, err := shard{}, error(nil)
	if s.text == "auto" || strings.HasPrefix(s.text, "auto/") {
		which, err = autoShard(s.text, os.Getenv)
	} else {
		which, err = parseShard(s.text)
	}
	if err != nil {
		return shard{}, fmt.Errorf("--shard: %w", err)
	}
	return which, nil
}

// unit is what a shard keeps together.
type unit struct {
	job    int
	part   *collections.Part // nil for the whole collection
	weight int64             // how long it takes, in a measure that all units share; 0 where that is not known
}

// choose returns the jobs of the shard, and a note that says how much of the whole they are. That nothing is left is no error:
// what is selected runs in the other shards.
func (s *shardFlags) choose(jobs []runner.Job) (kept []runner.Job, note string, err error) {
	which, err := s.shard()
	if err != nil || which.of == 0 {
		return jobs, "", err
	}
	units := s.units(jobs)
	balance, err := s.weigh(jobs, units)
	if err != nil {
		return nil, "", err
	}
	assigned := split(units, which.of)
	mine := 0
	for at, job := range jobs {
		var parts []*collections.Part
		whole := true
		for i, u := range units {
			switch {
			case u.job != at:
			case assigned[i] == which.number:
				parts = append(parts, u.part)
			default:
				whole = false
			}
		}
		if mine += len(parts); len(parts) == 0 {
			continue
		}
		if !whole {
			if job.Collection, err = partOf(job, parts); err != nil {
				return nil, "", err
			}
		}
		kept = append(kept, job)
	}
	s.plan = plan(jobs, units, assigned)
	return kept, fmt.Sprintf("shard %s: %d of %s, plan %s%s", which, mine, count(len(units), s.kind()), s.plan, balance), nil
}

func (s *shardFlags) kind() string {
	if s.by == "folder" {
		return "part"
	}
	return "collection"
}

// units takes the jobs apart. They weigh as many requests as they have.
func (s *shardFlags) units(jobs []runner.Job) []unit {
	var units []unit
	for i, job := range jobs {
		if s.by != "folder" {
			units = append(units, unit{job: i, weight: int64(job.Collection.Count())})
			continue
		}
		for _, part := range job.Collection.Parts(known(job)) {
			units = append(units, unit{job: i, part: &part, weight: int64(part.Count)})
		}
	}
	return units
}

// partOf returns a collection of the requests of some of its parts.
func partOf(job runner.Job, parts []*collections.Part) (*collections.Collection, error) {
	mine := map[*collections.Request]bool{}
	for _, p := range parts {
		for _, r := range p.Requests {
			mine[r] = !r.Needed // what is only needed comes with what needs it
		}
	}
	fits := func(r *collections.Request) bool { return mine[r] }
	return job.Collection.Select(collections.Selection{Fits: fits, Scope: known(job)})
}

// split returns the number of the shard of each unit: the heaviest that is left goes to the shard that has least. Of the
// same units it makes the same shards on every machine.
func split(units []unit, shards int) []int {
	order := make([]int, len(units))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(units[b].weight, units[a].weight) })
	load, assigned := make([]int64, shards), make([]int, len(units))
	for _, i := range order {
		least := 0
		for n, has := range load {
			if has < load[least] {
				least = n
			}
		}
		load[least] += max(units[i].weight, 1)
		assigned[i] = least + 1
	}
	return assigned
}

// plan is a short name of how a run was taken apart: shards whose plans differ do not make one run together.
func plan(jobs []runner.Job, units []unit, assigned []int) string {
	h := sha256.New()
	for i, u := range units {
		first := ""
		if u.part != nil && len(u.part.Requests) > 0 {
			first = u.part.Requests[0].Path()
		}
		fmt.Fprintf(h, "%q %q %d\n", fromHere(jobs[u.job].Collection.File), first, assigned[i])
	}
	return hex.EncodeToString(h.Sum(nil))[:8]
}
