package collections_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

func TestAPreviewKnowsWhatARunWouldKnowBeforeItsFirstResponse(t *testing.T) {
	t.Parallel()
	c := load(t, `
name: chain
variables: {base: "http://{{host}}", both: "{{id}}-{{secret}}", mode: fast}
setup: [{name: Make, request: "POST {{base}}/it", json: {id: "{{id | default: 5}}"}, capture: {id: id}}]
requests:
  - {name: Read, request: "GET {{base}}/it/{{id}}?k={{secret | base64}}&b={{both}}"}
  - {name: Set, request: "GET {{base}}/{{id}}{{own}}", set: {id: fixed, own: "{{secret}}!"}}
  - {name: After, request: "GET {{base}}/{{id}}{{own}}"}
  - {name: Slow, when: {mode: slow}, request: "GET {{base}}/slow", capture: {host: host}}
  - {name: Maybe, when: {seen: {exists: true}}, request: "GET {{base}}/maybe"}
  - {name: Sees, request: "GET {{base}}/sees", capture: {seen: seen}}
  - {name: Then, when: {seen: {exists: true}}, request: "GET {{base}}/{{seen}}"}
  - {name: Secretly, when: {secret: {exists: true}}, request: "GET {{base}}/then"}
`)
	s := vars.NewScope(nil,
		vars.Layer{Values: map[string]vars.Value{"host": {Text: "h"}}},
		vars.Layer{Lazy: map[string]func() (vars.Value, error){"secret": func() (vars.Value, error) {
			t.Error("the secret was looked up")
			return vars.Value{}, nil
		}}})
	var got []string
	for p := range c.Preview(s, func(u collections.Unknown) string {
		return fmt.Sprintf("<%s %v>", strings.ReplaceAll(u.Expression, " ", ""), u.Secret)
	}) {
		url, err := p.Request.Message.URL.Expand(p.Scope)
		got = append(got, fmt.Sprintf("%s %s %s skipped=%s depends=%v %v", p.Phase, p.Request.Name, url, p.Skipped, p.Depends, err))
	}
	want := []string{
		`setup Make http://h/it skipped= depends=false <nil>`,
		`request Read http://h/it/<id false>?k=<secret|base64 true>&b=<id false>-<secret true> skipped= depends=false <nil>`,
		`request Set http://h/fixed<secret true>! skipped= depends=false <nil>`,
		`request After http://h/fixed<secret true>! skipped= depends=false <nil>`,
		`request Slow http://h/slow skipped=when mode: got "fast", want "slow" depends=false <nil>`,
		`request Maybe http://h/maybe skipped=when seen: not defined, want something depends=false <nil>`,
		`request Sees http://h/sees skipped= depends=false <nil>`,
		`request Then http://h/<seen false> skipped= depends=true <nil>`,
		`request Secretly http://h/then skipped= depends=true <nil>`,
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
