package auth

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// discovery is one way to ask a server where its endpoints are. To add one, write it and its line in discoveries.
type discovery struct {
	locate func(base string) string // the URL of the metadata
	issuer bool                     // base is the issuer, and the metadata must say the same
}

// discoveries is the table of the ways by the names that YAML has for them.
func discoveries() map[string]discovery {
	return map[string]discovery{
		"issuer": {locate: appended("/.well-known/openid-configuration"), issuer: true}, // OpenID Connect Discovery 1.0, section 4
		"oauth":  {locate: inserted("/.well-known/oauth-authorization-server"), issuer: true},
		"smart":  {locate: appended("/.well-known/smart-configuration")}, // SMART App Launch 2.2, section 2.2.1
	}
}

func appended(suffix string) func(string) string {
	return func(base string) string { return strings.TrimSuffix(base, "/") + suffix }
}

// inserted puts a path between host and path (RFC 8414, section 3.1).
func inserted(infix string) func(string) string {
	return func(base string) string {
		at := len(base)
		if scheme := strings.Index(base, "://"); scheme >= 0 {
			if slash := strings.IndexByte(base[scheme+3:], '/'); slash >= 0 {
				at = scheme + 3 + slash
			}
		}
		return base[:at] + infix + strings.TrimSuffix(base[at:], "/")
	}
}

// readDiscover reads discover: a mapping of one way to the address that it starts from.
func (r *reading) readDiscover() {
	n, ok := r.found["discover"]
	if !ok {
		return
	}
	table := discoveries()
	names := slices.Sorted(maps.Keys(table))
	for _, e := range n.Entries() {
		switch _, known := table[e.Name()]; {
		case !known:
			e.Key.Errorf("unknown way to discover %q; %s", e.Name(), source.Suggest(e.Name(), names))
		case r.o.discover != "":
			e.Key.Errorf("got %s beside %s, want one way to discover", e.Name(), r.o.discover)
		default:
			r.o.discover = e.Name()
			k := key{name: "discover." + e.Name(), check: checkBase}
			f := field{key: k, pos: e.Value.Pos(), parts: make([]vars.Template, 1)}
			f.parts[0] = r.template(e.Value, k)
			r.o.fields = append(r.o.fields, f)
		}
	}
	if n.IsMap() && n.IsEmpty() {
		n.Errorf("discover is empty; want one of %s", strings.Join(names, ", "))
	}
}

// checkBase accepts an address that metadata can be found from.
func checkBase(text string) error {
	if err := checkTokenURL(text); err != nil {
		return err
	}
	if strings.Contains(text, "?") {
		return fmt.Errorf("got %q, want a URL without a query", text)
	}
	return nil
}

// memberOf is the table of the keys of the block that metadata fills in (RFC 8414, section 2; RFC 8628, section 4; RFC 9126,
// section 5).
func memberOf(key string) string {
	return map[string]string{
		"token_url":         "token_endpoint",
		"authorization_url": "authorization_endpoint",
		"introspection_url": "introspection_endpoint",
		"revocation_url":    "revocation_endpoint",
		"device_url":        "device_authorization_endpoint",
		"par_url":           "pushed_authorization_request_endpoint",
		"jwks_url":          "jwks_uri",
		"issuer":            "issuer",
	}[key]
}

// checkIssuer compares two issuers byte for byte: a slash more is another issuer (RFC 8414, section 3.3).
func checkIssuer(got, want string) error {
	if got == want {
		return nil
	}
	if got == "" {
		return fmt.Errorf("without issuer, want %q", want)
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	return fmt.Errorf("with issuer %q, want %q byte for byte; they differ from character %d on", shown(got), want, at+1)
}

// checkEndpoint is checkTokenURL in words that are not about a file.
func checkEndpoint(text string) error {
	if checkTokenURL(text) != nil {
		return errors.New("is no URL that a form can be posted to")
	}
	return nil
}

// discovering is discover: as the file has it.
func (o *oauth2) discovering() string { return "discover: {" + o.discover + ": …}" }
