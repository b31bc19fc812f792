package curl

import (
	"net/http"
	"testing"

	"github.com/hgrun/hgrun/internal/wire"
)

func TestACommandLeavesOutWhatTheClientHasAdded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url string
		header    http.Header
		want      string
	}{
		{"added", "https://h.example:8443/a?b=1", http.Header{"Host": {"h.example:8443"}, "User-Agent": {"hgrun/1.2"}, "Accept-Encoding": {"gzip"}, "Content-Length": {"9"}, "Transfer-Encoding": {"chunked"}},
			"curl 'https://h.example:8443/a?b=1'"},
		{"added without a version", "https://h.example", http.Header{"Host": {"h.example"}, "User-Agent": {"hgrun"}}, "curl https://h.example"},
		{"of the collection", "https://h.example/", http.Header{"Host": {"tenant.example"}, "User-Agent": {"app/1"}, "Accept-Encoding": {"br"}},
			"curl https://h.example/ \\\n  --header 'Accept-Encoding: br' \\\n  --header 'Host: tenant.example' \\\n  --header 'User-Agent: app/1'"},
		{"cookies", "https://h.example/", http.Header{"Cookie": {"sid=‹cookie sha256:1a2b3c4d›; pin=‹cookie sha256:11111111›"}},
			"# masked here, to be set in the shell: COOKIE, COOKIE_2\ncurl https://h.example/ \\\n  --header \"Cookie: sid=$COOKIE; pin=$COOKIE_2\""},
		{"a user in the URL", "https://me:‹password sha256:1a2b3c4d›@h.example/", http.Header{"Host": {"h.example"}, "Authorization": {"Basic ‹token sha256:11111111›"}},
			"# masked here, to be set in the shell: PASSWORD\ncurl \"https://me:$PASSWORD@h.example/\""},
		{"a token beside a user in the URL", "https://me@h.example/", http.Header{"Authorization": {"Bearer ‹token sha256:11111111›"}},
			"# masked here, to be set in the shell: TOKEN\ncurl 'https://me@h.example/' \\\n  --header \"Authorization: Bearer $TOKEN\""},
	}
	for _, tt := range tests {
		if got := Masked(&wire.Request{Method: "GET", URL: tt.url, Header: tt.header}); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}
