package collections_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

func TestFlowIsReadWithItsDefaults(t *testing.T) {
	t.Parallel()
	text := func(flow string) string {
		return "requests:\n  - {name: It, request: GET https://x.example" + flow + "}\n"
	}
	failing := []string{"failure", "error"}
	tests := []struct {
		name, flow string
		want       collections.Flow
	}{
		{"nothing", "", collections.Flow{Timeout: 30 * time.Second, Redirects: 10}},
		{"delay and timeout", ", delay: 250ms, timeout: 1m", collections.Flow{Delay: 250 * time.Millisecond, Timeout: time.Minute, Redirects: 10}},
		{"redirects by number", ", follow_redirects: 2", collections.Flow{Timeout: 30 * time.Second, Redirects: 2}},
		{"retry by number", ", retry: 3", collections.Flow{Timeout: 30 * time.Second, Redirects: 10,
			Retry: &collections.Retry{Times: 3, Delay: time.Second, Backoff: "exponential", On: failing}}},
		{"retry in full", ", retry: {times: 5, delay: 10ms, max_delay: 1s, backoff: linear, jitter: true, deadline: 1m, on: [429, 5xx, error]}",
			collections.Flow{Timeout: 30 * time.Second, Redirects: 10, Retry: &collections.Retry{Times: 5, Delay: 10 * time.Millisecond,
				MaxDelay: time.Second, Backoff: "linear", Jitter: true, Deadline: time.Minute, On: []string{"429", "5xx", "error"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.Bodies = collections.BodyLimits{Memory: 64 << 20, Download: 4 << 30}
			if d := cmp.Diff(test.want, find(t, load(t, text(test.flow)), "It").Flow); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestSetGivesValuesOnceAndInOrder(t *testing.T) {
	t.Parallel()
	r := find(t, load(t, `
requests:
  - name: It
    request: GET https://x.example
    set: {z: "{{$guid}}", a: "{{z}}-{{z}}", n: 5, l: [1, "{{n}}"]}
`), "It")
	s := vars.NewScope(nil)
	if err := r.Flow.Assign(s); err != nil {
		t.Fatal(err)
	}
	z, _ := s.Lookup("z")
	for name, want := range map[string]vars.Value{
		"a": {Text: z.Text + "-" + z.Text}, "n": {Text: "5", JSON: true}, "l": {Text: "[1,5]", JSON: true},
	} {
		if got, err := s.Lookup(name); err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", name, got, err, want)
		}
	}
	if d := cmp.Diff([]string{"z", "a", "n", "l"}, r.Captured()); d != "" {
		t.Errorf("captured (-want +got):\n%s", d)
	}
}

func TestEveryConditionAroundARequestMustHold(t *testing.T) {
	t.Parallel()
	c := load(t, `
requests:
  - name: Folder
    when: {a: {equals: "1"}}
    requests:
      - {name: It, request: GET https://x.example, when: {b: {equals: "1"}}}
`)
	flow := find(t, c, "It").Flow
	for values, want := range map[[2]string]bool{{"1", "1"}: true, {"1", "2"}: false, {"2", "1"}: false} {
		s := vars.NewScope(nil, vars.Layer{Values: map[string]vars.Value{"a": {Text: values[0]}, "b": {Text: values[1]}}})
		holds, reason, err := flow.Hold(s)
		if holds != want || err != nil || holds == (reason != "") {
			t.Errorf("%v: got %t, %q and %v, want %t and a reason if not", values, holds, reason, err, want)
		}
	}
}

func TestSetFailsAtThePlaceOfTheName(t *testing.T) {
	t.Parallel()
	r := find(t, load(t, "requests:\n  - {name: It, request: GET https://x.example, set: {a: \"x{{none}}\"}}\n"), "It")
	err := r.Flow.Assign(vars.NewScope(nil))
	if got, want := err.Error(), `c.yaml:2:59: variable "none" is not defined`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, ok := vars.AsUndefined(err); !ok {
		t.Error("got another error, want an undefined name")
	}
}
