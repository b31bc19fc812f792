package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// choice is an oauth2 block, with a request that has it and so tells which variables it sees.
type choice struct {
	job     runner.Job
	request *collections.Request
	flag    string // that chooses it
}

// choose returns the block that the flag names; without one, the only one that the requests have, else the only one of auths:.
func choose(jobs []runner.Job, name string) (choice, error) {
	if name != "" {
		return named(jobs, name)
	}
	var found []choice
	for _, job := range jobs {
		found = append(found, ofRequests(job)...)
	}
	if len(found) == 0 {
		for _, job := range jobs {
			found = append(found, ofAuths(job)...)
		}
	}
	found = distinct(found)
	switch len(found) {
	case 0:
		return choice{}, errors.New("no token is fetched there: no request has an oauth2 block, and auths: has none")
	case 1:
		return found[0], nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d oauth2 blocks differ there; choose one:", len(found))
	for _, f := range found {
		how := f.flag
		if found[0].job.Collection != found[len(found)-1].job.Collection {
			how = f.job.Collection.File + " " + how
		}
		fmt.Fprintf(&b, "\n  %s: %s at %s", how, f.request.Auth, f.pos())
	}
	return choice{}, errors.New(b.String())
}

func named(jobs []runner.Job, name string) (choice, error) {
	known := map[string]bool{}
	var found []choice
	for _, job := range jobs {
		for other := range job.Collection.Auths {
			known[other] = true
		}
		if a := job.Collection.Auths[name]; a != nil {
			found = append(found, ofAuth(job, name, a))
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return choice{}, fmt.Errorf("--auth: %d collections there have %q among their auths:; name one collection", len(found), name)
	case len(known) == 0:
		return choice{}, fmt.Errorf("--auth: no %q; the collection has no auths: that could name it", name)
	}
	return choice{}, fmt.Errorf("--auth: no %q among auths:; %s", name, source.Suggest(name, slices.Sorted(maps.Keys(known))))
}

// ofRequests returns the blocks that the selected requests have, each with the first of them.
func ofRequests(job runner.Job) []choice {
	var found []choice
	seen := map[collections.Holder]bool{} // of pointers, which are what oauth2 blocks are
	for _, r := range job.Collection.Requests() {
		if r.Needed || !fetches(r.Auth) || seen[r.Holder()] {
			continue
		}
		seen[r.Holder()] = true
		flag := fmt.Sprintf("--only %q", r.Path())
		for _, name := range slices.Sorted(maps.Keys(job.Collection.Auths)) {
			if job.Collection.Auths[name] == r.Auth && r.Holder().Plain() {
				flag = "--auth " + name
			}
		}
		found = append(found, choice{job, r, flag})
	}
	return found
}

func ofAuths(job runner.Job) []choice {
	var found []choice
	for _, name := range slices.Sorted(maps.Keys(job.Collection.Auths)) {
		if a := job.Collection.Auths[name]; fetches(a) {
			found = append(found, ofAuth(job, name, a))
		}
	}
	return found
}

// ofAuth returns one of auths:, with a request that has it, or one that is made up where none has.
func ofAuth(job runner.Job, name string, a auth.Authorizer) choice {
	c := job.Collection
	made := &collections.Request{Label: collections.Label{Name: name}, Pos: c.Pos, Folder: c.Main, Auth: a}
	if len(c.Variables) > 0 {
		made.Layers = []vars.Layer{{Name: "collection", Defined: c.Variables}}
	}
	if fetches(a) {
		for _, r := range c.Requests() {
			if fetches(r.Auth) && r.Auth == a {
				made = r
				break
			}
		}
	}
	return choice{job, made, "--auth " + name}
}

func fetches(a auth.Authorizer) bool { return a != nil && strings.HasPrefix(a.String(), "oauth2 ") }

// distinct leaves out blocks that stand for a token which another has already.
func distinct(found []choice) []choice {
	tokens := &auth.Tokens{} // one for all, so that {{$guid}} in two blocks is equal
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(f choice) bool {
		id := auth.CredentialOf(f.request.Auth, auth.Session{Scope: f.scope(), Tokens: tokens, Name: f.request.Flow.Share.Session.Name})
		again := seen[id]
		seen[id] = id != ""
		return again
	})
}

func (f choice) scope() *vars.Scope {
	scope, _ := f.job.Collection.Sample(known(f.job)) // an error is told by check
	scope, _ = f.request.In(scope)                    // what is not known now shows when it is needed
	return scope
}

// pos is where the block stands.
func (f choice) pos() source.Pos {
	if block, ok := f.request.Auth.(auth.Factual); ok {
		return block.Facts(f.scope()).Places[""]
	}
	return f.request.Pos
}
