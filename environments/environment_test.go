package environments

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

func TestAnEnvironmentHoldsWhatItsFileSays(t *testing.T) {
	t.Parallel()
	e := load(t, `
name: sandbox
variables:
  base_url: https://sandbox.example.com
  token_url: "{{base_url}}/oauth/token"
  limit: 5
hosts: [sandbox.example.com]
protected: true
phi: show
tls: {ca: ca.pem, certificate: c.pem, key: c.key, insecure: true, server_name: x.example.com, min_version: "1.3"}
proxy: http://proxy.example.com:3128
`)
	same(t, words(e.Name, e.File, e.Protected, e.PHI, e.Hosts[0], e.Proxy), "sandbox e.yaml true show sandbox.example.com http://proxy.example.com:3128")
	same(t, words(e.TLS.CA.Path, e.TLS.Certificate.Path, e.TLS.Key.Path, e.TLS.Insecure, e.TLS.ServerName, e.TLS.MinVersion), "ca.pem c.pem c.key true x.example.com 1.3")
	same(t, lookup(e, "token_url"), "https://sandbox.example.com/oauth/token")
	same(t, lookup(e, "limit"), "5")
	var names []string
	for _, l := range e.Layers() {
		names = append(names, l.Name)
	}
	same(t, strings.Join(names, ", "), "command line, environment sandbox")
}

func TestAnEnvironmentThatSaysLittleIsSafe(t *testing.T) {
	t.Parallel()
	e := load(t, "variables: {a: b}\n")
	same(t, words(e.Name, e.PHI, e.Protected, e.Hosts == nil, e.TLS.Insecure), "e mask false true false")
	e, err := Load(tree("environments/pro.d.yml", "protected: false\n"), "environments/pro.d.yml")
	same(t, errorText(err)+e.Name, "pro.d")
	var zero Environment
	zero.Override(map[string]string{"a": "b"}, nil)
	same(t, errorText(zero.Resolve(t.Context())), "")
	same(t, lookup(&zero, "a"), "b")
	same(t, zero.Layers()[1].Name, "environment")
}

func TestEveryProblemOfAFileIsToldAtItsPlace(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"unknown key", "nmae: x\nvariabels: {}\n", "e.yaml:1:1: unknown key \"nmae\"; did you mean \"name\"?\ne.yaml:2:1: unknown key \"variabels\"; did you mean \"variables\"?"},
		{"Postman's file", "{\"name\": \"x\", \"values\": {\"key\": \"a\"}}", `e.yaml:1:1: want an environment of Postman: a name, and a list of values`},
		{"a mistake in Postman's file", "{\"name\": \"x\",\n\"values\": [}", `e.yaml:2:12: not JSON: want a value, got '}'`},
		{"phi", "phi: hide\n", `e.yaml:1:6: unknown value "hide"; known here: show, mask`},
		{"protected", "protected: yes\n", `e.yaml:1:12: want true or false, got "yes"`},
		{"variables", "variables: [a]\n", "e.yaml:1:12: want a mapping (key: value), got a list"},
		{"a name of hgrun", "variables: {$guid: 1}\n", `e.yaml:1:13: "$guid": names that start with $ belong to hgrun`},
		{"no host", "hosts: []\n", "e.yaml:1:8: no host is in the list, so that no request could be sent; name hosts, or leave hosts: out to allow all"},
		{"nothing for hosts", "hosts:\n", "e.yaml:1:7: want text, got nothing"},
		{"bad hosts", "hosts: ['*', 'a.*.com', 'x/y', 'a:', ftp://x, '']\n", `e.yaml:1:9: hosts: "*" allows everything; leave hosts: out to say so
e.yaml:1:14: hosts: "a.*.com": a * stands only at the start, as in *.example.com
e.yaml:1:25: hosts: want a host such as api.example.com, api.example.com:8443 or *.example.com, got "x/y"
e.yaml:1:32: hosts: want a port behind the colon of "a:"
e.yaml:1:38: hosts: want a host such as api.example.com, got a URL that is neither http nor https, or has no host
e.yaml:1:47: hosts: want a host such as api.example.com, api.example.com:8443 or *.example.com, got ""`},
		{"tls", "tls: {cert: x, key: k.pem, min_version: 1.1}\n", `e.yaml:1:7: unknown key "cert"; known here: ca, certificate, insecure, key, min_version, server_name
e.yaml:1:21: a key without its certificate; add certificate: path
e.yaml:1:41: unknown value "1.1"; did you mean "1.2"?`},
		{"proxy", "proxy: gopher://x\n", `e.yaml:1:8: proxy: unknown scheme "gopher"; known here: http, https, socks5, socks5h`},
		{"password in the proxy", "proxy: http://me:hunter2@proxy.example.com:3128\n", "e.yaml:1:8: proxy: a password is never written in a file; write http://user:{{proxy_password}}@proxy.example.com:3128 and proxy_password under secrets:"},
		{"one name twice", "variables: {a: 1, b: 2}\nsecrets: {a: {env: A}}\n", "e.yaml:2:11: a is a variable too (line 1); a name is one or the other"},
		{"one name twice, the other way", "secrets: {a: {env: A}}\nvariables: {a: 1}\n", "e.yaml:2:16: a is a secret too (line 1); a name is one or the other"},
		{"not YAML", "variables: {{x}}y\n", `e.yaml:1:12: a value that starts with {{ must be quoted, because { opens a YAML mapping: write "{{x}}y"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := Load(tree("e.yaml", tt.text), "e.yaml")
			same(t, errorText(err), tt.want)
			same(t, e == nil, true)
		})
	}
}

func TestAFileThatIsNotThereIsToldByName(t *testing.T) {
	t.Parallel()
	_, err := Load(tree(), "environments/sandbox.yaml")
	same(t, errorText(err), "environments/sandbox.yaml: file does not exist")
	same(t, errors.Is(err, fs.ErrNotExist), true)
}

func TestExtendsLayersFilesTheNearestWins(t *testing.T) {
	t.Parallel()
	fsys := tree(
		"env/root.yaml", "name: root\nvariables: {a: root, b: root, c: root, d: root}\nprotected: true\nphi: show\nhosts: [root.example.com]\n",
		"env/sub/left.yaml", "extends: ../root.yaml\nvariables: {b: left, c: left}\n",
		"env/right.yaml", "variables: {c: right}\nextends: [root.yaml]\n",
		"env/e.yaml", "variables: {d: mine}\nhosts: mine.example.com\nextends:\n  - sub/left.yaml\n  - right.yaml\n",
	)
	e, err := Load(fsys, "env/e.yaml")
	if err != nil {
		t.Fatal(err)
	}
	same(t, lookup(e, "a")+lookup(e, "b")+lookup(e, "c")+lookup(e, "d"), "rootleftrightmine")
	same(t, words(e.Name, e.Protected, e.PHI, e.Hosts), "e true show [mine.example.com]")
}

func TestExtendsThatCannotBeFollowedIsTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files []string
		want  string
	}{
		{"itself", []string{"e.yaml", "extends: e.yaml\n"}, "e.yaml:1:10: extends leads back to itself: e.yaml -> e.yaml"},
		{"a circle", []string{"e.yaml", "extends: b.yaml\n", "b.yaml", "extends: [c.yaml]\n", "c.yaml", "extends: ./b.yaml\n"}, "c.yaml:1:10: extends leads back to itself: b.yaml -> c.yaml -> b.yaml"},
		{"a missing file", []string{"e.yaml", "extends: base.yaml\n"}, "e.yaml:1:10: base.yaml: file does not exist"},
		{"problems in both", []string{"e.yaml", "extends: base.yaml\nx: 1\n", "base.yaml", "y: 1\nphi: z\n"},
			"base.yaml:1:1: unknown key \"y\"; known here: extends, hosts, name, phi, protected, proxy, secrets, tls, variables\nbase.yaml:2:6: unknown value \"z\"; known here: show, mask\n" +
				"e.yaml:2:1: unknown key \"x\"; known here: extends, hosts, name, phi, protected, proxy, secrets, tls, variables"},
		{"no text", []string{"e.yaml", "extends: {a: b}\n"}, "e.yaml:1:10: want text, got a mapping"},
		{"a variable that would show a secret", []string{"e.yaml", "extends: base.yaml\nvariables: {key: x}\n", "base.yaml", "secrets: {key: {env: KEY}}\n"},
			"e.yaml:2:18: key is a secret at base.yaml:1:22, and a variable would show it; override it under secrets:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(tree(tt.files...), "e.yaml")
			same(t, errorText(err), tt.want)
		})
	}
}

func TestASecretMayTakeThePlaceOfAVariableOfTheExtendedFile(t *testing.T) {
	t.Setenv("HGRUN_TEST_KEY", "s3cret")
	e := load(t, "extends: base.yaml\nsecrets: {key: {env: HGRUN_TEST_KEY}, other: {file: x}}\n", "base.yaml", "variables: {key: x}\nsecrets: {other: {env: HGRUN_TEST_KEY}}\n", "x", "from file\n")
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "key")+lookup(e, "other"), "secret s3cretsecret from file")
}

func TestPathsAreRelativeToTheFileThatNamesThem(t *testing.T) {
	t.Parallel()
	e, err := Load(tree("a/e.yaml", "extends: ../b/base.yaml\n", "b/base.yaml", "secrets: {key: {file: keys/k.txt}}\ntls: {ca: keys/none.pem}\n", "b/keys/k.txt", "right"), "a/e.yaml")
	if err != nil {
		t.Fatal(err)
	}
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "key"), "secret right")
	_, err = e.TLS.Config()
	same(t, errorText(err), "b/base.yaml:2:11: ca: b/keys/none.pem: file does not exist")
}

func TestAnEnvironmentWithoutAFileIsReadyAtOnce(t *testing.T) {
	t.Parallel()
	e := New("embedded", map[string]string{"url": "http://127.0.0.1/{{x}}"}, map[string]string{"key": "s3cret"})
	same(t, lookup(e, "url")+" "+lookup(e, "key"), "http://127.0.0.1/{{x}} secret s3cret")
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "key"), "secret s3cret")
	same(t, e.Layers()[1].Name, "environment embedded")
	same(t, e.PHI, MaskPHI)
}

func TestTheCommandLineIsStrongerThanTheFile(t *testing.T) {
	t.Setenv("HGRUN_TEST_KEY", "from-line")
	e := load(t, "variables: {a: file, b: 'x{{a}}'}\nsecrets: {key: {env: HGRUN_TEST_UNSET}, pin: {file: nope}}\n")
	e.Override(map[string]string{"a": "{{line}}", "pin": "1234"}, map[string]string{"key": "HGRUN_TEST_KEY"})
	e.Override(map[string]string{"c": "new"}, nil)
	same(t, lookup(e, "key"), "error: secret key has not been fetched")
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "a")+" "+lookup(e, "b")+" "+lookup(e, "c"), "{{line}} x{{line}} new")
	same(t, lookup(e, "key")+" "+lookup(e, "pin"), "secret from-line secret 1234")
}

func TestWhatTheCommandLineCannotGiveIsTold(t *testing.T) {
	t.Setenv("HGRUN_TEST_EMPTY", "")
	e := load(t, "secrets: {key: {env: HGRUN_TEST_UNSET}, pin: {file: nope}}\n")
	e.Override(map[string]string{"pin": "123"}, map[string]string{"key": "HGRUN_TEST_NONE", "more": "HGRUN_TEST_EMPTY"})
	same(t, errorText(e.Resolve(t.Context())), `secret pin of the command line: the value is shorter than 4 bytes, so it cannot be masked; secret: false says that it may be shown
--secret key=HGRUN_TEST_NONE: environment variable HGRUN_TEST_NONE is not set; export HGRUN_TEST_NONE=…
--secret more=HGRUN_TEST_EMPTY: environment variable HGRUN_TEST_EMPTY is set but empty; export HGRUN_TEST_EMPTY=…`)
}

func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"name: x", "secrets: {a: {env: B}}", "extends: e.yaml", "hosts: ['*.x', '[::1]:1']", "tls: {key: x}", "proxy: http://a:b@c", "secrets: {a: {dotenv: .env, name: K}}",
		"secrets: {a: {command: [], ttl: 5m}}", "variables: {a: '{{b}}'}\nsecrets: {a: {file: x}}", "extends: [a, {b: c}]", "secrets: s3cr3t",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Load(tree("e.yaml", text), "e.yaml")
		if err == nil {
			_, _ = e.Allows(vars.NewScope(nil, e.Layers()...))
			_, _ = e.ProxyFunc(vars.NewScope(nil, e.Layers()...))
			_, _ = e.TLS.Config()
			return
		}
		var problems source.Problems
		if !errors.As(err, &problems) {
			t.Fatalf("got %T", err)
		}
		for _, p := range problems {
			if p.Pos.Line < 1 || p.Pos.Line > strings.Count(text, "\n")+1 && !strings.ContainsAny(text, "\r\u0085\u2028\u2029") {
				t.Errorf("%s lies outside the file", p)
			}
		}
	})
}
