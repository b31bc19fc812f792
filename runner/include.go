package runner

import (
	"context"
	"fmt"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// include runs an included collection, whose captures and root causes are its own, in the place where it is included.
func (x *round) include(ctx context.Context, f *collections.Folder, at spot, stop halt) halt {
	outer := at.scope
	at = at.into(f)
	inner := *x
	inner.scope, inner.causes, inner.scripts = outer.Apart(), newCauses(), x.scripts.apart()
	at.scope = inner.scope
	if stop.stops() || x.over(ctx) {
		stop = inner.skipped(ctx, f, at, stop)
		x.returns(f, &inner, "")
		return stop
	}
	root, missing := x.causes.missing(f.Uses())
	if missing {
		stop = halt{reason: root, skip: SkipCause}
	} else {
		stop = x.enter(f, outer, &inner)
		at.scope = inner.scope
	}
	if stop.stops() {
		stop = inner.skipped(ctx, f, at, stop)
		x.returns(f, &inner, root)
		return at.settle(stop)
	}
	stop = inner.within(ctx, f, at)
	x.returns(f, &inner, "")
	return stop
}

// enter gives an include its parameters, or says why it does not run.
func (x *round) enter(f *collections.Folder, outer *vars.Scope, inner *round) halt {
	holds, why, err := f.Include.Hold(outer)
	switch {
	case err != nil:
	case !holds:
		return halt{reason: x.redact(why), skip: SkipCondition}
	default:
		var scope *vars.Scope
		if scope, err = f.Include.Enter(outer); err == nil {
			inner.scope = scope
			inner.params = given(x.params, f, scope)
			return halt{}
		}
	}
	return halt{err: err, after: fmt.Sprintf("the include %q does not run", f.Name), skip: SkipCause}
}

// returns takes over what an include gives back. For what it does not give, root is the cause, or what happened in it.
func (x *round) returns(f *collections.Folder, inner *round, root string) {
	for _, back := range f.Include.Returns {
		if v, ok := inner.brought(back.From); ok {
			x.scope.Set(back.Name, v)
			delete(x.causes.captures, back.Name)
			x.causes.by[back.Name] = f
			continue
		}
		if x.causes.by[back.Name] == collections.Item(f) { // what one time gave must not pass for what the next did not give
			x.scope.Forget(back.Name)
		}
		if _, ok := x.scope.CapturedValue(back.Name); ok {
			continue
		}
		why := root
		if why == "" {
			why = inner.causes.captures[back.From]
		}
		if why == "" {
			why = fmt.Sprintf("%q captured no %s", f.Name, back.From)
		}
		x.causes.captures[back.Name] = why
	}
}
