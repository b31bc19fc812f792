package auth_test

import (
	"net/url"
	"testing"

	"github.com/hgrun/hgrun/auth"
)

func TestASeedRepeatsTheValuesOfExchangesWhoeverAsksForThem(t *testing.T) {
	t.Parallel()
	sent := func(seed uint64, drawn int) (ids []string, after string) {
		d := &desk{answer: numbered("")}
		s := session(d, "id", "c")
		s.Tokens = &auth.Tokens{Seed: seed}
		s.Scope.Seed(seed, "a.yaml", 0)
		for range drawn { // by requests before
			if _, err := s.Scope.Lookup("$guid"); err != nil {
				t.Fatal(err)
			}
		}
		for _, scope := range []string{"one", "two"} {
			a := read(t, `oauth2: {grant: client-credentials, token_url: `+tokenURL+`, client_id: c, client_secret: s3cr3t, scope: `+scope+`, params: {trace: "{{$guid}}"}}`)
			authorize(t, a, s)
		}
		for _, c := range d.calls {
			form, err := url.ParseQuery(string(c.Request.Body))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, form.Get("trace"))
		}
		next, err := s.Scope.Lookup("$guid")
		if err != nil || len(ids) != 2 || ids[0] == ids[1] {
			t.Fatalf("got %q and %v, want two exchanges with an id of their own", ids, err)
		}
		return ids, next.Text
	}
	first, next := sent(7, 0)
	again, _ := sent(7, 3)
	if first[0] != again[0] || first[1] != again[1] {
		t.Errorf("got %q and %q, want the same", first, again)
	}
	s := session(&desk{})
	s.Scope.Seed(7, "a.yaml", 0)
	if own, err := s.Scope.Lookup("$guid"); err != nil || own.Text != next {
		t.Errorf("an exchange took from the sequence of its request: got %q, want %q", next, own.Text)
	}
	if other, _ := sent(8, 0); other[0] == first[0] {
		t.Error("another seed made the same values")
	}
	free, _ := sent(0, 0)
	if other, _ := sent(0, 0); other[0] == free[0] {
		t.Error("without a seed the values were the same")
	}
}
