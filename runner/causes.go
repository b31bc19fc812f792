package runner

import (
	"fmt"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// causes remembers why variables are missing, so that one root cause shows as one failure and the rest as skipped.
type causes struct {
	captures map[string]string             // variable -> why nothing captured it
	tokens   map[collections.Holder]string // whose exchange failed -> which
	by       map[string]collections.Item   // variable -> the request or the include that captured it last
	rows     *refusals                     // what all rows of data have in common; nil outside them
}

func newCauses() causes {
	return causes{captures: map[string]string{}, tokens: map[collections.Holder]string{}, by: map[string]collections.Item{}}
}

// fresh forgets what a request captured the last time, before it captures again: in a loop, what one time found must not pass for
// what the next one did not find.
func (c *causes) fresh(req *collections.Request, scope *vars.Scope) {
	for _, name := range req.Captures.Names() {
		if c.by[name] == req {
			scope.Forget(name)
		}
	}
}

// note remembers what a request that did not pass should have captured, and forgets what was captured after all.
func (c *causes) note(req *collections.Request, result Result, scope *vars.Scope) {
	if result.Outcome == Passed {
		if req.Captures.Len() > 0 || len(req.Flow.Set) > 0 {
			for _, name := range req.Captured() {
				delete(c.captures, name)
				c.by[name] = req
			}
		}
		return
	}
	root, rooted := c.of(req)
	if result.Outcome != Skipped || rooted {
		c.fresh(req, scope)
	}
	captured := scope.Captured()
	for _, name := range req.Captured() {
		if _, ok := captured[name]; ok {
			continue
		}
		if rooted && result.Outcome == Skipped {
			c.captures[name] = root
			continue
		}
		c.captures[name] = fmt.Sprintf("%q %s and captured no %s", result.Name.Name, was(result.Outcome), name)
	}
}

func was(o Outcome) string {
	if o == Skipped {
		return "was skipped"
	}
	return o.String()
}

// of returns the root cause for which a request cannot run.
func (c *causes) of(req *collections.Request) (string, bool) {
	if why, ok := c.tokens[req.Holder()]; ok && req.Auth != nil {
		return why, true
	}
	if len(c.captures) == 0 {
		return "", false
	}
	return c.missing(req.Uses())
}

// missing returns why one of the names has no value, where an earlier request should have captured it.
func (c *causes) missing(uses []vars.Use) (string, bool) {
	if len(c.captures) == 0 {
		return "", false
	}
	for _, use := range uses {
		if why, ok := c.captures[use.Name]; ok && !use.Optional {
			return why, true
		}
	}
	return "", false
}
