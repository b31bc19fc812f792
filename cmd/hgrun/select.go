package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// selection are the flags that choose requests by what they are called, where they stand and how they are tagged.
type selection struct {
	tags string
	only []string
	from string
	to   string
}

func (s *selection) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.tags, "tags", "", "only requests with these tags, such as `'smoke && !slow'`, and what they need")
	f.StringArrayVar(&s.only, "only", nil, "only this request, by `NAME` or FILE:LINE, and what it needs; may be repeated")
	f.StringVar(&s.from, "from", "", "only this request, by `NAME` or FILE:LINE, those after it in its collection, and what they need")
	f.StringVar(&s.to, "to", "", "only this request, by `NAME` or FILE:LINE, those before it in its collection, and what they need")
}

// given reports whether a flag was given.
func (s *selection) given() bool { return s.tags+s.from+s.to != "" || len(s.only) > 0 }

// choose returns the jobs with the requests that the flags name. It is an error that nothing is left, and that something is
// named that there is not.
func (s *selection) choose(jobs []runner.Job) ([]runner.Job, error) {
	if !s.given() {
		return jobs, nil
	}
	if err := s.meant(jobs); err != nil {
		return nil, err
	}
	var kept []runner.Job
	var nothing error
	for _, job := range jobs {
		c, err := job.Collection.Select(collections.Selection{Tags: s.tags, Only: s.only, From: s.from, To: s.to, Scope: known(job)})
		switch {
		case errors.Is(err, collections.ErrNothingSelected):
			nothing = err
		case err != nil:
			return nil, err
		default:
			kept = append(kept, runner.Job{Collection: c, Environment: job.Environment})
		}
	}
	if len(kept) == 0 {
		return nil, s.apart(jobs, nothing)
	}
	return kept, nil
}

// known defines what no request has to capture.
func known(job runner.Job) *vars.Scope { return vars.NewScope(nil, job.Environment.Layers()...) }

// meant refuses a name that nothing has: a slip would be a request that quietly does not run.
func (s *selection) meant(jobs []runner.Job) error {
	cs := make([]*collections.Collection, len(jobs))
	for i, job := range jobs {
		cs[i] = job.Collection
	}
	named := func(flag, name string) error {
		if name == "" {
			return nil
		}
		if err := collections.Meant(cs, name); err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		return nil
	}
	err := errors.Join(named("--from", s.from), named("--to", s.to))
	for _, name := range s.only {
		err = errors.Join(err, named("--only", name))
	}
	return err
}

// apart explains that nothing is left where --from and --to are in different collections.
func (s *selection) apart(jobs []runner.Job, nothing error) error {
	if s.from == "" || s.to == "" {
		return nothing
	}
	file := func(name string) string {
		for _, job := range jobs {
			if collections.Meant([]*collections.Collection{job.Collection}, name) == nil {
				return job.Collection.File
			}
		}
		return ""
	}
	from, to := file(s.from), file(s.to)
	if from == to {
		return nothing
	}
	return fmt.Errorf("%w: --from %q is in %s, --to %q in %s; want both in one collection", collections.ErrNothingSelected, s.from, from, s.to, to)
}
