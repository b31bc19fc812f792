package vars

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
)

func TestASecretIsMaskedInEscapesThatNoFormForesees(t *testing.T) {
	t.Parallel()
	const secret = `a/b c&<%41>"é€😀`
	var s Secrets
	s.Hide("key", secret)
	mask := Mask("key", secret)
	for name, text := range map[string]string{
		"JSON with everything by number":  `{"x":"\u0061\u002F\u0062\u0020\u0063\u0026\u003C\u0025\u0034\u0031\u003E\u0022\u00E9\u20ac\uD83D\ude00"}`,
		"JSON with some of it by number":  `{"x":"a\/b c\u0026<%41>\"\u00e9€\ud83d\uDE00"}`,
		"that in JSON again":              `{"x":"a\\/b c\\u0026\u003c%41>\\\"\\u00e9€😀"}`,
		"HTML with everything by number":  `{"x":"&#97;&#x2f;b c&amp;&lt;%41&gt;&quot;&eacute;&euro;&#128512;"}`,
		"a query, some of it as it is":    `{"x":"a/b%20c%26<%2541>%22é%e2%82%ac😀"}`,
		"a query in JSON that is escaped": `{"x":"a\/b%20c%26\u003c%2541\u003e%22%c3%a9€😀"}`,
	} {
		same(t, name+s.Redact(text), name+`{"x":"`+mask+`"}`)
		if got, found := s.Holds(text); !found || got != mask {
			t.Errorf("%s: %s is not held", name, text)
		}
	}
	same(t, s.Redact(`{"x":"a\/b c"} 100% &amp; \u00e9`), `{"x":"a\/b c"} 100% &amp; \u00e9`)
}

func TestASecretIsMaskedInWhatIsEncodedTogetherWithOthers(t *testing.T) {
	t.Parallel()
	const secret = `plus+slash/and=more`
	var s Secrets
	s.Hide("key", secret)
	mask := Mask("key", secret)
	form := "name=x&key=" + url.QueryEscape(secret) + "&z=1"
	same(t, s.Redact("["+hex.EncodeToString([]byte(form))+"]"), "["+mask+"]")
	same(t, s.Redact("["+base64.RawURLEncoding.EncodeToString([]byte("q"+form))+"]"), "["+mask+"]")
}

func TestBase64InLinesIsMaskedAsOne(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("0123456789abcdef", 8)
	var s Secrets
	s.Hide("long", secret)
	s.Hide("short", "hunter2hunter2")
	mask := Mask("long", secret)
	for before := range 90 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + secret + " and more of it: hunter2hunter2 and the end"))
		for _, br := range []string{"\n", "\r\n"} {
			var lines []string
			for rest := text; rest != ""; rest = rest[min(76, len(rest)):] {
				lines = append(lines, rest[:min(76, len(rest))])
			}
			got := s.Redact("<" + strings.Join(lines, br) + ">")
			if strings.HasPrefix(got, "<‹") && strings.HasSuffix(got, "›>") && strings.Count(got, "‹") == 1 {
				continue
			}
			t.Errorf("%d bytes before: got %s, want <%s>", before, got, mask)
		}
	}
}

func TestTheNamesOfSecretsAreKnownHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"access_token": true, "accessToken": true, "Access-Token": true, "PASSWORD": true, "apiKey": true, "token_type": false, "code": false,
		"password_hint": false, "": false, strings.Repeat("access_token", 9): false, "access_token ": false} {
		if got := SecretMember(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
	same(t, MaybeSecretMember("token"), true)
	same(t, MaybeSecretMember("sessionId"), true)
	same(t, MaybeSecretMember("type"), false)
	same(t, LooksSecret("0123456789abcdef"), true)
	same(t, LooksSecret("string"), false)
	same(t, LooksSecret("a sentence about tokens"), false)
}
