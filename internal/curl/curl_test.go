package curl

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/wire"
)

func holes() []Hole {
	return []Hole{{Mark: "markA", Variable: "KEY"}, {Mark: "markB", Text: "{{it's}}"}, {Mark: "markC", Variable: "C"}}
}

func TestArgumentsAreQuotedForEachShell(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, posix, powershell string }{
		{"plain", "https://h.example/a_b-c.d", "https://h.example/a_b-c.d", "'https://h.example/a_b-c.d'"},
		{"empty", "", "''", "''"},
		{"a single quote", "it's", `'it'\''s'`, "'it''s'"},
		{"curly quotes", "‘a’ “b”", "'‘a’ “b”'", "'‘‘a’’ “b”'"},
		{"what expands", "$HOME `x` !! \\ \"", "'$HOME `x` !! \\ \"'", "'$HOME `x` !! \\ \"'"},
		{"a query", "https://h.example/?a=b&c=%20", "'https://h.example/?a=b&c=%20'", "'https://h.example/?a=b&c=%20'"},
		{"a home folder", "~/x", "'~/x'", "'~/x'"},
		{"lines", "a\r\nb", "'a\r\nb'", "'a\r\nb'"},
		{"a text", "x/markB/y", `'x/{{it'\''s}}/y'`, "'x/{{it''s}}/y'"},
		{"a variable", "Bearer markA", `"Bearer $KEY"`, `"Bearer ${env:KEY}"`},
		{"a variable and letters", "markAx[1]markAmarkC", `"${KEY}x[1]$KEY$C"`, `"${env:KEY}x[1]${env:KEY}${env:C}"`},
		{"zsh's index", "markA[1]", `"${KEY}[1]"`, `"${env:KEY}[1]"`},
		{"a variable among what expands", `$x "markA" 'y'!`, `'$x "'"$KEY"'" '\''y'\''!'`, "\"`$x `\"${env:KEY}`\" 'y'!\""},
		{"curly quotes and a variable", "“markA”", `"“$KEY”"`, "\"`“${env:KEY}`”\""},
	}
	for _, test := range tests {
		posix, power := quoter{holes: holes()}, quoter{powershell: true, holes: holes()}
		if got := posix.quote(test.text); got != test.posix {
			t.Errorf("%s, posix: got %s, want %s", test.name, got, test.posix)
		}
		if got := power.quote(test.text); got != test.powershell {
			t.Errorf("%s, powershell: got %s, want %s", test.name, got, test.powershell)
		}
	}
}

func TestACommandSaysWhatIsSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		command Command
		want    string
	}{
		{"the least", Command{Request: wire.Request{Method: "GET", URL: "https://h.example/"}}, "curl https://h.example/"},
		{"a method", Command{Request: wire.Request{Method: "DELETE", URL: "https://h.example/?a=1&b"}}, "curl --request DELETE 'https://h.example/?a=1&b'"},
		{"HEAD", Command{Request: wire.Request{Method: "HEAD", URL: "https://h.example/"}}, "curl --head https://h.example/"},
		{"POST without a body", Command{Request: wire.Request{Method: "POST", URL: "https://h.example/"}}, "curl --request POST https://h.example/"},
		{"an empty body", Command{Request: wire.Request{Method: "POST", URL: "https://h.example/", Body: []byte{}}}, "curl https://h.example/ \\\n  --data-raw ''"},
		{"GET with a body that looks like a file", Command{Request: wire.Request{Method: "GET", URL: "https://h.example/", Body: []byte("@x")}}, "curl --request GET https://h.example/ \\\n  --data-raw '@x'"},
		{"what curl would expand", Command{Request: wire.Request{Method: "GET", URL: "https://h.example/markB/[1]"}}, "curl --globoff 'https://h.example/{{it'\\''s}}/[1]'"},
		{"a secret in the query", Command{Request: wire.Request{Method: "GET", URL: "https://h.example/?a=%20b&k=%2BmarkA"}},
			"curl https://h.example/ \\\n  --url-query '+a=%20b' \\\n  --url-query \"k=+$KEY\""},
		{"a secret in a form", Command{Request: wire.Request{Method: "POST", URL: "https://h.example/", Body: []byte("a=1+2&k=markA"),
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}},
			"curl https://h.example/ \\\n  --header 'Content-Type: application/x-www-form-urlencoded' \\\n  --data-raw 'a=1+2' \\\n  --data-urlencode \"k=$KEY\""},
		{"headers, a user and flags", Command{Request: wire.Request{Method: "GET", URL: "https://h.example/", Header: http.Header{"B": {"2", ""}, "A": {"1"}}}, User: "me:markA", Flags: []string{"--location", "--cacert", "ca file.pem"}},
			"curl https://h.example/ \\\n  --header 'A: 1' \\\n  --header 'B: 2' \\\n  --header 'B;' \\\n  --user \"me:$KEY\" \\\n  --location \\\n  --cacert 'ca file.pem'"},
		{"a body of bytes", Command{Request: wire.Request{Method: "PUT", URL: "https://h.example/", Body: []byte("a\x00b")}},
			"# the body, 3 bytes, fits no argument: it is read from a file named body\ncurl --request PUT https://h.example/ \\\n  --data-binary '@body'"},
	}
	for _, test := range tests {
		test.command.Holes = holes()
		if got := test.command.Text(POSIX); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	c := Command{Request: wire.Request{Method: "GET", URL: "https://h.example/", Header: http.Header{"A": {"markA"}}}, Holes: holes()}
	if got, want := c.Text(PowerShell), "curl.exe 'https://h.example/' `\n  --header \"A: ${env:KEY}\""; got != want {
		t.Errorf("powershell: got\n%s\nwant\n%s", got, want)
	}
}

// TestAShellReadsBackWhatWasQuoted lets sh take random arguments apart.
func TestAShellReadsBackWhatWasQuoted(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh here")
	}
	const letters = "aZ09 '\"\\$`!#&;|<>()[]{}*?~=%\n\r\tä€😀-"
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // not for secrets
	q := quoter{holes: holes()}
	var want []string
	var script strings.Builder
	script.WriteString("printf '%s\\0'")
	for range 2000 {
		var b, expect strings.Builder
		for range r.IntN(12) {
			switch r.IntN(12) {
			case 0:
				b.WriteString("markA")
				expect.WriteString("it's $HOME \"k\"")
			case 1:
				b.WriteString("markB")
				expect.WriteString("{{it's}}")
			default:
				one := string([]rune(letters)[r.IntN(len([]rune(letters)))])
				b.WriteString(one)
				expect.WriteString(one)
			}
		}
		script.WriteString(" " + q.quote(b.String()))
		want = append(want, expect.String())
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script.String())
	cmd.Env = append(os.Environ(), "KEY=it's $HOME \"k\"", "C=c")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("argument %d: want %q of %d, got %d", i, want[i], len(want), len(got))
		}
	}
}

// TestCurlSendsWhatTheCommandSays runs curl where there is one.
func TestCurlSendsWhatTheCommandSays(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl here")
	}
	type sent struct{ method, target, accept, user, body string }
	seen := make(chan sent, 10)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name, password, _ := r.BasicAuth()
		if form, err := url.ParseQuery(string(body)); err == nil && strings.HasSuffix(r.Header.Get("Content-Type"), "form-urlencoded") {
			body = []byte(form.Encode()) // versions of curl encode a space as + or %20
		}
		seen <- sent{r.Method, r.URL.EscapedPath() + "?" + r.URL.Query().Encode(), strings.Join(r.Header["Accept"], "|"), name + ":" + password, string(body)}
	}))
	t.Cleanup(s.Close)
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"a", "b"}}
	commands := []Command{
		{Request: wire.Request{Method: "GET", URL: s.URL + "/a%20b/[1]{2}?x=%26&y", Header: http.Header{"Accept": {"it's"}}}},
		{Request: wire.Request{Method: "POST", URL: s.URL + "/form", Header: form, Body: []byte("a=1+2&k=markA&z=%26")}, User: "me:markA"},
		{Request: wire.Request{Method: "PUT", URL: s.URL + "/?a=%20b&k=markA", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{\"a\": \"@'\n\"}")}},
		{Request: wire.Request{Method: "POST", URL: s.URL + "/raw", Header: http.Header{"Content-Type": {"x/y"}}, Body: []byte("@it's")}},
	}
	for _, c := range commands {
		c.Holes, c.Flags = holes(), []string{"--silent", "--show-error", "--noproxy", "*"}
		run(t, c.Text(POSIX))
	}
	want := []sent{
		{"GET", "/a%20b/%5B1%5D%7B2%7D?x=%26&y=", "it's", ":", ""},
		{"POST", "/form?", "a|b", "me:s3 &c=", "a=1+2&k=s3+%26c%3D&z=%26"},
		{"PUT", "/?a=+b&k=s3+%26c%3D", "*/*", ":", "{\"a\": \"@'\n\"}"},
		{"POST", "/raw?", "*/*", ":", "@it's"},
	}
	for _, w := range want {
		if got := <-seen; got != w {
			t.Errorf("got  %q\nwant %q", got, w)
		}
	}
}

func run(t *testing.T, script string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c", script)
	cmd.Env = append(os.Environ(), "KEY=s3 &c=", "C=c")
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
}

func TestABodyThatFitsNoArgumentComesFromAFile(t *testing.T) {
	t.Parallel()
	for _, body := range [][]byte{{0xff, 0xfe}, []byte("a\x00"), bytes.Repeat([]byte("x"), maxBody+1)} {
		c := Command{Request: wire.Request{Method: "POST", URL: "http://h/", Body: body}}
		if text := c.Text(POSIX); !strings.Contains(text, "--data-binary '@body'") || !strings.HasPrefix(text, "# the body, ") {
			t.Errorf("got %.80s", text)
		}
	}
}
