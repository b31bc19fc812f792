package diagnosis

import (
	"net/http"
	"strings"
	"testing"
)

func TestRefusedCredentialsAreExplainedByTheirKind(t *testing.T) {
	t.Parallel()
	at := fhirURL + "/Patient/1"
	for _, c := range []struct {
		name, want string
		of         *Case
	}{
		{"wrong password", "possible: the server does not take the answer to its challenge: it knows another password, or another name",
			of("ntlm", made(get(at, "", "Authorization", "NTLM TlRM"), 401, "", "Www-Authenticate", "NTLM"))},
		{"another kind", "certain: the server does not take credentials of the kind Digest, which auth: digest makes",
			of("digest", made(get(at, ""), 401, "", "Www-Authenticate", "Negotiate", "Www-Authenticate", "NTLM"))},
		{"the clock", "likely: the server's clock is 60 min ahead of this machine's, and what auth: hawk makes is good for a few minutes",
			of("hawk", made(get(at, "", "Authorization", "Hawk id=a"), 401, "", "Www-Authenticate", "Hawk", "Date", "Sun, 22 Nov 2026 11:30:00 GMT"))},
		{"the key", "possible: the server does not take the signature: it has another key, another name for it, or saw another request than the one that was signed",
			of("edgegrid", made(get(at, "", "Authorization", "EG1-HMAC-SHA256 a"), 401, "", "Date", "Sun, 22 Nov 2026 10:30:00 GMT"))},
		{"a question that is answered next", "", of("digest", made(get(at, ""), 401, "", "Www-Authenticate", `Digest realm="r", nonce="n"`))},
		{"a first message", "", of("ntlm", made(get(at, "", "Authorization", "NTLM TlRM"), 401, "", "Www-Authenticate", "NTLM TlRMTVNT"))},
		{"a token for Digest", "certain: the server does not take credentials of the kind Bearer, which auth: bearer makes",
			of("bearer", made(get(at, "opaque-token"), 401, "", "Www-Authenticate", `Digest realm="r", nonce="n"`))},
		{"a token", "", of("bearer", made(get(at, "opaque-token"), 401, ""))},
		{"no refusal", "", of("hawk", made(get(at, ""), http.StatusNotFound, ""))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, f := range explainCredentials(c.of) {
				got = f.Confidence.String() + ": " + f.Cause
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, f := range Explain(c.of) {
				if c.want != "" && strings.Contains("HG015 HG050", f.Code) {
					t.Errorf("got %s beside it", f.Code)
				}
			}
		})
	}
}
