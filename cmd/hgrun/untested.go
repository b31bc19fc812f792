package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// errUntested ends a run in which no request ran that tests anything: it would be a green of nothing.
var errUntested = errors.New("nothing was tested")

// untestedName is the testcase that says so in reports.
const untestedName = "[nothing was tested]"

// mostReasons bounds the reasons that a run remembers: a condition on each row of a large file has as many as there are rows.
const mostReasons = 100

// untested finds out whether a run tests nothing. Setup and teardown test nothing by themselves; where they alone were chosen, they are what was to run.
type untested struct {
	ran, around, interrupted bool // a request; one of setup or teardown; the run ended before its end
	skipped                  int  // requests, those of setup and teardown not counted
	reasons                  []skipReason
}

// skipReason is why requests were skipped, and the first of them.
type skipReason struct {
	text  string
	times int
	first source.Pos
}

// take notes how a request ended.
func (u *untested) take(r *runner.Result) {
	around := r.Name.Phase == runner.Setup || r.Name.Phase == runner.Teardown
	switch {
	case u.ran || r.Name.Aside():
	case r.Outcome != runner.Skipped && around:
		u.around = true
	case r.Outcome != runner.Skipped:
		u.ran, u.reasons = true, nil
	case !around:
		u.skipped++
		u.note(r)
	}
}

func (u *untested) note(r *runner.Result) {
	for i := range u.reasons {
		if u.reasons[i].text == r.Reason {
			u.reasons[i].times++
			return
		}
	}
	if len(u.reasons) < mostReasons {
		u.reasons = append(u.reasons, skipReason{r.Reason, 1, r.Name.Pos})
	}
}

// err says what happened, at the first request that the commonest reason kept from running; nil where something was tested, or something else is wrong.
func (h *happened) err() error {
	u := &h.untested
	if u.ran || u.interrupted || u.skipped == 0 && u.around || h.counts.Failed+h.counts.Errored > 0 {
		return nil
	}
	const advice = "\n  a run that tests nothing is no success: give the conditions what they ask for (-e, --var), or leave out what is not meant to run here"
	if len(u.reasons) == 0 {
		return fmt.Errorf("%w: no request ran%s", errUntested, advice)
	}
	most := u.reasons[0]
	for _, r := range u.reasons {
		if r.times > most.times {
			most = r
		}
	}
	return most.first.Errorf("%w: %s: %s%s", errUntested, u.skips(most.times), most.text, advice)
}

// skips says how many requests were skipped, so many of them for one reason.
func (u *untested) skips(times int) string {
	all := fmt.Sprintf("all %d requests were skipped", u.skipped)
	switch u.skipped {
	case 1:
		return "the only request was skipped"
	case 2:
		all = "both requests were skipped"
	}
	switch times {
	case u.skipped:
		return all
	case 1:
		return all + ", the first for this reason"
	}
	return fmt.Sprintf("%s, %d of them for this reason", all, times)
}

// untested returns the error of a run that has tested nothing. In a shard that is none: the others may test something, and which requests it has is
// nobody's choice; report merge looks at them all. Newman calls it a success.
func (o *runOptions) untested(c *cobra.Command, h *happened) error {
	err := h.err()
	if err == nil || o.target.shards.text != "" {
		return nil
	}
	if o.target.compat.on() {
		text, _ := problemLines(err)
		first, _, _ := strings.Cut(text, "\n")
		fmt.Fprintln(c.ErrOrStderr(), "warning:", first)
		return nil
	}
	return err
}

// verdict turns what happened into the exit code.
func (h *happened) verdict(reportErr error, interrupted int) error {
	if h.vain != nil && reportErr == nil && interrupted == 0 {
		return usage(h.vain)
	}
	return verdict(h.counts, errors.Join(h.vain, reportErr), interrupted)
}
