package collections_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// environment returns a scope of the variables in YAML text, as an environment file defines them.
func environment(t *testing.T, text string) *vars.Scope {
	t.Helper()
	var defined vars.Definitions
	if err := source.Parse("env.yaml", []byte(text), defined.Read); err != nil {
		t.Fatal(err)
	}
	secret := map[string]func() (vars.Value, error){"secret": func() (vars.Value, error) {
		t.Error("a check looked at a secret")
		return vars.Value{}, nil
	}}
	return vars.NewScope(nil, vars.Layer{Name: "environment", Defined: defined, Lazy: secret})
}

func TestCheckFollowsNamesToTheirValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, env, requests, want string }{
		{"all defined", "{base: https://x.example}", `[{name: A, request: "GET {{base}}/{{secret}}/{{$guid}}"}]`, ""},
		{"a name of the environment leads nowhere", "{base: \"https://{{hots}}\", token_url: \"{{base}}/token\"}", `[{name: A, request: "GET {{token_url}}"}, {name: B, request: "GET {{base}}"}]`,
			`env.yaml:1:17: variable "hots" is not defined; request "A" needs it for {{token_url}}`},
		{"a base URL without a scheme", "{base: x.example, fhir: \"{{base}}/fhir\"}", `[{name: A, request: "GET {{fhir}}/a"}, {name: B, request: "GET {{fhir}}/b"}]`,
			`c.yaml:1:31: the URL "x.example/fhir/a" is not absolute; want http:// or https:// at its start`},
		{"captured by an earlier request", "{}", `[{name: A, request: GET https://x.example, capture: {id: id}}, {name: B, request: "GET https://x.example/{{id}}"}]`, ""},
		{"captured through a definition", "{bearer: \"Bearer {{id}}\"}",
			`[{name: A, request: GET https://x.example, capture: {id: id}}, {name: B, request: GET https://x.example, headers: {Authorization: "{{bearer}}"}}]`, ""},
		{"captured too late for a definition", "{bearer: \"Bearer {{id}}\"}",
			`[{name: A, request: GET https://x.example, headers: {Authorization: "{{bearer}}"}}, {name: B, request: GET https://x.example, capture: {id: id}}]`,
			`env.yaml:1:18: variable "id" is not defined; request "B" captures it later, at c.yaml:1:95; request "A" needs it for {{bearer}}`},
		{"set by an earlier request", "{}", `[{name: A, request: GET https://x.example, set: {id: 1}}, {name: B, request: "GET https://x.example/{{id}}"}]`, ""},
		{"set by itself", "{}", `[{name: A, request: "GET https://x.example/{{id}}", set: {id: 1}}]`, ""},
		{"set later", "{}", `[{name: A, request: "GET https://x.example/{{id}}"}, {name: B, request: GET https://x.example, set: {id: 1}}]`,
			`c.yaml:1:54: variable "id" is not defined; request "B" sets it later, at c.yaml:1:64`},
		{"a default stands in", "{}", `[{name: A, request: "GET https://x.example/{{id | default: 1}}"}]`, ""},
		{"the variable of another request", "{}", `[{name: A, request: GET https://x.example, variables: {id: 1}}, {name: B, request: "GET https://x.example/{{id}}"}]`,
			`c.yaml:1:117: variable "id" is not defined`},
		{"in a file's path", "{}", `[{name: A, request: GET https://x.example, file: "{{id}}.json"}]`, `c.yaml:1:60: variable "id" is not defined`},
		{"in graphql", "{}", `[{name: A, request: POST https://x.example, graphql: {query: "{{q}}", operation: "{{o}}", variables: {a: "{{v}}"}}}]`,
			"c.yaml:1:72: variable \"q\" is not defined\nc.yaml:1:92: variable \"o\" is not defined\nc.yaml:1:116: variable \"v\" is not defined"},
		{"in auth", "{}", `[{name: A, request: GET https://x.example, auth: {bearer: "{{id}}"}}]`, `c.yaml:1:69: variable "id" is not defined`},
		{"in an assertion", "{}", `[{name: A, request: POST https://x.example, assertion: {alg: HS256, key: "{{id}}", claims: {iss: a, sub: a}}, form: {a: "{{$assertion}}"}}]`,
			`c.yaml:1:84: variable "id" is not defined`},
		{"in an expectation", "{}", `[{name: A, request: GET https://x.example, expect: {json: {id: "{{id}}"}}}]`, `c.yaml:1:74: variable "id" is not defined`},
		{"captured by the request that expects it", "{}", `[{name: A, request: GET https://x.example, expect: {json: {id: "{{id}}"}}, capture: {id: id}}]`,
			`c.yaml:1:74: variable "id" is not defined; this request captures it, but only after it is used here`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := load(t, "requests: "+test.requests).Check(environment(t, test.env)); err != nil {
				got = err.Error()
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestTeardownSeesWhatWasCapturedBefore(t *testing.T) {
	t.Parallel()
	c := load(t, `
setup: [{name: A, request: GET https://x.example, capture: {a: a}}]
requests: [{name: B, request: "GET https://x.example/{{a}}", capture: {b: b}}]
teardown: [{name: C, request: "DELETE https://x.example/{{a}}/{{b}}", capture: {c: c}}, {name: D, request: "GET https://x.example/{{c}}"}]
`)
	if err := c.Check(vars.NewScope(nil)); err != nil {
		t.Error(err)
	}
}

func TestTheErrorOfCheckIsAListOfProblems(t *testing.T) {
	t.Parallel()
	err := load(t, `requests: [{name: A, request: "GET https://x.example/{{a}}/{{b}}"}]`).Check(vars.NewScope(nil))
	problems, ok := err.(source.Problems)
	if !ok || len(problems) != 2 {
		t.Fatalf("got a %T: %v, want two problems", err, err)
	}
	if u, ok := vars.AsUndefined(problems[0]); !ok || u.Name != "a" {
		t.Errorf("got %v, want the undefined a", problems[0])
	}
}

func TestARequestUsesAllItsNames(t *testing.T) {
	t.Parallel()
	c := load(t, `
headers: {X-A: "{{inherited}}"}
requests:
  - name: A
    request: POST https://{{url}}
    query: {a: "{{query}}"}
    auth: {bearer: "{{auth}}"}
    assertion: {alg: HS256, key: "{{key}}", claims: {iss: a, sub: a}}
    multipart: {a: {file: "{{file}}"}, b: {text: "{{text}}", content_type: "{{type}}"}}
    set: {s: "{{set}}"}
    expect: {json: {a: "{{expected}}"}}
`)
	var got []string
	for _, u := range find(t, c, "A").Uses() {
		got = append(got, u.Name)
	}
	want := []string{"set", "url", "inherited", "query", "file", "text", "type", "auth", "key", "expected"}
	sorted := cmp.Transformer("sorted", func(names []string) map[string]bool {
		m := map[string]bool{}
		for _, n := range names {
			m[n] = true
		}
		return m
	})
	if d := cmp.Diff(want, got, sorted); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
