package specs

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/onsi/ginkgo/v2"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// spec is the body of a spec: it runs its request, after those that it needs and that have not run yet, and tells what came of it.
func (s *suite) spec(ctx ginkgo.SpecContext, i int) {
	slot := s.slots[i]
	if s.run == nil && s.wrong == nil {
		if s.wrong = s.begin(ctx, i); s.wrong != nil {
			s.who = slot.request.Name
			ginkgo.Fail(s.wrong.Error())
		}
	}
	switch {
	case s.wrong != nil:
		ginkgo.Skip(fmt.Sprintf("nothing of %s can run: %q says why", s.Collection, s.who))
	case slot.told || !slot.chosen: // again, for FlakeAttempts, or against what its flags say
		s.tell(slot, s.alone(ctx, i))
	default:
		s.run.upTo(ctx, i)
		slot.told = true
		results := append(s.run.owed, slot.results...)
		s.run.owed, slot.results = nil, nil
		s.tell(slot, results)
	}
}

// begin prepares the run of what is chosen.
func (s *suite) begin(ctx ginkgo.SpecContext, i int) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	choice, err := newChoice(ginkgo.CurrentSpecReport(), s.slots[i].node)
	if err != nil {
		return err
	}
	for _, slot := range s.slots {
		slot.chosen = choice.takes(slot.node)
	}
	s.slots[i].chosen = true
	c, err := s.selected(func(slot *slot) bool { return slot.chosen })
	if err != nil {
		return err
	}
	abort := func() {}
	if s.Target.Runner == nil {
		gone := make(chan struct{})
		s.Runner.Abort, abort = gone, sync.OnceFunc(func() { close(gone) })
	}
	// The run outlives the spec that begins it.
	whole, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.run = newRun(s.slots, s.Runner.Run(whole, c, s.environment), cancel, abort)
	return nil
}

// selected returns the collection with the slots that are wanted and what they need.
func (s *suite) selected(wanted func(*slot) bool) (*collections.Collection, error) {
	fits := map[*collections.Request]bool{}
	for _, slot := range s.slots {
		if wanted(slot) {
			fits[slot.request] = true
		}
	}
	if len(fits) == len(s.slots) {
		return s.collection, nil
	}
	return s.collection.Select(collections.Selection{
		Fits:   func(r *collections.Request) bool { return fits[r] },
		Around: true,
		Scope:  vars.NewScope(nil, s.environment.Layers()...),
	})
}

// alone runs the request of a slot once more, with setup, teardown and what it needs.
func (s *suite) alone(ctx context.Context, i int) []runner.Result {
	c, err := s.selected(func(other *slot) bool { return other == s.slots[i] })
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	again := slices.Clone(s.slots)
	for k, slot := range again {
		fresh := *slot
		fresh.chosen, fresh.told, fresh.results = k == i, false, nil
		again[k] = &fresh
	}
	ctx, cancel := context.WithCancel(ctx)
	r := newRun(again, s.Runner.Run(ctx, c, s.environment), cancel, func() {})
	r.upTo(ctx, i)
	results := again[i].results
	again[i].told = true
	return append(r.finish(ctx), results...)
}

// passed counts the specs that have had their turn. After the last one, what has begun and not ended ends: Ginkgo leaves AfterAll out
// after a timeout and with --fail-fast, and teardown runs whatever happened.
func (s *suite) passed(ctx ginkgo.SpecContext, _ ginkgo.SpecReport) {
	if s.turns++; s.turns == len(s.slots) {
		s.end(ctx)
	}
}

// end ends the run: teardown, and the environment.
func (s *suite) end(ctx ginkgo.SpecContext) {
	if s.ended {
		return
	}
	s.ended = true
	var owed []runner.Result
	if s.run != nil {
		owed = s.run.finish(ctx)
	}
	if err := s.close(); err != nil {
		ginkgo.AddReportEntry("the sandbox did not end", err.Error())
	}
	if len(owed) > 0 {
		s.tell(nil, owed)
	}
}

// tell ends the spec of a slot as its results say. For a nil slot all of them are those of others.
func (s *suite) tell(slot *slot, results []runner.Result) {
	var wrong []runner.Result
	ran, reason := false, ""
	for i := range results {
		result := &results[i]
		entries(result)
		switch {
		case bad(result):
			wrong = append(wrong, *result)
		case result.Outcome == runner.Skipped:
			reason = result.Reason
		case !result.Name.Aside():
			ran = true
		}
	}
	switch {
	case len(wrong) > 0:
		ginkgo.Fail(s.Runner.Redact(failure(slot, wrong)))
	case ran || slot == nil:
	case reason != "":
		ginkgo.Skip(reason)
	default:
		ginkgo.Skip("nothing ran it: it needs what a request captures that is not selected, it runs once and has run before, or scripts went on elsewhere")
	}
}
