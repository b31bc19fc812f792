package collections_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestDefinitionsTellWhereEachNameIsGivenAValue(t *testing.T) {
	t.Parallel()
	c := load(t, `
variables: {b: 1, a: &one 2}
setup: [{name: Make, request: GET https://h.example, set: {s: 1}, capture: {id: id}}]
requests:
  - name: F
    variables: {a: 3, c: *one}
    requests:
      - {name: R, variables: {a: 4}, request: GET https://h.example}
      - {name: S, request: GET https://h.example}
`)
	var got []string
	for _, d := range c.Definitions() {
		got = append(got, fmt.Sprintf("%s %d:%d %s taken=%v layers=%d", d.Name, d.Pos.Line, d.Pos.Col, d.Of, d.Taken, len(d.Layers)))
	}
	want := []string{
		"b 2:16 collection taken=false layers=1", "a 2:22 collection taken=false layers=1",
		"s 3:9 request Make taken=true layers=1", "id 3:9 request Make taken=true layers=1",
		"c 2:22 folder F taken=false layers=2", "a 6:20 folder F taken=false layers=2", "a 8:34 request F/R taken=false layers=3",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
