package runner

import (
	"context"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// loop runs a request or a folder as often as its loop says; a nil loop means once. What fails one time keeps no other from
// running, but for --bail and in setup.
func (x *round) loop(ctx context.Context, l *collections.Loop, it collections.Item, at spot, stop halt) halt {
	if l == nil || stop.stops() || x.over(ctx) {
		return x.single(ctx, it, at, stop)
	}
	if why, ok := x.causes.missing(l.Uses()); ok {
		return at.settle(x.single(ctx, it, at, halt{reason: why, skip: SkipCause}))
	}
	lists := newLists(l.Collect)
	defer lists.set(x.scope)
	outer, n := at.mark, 0
	for time, err := range l.Each(at.scope) {
		if err != nil {
			return x.noValues(ctx, it, at, err)
		}
		n++
		lists.forget(x.scope)
		at := at
		at.mark = outer + " [" + x.mark(l, &time, n) + "]"
		if l.Name != "" {
			at.scope = at.scope.Bind(l.Name, time.Value)
		}
		stop = at.settle(x.single(ctx, it, at, stop))
		lists.take(x.scope)
	}
	if n == 0 {
		return at.settle(x.single(ctx, it, at, halt{reason: l.String() + ": there is nothing to run it for", skip: SkipCondition}))
	}
	return stop
}

// noValues reports a loop whose values cannot be had: as an error, unless a condition keeps it from running anyway.
func (x *round) noValues(ctx context.Context, it collections.Item, at spot, err error) halt {
	if f, ok := it.(*collections.Folder); ok && f.Include != nil {
		if holds, _, wrong := f.Include.Hold(at.scope); wrong == nil && !holds {
			return at.settle(x.single(ctx, it, at, halt{}))
		}
	} else if req := firstOf(it); req != nil {
		if holds, _, wrong := req.Flow.Hold(at.scope.With(req.Layers...)); wrong == nil && !holds {
			return at.settle(x.single(ctx, it, at, halt{}))
		}
	}
	return at.settle(x.single(ctx, it, at, halt{err: err, after: "for_each has no values"}))
}

func firstOf(it collections.Item) *collections.Request {
	f := collections.Folder{Items: []collections.Item{it}}
	for req := range f.All() {
		return req
	}
	return nil
}

// lists are what a loop collects.
type lists struct {
	of     []collections.Collected
	texts  [][]byte // JSON, without the end
	secret []bool
}

func newLists(of []collections.Collected) *lists {
	return &lists{of, make([][]byte, len(of)), make([]bool, len(of))}
}

// takePage adds what a page brought: the elements of a list, or one value.
func (ls *lists) takePage(s *vars.Scope) {
	for i, c := range ls.of {
		v, ok := s.CapturedValue(c.From)
		if !ok {
			continue
		}
		literal := v.Literal()
		if v.JSON && strings.HasPrefix(literal, "[") {
			if literal = strings.TrimSpace(literal[1 : len(literal)-1]); literal == "" {
				continue
			}
		}
		ls.add(i, literal, v.Secret)
	}
}

// forget forgets what the time before captured, so that it is taken once.
func (ls *lists) forget(s *vars.Scope) {
	for _, c := range ls.of {
		s.Forget(c.From)
	}
}

// take adds what was captured.
func (ls *lists) take(s *vars.Scope) {
	for i, c := range ls.of {
		v, ok := s.CapturedValue(c.From)
		if !ok {
			continue
		}
		ls.add(i, v.Literal(), v.Secret)
	}
}

func (ls *lists) add(i int, literal string, secret bool) {
	separator := byte(',')
	if len(ls.texts[i]) == 0 {
		separator = '['
	}
	ls.texts[i] = append(append(ls.texts[i], separator), literal...)
	ls.secret[i] = ls.secret[i] || secret
}

// set gives the lists their values.
func (ls *lists) set(s *vars.Scope) {
	for i, c := range ls.of {
		text := string(ls.texts[i])
		if text == "" {
			text = "["
		}
		s.Set(c.Name, vars.Value{Text: text + "]", JSON: true, Secret: ls.secret[i]})
	}
}
