package importers_test

import (
	"testing"

	"github.com/hgrun/hgrun/collections/importers"
)

func TestNamesThatSoundSecretAreKnown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"client_secret": true, "clientSecret": true, "CLIENT-SECRET": true, "adminPassword": true, "password2": false, "accessToken": true, "token": true,
		"x-api-key": true, "apiKey": true, "private.key": true, "secret_name": true, "jwt": true,
		"token_url": false, "tokenType": false, "secretary": false, "key": false, "keyword": false, "base_url": false, "user": false, "": false, "-": false,
	} {
		if got := importers.SoundsSecret(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestAFileIsKnownByWhatIsInIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"info": {"name": "x"}, "item": []}`:            "collection",
		"\ufeff\n{\"collection\": {\"info\": {}}}":       "collection",
		`{"name": "x", "order": [], "requests": []}`:     "collection",
		`{"info": {"name": "x"}, "item": [}`:             "collection",
		`{"name": "item", "values": [{"key": "item"}]}`:  "environment",
		`{"requests": [{"request": "GET http://x"}]}`:    "",
		`{"variables": {"values": "1"}, "values": "x"}`:  "",
		"requests:\n  - request: GET http://x/info/item": "",
		"": "",
	} {
		got := ""
		if importers.Is([]byte(text)) {
			got = "collection"
		}
		if importers.IsEnvironment([]byte(text)) {
			got += "environment"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
