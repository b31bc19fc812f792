package diagnosis

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestAHistoryServesManyGoroutines(t *testing.T) {
	t.Parallel()
	h := &History{}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 50 {
				token := fmt.Sprintf("opaque-token-%d-%d", i, j)
				grant := made(form(asURL, "grant_type", "refresh_token", "refresh_token", token, "client_id", "app"), 200, grantOf(`,"refresh_token":"next-`+token+`"`))
				grant.History = h
				h.Note(grant)
				read := made(get(fhirURL+"/Patient/1", token), 401, "")
				read.History = h
				Explain(read)
				h.Note(read)
			}
		})
	}
	wait.Wait()
	r, ok := h.refreshOf("opaque-token-3-7")
	if want := fingerprint("next-opaque-token-3-7"); !ok || r.replacedBy != want {
		t.Errorf("got %+v, want it replaced by %s", r, want)
	}
}

func TestAHistoryHoldsNoSecret(t *testing.T) {
	t.Parallel()
	h := &History{}
	jwt := goodAssertion(nil)
	c := made(form(asURL, "grant_type", jwtBearerGrant, "assertion", jwt, "refresh_token", "rt-0123456789"), 200, grantOf(`,"refresh_token":"rt-9876543210"`))
	h.Note(c)
	read := made(get(fhirURL+"/Patient/1", "opaque-0123456789abcdef"), 200, "{}")
	h.Note(read)
	text := fmt.Sprintf("%+v %+v %+v %+v %+v", h.assertions, h.ids, h.issued, h.refreshed, h.fetches)
	for _, secret := range []string{jwt, "rt-0123456789", "rt-9876543210", "opaque-0123456789abcdef"} {
		if strings.Contains(text, secret) {
			t.Errorf("the history holds %q: %s", secret, text)
		}
	}
	if len(h.assertions) != 1 || len(h.issued) != 1 {
		t.Errorf("the history noted nothing: %s", text)
	}
}

func TestANilHistoryRemembersNothing(t *testing.T) {
	t.Parallel()
	var h *History
	c := made(get(fhirURL+"/Patient/1", "a-token"), 401, "")
	c.History = h
	h.Note(c)
	if got := Explain(c); first(got) != "HG015" || got[0].Confidence != Possible {
		t.Errorf("want a guess at HG015, got%s", tell(got))
	}
}
