package diagnosis

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

func TestACollectionIsLintedAsFarAsItsRequestsAreKnown(t *testing.T) {
	t.Parallel()
	const text = `
headers: {Authorization: "Bearer literal-0123456789"}
requests:
  - {name: In the header, request: GET https://h.example/}
  - {name: Told already, request: GET https://h.example/other}
  - {name: Needs a secret, request: "GET https://h.example/?access_token={{key}}"}
  - {name: Needs a response, request: "GET https://h.example/?access_token={{token}}", capture: {token: access_token}}
  - {name: And its filter, request: "GET https://h.example/?access_token={{token | upper}}"}
  - {name: Known, headers: {Authorization: null}, request: "GET https://h.example/?access_token={{plain}}"}
  - {name: Does not run, when: {plain: no}, request: "GET https://h.example/?sig={{plain}}"}
`
	c, err := collections.Load(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml", collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var defined vars.Definitions
	if err := source.Parse("e.yaml", []byte("{plain: abcdefghijkl}"), defined.Read); err != nil {
		t.Fatal(err)
	}
	s := vars.NewScope(nil, vars.Layer{Defined: defined, Lazy: map[string]func() (vars.Value, error){
		"key": func() (vars.Value, error) { t.Error("a secret was looked up"); return vars.Value{}, nil },
	}})
	var got []string
	for _, f := range LintCollection(c, s, EnvironmentFacts{}) {
		got = append(got, fmt.Sprintf("%d %s %s", f.Pos.Line, f.Code, f.Cause))
	}
	want := []string{
		"2 HG075 header Authorization is written into the file",
		"9 HG075 the URL carries a secret in its parameter access_token, and URLs are logged",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
