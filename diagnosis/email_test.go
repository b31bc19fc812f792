package diagnosis

import (
	"testing"

	"github.com/hgrun/hgrun/internal/wire"
)

// An address in client_id itself stands in iss, sub and the form alike, so that nothing differs from anything.
func TestAnAddressThatIsTheClientIDIsFoundToo(t *testing.T) {
	t.Parallel()
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhQGIuZXhhbXBsZSIsInN1YiI6ImFAYi5leGFtcGxlIn0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for profile, want := range map[string]Confidence{"health-gorilla": Likely, "": Possible} {
		c := &Case{
			Exchange: &wire.Exchange{Request: wire.Request{Method: "POST", URL: "https://as.example/token", Header: map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}},
				Body: []byte("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + jwt)}},
			Token: TokenFacts{Profile: profile, Grant: "jwt-bearer", ClientID: "a@b.example"},
		}
		found := findEmail(c)
		if len(found) != 1 || found[0].Confidence != want {
			t.Errorf("profile %q: got %+v, want one finding that is %s", profile, found, want)
		}
	}
}
