package collections_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/internal/vars"
)

func TestACollectionIsTakenApartWhereNothingLeadsFromOneFolderToAnother(t *testing.T) {
	t.Parallel()
	env := vars.NewScope(nil, vars.Layer{Values: map[string]vars.Value{"id": {Text: "of the environment"}}})
	for _, test := range []struct{ name, requests, want string }{
		{"folders", `
  - {name: A, requests: [{name: a, request: GET https://x.example}, {name: b, request: GET https://x.example, repeat: 3}]}
  - {name: B, requests: [{name: a, request: GET https://x.example}]}`,
			"A/a A/b (4) | B/a (1)"},
		{"requests outside of folders stay together", `
  - {name: a, request: GET https://x.example}
  - {name: F, requests: [{name: a, request: GET https://x.example}]}
  - {name: b, request: GET https://x.example}`,
			"a b (2) | F/a (1)"},
		{"a capture", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {id: id}}]}
  - {name: B, requests: [{name: a, request: GET https://x.example}]}
  - {name: C, requests: [{name: a, request: "GET https://x.example/{{id}}"}]}`,
			"A/a C/a (2) | B/a (1)"},
		{"a capture that may be missing is one", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {id: id}}]}
  - {name: B, requests: [{name: a, request: "GET https://x.example/{{id | default: 7}}"}]}
  - {name: C, requests: [{name: a, request: GET https://x.example, when: {id: {exists: true}}}]}`,
			"A/a B/a C/a (3)"},
		{"a chain of captures", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {one: id}}]}
  - {name: B, requests: [{name: a, request: "GET https://x.example/{{one}}", set: {two: "2"}}]}
  - {name: C, requests: [{name: a, request: "GET https://x.example/{{two}}"}]}`,
			"A/a B/a C/a (3)"},
		{"what both capture for themselves", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {id: id}}, {name: b, request: "GET https://x.example/{{id}}"}]}
  - {name: B, requests: [{name: a, request: GET https://x.example, capture: {id: id}}, {name: b, request: "GET https://x.example/{{id}}"}]}`,
			"A/a A/b (2) | B/a B/b (2)"},
		{"what one captures for itself only under a condition", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {id: id}}]}
  - {name: B, requests: [{name: a, request: GET https://x.example, capture: {id: id}, when: {base: x}}, {name: b, request: "GET https://x.example/{{id}}"}]}`,
			"A/a B/a B/b (3)"},
		{"what one sets for itself before it uses it", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {id: id}}]}
  - {name: B, requests: [{name: a, request: "GET https://x.example/{{id}}", set: {id: "1"}}]}`,
			"A/a (1) | B/a (1)"},
		{"a definition leads to a capture", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {inner: id}}]}
  - {name: B, requests: [{name: a, request: "GET {{base}}/x"}]}`,
			"A/a B/a (2)"},
		{"what a loop binds is no capture", `
  - {name: A, requests: [{name: a, request: GET https://x.example, capture: {id: id}}]}
  - {name: B, for_each: {id: [1, 2]}, requests: [{name: a, request: "GET https://x.example/{{id}}"}]}`,
			"A/a (1) | B/a (2)"},
		{"a folder's setup and teardown are its own", `
  - {name: A, setup: [{name: make, request: GET https://x.example, capture: {id: id}}], requests: [{name: a, request: GET https://x.example}]}
  - {name: B, requests: [{name: a, request: GET https://x.example}], teardown: [{name: end, request: "GET https://x.example/{{id}}"}]}`,
			"A/make A/a B/a B/end (4)"},
		{"what comes later leads nowhere", `
  - {name: A, requests: [{name: a, request: "GET https://x.example/{{id}}"}]}
  - {name: B, requests: [{name: a, request: GET https://x.example, capture: {id: id}}]}`,
			"A/a (1) | B/a (1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := load(t, "variables: {base: \"https://{{inner | default: x}}\"}\nsetup: [{name: s, request: GET https://x.example, capture: {made: id}}]\nrequests:"+test.requests)
			var got []string
			for _, part := range c.Parts(env) {
				var names []string
				for _, r := range part.Requests {
					names = append(names, r.Path())
				}
				got = append(got, fmt.Sprintf("%s (%d)", strings.Join(names, " "), part.Count))
			}
			if d := cmp.Diff(test.want, strings.Join(got, " | ")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
