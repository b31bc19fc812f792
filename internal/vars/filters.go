package vars

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

type filterCall struct {
	name string
	args []string
	do   func(text string, args []string) (string, error) // nil for default
}

// filter changes a text; args are the texts behind its colon.
type filter struct {
	args int
	do   func(text string, args []string) (string, error)
}

// filters is the table of what may stand behind a | in {{name | …}}. default is the one that sees undefined names.
func filters() map[string]filter {
	pure := func(f func(string) string) filter {
		return filter{0, func(text string, _ []string) (string, error) { return f(text), nil }}
	}
	return map[string]filter{
		"base64":    pure(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"base64url": pure(func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }),
		"default":   {1, nil},
		"json":      pure(quoteJSON),
		"lower":     pure(strings.ToLower),
		"sha256":    pure(func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }),
		"trim":      pure(strings.TrimSpace),
		"upper":     pure(strings.ToUpper),
		"urlencode": pure(url.QueryEscape),
	}
}

// FilterNames returns the names that may stand behind a |.
func FilterNames() []string { return slices.Sorted(maps.Keys(filters())) }

func parseFilter(piece string) (filterCall, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(piece), ":")
	call := filterCall{name: strings.TrimSpace(name)}
	if rest = strings.TrimSpace(rest); rest != "" {
		for _, arg := range splitOutsideQuotes(rest, ',') {
			call.args = append(call.args, unquote(strings.TrimSpace(arg)))
		}
	}
	f, ok := filters()[call.name]
	if !ok {
		return call, fmt.Errorf("unknown filter %q; %s", call.name, source.Suggest(call.name, FilterNames()))
	}
	if len(call.args) != f.args {
		return call, fmt.Errorf("filter %s: got %d arguments, want %d", call.name, len(call.args), f.args)
	}
	call.do = f.do
	return call, nil
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

func (c filterCall) apply(v Value) (Value, error) {
	if c.name == "json" && v.JSON {
		return v, nil
	}
	text, err := c.do(v.Text, c.args)
	return Value{Text: text, JSON: c.name == "json"}, err
}

// fallback is the default filter: its argument stands in for a name that is undefined or empty.
func (c filterCall) fallback(v Value, err error) (Value, error) {
	if _, undefined := AsUndefined(err); undefined || err == nil && v.Text == "" {
		return Value{Text: c.args[0]}, nil
	}
	return v, err
}

func quoteJSON(s string) string {
	if simple(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string always encodes
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// simple reports whether text stands in JSON as it is.
func simple(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
