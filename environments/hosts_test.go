package environments

import (
	"testing"

	"github.com/hgrun/hgrun/internal/vars"
)

func guard(t *testing.T, text string) Guard {
	t.Helper()
	e := load(t, text)
	g, err := e.Allows(vars.NewScope(nil, e.Layers()...))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestSecretsGoOnlyWhereTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	g := guard(t, `
name: sandbox
variables: {base_url: "https://Base.example.com/fhir", port: "8443"}
hosts: [api.example.com, "port.example.com:{{port}}", "*.wild.example.com", "{{base_url}}", 127.0.0.1, "[::1]:9000", "HTTP://plain.example.com"]
`)
	const list = " is not in hosts: of environment sandbox (api.example.com, port.example.com:8443, *.wild.example.com, https://Base.example.com, 127.0.0.1, [::1]:9000, http://plain.example.com)"
	const leave = list + "; a secret would leave for it"
	tests := []struct{ url, want string }{
		{"https://api.example.com/x", ""},
		{"http://api.example.com:81/x", ""},
		{"https://API.Example.COM./x", ""},
		{"https://port.example.com:8443/", ""},
		{"https://a.wild.example.com/", ""},
		{"https://a.b.wild.example.com:444/", ""},
		{"https://base.example.com/other", ""},
		{"https://base.example.com:443/", ""},
		{"http://127.0.0.1:5000/", ""},
		{"http://[::ffff:127.0.0.1]:5000/", ""},
		{"http://[0:0::1]:9000/", ""},
		{"http://plain.example.com/", ""},
		{"https://evil.example/", "host evil.example" + leave},
		{"https://evil.example:8443/", "host evil.example:8443" + leave},
		{"https://port.example.com/", "host https://port.example.com:443" + leave},
		{"http://base.example.com/", "host http://base.example.com:80" + leave},
		{"https://base.example.com:444/", "host https://base.example.com:444" + leave},
		{"https://plain.example.com/", "host https://plain.example.com:443" + leave},
		{"https://wild.example.com/", "host wild.example.com" + leave},
		{"https://notwild.example.com/", "host notwild.example.com" + leave},
		{"https://api.example.com.evil.example/", "host api.example.com.evil.example" + leave},
		{"https://api.example.com@evil.example/", "host evil.example" + leave},
		{"https://evil.example/api.example.com", "host evil.example" + leave},
		{"https://evil.example?api.example.com", "host evil.example" + leave},
		{"https://evil.example#@api.example.com", "host evil.example" + leave},
		{"https://apiXexample.com/", "host apiXexample.com" + leave},
		{"http://localhost:5000/", "host localhost:5000" + leave},
		{"http://[::1]:9001/", "host http://[::1]:9001" + leave},
		{"https://evil.example\\@api.example.com/", "a URL without a host" + list},
		{"api.example.com/x", "a URL without a host" + list},
		{"", "a URL without a host" + list},
	}
	for _, tt := range tests {
		same(t, tt.url+": "+errorText(g.Host(tt.url)), tt.url+": "+tt.want)
	}
}

func TestWithoutHostsEverythingIsAllowed(t *testing.T) {
	t.Parallel()
	same(t, guard(t, "name: x\n").Host("https://evil.example/"), nil)
	same(t, Guard{}.Host("https://evil.example/"), nil)
}

func TestHostsThatCannotBeExpandedAreToldAtTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"hosts: ['{{bsae}}']\nvariables: {base: x}\n":   `e.yaml:1:9: variable "bsae" is not defined; did you mean "base"?`,
		"hosts: ['{{base}}']\nvariables: {base: '*'}\n": `e.yaml:1:9: hosts: "*" allows everything; leave hosts: out to say so`,
		"hosts: ['x{{base}}']\nvariables: {base: /y}\n": `e.yaml:1:11: hosts: want a host such as api.example.com, api.example.com:8443 or *.example.com, got "x/y"`,
		"hosts: ['{{base}}']\nvariables: {base: ''}\n":  `e.yaml:1:9: hosts: want a host such as api.example.com, api.example.com:8443 or *.example.com, got ""`,
	} {
		e := load(t, text)
		g, err := e.Allows(vars.NewScope(nil, e.Layers()...))
		same(t, errorText(err), want)
		same(t, len(g.hosts), 0)
	}
}

func TestAProtectedEnvironmentIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	e := load(t, "name: production\nprotected: true\n")
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		same(t, e.Writes(method), nil)
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "get", "TRACE", ""} {
		same(t, errorText(e.Writes(method)), "environment production is protected, and "+method+" may write; only GET, HEAD, OPTIONS and token exchanges run, unless --allow-writes is given")
	}
	same(t, load(t, "name: sandbox\n").Writes("DELETE"), nil)
}

func BenchmarkGuard(b *testing.B) {
	e := New("x", nil, nil)
	e.Hosts = []vars.Template{vars.Literal("127.0.0.1"), vars.Literal("api.example.com")}
	g, err := e.Allows(vars.NewScope(nil))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Host("https://api.example.com/fhir/R4/Patient/1001?x=y"); err != nil {
			b.Fatal(err)
		}
	}
}
