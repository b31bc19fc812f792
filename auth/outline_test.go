package auth

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

func TestAnOutlineShowsWhereTheTokenWillStand(t *testing.T) {
	t.Parallel()
	const block = "{oauth2: {grant: client-credentials, token_url: 'https://h.example/token', client_id: c, client_secret: '{{s}}'"
	tests := []struct {
		name, text, want string
		notes            []string
	}{
		{"a token", block + "}}", "Bearer TOKEN", nil},
		{"a prefix", block + ", header_prefix: Token}}", "Token TOKEN", nil},
		{"no prefix", block + ", header_prefix: ''}}", "TOKEN", nil},
		{"a bound token", block + ", dpop: true}}", "DPoP TOKEN", []string{"a DPoP header proves the key of the token, signed for each request (RFC 9449)"}},
	}
	for _, test := range tests {
		var a Authorizer
		if err := source.Parse("a.yaml", []byte(test.text), func(n source.Node) { a = Read(n) }); err != nil {
			t.Fatal(err)
		}
		req := &wire.Request{Header: http.Header{}}
		notes := a.(Outliner).Outline(req, "TOKEN")
		if got := req.Header.Get("Authorization"); got != test.want || !slices.Equal(notes, test.notes) {
			t.Errorf("%s: got %q %q, want %q %q", test.name, got, notes, test.want, test.notes)
		}
	}
}
