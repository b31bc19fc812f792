package postman

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

// withBody declares the body where a script looks into it.
func withBody(lines []string) []string {
	for _, line := range lines {
		if regexp.MustCompile(`\bbody\b`).MatchString(line) {
			return append([]string{"const body = pm.response.json();", ""}, lines...)
		}
	}
	return lines
}

// test is one pm.test.
func test(name, check string) []string {
	return []string{"pm.test(" + quote(name) + ", () => {", "    " + check, "});"}
}

// expectations writes each as a test.
func (x *exporter) expectations(n source.Node) []string {
	var lines []string
	for _, e := range below(n, "expect") {
		switch e.Name() {
		case "status":
			lines = append(lines, x.status(e)...)
		case "duration":
			lines = append(lines, x.judge(e, "the response time", "pm.response.responseTime")...)
		case "size":
			lines = append(lines, x.judge(e, "the size", "pm.response.responseSize")...)
		case "text":
			lines = append(lines, x.judge(e, "the body", "pm.response.text()")...)
		case "headers":
			for _, h := range entries(e.Value) {
				lines = append(lines, x.judge(h, "header "+h.Name(), "pm.response.headers.get("+quote(h.Name())+")")...)
			}
		case "json":
			for _, p := range entries(e.Value) {
				at, ok := member(p.Name())
				if !ok {
					x.left(p, "json")
					continue
				}
				lines = append(lines, x.judge(p, p.Name(), at)...)
			}
		default:
			x.left(e, "expect")
		}
	}
	return lines
}

func (x *exporter) status(e source.Entry) []string {
	var codes, classes []string
	list := []source.Node{e.Value}
	if e.Value.IsList() {
		list = e.Value.Items()
	}
	if e.Value.IsMap() {
		return x.judge(e, "status", "pm.response.code")
	}
	for _, one := range list {
		text, _ := x.text(one)
		if class, ok := strings.CutSuffix(strings.ToLower(text), "xx"); ok && class != "" {
			classes = append(classes, fmt.Sprintf("Math.floor(pm.response.code / 100) === %s", class))
			continue
		}
		codes = append(codes, text)
	}
	switch {
	case len(codes) == 1 && len(classes) == 0 && !strings.Contains(codes[0], "{{"):
		return test("status is "+codes[0], "pm.response.to.have.status("+codes[0]+");")
	case len(classes) == 0 && !strings.Contains(strings.Join(codes, ""), "{{"):
		return test("status is "+strings.Join(codes, " or "), "pm.expect(pm.response.code).to.be.oneOf(["+strings.Join(codes, ", ")+"]);")
	case len(classes) == 1 && len(codes) == 0:
		class := strings.TrimSpace(classes[0][len(classes[0])-1:])
		return test("status is "+class+"xx", "pm.expect(pm.response.code).to.be.within("+class+"00, "+class+"99);")
	case strings.Contains(strings.Join(codes, ""), "{{"):
		x.left(e, "expect with a variable")
		return nil
	}
	for _, c := range codes {
		classes = append(classes, "pm.response.code === "+c)
	}
	return test("status is as expected", "pm.expect("+strings.Join(classes, " || ")+").to.be.true;")
}

// member writes a path of gjson as JavaScript: name.0.family is body.name[0].family, and a.# is the length of a.
func member(path string) (string, bool) {
	at := "body"
	if path == "@this" {
		return at, true
	}
	parts := strings.Split(path, ".")
	for i, part := range parts {
		_, err := strconv.Atoi(part)
		switch {
		case part == "#" && i == len(parts)-1:
			at += ".length"
		case part == "" || strings.ContainsAny(part, `#*?|\@!{}[]()"'`):
			return "", false
		case err == nil:
			at += "[" + part + "]"
		case regexp.MustCompile(`^[A-Za-z_$][\w$]*$`).MatchString(part):
			at += "." + part
		default:
			at += "[" + quote(part) + "]"
		}
	}
	return at, true
}

// judge writes what is expected of one value.
func (x *exporter) judge(e source.Entry, what, value string) []string {
	if !e.Value.IsMap() {
		return test(what+" is as expected", "pm.expect("+value+").to.eql("+x.expected(e.Value)+");")
	}
	var lines []string
	for _, p := range e.Value.Entries() {
		check, ok := x.predicate(p, false)
		if !ok {
			x.left(p, what)
			continue
		}
		lines = append(lines, test(what+" "+strings.ReplaceAll(p.Name(), "_", " ")+" "+shown(p.Value), "pm.expect("+value+").to"+check+";")...)
	}
	return lines
}

func shown(n source.Node) string {
	if n.IsScalar() && !n.IsNull() {
		return n.Text()
	}
	return "what is expected"
}

// predicate writes one as a chain of Chai.
func (x *exporter) predicate(p source.Entry, negated bool) (string, bool) {
	v := p.Value
	chains := map[string]string{
		"equals": ".eql(%s)", "contains": ".include(%s)", "above": ".be.above(%s)", "at_least": ".be.at.least(%s)", "below": ".be.below(%s)",
		"at_most": ".be.at.most(%s)", "one_of": ".be.oneOf(%s)",
	}
	switch name := p.Name(); {
	case chains[name] != "":
		return fmt.Sprintf(chains[name], x.expected(v)), true
	case name == "not" && !negated && v.IsMap():
		for _, inner := range v.Entries() {
			check, ok := x.predicate(inner, true)
			return ".not" + check, ok && len(v.Entries()) == 1
		}
	case name == "not" && !negated && v.IsScalar():
		return ".not.eql(" + x.expected(v) + ")", true
	case (name == "matches" || name == "starts_with" || name == "ends_with") && v.IsScalar() && !strings.Contains(v.Text(), "{{"):
		pattern := v.Text()
		switch name {
		case "starts_with":
			pattern = "^" + regexp.QuoteMeta(pattern)
		case "ends_with":
			pattern = regexp.QuoteMeta(pattern) + "$"
		}
		return ".match(new RegExp(" + quote(pattern) + "))", !strings.HasPrefix(pattern, "(?")
	case name == "exists":
		return map[bool]string{true: ".not.be.undefined", false: ".be.undefined"}[v.Text() == "true"], true
	case name == "empty":
		return map[bool]string{true: ".be.empty", false: ".not.be.empty"}[v.Text() == "true"], true
	case name == "length" && v.IsScalar():
		return ".have.lengthOf(" + v.Text() + ")", true
	case name == "type" && v.IsScalar():
		kind, ok := map[string]string{"string": "string", "number": "number", "boolean": "boolean", "null": "null", "list": "array", "object": "object"}[v.Text()]
		return ".be.a(" + quote(kind) + ")", ok
	case name == "between" && v.IsList() && len(v.Items()) == 2:
		return ".be.within(" + x.expected(v.Items()[0]) + ", " + x.expected(v.Items()[1]) + ")", true
	}
	return "", false
}

// expected writes a value: a time span as milliseconds, a variable as what it stands for.
func (x *exporter) expected(n source.Node) string {
	if !n.IsScalar() {
		return x.json(n, 0)
	}
	text, _ := x.text(n)
	if name, ok := strings.CutPrefix(text, "{{"); ok && strings.HasSuffix(name, "}}") && !strings.ContainsAny(name[:len(name)-2], "{}|") {
		return "pm.variables.get(" + quote(strings.TrimSpace(strings.TrimSuffix(name, "}}"))) + ")"
	}
	if strings.Contains(text, "{{") {
		return "pm.variables.replaceIn(" + quote(text) + ")"
	}
	if span, err := time.ParseDuration(text); err == nil && n.IsText() && text != "" && strings.HasSuffix(text, "s") {
		return strconv.FormatInt(span.Milliseconds(), 10)
	}
	return x.json(n, 0)
}
