package runner_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/runner"
)

// keeper remembers what it was given.
type keeper struct {
	kept, held []string
	err        error
}

func (k *keeper) Keep(file, text string, missing bool) error {
	if k.err == nil {
		k.kept = append(k.kept, file+" "+strings.Join(strings.Fields(text), ""))
	}
	return k.err
}

func (k *keeper) Hold(file string) { k.held = append(k.held, file) }

func TestASnapshotIsKeptWhereNothingForbidsIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, expect, phi, want string }{
		{"plain", `{"a":1}`, `{body: {snapshot: a.json}}`, "mask", `kept __snapshots__/chain/a.json {"a":1}`},
		{"a part, and a status that holds", `{"a":1}`, `{status: 200, json: {a: {snapshot: a.json}}}`, "mask", `kept __snapshots__/chain/a.json 1`},
		{"another failure", `{"a":1}`, `{status: 201, body: {snapshot: a.json}}`, "mask", "status: got 200, want 201\nbody: there is no snapshot __snapshots__/chain/a.json yet\n  the snapshot is not written: something else is not as expected"},
		{"a person", `{"resourceType":"Patient"}`, `{body: {snapshot: a.json}}`, "mask",
			"body: there is no snapshot __snapshots__/chain/a.json yet\n  the snapshot is not written: it may be about a person (Patient); only an environment with phi: show may keep such data in files"},
		{"a person who may be shown", `{"resourceType":"Patient"}`, `{body: {snapshot: a.json}}`, "show", `kept __snapshots__/chain/a.json {"resourceType":"Patient"}`},
		{"a server", `{"resourceType":"CapabilityStatement"}`, `{body: {snapshot: a.json}}`, "mask", `kept __snapshots__/chain/a.json {"resourceType":"CapabilityStatement"}`},
		{"a token by its name", `{"access_token":"abcdefgh"}`, `{body: {snapshot: a.json}}`, "mask", `kept __snapshots__/chain/a.json {"access_token":"<string>"}`},
		{"a token within a text", `"say eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"`, `{body: {snapshot: a.json}}`, "mask",
			"body: there is no snapshot __snapshots__/chain/a.json yet\n  the snapshot is not written: there is a secret in it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := &keeper{}
			if got := keptBy(t, k, tt.body, tt.expect, tt.phi); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestASnapshotThatCannotBeWrittenIsAFailure(t *testing.T) {
	t.Parallel()
	got := keptBy(t, &keeper{err: errors.New("no space left")}, `{}`, `{body: {snapshot: a.json}}`, "mask")
	if want := "body: there is no snapshot __snapshots__/chain/a.json yet\n  the snapshot is not written: no space left"; got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// keptBy runs a request and returns what the keeper has, or why the request failed.
func keptBy(t *testing.T, k *keeper, body, expect, phi string) string {
	t.Helper()
	r := &runner.Runner{Transport: serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })}
	env := environments.New("", nil, nil)
	env.PHI = phi
	job := runner.Job{Collection: load(t, "requests: [{request: GET http://api.test/, expect: "+expect+"}]"), Environment: env, Snapshots: k}
	var lines []string
	for e := range r.RunAll(t.Context(), []runner.Job{job}) {
		if f, ok := e.(runner.RequestFinished); ok {
			for _, p := range f.Result.Problems {
				lines = append(lines, p.Message)
				for _, d := range p.Details {
					lines = append(lines, "  "+d)
				}
			}
		}
	}
	for _, one := range k.kept {
		lines = append(lines, "kept "+one)
	}
	return strings.Join(lines, "\n")
}
