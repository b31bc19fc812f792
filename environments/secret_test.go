package environments

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/vars"
)

func TestSecretsComeFromEverywhere(t *testing.T) {
	t.Setenv("HGRUN_TEST_KEY", "from env")
	t.Setenv("HGRUN_TEST_LINE", "from env\n")
	pem := "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	e, err := Load(tree("env/e.yaml", `
secrets:
  env: {env: HGRUN_TEST_KEY}
  line: {env: HGRUN_TEST_LINE}
  one: {file: one.txt}
  windows: {file: windows.txt}
  pem: {file: ../keys/key.pem}
  beside: {dotenv: API_KEY}
  other: {dotenv: ../other.env, name: KEY}
  open: {file: short.txt, secret: false}
`, "env/one.txt", "from file \n", "env/windows.txt", "\ufefffrom windows\r\n", "keys/key.pem", pem, "env/.env", "API_KEY='from dotenv'\n", "other.env", "KEY=from other\n", "env/short.txt", "abc\n"), "env/e.yaml")
	if err != nil {
		t.Fatal(err)
	}
	same(t, errorText(e.Resolve(t.Context())), "")
	for name, want := range map[string]string{
		"env": "secret from env", "line": "secret from env", "one": "secret from file ", "windows": "secret from windows", "pem": "secret " + pem,
		"beside": "secret from dotenv", "other": "secret from other", "open": "abc",
	} {
		same(t, name+": "+lookup(e, name), name+": "+want)
	}
	var hidden vars.Secrets
	vars.NewScope(&hidden, e.Layers()...)
	same(t, hidden.Redact("<from env> <abc>"), "<"+vars.Mask("env", "from env")+"> <abc>")
}

func TestBeforeResolveSecretsAreNamesOnly(t *testing.T) {
	t.Setenv("HGRUN_TEST_KEY", "s3cret")
	e := load(t, "secrets: {key: {env: HGRUN_TEST_KEY}}\n")
	s := vars.NewScope(nil, e.Layers()...)
	same(t, s.Defines("key"), true)
	same(t, lookup(e, "key"), "error: secret key has not been fetched")
	same(t, errorText(e.Resolve(t.Context())), "")
	v, err := s.Lookup("key")
	same(t, v.Text+errorText(err), "s3cret")
	same(t, s.Redact("s3cret"), vars.Mask("key", "s3cret"))
}

func TestSecretsAreNeverWrittenInAFile(t *testing.T) {
	t.Parallel()
	const source = "secrets are never written in a file, they come from env, file, dotenv or command: {env: NAME}"
	tests := []struct{ name, text, want string }{
		{"text", "secrets: {key: hunter2}\n", "e.yaml:1:16: secrets are never written in a file: key: {env: NAME}"},
		{"number", "secrets: {key: 271828}\n", "e.yaml:1:16: secrets are never written in a file: key: {env: NAME}"},
		{"list", "secrets: {key: [hunter2]}\n", "e.yaml:1:16: secrets are never written in a file: key: {env: NAME}"},
		{"nothing", "secrets: {key: }\n", "e.yaml:1:16: secrets are never written in a file: key: {env: NAME}"},
		{"instead of the mapping", "secrets: hunter2\n", "e.yaml:1:10: want a mapping of names to where each secret comes from, such as client_secret: {env: CLIENT_SECRET}"},
		{"as a key", "secrets: {key: {hunter2: }}\n", "e.yaml:1:16: where does the secret come from? want one of {env: NAME}, {file: path}, {dotenv: KEY} or {command: [op, read, …]}\ne.yaml:1:17: unknown key; " + source},
		{"as value", "secrets: {key: {value: hunter2}}\n", "e.yaml:1:16: where does the secret come from? want one of {env: NAME}, {file: path}, {dotenv: KEY} or {command: [op, read, …]}\ne.yaml:1:17: unknown key; " + source},
		{"instead of the variable's name", "secrets: {key: {env: 'hunter2!'}}\n", "e.yaml:1:22: env wants the name of an environment variable, such as CLIENT_SECRET, and never the value"},
		{"instead of the dotenv key", "secrets: {key: {dotenv: 'hunter2!'}}\n", "e.yaml:1:16: which key of the file? write {dotenv: .env, name: KEY}"},
		{"a file of dotenv without its key", "secrets: {key: {dotenv: .env}}\n", "e.yaml:1:16: which key of the file? write {dotenv: .env, name: KEY}"},
		{"a line for command", "secrets: {key: {command: echo hunter2}}\n", "e.yaml:1:26: want a list such as [op, read, op://vault/item/field]; no shell takes a line apart"},
		{"empty command", "secrets: {key: {command: []}}\n", "e.yaml:1:26: an empty command; want a list such as [op, read, op://vault/item/field]"},
		{"two origins", "secrets: {key: {env: A, file: b}}\n", "e.yaml:1:31: a secret comes from one place: env, file, dotenv or command"},
		{"mistyped key", "secrets: {key: {comand: [a]}}\n", "e.yaml:1:16: where does the secret come from? want one of {env: NAME}, {file: path}, {dotenv: KEY} or {command: [op, read, …]}\ne.yaml:1:17: unknown key; did you mean \"command\"?"},
		{"ttl of a file", "secrets: {key: {file: a, ttl: 5m}}\n", "e.yaml:1:16: ttl goes with command; everything else is read once a run"},
		{"name of an env", "secrets: {key: {env: A, name: B}}\n", "e.yaml:1:31: name goes with dotenv: {dotenv: .env, name: KEY}"},
		{"secret", "secrets: {key: {env: A, secret: no}}\n", `e.yaml:1:33: want true or false, got "no"`},
		{"a name no template can have", "secrets: {'a|b': {env: A}}\n", `e.yaml:1:11: "a|b" cannot be the name of a variable`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(tree("e.yaml", tt.text), "e.yaml")
			same(t, errorText(err), tt.want)
			if tt.name != "as a key" && strings.Contains(errorText(err), "hunter2") {
				t.Error("the secret is in the message")
			}
		})
	}
}

func TestEverySecretThatIsMissingIsToldAtOnce(t *testing.T) {
	t.Setenv("HGRUN_TEST_EMPTY", "")
	t.Setenv("HGRUN_TEST_CLIENT_SECRET", "x-secret-x")
	e := load(t, `secrets:
  unset: {env: HGRUN_TEST_NOTHING_LIKE_IT}
  near: {env: HGRUN_TEST_CLIENT_SECRTE}
  empty: {env: HGRUN_TEST_EMPTY}
  gone: {file: keys/gone.pem}
  void: {file: void.txt}
  utf16: {file: utf16.txt}
  nokey: {dotenv: API_KEZ}
  nothing: {dotenv: VOID}
  nofile: {dotenv: other.env, name: KEY}
  program: {command: [hgrun-no-such-program, x]}
`, "void.txt", "", "utf16.txt", "\xff\xfes\x00", ".env", "API_KEY=hunter2\nVOID=\n")
	err := e.Resolve(t.Context())
	same(t, errorText(err), `e.yaml:2:16: secret unset: environment variable HGRUN_TEST_NOTHING_LIKE_IT is not set; export HGRUN_TEST_NOTHING_LIKE_IT=… or write unset: {file: path}
e.yaml:3:15: secret near: environment variable HGRUN_TEST_CLIENT_SECRTE is not set; export HGRUN_TEST_CLIENT_SECRTE=… or write near: {file: path}; did you mean "HGRUN_TEST_CLIENT_SECRET"?
e.yaml:4:16: secret empty: environment variable HGRUN_TEST_EMPTY is set but empty; export HGRUN_TEST_EMPTY=… or write empty: {file: path}
e.yaml:5:16: secret gone: keys/gone.pem: file does not exist
e.yaml:6:16: secret void: void.txt is empty
e.yaml:7:17: secret utf16: utf16.txt is UTF-16 text, as PowerShell's > writes it; save it as UTF-8
e.yaml:8:19: secret nokey: .env has no API_KEZ; did you mean "API_KEY"?
e.yaml:9:21: secret nothing: .env: VOID is empty
e.yaml:10:20: secret nofile: other.env: file does not exist; write it with the line KEY=…
e.yaml:11:22: secret program: command hgrun-no-such-program: executable file not found in $PATH`)
	same(t, lookup(e, "gone"), "error: e.yaml:5:16: secret gone: keys/gone.pem: file does not exist")
}

func TestValuesThatCannotBeMeantOrMaskedAreRefused(t *testing.T) {
	t.Parallel()
	const at = "e.yaml:1:23: secret key: "
	const shown = ", so it cannot be masked; secret: false says that it may be shown"
	tests := []struct{ value, want, wantShown string }{
		{"abc", "the value is shorter than 4 bytes" + shown, ""},
		{"true", "the value is a word of JSON" + shown, ""},
		{"null", "the value is a word of JSON" + shown, ""},
		{"    ", "the value is empty or white space", "the value is empty or white space"},
		{"YOUR_CLIENT_SECRET", "the value is a placeholder (it starts with YOUR_) and not a secret; put the real one in its place", "same"},
		{"your-client-secret", "the value is a placeholder (it starts with YOUR-) and not a secret; put the real one in its place", "same"},
		{"REPLACE_ME", "the value is a placeholder (it starts with REPLACE_ME) and not a secret; put the real one in its place", "same"},
		{"<client secret>", "the value is a placeholder (<…>, which nothing fills in here) and not a secret; put the real one in its place", "same"},
		{"${CLIENT_SECRET}", "the value is a placeholder (${…}, which nothing fills in here) and not a secret; put the real one in its place", "same"},
		{"{{client_secret}}", "the value is a placeholder ({{…}}, which nothing fills in here) and not a secret; put the real one in its place", "same"},
		{"********", "the value is a masked copy (*…) and not a secret; put the real one in its place", "same"},
		{"••••••••", "the value is a masked copy (•…) and not a secret; put the real one in its place", "same"},
		{"xxxxxxxx", "the value is a masked copy (x…) and not a secret; put the real one in its place", "same"},
		{"changeme", "", ""},
		{"youreallycannotguess", "", ""},
		{"<b>not only", "", ""},
		{"xxxy", "", ""},
	}
	for _, tt := range tests {
		for mark, want := range map[string]string{"": tt.want, ", secret: false": tt.wantShown} {
			if want == "same" {
				want = tt.want
			}
			if want != "" {
				want = at + want
			}
			e := load(t, "secrets: {key: {file: k"+mark+"}}\n", "k", tt.value+"\n")
			same(t, tt.value+mark+": "+errorText(e.Resolve(t.Context())), tt.value+mark+": "+want)
		}
	}
}

func TestDotenvFilesAreReadAsShellsDo(t *testing.T) {
	t.Parallel()
	got, err := parseDotenv(".env", "\ufeff# comment\n\nPLAIN=a b  \r\nexport EXPORTED=x\nexport\tTABBED=y\nSPACED = z\nHASH=a#b\nCOMMENT=a # b\nONLY=#c\nEMPTY=\nSINGLE='a \\n \"b\" # $X' # c\n"+
		"DOUBLE=\"a\\n\\t\\\"b\\\" \\\\ \\x # c\"\nEQUALS=a=b==\nLINES=\"one\r\ntwo\n\"\nPEM='-----\n\nxyz'\nTWICE=1\nTWICE=2\nexportX=1\nA.B-C=1\nDOLLAR=${PLAIN}")
	same(t, errorText(err), "")
	for key, want := range map[string]string{
		"PLAIN": "a b", "EXPORTED": "x", "TABBED": "y", "SPACED": "z", "HASH": "a#b", "COMMENT": "a", "ONLY": "", "EMPTY": "", "SINGLE": "a \\n \"b\" # $X",
		"DOUBLE": "a\n\t\"b\" \\ \\x # c", "EQUALS": "a=b==", "LINES": "one\ntwo\n", "PEM": "-----\n\nxyz", "TWICE": "2", "exportX": "1", "A.B-C": "1", "DOLLAR": "${PLAIN}",
	} {
		value, ok := got[key]
		same(t, words(key, ok, value), words(key, true, want))
	}
	same(t, len(got), 17)
}

func TestALineOfDotenvThatMeansNothingIsToldWithoutItsText(t *testing.T) {
	t.Parallel()
	text := "A=1\nhunter2\n=hunter2\nhun ter2=x\n1A=hunter2\nB='x' hunter2\nC=\"a\nb\" hunter2\nKEY=fine\nD=\"hunter2\n"
	e := load(t, "secrets: {key: {dotenv: KEY}, other: {dotenv: A}}\n", ".env", text)
	err := e.Resolve(t.Context())
	same(t, errorText(err), ".env:2:1: want KEY=value\n.env:3:1: want KEY=value\n.env:4:1: want KEY=value\n.env:5:1: want KEY=value\n"+
		".env:6:1: only a # comment may stand behind the second '\n.env:8:1: only a # comment may stand behind the second \"\n.env:10:1: the \" of D has no second \"")
}

func TestNoErrorOfDotenvHoldsAValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"hunter2", "KEY='hunter2", "KEY=\"x\" hunter2", "A=hunter2"} {
		e := load(t, "secrets: {key: {dotenv: KEY}}\n", ".env", text)
		if err := e.Resolve(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func FuzzDotenv(f *testing.F) {
	for _, text := range []string{"A=b", "export A='b\nc'", "A=\"\\", "=", "A=\"b\" # c\nB", "\r\n'"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := parseDotenv(".env", text); err != nil && !strings.HasPrefix(err.Error(), ".env:") {
			t.Errorf("an error without its place: %v", err)
		}
	})
}

func TestACancelledResolveSaysSo(t *testing.T) {
	t.Parallel()
	e := load(t, "secrets: {key: {command: "+argv("sleep")+"}}\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("interrupted")
	cancel(stop)
	err := e.Resolve(ctx)
	same(t, errors.Is(err, stop), true)
}
