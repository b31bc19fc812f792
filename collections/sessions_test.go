package collections_test

import (
	"testing"

	"github.com/hgrun/hgrun/collections"
)

func TestAVariableOfSessionsThatTheEnvironmentDefinesTooIsRefused(t *testing.T) {
	t.Parallel()
	c := loadFrom(t, folder(map[string]string{
		"c.yaml":  "sessions: {alice: {variables: {user: ann, base: x}}}\nrequests: [{request: 'GET https://x.example/{{user}}', session: alice}, {include: in.yaml}]\n",
		"in.yaml": "sessions: {bob: {variables: {base: x}}}\nrequests: [{request: GET https://x.example}]\n",
	}), "c.yaml", collections.Options{})
	got := c.Check(environment(t, "{base: https://x.example}")).Error()
	want := `c.yaml:1:49: session alice: the environment, the command line or a row of data defines "base" too, and wins, so that all sessions would have the same: call one of them otherwise
in.yaml:1:36: session bob: the environment, the command line or a row of data defines "base" too, and wins, so that all sessions would have the same: call one of them otherwise`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOneBlockHasATokenForEachSessionAndEachInclude(t *testing.T) {
	t.Parallel()
	c := loadFrom(t, folder(map[string]string{
		"c.yaml":  "auth: {bearer: x}\nrequests: [{name: a, request: GET https://x.example}, {name: b, request: GET https://x.example, session: s}, {name: c, request: GET https://x.example, session: s}, {name: I, include: in.yaml}, {name: J, include: in.yaml}]\n",
		"in.yaml": "auth: {bearer: x}\nrequests: [{name: d, request: GET https://x.example}]\n",
	}), "c.yaml", collections.Options{})
	holders := map[collections.Holder]string{}
	for _, r := range c.Requests() {
		holders[r.Holder()] += r.Path() + " "
		if plain := r.Name == "a"; r.Holder().Plain() != plain {
			t.Errorf("%s: got %v, want %v", r.Path(), !plain, plain)
		}
	}
	if len(holders) != 4 {
		t.Errorf("got %v", holders)
	}
}
