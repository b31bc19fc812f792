package vars

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"strings"
	"testing"
	"unsafe"
)

const awkward = `a+b/c=&<d>"e" 'f'\g%é€😀~!*()` + "`\t"

func TestEveryDerivedFormOfASecretIsMasked(t *testing.T) {
	t.Parallel()
	xmlText := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	marshalled := func(s string) string {
		raw, _ := json.Marshal(s)
		return string(raw[1 : len(raw)-1])
	}
	forms := map[string]func(string) string{
		"raw":              func(s string) string { return s },
		"query":            url.QueryEscape,
		"query, lower hex": func(s string) string { return lower(url.QueryEscape(s)) },
		"query, twice":     func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"path":             url.PathEscape,
		"path, lower hex":  func(s string) string { return lower(url.PathEscape(s)) },
		"form in a URL":    func(s string) string { return url.Values{"k": {s}}.Encode()[2:] },
		"percent 20":       func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
		"JavaScript":       func(s string) string { return componentEscape(s) },
		"JSON":             insideJSON,
		"JSON of Go":       marshalled,
		"JSON in JSON":     func(s string) string { return insideJSON(insideJSON(s)) },
		"JSON of PHP":      func(s string) string { return phpJSON(s) },
		"JSON of Python":   func(s string) string { return strings.ReplaceAll(phpJSON(s), `\/`, "/") },
		"JSON of .NET":     dotnetJSON,
		"XML":              xmlText,
		"XML with names": func(s string) string {
			return strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(html.EscapeString(s))
		},
		"HTML":              html.EscapeString,
		"HTML of templates": template.HTMLEscapeString,
		"HTML of PHP": func(s string) string {
			return strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#039;").Replace(html.EscapeString(s))
		},
		"HTML of Python": func(s string) string {
			return strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(html.EscapeString(s))
		},
		"HTML of text": func(s string) string { return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s) },
		"hex":          func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HEX":          func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	}
	for _, secret := range []string{awkward, "plain-secret_1.2", "tok+en/with==", "1234", "pa ss", "ключ-9", "a'b\"c"} {
		var s Secrets
		s.Hide("key", secret)
		mask := Mask("key", secret)
		for name, form := range forms {
			text := form(secret)
			same(t, name+": "+s.Redact("["+text+"]"), name+": ["+mask+"]")
			same(t, s.Redact(text), mask)
			same(t, s.Redact(text+"\n"+text), mask+"\n"+mask)
			if got, found := s.Holds("x\n" + text); !found || got != mask {
				t.Errorf("%s: %q is not held", name, text)
			}
		}
	}
}

func lower(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// phpJSON is json_encode.
func phpJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '/' || r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\t':
			b.WriteString(`\t`)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r > 0x7e:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// dotnetJSON is System.Text.Json.
func dotnetJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\t':
			b.WriteString(`\t`)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04X\u%04X`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r > 0x7e, strings.ContainsRune("\"&'+<>`", r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestASecretIsMaskedWhereverItLiesInBase64(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"abcd", "hunter2", "client-secret-0123456789", awkward} {
		var s Secrets
		s.Hide("key", secret)
		mask := Mask("key", secret)
		for before := range 7 {
			for after := range 7 {
				plain := "id:1234"[:before] + secret + "\x00\xff:xyz9"[:after]
				for name, enc := range map[string]*base64.Encoding{"std": base64.StdEncoding, "raw": base64.RawStdEncoding, "url": base64.URLEncoding, "rawurl": base64.RawURLEncoding} {
					text := enc.EncodeToString([]byte(plain))
					same(t, fmt.Sprint(name, before, after, s.Redact("Basic "+text+", x")), fmt.Sprint(name, before, after, "Basic "+mask+", x"))
				}
			}
		}
	}
}

func TestEveryLineOfAPEMKeyIsMasked(t *testing.T) {
	t.Parallel()
	line := func(c string) string { return strings.Repeat(c, 64) }
	key := "-----BEGIN PRIVATE KEY-----\n" + line("A") + "\n" + line("b") + "\nshort+tail/of/the/key==\n-----END PRIVATE KEY-----\n"
	var s Secrets
	s.Hide("key", key)
	mask := Mask("key", key)
	same(t, s.Redact(key), mask)
	same(t, s.Redact(strings.TrimSpace(key)), mask)
	same(t, s.Redact(strings.ReplaceAll(key, "\n", `\n`)), mask)
	same(t, s.Redact("> "+line("b")+" <"), "> "+mask+" <")
	same(t, s.Redact(strings.ReplaceAll(key, "\n", "\r\n")), "-----BEGIN PRIVATE KEY-----\r\n"+mask+"\r\n"+mask+"\r\n"+mask+"\r\n-----END PRIVATE KEY-----\r\n")
	same(t, s.Redact("-----BEGIN PRIVATE KEY-----"), "-----BEGIN PRIVATE KEY-----")
	same(t, s.Redact("x=short%2Btail%2Fof%2Fthe%2Fkey%3D%3D"), "x="+mask)
}

func TestAJWTIsMaskedWholeAndItsSignatureInEveryForm(t *testing.T) {
	t.Parallel()
	signature := "Q5hJ0sZ2y9v3m8XbTfEwLrKdUaPgNoIc7B6x1uVtSjY"
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9." + signature
	var s Secrets
	s.Hide("assertion", jwt)
	mask := Mask("assertion", jwt)
	same(t, s.Redact("Bearer "+jwt+" x"), "Bearer "+mask+" x")
	same(t, s.Redact("assertion="+jwt+"&x"), "assertion="+mask+"&x")
	same(t, s.Redact(base64.StdEncoding.EncodeToString([]byte("id:"+jwt))), mask)
	if got := s.Redact(hex.EncodeToString([]byte(jwt))); strings.Contains(got, hex.EncodeToString([]byte(signature))) {
		t.Errorf("got %s", got)
	}
	if got := s.Redact(hex.EncodeToString([]byte("x" + jwt + "y"))); !strings.Contains(got, mask) {
		t.Errorf("got %s", got)
	}
	s.Hide("signature", signature)
	same(t, s.Redact("<"+signature+">"), "<"+Mask("signature", signature)+">")
}

func TestOverlappingSecretsLeaveNoTail(t *testing.T) {
	t.Parallel()
	mask := func(name, text string) string { return Mask(name, text) }
	tests := []struct {
		name    string
		secrets []string
		text    string
		want    string
	}{
		{"one in the other, the long one last", []string{"abcd", "abcdefgh"}, "<abcdefgh> <abcd>", "<" + mask("s1", "abcdefgh") + "> <" + mask("s0", "abcd") + ">"},
		{"one in the other, the long one first", []string{"abcdefgh", "abcd"}, "<abcdefgh>", "<" + mask("s0", "abcdefgh") + ">"},
		{"at the end", []string{"efgh", "abcdefgh"}, "<abcdefgh>", "<" + mask("s1", "abcdefgh") + ">"},
		{"in the middle", []string{"cdef", "abcdefgh"}, "<abcdefgh>", "<" + mask("s1", "abcdefgh") + ">"},
		{"half and half", []string{"abcdef", "cdefghij"}, "<abcdefghij>", "<" + mask("s0", "abcdef") + ">"},
		{"a chain", []string{"abcd", "cdef", "efgh"}, "<abcdefgh>", "<" + mask("s0", "abcd") + ">"},
		{"side by side", []string{"abcd", "efgh"}, "<abcdefgh>", "<" + mask("s0", "abcd") + mask("s1", "efgh") + ">"},
		{"over itself", []string{"aaaa"}, "<aaaaaaa>", "<" + mask("s0", "aaaa") + ">"},
		{"twice", []string{"abcd"}, "abcdabcd", mask("s0", "abcd") + mask("s0", "abcd")},
		{"inside a run of base64 that another masks", []string{"abcd", "hunter2"}, "abcd/" + base64.StdEncoding.EncodeToString([]byte("x:hunter2")) + "/abcd.", mask("s1", "hunter2") + "."},
		{"over the end of a run of base64", []string{"WxY=}z", "hunter2"}, base64.StdEncoding.EncodeToString([]byte("x:hunter2")) + "WxY=}z!", mask("s1", "hunter2") + "!"},
	}
	for _, tt := range tests {
		var s Secrets
		for i, secret := range tt.secrets {
			s.Hide(fmt.Sprintf("s%d", i), secret)
		}
		same(t, tt.name+": "+s.Redact(tt.text), tt.name+": "+tt.want)
	}
}

func TestWhatCannotBeMaskedIsLeftAlone(t *testing.T) {
	t.Parallel()
	var s Secrets
	for _, text := range []string{"", "abc", "true", "false", "null", "      "} {
		s.Hide("x", text)
	}
	text := "abc true false null        "
	same(t, s.Redact(text), text)
	_, found := s.Holds(text)
	same(t, found, false)
}

func TestRedactedTextStaysAsItIs(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"password", "password"}, {"client_secret", "secret"}, {"x", "sha256"}, {"x", "sha256:"}, {"$assertion", "assertion"}} {
		var s Secrets
		s.Hide(pair[0], pair[1])
		once := s.Redact("a " + pair[1] + " b")
		same(t, once, "a "+Mask(pair[0], pair[1])+" b")
		same(t, s.Redact(once), once)
		_, found := s.Holds(once)
		same(t, found, false)
	}
	var s Secrets
	s.Hide("x", "sha256")
	if got := s.Redact("‹y sha256:00000000›"); strings.Contains(got, "sha256:0") {
		t.Errorf("a mask that is none of ours hid a secret: %s", got)
	}
}

func TestTextWithoutSecretsIsReturnedUnchanged(t *testing.T) {
	var s Secrets
	text := strings.Repeat("nothing to see here, only 0123456789 ", 100)
	same(t, unsafe.StringData(s.Redact(text)) == unsafe.StringData(text), true)
	s.Hide("key", "a-secret-that-is-not-there")
	same(t, unsafe.StringData(s.Redact(text)) == unsafe.StringData(text), true)
	same(t, testing.AllocsPerRun(100, func() { s.Redact(text) }), 0.0)
	for n := range 9 {
		same(t, s.Redact(text[:n]), text[:n])
	}
}

func TestAnEmptyRegistryIsSmall(t *testing.T) {
	t.Parallel()
	if size := unsafe.Sizeof(Secrets{}); size > 64 {
		t.Errorf("got %d bytes, want at most 64", size)
	}
}

func TestHidingAgainCostsNothing(t *testing.T) {
	var s Secrets
	s.Hide("key", "a-secret-of-some-length")
	same(t, testing.AllocsPerRun(100, func() { s.Hide("other", "a-secret-of-some-length") }), 0.0)
	same(t, s.Redact("a-secret-of-some-length"), Mask("key", "a-secret-of-some-length"))
}

func TestThousandsOfSecretsAreStillFound(t *testing.T) {
	t.Parallel()
	var s Secrets
	for i := range 5000 {
		s.Hide("token", fmt.Sprintf("eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJ4In0.%043d", i*7919))
	}
	for _, i := range []int{0, 1, 2500, 4999} {
		token := fmt.Sprintf("eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJ4In0.%043d", i*7919)
		same(t, s.Redact("<"+token+">"), "<"+Mask("token", token)+">")
	}
}

func TestALongRunOfHitsTakesNoLongerThanItsLength(t *testing.T) {
	t.Parallel()
	var s Secrets
	s.Hide("key", "aaaa")
	same(t, s.Redact(strings.Repeat("a", 1<<18)), Mask("key", "aaaa"))
	same(t, s.Redact(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", 3<<16)))), Mask("key", "aaaa"))
}

// FuzzRedact plants a secret in a text in every form and at every alignment: what is left never holds it.
func FuzzRedact(f *testing.F) {
	f.Add("hunter2", "user:", "@host", "other-secret", uint8(0))
	f.Add(awkward, "{\"a\":\"", "\"}", "b/c=", uint8(5))
	f.Add("aaaa", "aa", "a", "aaaaa", uint8(9))
	f.Add("‹key sha256:", "‹", "›", "sha256", uint8(1))
	f.Fuzz(func(t *testing.T, secret, before, after, other string, which uint8) {
		if !hideable(secret) || strings.ContainsAny(secret, "\x00…") || strings.Contains(before+after, "‹") {
			t.Skip()
		}
		var s Secrets
		s.Hide("key", secret)
		s.Hide("other", other)
		all := forms(secret)
		planted := all[int(which)%len(all)].text
		if which >= 128 {
			planted = base64.StdEncoding.EncodeToString([]byte(before + secret + after))
		}
		got := s.Redact(before + planted + after)
		left := strings.NewReplacer(Mask("key", secret), "\x00", Mask("other", other), "\x00").Replace(got)
		if strings.Contains(left, planted) || strings.Contains(left, secret) {
			t.Errorf("secret %q survives in %q", secret, got)
		}
		if _, found := s.Holds(got); found {
			t.Errorf("secret %q is held by %q", secret, got)
		}
	})
}

func BenchmarkRedact(b *testing.B) {
	var s Secrets
	for i := range 50 {
		s.Hide(fmt.Sprint("s", i), rand.Text())
	}
	text := strings.Repeat(`{"resourceType":"Patient","id":"1001","name":[{"family":"Chalmers","given":["Peter","James"]}],"url":"https://x.example/fhir/R4/Patient/1001"},`, 1<<20/140)
	b.Run("1MB without secrets", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			s.Redact(text)
		}
	})
	b.Run("empty registry", func(b *testing.B) {
		var none Secrets
		for b.Loop() {
			none.Redact(text)
		}
	})
}

func BenchmarkHide(b *testing.B) {
	b.Run("known", func(b *testing.B) {
		var s Secrets
		token := strings.Repeat(rand.Text(), 20)
		for b.Loop() {
			s.Hide("token", token)
		}
	})
	b.Run("JWT", func(b *testing.B) {
		var s Secrets
		for b.Loop() {
			s.Hide("assertion", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9."+rand.Text()+rand.Text())
		}
	})
}
