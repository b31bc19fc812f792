package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hgrun/hgrun/auth"
)

func TestATokenIsWrittenAsATokenEndpointAnswers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name  string
		token auth.Token
		want  string
	}{
		{"all", auth.Token{
			AccessToken: "a\"b", Type: "DPoP", RefreshToken: "r", Scope: "x y", Issued: now, Expires: now.Add(90 * time.Second),
			Context: map[string]json.RawMessage{"patient": json.RawMessage(`"p"`), "expires_at": json.RawMessage(`1`), "banner": json.RawMessage(`true`)},
		}, `{
  "access_token": "a\"b",
  "token_type": "DPoP",
  "expires_in": 90,
  "expires_at": "2026-10-01T12:01:30Z",
  "scope": "x y",
  "refresh_token": "r",
  "banner": true,
  "patient": "p"
}
`},
		{"nothing known", auth.Token{AccessToken: "a", Type: "Bearer", Issued: now}, `{
  "access_token": "a",
  "token_type": "Bearer"
}
`},
		{"ended", auth.Token{AccessToken: "a", Type: "Bearer", Expires: now.Add(-time.Second)}, `{
  "access_token": "a",
  "token_type": "Bearer",
  "expires_in": 0,
  "expires_at": "2026-10-01T11:59:59Z"
}
`},
	}
	for _, tt := range tests {
		if got := string(answered(tt.token, now)); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}
