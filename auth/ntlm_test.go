package auth

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// The values of MS-NLMP, section 4.2.4: NTLMv2 of User, Domain and Password with fixed challenges and the time zero.
func TestNTLMComputesTheValuesOfItsSpecification(t *testing.T) {
	t.Parallel()
	info, err := hex.DecodeString("02000c0044006f006d00610069006e0001000c005300650072007600650072000000" + "0000")
	if err != nil {
		t.Fatal(err)
	}
	c := ntlmChallenge{flags: ntlmUnicode, nonce: [8]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}, info: info}
	a := ntlmAnswer{user: "User", domain: "Domain", nonce: [8]byte{0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa}, now: time.Unix(-11644473600, 0)}
	nt, lm := a.responses("Password", c)
	for _, v := range []struct{ name, got, want string }{
		{"NTOWFv2", hex.EncodeToString(ntowfv2("Password", "User", "Domain")), "0c868a403bfd7a93a3001ef22ef02e3f"},
		{"NTProofStr", hex.EncodeToString(nt[:16]), "68cd0ab851e51c96aabc927bebef6a1c"},
		{"LMv2 response", hex.EncodeToString(lm), "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"},
	} {
		if v.got != v.want {
			t.Errorf("%s: got %s, want %s", v.name, v.got, v.want)
		}
	}
}

func ntlmSession() (Session, map[string]vars.Value) {
	values := map[string]vars.Value{"p": {Text: "hush-hush"}}
	return Session{Scope: vars.NewScope(nil, vars.Layer{Name: "environment", Values: values}), Tokens: &Tokens{}, Handshake: &Handshake{}}, values
}

func readNTLMBlock(t *testing.T, yaml string) Authorizer {
	t.Helper()
	var a Authorizer
	if err := source.Parse("a.yaml", []byte(yaml), func(n source.Node) { a = Read(n) }); err != nil {
		t.Fatal(err)
	}
	return a
}

// challenged is the answer to the first message, with what a server says in its challenge.
func challenged(token string) *wire.Exchange {
	return &wire.Exchange{
		Request:  wire.Request{Method: "GET", URL: "http://x.example/"},
		Response: &wire.Response{Status: 401, URL: "http://x.example/", Header: http.Header{"Www-Authenticate": {"Negotiate", "NTLM " + token}}},
	}
}

func TestNTLMAnswersTheChallengeOfItsConnection(t *testing.T) {
	t.Parallel()
	// of Domain and Server, with the time c051b765d5d3d501
	const message = "TlRMTVNTUAACAAAADAAMADAAAAAFgomiASNFZ4mrze8AAAAAAAAAADAAMAA8AAAARABvAG0AYQBpAG4AAgAMAEQAbwBtAGEAaQBuAAEADABTAGUAcgB2AGUAcgAHAAgAwFG3ZdXT1QEAAAAA"
	for _, c := range []struct{ name, yaml, user, domain string }{
		{"a domain of its own", `ntlm: {username: ada, password: "{{p}}", domain: CORP, workstation: pc1}`, "ada", "CORP"},
		{"a domain before the name", `ntlm: {username: 'CORP\ada', password: "{{p}}"}`, "ada", "CORP"},
		{"a name with a domain behind it", `ntlm: {username: ada@corp.example, password: "{{p}}"}`, "ada@corp.example", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := readNTLMBlock(t, c.yaml)
			s, _ := ntlmSession()
			first := &wire.Request{Method: "GET", URL: "http://x.example/"}
			if err := a.Authorize(t.Context(), first, s); err != nil {
				t.Fatal(err)
			}
			if got := first.Header.Get("Authorization"); got != "NTLM TlRMTVNTUAABAAAAB4IIoAAAAAAAAAAAAAAAAAAAAAA=" {
				t.Errorf("got %s", got)
			}
			if why := a.(Observer).Observe(challenged(message), s); why != "the server sent its NTLM challenge and was given the answer" {
				t.Fatalf("got %q", why)
			}
			second := &wire.Request{Method: "GET", URL: "http://x.example/"}
			if err := a.Authorize(t.Context(), second, s); err != nil {
				t.Fatal(err)
			}
			raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(second.Header.Get("Authorization"), "NTLM "))
			if err != nil {
				t.Fatal(err)
			}
			field := func(at int) []byte {
				return raw[binary.LittleEndian.Uint32(raw[at+4:]):][:binary.LittleEndian.Uint16(raw[at:])]
			}
			if string(field(28)) != string(utf16LE(c.domain)) || string(field(36)) != string(utf16LE(c.user)) {
				t.Errorf("got domain %q and user %q", field(28), field(36))
			}
			nt := field(20)
			key := ntowfv2("hush-hush", c.user, c.domain)
			if string(nt[:16]) != string(hmacMD5(key, []byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}, nt[16:])) {
				t.Error("the proof is wrong")
			}
			if got := hex.EncodeToString(nt[24:32]); got != "c051b765d5d3d501" {
				t.Errorf("got the time %s, want the server's", got)
			}
			if string(field(12)) != string(make([]byte, 24)) {
				t.Error("the older response is not empty, although the server says its time")
			}
			if shown := s.Scope.Redact(second.Header.Get("Authorization")); strings.Contains(shown, "TlRM") {
				t.Errorf("the answer is shown: %s", shown)
			}
			if why := a.(Observer).Observe(challenged(message), s); why != "" {
				t.Errorf("got %q for a second challenge, want no further attempt", why)
			}
		})
	}
}

func TestNTLMSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	a := readNTLMBlock(t, `ntlm: {username: ada, password: "{{p}}"}`)
	for token, want := range map[string]string{
		"AAAA": "a.yaml:1:7: the server's NTLM challenge cannot be read: it is no CHALLENGE_MESSAGE with target information, and NTLMv2 needs that",
		base64.StdEncoding.EncodeToString(append([]byte("NTLMSSP\x00\x02\x00\x00\x00"), []byte(strings.Repeat("\xff", 40))...)): "a.yaml:1:7: the server's NTLM challenge cannot be read: its target information lies beyond its end",
	} {
		s, _ := ntlmSession()
		a.(Observer).Observe(challenged(token), s)
		err := a.Authorize(t.Context(), &wire.Request{Method: "GET", URL: "http://x.example/"}, s)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if why := a.(Observer).Observe(challenged(""), Session{}); why != "" {
		t.Errorf("got %q without a handshake", why)
	}
}

// The test suite of RFC 1320, appendix A.5.
func TestMD4ComputesTheTestSuiteOfRFC1320(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "31d6cfe0d16ae931b73c59d7e0c089c0",
		"a":                          "bde52cb31de33e46245e05fbdbd6fb24",
		"abc":                        "a448017aaf21d8525fc10ae87aa6729d",
		"message digest":             "d9130a8164549fe818874806e1c7014b",
		"abcdefghijklmnopqrstuvwxyz": "d79e1c308aa5bbcdeea8ed63df412da9",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789":                   "043f8582f241db351ce627e153e7f0e4",
		"12345678901234567890123456789012345678901234567890123456789012345678901234567890": "e33b4ddc9c38f2199c3e7b164fcc0536",
	} {
		if got := hex.EncodeToString(md4([]byte(text))); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
