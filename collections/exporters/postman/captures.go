package postman

import (
	"regexp"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// captures writes each as a variable of the environment.
func (x *exporter) captures(n source.Node) []string {
	var lines []string
	for _, e := range below(n, "capture") {
		value, condition, ok := "", "", false
		if e.Value.IsScalar() {
			value, ok = member(e.Value.Text())
		} else {
			value, condition, ok = captured(e.Value)
		}
		if !ok {
			x.left(e, "capture")
			continue
		}
		line := "pm.environment.set(" + quote(e.Name()) + ", " + value + ");"
		if condition != "" {
			line = "if (" + condition + ") { " + line + " }"
		}
		lines = append(lines, line)
	}
	return lines
}

// captured writes what a capture takes, and on which condition; false where a script would need more than an expression.
func captured(n source.Node) (value, condition string, ok bool) {
	optional := false
	for _, f := range entries(n) {
		text := f.Value.Raw()
		switch f.Name() {
		case "json":
			value, ok = member(text)
		case "jsonpath":
			value, ok = pointed(text)
		case "xpath":
			value, ok = element(text)
		case "header":
			value, ok = "pm.response.headers.get("+quote(text)+")", true
		case "cookie":
			value, ok = "pm.cookies.get("+quote(text)+")", true
		case "text":
			value, ok = "pm.response.text()", true
		case "status":
			value, ok = "pm.response.code", true
		case "optional":
			optional = text == "true"
		case "when":
			if condition = when(f.Value); condition == "" {
				return "", "", false
			}
		case "secret", "then":
		default:
			return "", "", false
		}
	}
	if optional {
		condition = strings.TrimPrefix(condition+" && "+value+" !== undefined", " && ")
	}
	if then, has := n.Get("then"); has && ok {
		value, ok = stepped(value, then)
	}
	return value, condition, ok
}

// when writes the condition that the status is a certain one; empty for any other.
func when(n source.Node) string {
	status, ok := n.Get("status")
	if !ok || !n.IsMap() || len(n.Entries()) != 1 || !regexp.MustCompile(`^\d{3}$`).MatchString(status.Raw()) {
		return ""
	}
	return "pm.response.code === " + status.Raw()
}

// pointed writes a query of JSONPath that leads to one value by names and numbers as JavaScript.
func pointed(query string) (string, bool) {
	step := regexp.MustCompile(`^(?:\.([A-Za-z_]\w*)|\[(\d+)\]|\['([^'\\]*)'\]|\["([^"\\]*)"\])`)
	at, rest := "body", strings.TrimPrefix(query, "$")
	for rest != "" {
		m := step.FindStringSubmatch(rest)
		switch {
		case m == nil:
			return "", false
		case m[1] != "":
			at += "." + m[1]
		case m[2] != "":
			at += "[" + m[2] + "]"
		default:
			at += "[" + quote(m[3]+m[4]) + "]"
		}
		rest = rest[len(m[0]):]
	}
	return at, true
}

// element writes the way to an element of XML as the object that Postman makes of it.
func element(path string) (string, bool) {
	if !regexp.MustCompile(`^(/[A-Za-z_][\w]*)+$`).MatchString(path) {
		return "", false
	}
	return "xml2Json(pm.response.text())" + strings.ReplaceAll(path, "/", "."), true
}

// stepped writes the steps that a value goes through.
func stepped(value string, then source.Node) (string, bool) {
	steps := []source.Node{then}
	if then.IsList() {
		steps = then.Items()
	}
	for _, step := range steps {
		switch name := step.Raw(); {
		case !step.IsScalar():
			return "", false
		case name == "trim":
			value += ".trim()"
		case name == "length":
			value += ".length"
		case name == "lower":
			value += ".toLowerCase()"
		case name == "upper":
			value += ".toUpperCase()"
		case name == "json":
			value = "JSON.stringify(" + value + ")"
		case name == "to_string":
			value = "String(" + value + ")"
		case name == "to_int" || name == "to_float":
			value = "Number(" + value + ")"
		default:
			return "", false
		}
	}
	return value, true
}
