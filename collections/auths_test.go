package collections_test

import (
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
)

func TestAuthsCanBeHadByName(t *testing.T) {
	t.Parallel()
	const text = `
auths:
  plain: {basic: {username: a, password: b}}
  unused: {bearer: c}
requests: [{request: GET http://localhost/, auth: plain}]
`
	c, err := collections.Load(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml", collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Requests() {
		if r.Auth != c.Auths["plain"] {
			t.Error("the request has another auth than the one it names")
		}
	}
	if len(c.Auths) != 2 || c.Auths["unused"].String() != "bearer" {
		t.Errorf("got %v", c.Auths)
	}
}
