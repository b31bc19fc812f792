package expect

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

// valueTypes is the table of what type: knows, and how messages name it.
func valueTypes() map[string]typeOf {
	is := func(k kind, name string) typeOf {
		return typeOf{name, func(v value) bool { return v.kind == k }}
	}
	format := func(name string, ok func(string) bool) typeOf {
		return typeOf{name, func(v value) bool { return v.kind == text && ok(v.text) }}
	}
	return map[string]typeOf{
		"string":   is(text, "text"),
		"number":   is(number, "a number"),
		"integer":  {"a whole number", func(v value) bool { return v.kind == number && isInteger(v.text) }},
		"float":    {"a number with a fraction", func(v value) bool { return v.kind == number && !isInteger(v.text) }},
		"boolean":  is(boolean, "true or false"),
		"null":     is(null, "null"),
		"list":     is(list, "a list"),
		"object":   is(object, "an object"),
		"uuid":     format("a UUID", isUUID),
		"date":     format("a date (2024-05-31)", isDate),
		"datetime": format("a date with time and zone (2024-05-31T12:00:00Z)", isDateTime),
		"url":      format("an absolute URL", isURL),
		"email":    format("an email address", isEmail),
		"ipv4":     format("an IPv4 address", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }),
		"ipv6":     format("an IPv6 address", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() }),
		"base64":   format("base64", isBase64),
		"jwt":      format("a JWT", isJWT),
	}
}

func readType(n source.Node, t Terms) Predicate {
	return raw(n, func(v any) (matcher, error) {
		word, ok := v.(string)
		if v == nil {
			word, ok = "null", true
		}
		known := valueTypes()
		if m, found := known[word]; ok && found {
			return m, nil
		}
		if !ok {
			return nil, errors.New("type wants a word, got " + described(v))
		}
		return nil, errors.New("unknown type " + quote(word) + "; " + source.Suggest(word, slices.Sorted(maps.Keys(known))))
	})
}

// typeOf holds for values of a type, or for texts of a format.
type typeOf struct {
	name string // "a UUID"
	is   func(value) bool
}

func (t typeOf) judge(v value) verdict {
	if v.kind == absent {
		return unfit
	}
	return of(t.is(v))
}

func (t typeOf) want(what string, not bool) string { return toBe(what, t.name, not) }

// isUUID accepts the text form of RFC 9562, section 4, in upper or lower case.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
			continue
		}
		if !hexDigit(s[i]) {
			return false
		}
	}
	return true
}

// isDate accepts full-date of RFC 3339.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDateTime accepts date-time of RFC 3339, which always has a zone.
func isDateTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "")
}

// isEmail accepts addresses as people have them: one @, something before it, a host name behind it.
func isEmail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	if !ok || name == "" || len(s) > 254 || strings.ContainsAny(s, " \t\r\n<>()[],;:\\\"") || strings.Contains(host, "@") {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".") && !strings.Contains(name, "..")
}

// isBase64 accepts the standard alphabet with padding and the URL alphabet with or without (RFC 4648, sections 4 and 5).
func isBase64(s string) bool {
	if s == "" || strings.ContainsAny(s, "\r\n") {
		return false
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(s); err == nil {
		return true
	}
	_, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
	return err == nil
}

// isJWT accepts a signed JWT: header and claims are JSON objects, the header says with what it was signed (RFC 7519, section 7.2).
func isJWT(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct{ Alg *string }
	var claims map[string]json.RawMessage
	for i, to := range []any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, to) != nil {
			return false
		}
	}
	_, err := base64.RawURLEncoding.DecodeString(parts[2])
	return err == nil && header.Alg != nil && claims != nil
}
