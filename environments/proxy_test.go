package environments

import (
	"net/url"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/vars"
)

func TestTheProxyOfTheFileIsUsedForEveryURL(t *testing.T) {
	t.Parallel()
	target := &url.URL{Scheme: "https", Host: "api.example.com"}
	for text, want := range map[string]string{
		"http://proxy.example.com:3128": "http://proxy.example.com:3128",
		"proxy.example.com:3128":        "http://proxy.example.com:3128",
		"socks5://127.0.0.1:1080":       "socks5://127.0.0.1:1080",
		"https://{{host}}":              "https://from.example.com",
		"none":                          "<nil>",
	} {
		e := load(t, "proxy: '"+text+"'\nvariables: {host: from.example.com}\n")
		proxy, err := e.ProxyFunc(vars.NewScope(nil, e.Layers()...))
		if err != nil || proxy == nil {
			t.Errorf("%s: got %v", text, err)
			continue
		}
		u, err := proxy(target)
		got := "<nil>"
		if u != nil {
			got = u.String()
		}
		same(t, words(text, got, errorText(err)), words(text, want))
	}
}

func TestWithoutAProxyTheEnvironmentVariablesDecide(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"name: x\n", "proxy: '{{p}}'\nvariables: {p: ''}\n"} {
		e := load(t, text)
		proxy, err := e.ProxyFunc(vars.NewScope(nil, e.Layers()...))
		same(t, proxy == nil && err == nil, true)
	}
}

func TestThePasswordOfAProxyIsHidden(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"http://me:hun%20ter%2F2@proxy.example.com:3128", "me:hun%20ter%2F2@proxy.example.com:3128"} {
		e := load(t, "proxy: '{{p}}'\n")
		e.Override(map[string]string{"p": text}, nil)
		s := vars.NewScope(nil, e.Layers()...)
		proxy, err := e.ProxyFunc(s)
		if err != nil {
			t.Fatal(err)
		}
		u, _ := proxy(nil)
		pw, _ := u.User.Password()
		same(t, pw, "hun ter/2")
		mask := vars.Mask("proxy password", "hun ter/2")
		same(t, s.Redact("<hun ter/2>"), "<"+mask+">")
		if got := s.Redact("dial " + text + ": bWU6aHVuIHRlci8y"); strings.Contains(got, "hun") || strings.Contains(got, "bWU6") {
			t.Errorf("got %s", got)
		}
	}
}

func TestAProxyThatIsNoneIsToldWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://me:hun/ter2@proxy": "proxy: want a URL such as http://proxy.example.com:3128, or none (a % @ or / in a password is written %25 %40 %2F)",
		"http://me:hunter2%@proxy": "proxy: want a URL such as http://proxy.example.com:3128, or none (a % @ or / in a password is written %25 %40 %2F)",
		"http://me:hunter2@":       "proxy: want a URL such as http://proxy.example.com:3128, or none (a % @ or / in a password is written %25 %40 %2F)",
		"ftp://me:hunter2@proxy":   `proxy: unknown scheme "ftp"; known here: http, https, socks5, socks5h`,
		"http://me:abc@proxy":      "proxy: a password shorter than 4 bytes cannot be masked",
	} {
		e := load(t, "proxy: '{{p}}'\n")
		e.Override(map[string]string{"p": text}, nil)
		_, err := e.ProxyFunc(vars.NewScope(nil, e.Layers()...))
		same(t, text+" "+errorText(err), text+" e.yaml:1:8: "+want)
	}
	e := load(t, "proxy: '{{p}}'\n")
	_, err := e.ProxyFunc(vars.NewScope(nil))
	same(t, errorText(err), `e.yaml:1:8: variable "p" is not defined`)
}
