package expect

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// schemaFormats is the table of the formats that are checked; others are for readers.
func schemaFormats() map[string]typeOf {
	text := func(name string, ok func(string) bool) typeOf {
		return typeOf{name, func(v value) bool { return v.kind != text || ok(v.text) }}
	}
	whole := func(name, least, most string) typeOf {
		return typeOf{name, func(v value) bool {
			return v.kind != number || isInteger(v.text) && compareNumbers(v.text, least) >= 0 && compareNumbers(v.text, most) <= 0
		}}
	}
	kinds := valueTypes()
	return map[string]typeOf{
		"date":                  text(kinds["date"].name, isDate),
		"date-time":             text(kinds["datetime"].name, isSchemaDateTime),
		"time":                  text("a time with zone (12:00:00Z)", isSchemaTime),
		"duration":              text("a duration (P1DT2H)", isSchemaDuration),
		"email":                 text(kinds["email"].name, isEmail),
		"idn-email":             text(kinds["email"].name, isEmail),
		"hostname":              text("a host name", isHostname),
		"ipv4":                  text(kinds["ipv4"].name, func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }),
		"ipv6":                  text(kinds["ipv6"].name, func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" }),
		"uri":                   text("an absolute URI", func(s string) bool { return isReference(s, true, false) }),
		"uri-reference":         text("a URI or a part of one", func(s string) bool { return isReference(s, false, false) }),
		"iri":                   text("an absolute IRI", func(s string) bool { return isReference(s, true, true) }),
		"iri-reference":         text("an IRI or a part of one", func(s string) bool { return isReference(s, false, true) }),
		"uuid":                  text(kinds["uuid"].name, isUUID),
		"json-pointer":          text("a JSON pointer (/a/0)", isPointer),
		"relative-json-pointer": text("a relative JSON pointer (1/a)", isRelativePointer),
		"regex":                 text("a regular expression", isExpression),
		"byte":                  text("base64", isBase64),
		"int32":                 whole("a whole number of 32 bits", "-2147483648", "2147483647"),
		"int64":                 whole("a whole number of 64 bits", "-9223372036854775808", "9223372036854775807"),
	}
}

func readFormat(k keyword) rule {
	name, ok := k.value.(string)
	if !ok {
		return k.fail("want the name of a format, got " + described(k.value))
	}
	f, known := schemaFormats()[name]
	if !known {
		return nil
	}
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		if !f.is(valueOf(v)) {
			w.fail(at, "got "+renderOf(v)+", want "+f.name)
		}
	}
}

// isSchemaDateTime accepts date-time of RFC 3339, with small letters and leap seconds too.
func isSchemaDateTime(s string) bool {
	if len(s) < 20 || s[10]|0x20 != 't' {
		return false
	}
	return isDate(s[:10]) && isSchemaTime(s[11:])
}

// isSchemaTime accepts full-time of RFC 3339. A leap second is one at the end of a day in UTC.
func isSchemaTime(s string) bool {
	s = strings.ToUpper(s)
	leap := len(s) > 8 && s[6:8] == "60"
	if leap {
		s = s[:6] + "59" + s[8:]
	}
	t, err := time.Parse("15:04:05.999999999Z07:00", s)
	if err != nil || len(s) < 9 || s[1] == ':' || strings.Contains(s, ",") {
		return false
	}
	if i := strings.IndexAny(s, "+-"); i > 0 && (len(s) != i+6 || s[i+1:i+3] > "23") {
		return false
	}
	u := t.UTC()
	return !leap || u.Hour() == 23 && u.Minute() == 59
}

// isSchemaDuration accepts the durations of ISO 8601 without fractions (RFC 3339, appendix A).
func isSchemaDuration(s string) bool {
	rest, ok := strings.CutPrefix(s, "P")
	if n := digits(rest); n > 0 && rest[n:] == "W" {
		return true
	}
	date, clock, timed := strings.Cut(rest, "T")
	if !ok || rest == "" || timed && clock == "" {
		return false
	}
	return inUnits(date, "YMD") && inUnits(clock, "HMS")
}

// inUnits reports whether text is numbers with units behind them, each at most once and in their order.
func inUnits(s, units string) bool {
	for s != "" {
		n := digits(s)
		if n == 0 || n == len(s) {
			return false
		}
		i := strings.IndexByte(units, s[n])
		if i < 0 {
			return false
		}
		units, s = units[i+1:], s[n+1:]
	}
	return true
}

// isHostname follows RFC 1123, section 2.1.
func isHostname(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i] | 0x20; (c < 'a' || c > 'z') && (label[i] < '0' || label[i] > '9') && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

func isReference(s string, absolute, international bool) bool {
	u, err := url.Parse(s)
	if err != nil || absolute && u.Scheme == "" {
		return false
	}
	if strings.ContainsAny(s, " <>\"{}|\\^`") || !international && !isASCII(s) {
		return false
	}
	if host := u.Hostname(); strings.Contains(host, ":") && !strings.HasPrefix(u.Host, "[") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1:i+3])) {
			return false
		}
	}
	return true
}

// isPointer follows RFC 6901.
func isPointer(s string) bool {
	if s != "" && s[0] != '/' {
		return false
	}
	rest := strings.ReplaceAll(strings.ReplaceAll(s, "~0", ""), "~1", "")
	return !strings.Contains(rest, "~")
}

func isRelativePointer(s string) bool {
	n := digits(s)
	if n == 0 || n > 1 && s[0] == '0' {
		return false
	}
	return s[n:] == "#" || isPointer(s[n:])
}

func isExpression(s string) bool {
	if _, err := regexp.Compile(s); err == nil {
		return true
	}
	if strings.Contains(s, "(?") || strings.ContainsAny(s, `\`) && backReference(s) {
		return true // ECMAScript has more than RE2
	}
	_, err := regexp.Compile(ecmaScript(s))
	return err == nil
}

// decodeJSON reads a document whole, numbers with all their digits.
func decodeJSON(data []byte) (any, bool) {
	if !isJSON(string(data)) {
		return nil, false
	}
	return fromJSON(string(data)), true
}

func backReference(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '\\' {
			if i++; s[i] >= '1' && s[i] <= '9' {
				return true
			}
		}
	}
	return false
}
