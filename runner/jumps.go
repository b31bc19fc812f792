package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/source"
)

// maxBack is how often scripts may go back in one iteration: a collection that polls is done by then, one that goes in circles is not.
const maxBack = 10_000

// jumps are where the scripts of a round go on: setNextRequest. They belong to the goroutine of the round.
type jumps struct {
	order []*collections.Request // those that can be gone on with: of the main part, outside of loops and includes
	runs  map[run]int            // how often each has run in this iteration
	told  map[*collections.Request]bool

	asked  *script.Next         // by the request that runs
	by     string               // the name of who asked last
	from   int                  // the place of who asked last
	target *collections.Request // that is looked for; nil for none
	passes bool                 // the main part begins again on the way to target
	back   int                  // how often it began again
	ended  string               // why nothing more of the iteration runs; empty while it does
}

// run is a request in one time of the loops around it.
type run struct {
	req  *collections.Request
	mark string
}

func newJumps(c *collections.Collection) *jumps {
	j := &jumps{}
	j.collect(c.Main)
	return j.anew()
}

func (j *jumps) collect(f *collections.Folder) {
	for _, it := range f.Items {
		switch it := it.(type) {
		case *collections.Folder:
			if it.Loop == nil && it.Include == nil {
				j.collect(it)
			}
		case *collections.Request:
			if it.Flow.Loop == nil {
				j.order = append(j.order, it)
			}
		}
	}
}

// anew returns the jumps of an iteration that begins.
func (j *jumps) anew() *jumps {
	return &jumps{order: j.order, runs: map[run]int{}, told: map[*collections.Request]bool{}}
}

// jump takes notice of what a script wants to run next. The last one that says so wins.
func (c *course) jump(next *script.Next) {
	if next == nil {
		return
	}
	j := c.scripts.jumps
	if slices.Index(j.order, c.req) < 0 {
		c.refuse("goes on among the requests of the collection itself, not in setup, in teardown, in a loop or in an include")
		return
	}
	if !next.Stop && j.find(next.Name) == nil && c.runner.Compat != CompatNewman {
		var names []string
		for _, r := range j.order {
			names = append(names, r.Name)
		}
		c.refuse(fmt.Sprintf("there is no request %q in this run; %s", next.Name, source.Suggest(next.Name, names)))
		next = &script.Next{Stop: true}
	}
	j.asked = next
}

// refuse makes an error of setNextRequest, at the script that called it.
func (c *course) refuse(why string) {
	pos := c.req.Pos
	for _, listen := range []string{collections.Prerequest, collections.Test} {
		for _, s := range c.req.Scripts(listen) {
			for i, line := range strings.Split(s.Text, "\n") {
				if strings.Contains(line, "setNextRequest") && i < len(s.Lines) {
					pos = s.Lines[i]
				}
			}
		}
	}
	c.said.broken = append(c.said.broken, c.problems(ScriptError, pos.Errorf("setNextRequest: %s", why), pos)...)
}

// find returns the request of a name, the last one where several have it.
func (j *jumps) find(name string) *collections.Request {
	for _, r := range slices.Backward(j.order) {
		base, number, numbered := strings.Cut(r.Name, " #")
		if r.Name == name || numbered && base == name && strings.Trim(number, "0123456789") == "" {
			return r
		}
	}
	return nil
}

// hop goes where the scripts of a request want to go after it.
func (x *round) hop(req *collections.Request, name Name) {
	if x.scripts == nil || x.scripts.jumps.asked == nil {
		return
	}
	j := x.scripts.jumps
	next := j.asked
	j.asked, j.by, j.from = nil, name.Name, slices.Index(j.order, req)
	target := j.find(next.Name)
	switch {
	case next.Stop || target == nil:
		j.ended = fmt.Sprintf("the scripts of %q end the iteration", name.Name)
	case slices.Index(j.order, target) <= j.from:
		j.back++
		j.target = target
	default:
		j.target = target
	}
}

// main runs the main part of a round, in the order that scripts choose.
func (x *round) main(ctx context.Context, items []collections.Item, at spot, stop halt) halt {
	if x.scripts == nil {
		return x.items(ctx, items, at, stop)
	}
	defer func() { *x.scripts.jumps = *x.scripts.jumps.anew() }()
	for {
		stop = x.items(ctx, items, at, stop)
		j := x.scripts.jumps
		if j.target == nil || stop.stops() || x.over(ctx) {
			return stop
		}
		if j.back > maxBack {
			err := fmt.Errorf("setNextRequest: %q has sent the iteration back %d times; it ends here, because it would never end", j.by, maxBack)
			x.finish(j.target, x.brokenBy(at.name(j.target), ScriptError, err, j.target.Pos))
			return stop
		}
		j.passes = true
	}
}

// passed reports whether scripts go on without an item, and tells of it where it will not run any more.
func (x *round) passed(ctx context.Context, it collections.Item, at spot) bool {
	if x.scripts == nil || at.phase != Main {
		return false
	}
	j := x.scripts.jumps
	if j.ended != "" {
		x.single(ctx, it, at, halt{reason: j.ended, skip: SkipCondition})
		return true
	}
	if j.target == nil {
		return false
	}
	if it == collections.Item(j.target) {
		j.target, j.passes = nil, false
		return false
	}
	inside := &collections.Folder{Items: []collections.Item{it}}
	ahead := slices.Index(j.order, j.target) > j.from
	for req := range inside.All() {
		if req == j.target {
			return false
		}
		ahead = ahead && !j.told[req] && j.runs[run{req, at.mark}] == 0
	}
	if ahead && !j.passes {
		for req := range inside.All() {
			j.told[req] = true
		}
		x.single(ctx, it, at, halt{reason: fmt.Sprintf("the scripts of %q go on with %q", j.by, j.target.Name), skip: SkipCondition})
	}
	return true
}

// again marks the name of a request that runs once more in an iteration.
func (x *round) again(req *collections.Request, at *spot) {
	if x.scripts == nil {
		return
	}
	key := run{req, at.mark}
	x.scripts.jumps.runs[key]++
	if n := x.scripts.jumps.runs[key]; n > 1 {
		at.mark += fmt.Sprintf(" [%d]", n)
	}
}

// mayJump reports whether scripts may change the order of a collection.
func mayJump(c *collections.Collection) bool {
	for _, req := range c.Requests() {
		for _, listen := range []string{collections.Prerequest, collections.Test} {
			for _, s := range req.Scripts(listen) {
				if strings.Contains(s.Text, "setNextRequest") {
					return true
				}
			}
		}
	}
	return false
}
