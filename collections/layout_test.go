package collections_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
)

func TestEveryKeyHasItsPlaceInTheLayout(t *testing.T) {
	t.Parallel()
	l := collections.Layout()
	orders := map[string][]string{"collection": l.Order, "folder": l.Below["requests"].Items.Order, "request": l.Below["requests"].Items.Order, "include": l.Below["requests"].Items.Order}
	for of, order := range orders {
		for _, key := range collections.Keys()[of] {
			if !slices.Contains(order, key) {
				t.Errorf("%s of a %s has no place: add it to Layout()", key, of)
			}
		}
	}
	var known []string
	for of := range orders {
		known = append(known, collections.Keys()[of]...)
	}
	for _, order := range orders {
		for _, key := range order {
			if !slices.Contains(known, key) {
				t.Errorf("%s has a place in Layout() and is no key", key)
			}
		}
	}
}

// TestALayoutChangesNothingThatRuns formats a collection whose keys stand in the wrong order everywhere.
func TestALayoutChangesNothingThatRuns(t *testing.T) {
	t.Parallel()
	const text = `
teardown: [{request: DELETE https://h.example/it, name: Clean}]
requests:
  - expect: {status: 200, json: {b: 1, a: 2}}   # the order of these stays
    capture: {z: z, a: a}
    form: {z: 1, a: 2}
    set: {z: 1, a: "{{z}}"}
    request: POST https://h.example/
    name: First
  - requests: [{request: GET https://h.example/}]
    when: {z: {exists: true}}
    name: Folder
variables: {b: 1, a: 2}
name: upside down
`
	formatted := format(t, text)
	describe := func(text string) string {
		c, err := collections.Load(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml", collections.Options{})
		if err != nil {
			t.Fatal(err)
		}
		lines := []string{c.Name}
		for phase, r := range c.Requests() {
			lines = append(lines, fmt.Sprint(phase, " ", r.Path(), " ", r.Message.Method, " ", r.Captured(), " ", r.Expect.Len(), " ", len(r.Flow.When)))
		}
		return strings.Join(lines, "\n")
	}
	if got, want := describe(formatted), describe(text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if want := "name: upside down\n"; !strings.HasPrefix(formatted, want) {
		t.Errorf("got\n%s\nwant %q first", formatted, want)
	}
	if !strings.Contains(formatted, "expect: {status: 200, json: {b: 1, a: 2}}   # the order of these stays\n") {
		t.Errorf("got\n%s", formatted)
	}
}

func format(t *testing.T, text string) string {
	t.Helper()
	out, err := source.Format("c.yaml", []byte(text), collections.Layout())
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
