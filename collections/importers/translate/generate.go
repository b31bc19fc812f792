package translate

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/dop251/goja/ast"
)

func itoa(n int) string { return strconv.Itoa(n) }

// moment is a time: now, and what is added to it.
type moment struct{ added []string }

func (moment) isValue() {}

// now writes the time, after more filters.
func (m moment) now(filter string, typed bool) value {
	s := "{{$isoTimestamp"
	for _, a := range m.added {
		s += " | date_add: " + a
	}
	if filter != "" {
		s += " | " + filter
	}
	return template{text: s + "}}", typed: typed}
}

// generated returns what makes a new value at each run, or a value out of others; nil for any other call.
func (t *translator) generated(x *ast.CallExpression, e *env) (value, error) {
	path := t.libraryPath(x.Callee, e)
	if strings.HasPrefix(path, "KJUR.") || path == "KEYUTIL.getKey" {
		return t.jose(x, path, e)
	}
	switch path {
	case "uuid", "uuid.v4", "crypto.randomUUID":
		return template{text: "{{$guid}}"}, nil
	case "Date.now":
		return moment{}.now("date_format: unix_ms", true), nil
	case "moment", "moment.utc":
		if len(x.ArgumentList) == 0 {
			return moment{}, nil
		}
	case "Math.floor", "Math.round", "Math.trunc", "Math.ceil", "parseInt", "Number":
		if len(x.ArgumentList) > 0 {
			return t.rounded(x, e)
		}
	case "_.random":
		return t.random(x, e)
	case "btoa", "atob", "CryptoJS.enc.Base64.stringify":
		return t.encoded(x, path, e)
	case "CryptoJS.enc.Utf8.parse":
		if len(x.ArgumentList) == 1 {
			v, err := t.eval(x.ArgumentList[0], e)
			return words{v}, err
		}
	}
	if dot, ok := x.Callee.(*ast.DotExpression); ok {
		left, err := t.eval(dot.Left, e)
		if err != nil {
			return nil, nil // whoever asked will say so
		}
		if m, ok := left.(moment); ok {
			return t.momentMethod(x, m, dot.Identifier.Name.String(), e)
		}
		if d, ok := left.(digest); ok && dot.Identifier.Name == "toString" {
			return t.digestText(x, d, e)
		}
		if k, ok := left.(keyed); ok && dot.Identifier.Name == "toString" && len(x.ArgumentList) == 1 && t.libraryPath(x.ArgumentList[0], e) == "CryptoJS.enc.Base64" {
			return segment{of: k}, nil
		}
		if th, ok := left.(thing); ok && th.name == "CryptoJS" {
			return t.crypto(x, dot.Identifier.Name.String(), e)
		}
	}
	return nil, nil
}

// libraryPath returns the name of a function, through the names that libraries were given.
func (t *translator) libraryPath(callee ast.Expression, e *env) string {
	v, err := t.eval(callee, e)
	if th, ok := v.(thing); ok && err == nil {
		return th.name
	}
	return ""
}

// made is new Date() and the like.
func (t *translator) made(x *ast.NewExpression, e *env) (value, error) {
	id, ok := x.Callee.(*ast.Identifier)
	if !ok || id.Name != "Date" || e.find("Date") != nil || len(x.ArgumentList) > 1 {
		return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
	}
	if len(x.ArgumentList) == 0 {
		return moment{}, nil
	}
	ms, ok := t.sinceNow(x.ArgumentList[0], e)
	if !ok {
		return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
	}
	return moment{}.plus(ms, "ms"), nil
}

// sinceNow returns the milliseconds that are added to the time in Date.now() + 60 * 1000.
func (t *translator) sinceNow(x ast.Expression, e *env) (int64, bool) {
	if b, ok := x.(*ast.BinaryExpression); ok && (b.Operator.String() == "+" || b.Operator.String() == "-") {
		at, ok := t.sinceNow(b.Left, e)
		n, known := t.constant(b.Right, e)
		if b.Operator.String() == "-" {
			n = -n
		}
		return at + n, ok && known
	}
	v, err := t.eval(x, e)
	tm, ok := v.(template)
	return 0, err == nil && ok && tm == moment{}.now("date_format: unix_ms", true)
}

// constant returns a whole number that is computed from written ones.
func (t *translator) constant(x ast.Expression, e *env) (int64, bool) {
	if b, ok := x.(*ast.BinaryExpression); ok {
		l, okL := t.constant(b.Left, e)
		r, okR := t.constant(b.Right, e)
		switch b.Operator.String() {
		case "*":
			return l * r, okL && okR && l < 1e12 && r < 1e6
		case "+":
			return l + r, okL && okR
		}
		return 0, false
	}
	v, err := t.eval(x, e)
	l, _ := v.(literal)
	n, ok := l.v.(json.Number)
	i, bad := n.Int64()
	return i, err == nil && ok && bad == nil
}

// plus adds to the time in the largest unit that fits.
func (m moment) plus(n int64, unit string) moment {
	if unit == "ms" && n%1000 == 0 {
		n, unit = n/1000, "s"
	}
	if n == 0 {
		return m
	}
	m.added = append(append([]string{}, m.added...), strconv.FormatInt(n, 10)+unit)
	return m
}

// perSecond is Date.now() / 1000, which somebody rounds.
func (t *translator) perSecond(x *ast.BinaryExpression, e *env) (value, error) {
	return nil, t.no(x, "a fraction: "+t.source(x))
}

// rounded is Math.floor(Date.now() / 1000): seconds.
func (t *translator) rounded(x *ast.CallExpression, e *env) (value, error) {
	b, ok := x.ArgumentList[0].(*ast.BinaryExpression)
	if !ok || b.Operator.String() != "/" {
		return nil, nil
	}
	n, isThousand := t.constant(b.Right, e)
	ms, isNow := t.sinceNow(b.Left, e)
	if !isNow || !isThousand || n != 1000 {
		return nil, nil
	}
	if ms == 0 {
		return template{text: "{{$timestamp}}", typed: true}, nil
	}
	return moment{}.plus(ms, "ms").now("date_format: unix", true), nil
}

// random is _.random(0, 1000), which is what $randomInt makes.
func (t *translator) random(x *ast.CallExpression, e *env) (value, error) {
	if len(x.ArgumentList) == 2 {
		low, okLow := t.constant(x.ArgumentList[0], e)
		high, okHigh := t.constant(x.ArgumentList[1], e)
		if okLow && okHigh && low == 0 && high == 1000 {
			return template{text: "{{$randomInt}}", typed: true}, nil
		}
	}
	return nil, t.no(x, "templates make random numbers from 0 to 1000 alone: "+t.source(x))
}

// momentMethod is .add(1, "days"), .format("YYYY-MM-DD") and the like.
func (t *translator) momentMethod(x *ast.CallExpression, m moment, name string, e *env) (value, error) {
	switch name {
	case "utc", "clone":
		return m, nil
	case "toISOString", "toJSON":
		if len(m.added) == 0 {
			return m.now("", false), nil
		}
		return m.now("date_format: iso", false), nil
	case "getTime", "valueOf":
		return m.now("date_format: unix_ms", true), nil
	case "unix":
		if len(m.added) == 0 {
			return template{text: "{{$timestamp}}", typed: true}, nil
		}
		return m.now("date_format: unix", true), nil
	case "add", "subtract":
		return t.shifted(x, m, name == "subtract", e)
	case "format":
		if len(x.ArgumentList) == 1 {
			v, err := t.eval(x.ArgumentList[0], e)
			l, _ := v.(literal)
			if format, ok := l.v.(string); ok && err == nil {
				if layout, ok := strftime(format); ok {
					t.remark("dates are in UTC, where moment writes them in the zone of the machine")
					return m.now("date_format: "+strconv.Quote(layout), false), nil
				}
			}
		}
	}
	return nil, t.no(x, "only a script can call "+t.source(x.Callee))
}

// remark adds a note that a statement means something else than before.
func (t *translator) remark(reason string) {
	for _, n := range t.current.notes {
		if n.Reason == reason {
			return
		}
	}
	t.current.notes = append(t.current.notes, Note{Kind: Changed, Reason: reason})
}

func (t *translator) shifted(x *ast.CallExpression, m moment, back bool, e *env) (value, error) {
	if len(x.ArgumentList) != 2 {
		return nil, t.no(x, "only a script can call "+t.source(x.Callee))
	}
	n, ok := t.constant(x.ArgumentList[0], e)
	v, err := t.eval(x.ArgumentList[1], e)
	l, _ := v.(literal)
	name, isText := l.v.(string)
	units := map[string]string{"year": "y", "y": "y", "month": "mo", "M": "mo", "week": "w", "w": "w", "day": "d", "d": "d", "hour": "h", "h": "h",
		"minute": "m", "m": "m", "second": "s", "s": "s", "millisecond": "ms", "ms": "ms"}
	unit := units[name]
	if unit == "" {
		unit = units[strings.TrimSuffix(name, "s")]
	}
	if !ok || err != nil || !isText || unit == "" {
		return nil, t.no(x, "only a script can tell how much is added: "+t.source(x))
	}
	if back {
		n = -n
	}
	return m.plus(n, unit), nil
}

// strftime writes a format of moment with the directives of strftime.
func strftime(format string) (string, bool) {
	tokens := []struct{ moment, directive string }{{"YYYY", "%Y"}, {"YY", "%y"}, {"MMMM", "%B"}, {"MMM", "%b"}, {"MM", "%m"}, {"DD", "%d"}, {"dddd", "%A"}, {"ddd", "%a"},
		{"HH", "%H"}, {"hh", "%I"}, {"mm", "%M"}, {"ss", "%S"}, {"SSS", "%L"}, {"ZZ", "%z"}, {"A", "%p"}}
	var b strings.Builder
next:
	for format != "" {
		if literal, rest, ok := strings.Cut(format, "]"); ok && format[0] == '[' {
			b.WriteString(strings.ReplaceAll(literal[1:], "%", "%%"))
			format = rest
			continue
		}
		for _, tok := range tokens {
			if strings.HasPrefix(format, tok.moment) {
				b.WriteString(tok.directive)
				format = format[len(tok.moment):]
				continue next
			}
		}
		if c := format[0]; c >= 'A' && c <= 'Z' && c != 'T' || c >= 'a' && c <= 'z' || c == '%' || c == '"' || c == '\\' || c == '{' || c > 126 {
			return "", false
		}
		b.WriteByte(format[0])
		format = format[1:]
	}
	return b.String(), b.Len() > 0
}
