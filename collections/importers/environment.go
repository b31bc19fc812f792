package importers

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Secret is a variable whose value is never shown.
type Secret struct {
	Name  string
	Value string
	Pos   source.Pos // of the value
}

// Environment is an environment or the globals of Postman in our terms.
type Environment struct {
	Imported
	Secrets []Secret // that stand in the file in clear, and not in Node
}

// IsEnvironment reports whether the text of a file is an environment or the globals of Postman, in JSON or in YAML.
func IsEnvironment(src []byte) bool {
	has, ok := members(src)
	if !ok {
		has = keys(src)
	}
	return has("values") && !has("variables") && !has("secrets") && !has("item") && !has("requests")
}

// keys returns a function that tells which keys stand at the left margin of YAML text; values is one only where a list is below it.
func keys(src []byte) (has func(string) bool) {
	found := map[string]bool{}
	last := ""
	for line := range bytes.Lines(bytes.TrimPrefix(src, []byte("\ufeff"))) {
		text := bytes.TrimSpace(line)
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		key, rest, ok := bytes.Cut(line, []byte(":"))
		switch {
		case last == "values" && text[0] == '-', ok && string(key) == "values" && bytes.HasPrefix(bytes.TrimSpace(rest), []byte("[")):
			found["values"] = true
		case ok && string(key) != "values":
			found[string(key)] = true
		}
		last = string(key)
	}
	return func(key string) bool { return found[key] }
}

// ParseEnvironment reads an environment or the globals of Postman, in JSON or in YAML.
func ParseEnvironment(file string, src []byte, read func(Environment)) error {
	parse := source.Parse
	if _, isJSON := members(src); isJSON {
		parse = source.ParseJSON
	}
	return parse(file, src, func(n source.Node) { read(PostmanEnvironment(n)) })
}

// PostmanEnvironment returns the environment that one of Postman, or its globals, are. A variable that is not enabled is none, and of doubles the last
// one counts.
func PostmanEnvironment(n source.Node) Environment {
	var env Environment
	made := n.Mapping()
	if name, ok := n.Get("name"); ok && strings.TrimSpace(name.Raw()) != "" {
		made = made.With("name", name.Scalar(name.Raw()))
	}
	values, ok := n.Get("values")
	if !ok || !values.IsList() {
		n.Errorf("want an environment of Postman: a name, and a list of values")
		env.Node = made
		return env
	}
	variables := values.Mapping()
	for _, v := range enabled(values.Items()) {
		name := variableName(v)
		value, ok := v.Get("value")
		if !ok {
			value = v.Scalar("")
		}
		if isSecret(v, name, value.Raw()) {
			env.Secrets = append(env.Secrets, Secret{name, value.Raw(), value.Pos()})
			continue
		}
		variables = variables.With(name, literal(value))
	}
	if !variables.IsEmpty() {
		made = made.With("variables", variables)
	}
	env.Node = made
	return env
}

// Without returns the environment without variables and secrets of the names.
func (e Environment) Without(names []string) Environment {
	e.Secrets = slices.DeleteFunc(slices.Clone(e.Secrets), func(s Secret) bool { return slices.Contains(names, s.Name) })
	if variables, ok := e.Node.Get("variables"); ok {
		for _, name := range names {
			variables = variables.Without(name)
		}
		e.Node = e.Node.Without("variables")
		if !variables.IsEmpty() {
			e.Node = e.Node.With("variables", variables)
		}
	}
	return e
}

// enabled returns the variables that are enabled, of doubles the last.
func enabled(items []source.Node) []source.Node {
	last := map[string]int{}
	for i, v := range items {
		if name := variableName(v); name != "" && !isOff(v) {
			last[name] = i
		}
	}
	var kept []source.Node
	for i, v := range items {
		if at, ok := last[variableName(v)]; ok && at == i {
			kept = append(kept, v)
		}
	}
	return kept
}

// shortest is how long a value must be to be masked, in bytes.
const shortest = 4

// isSecret reports whether a variable is one that is never shown: Postman says so, or its name does. What is made of other variables is none,
// and what is too short to be masked.
func isSecret(v source.Node, name, value string) bool {
	if kind, _ := v.Get("type"); kind.Raw() == "secret" && value == "" { // its value is given elsewhere
		return true
	}
	if len(value) < shortest || strings.Contains(value, "{{") {
		return false
	}
	kind, _ := v.Get("type")
	secret, _ := v.Get("secret")
	if kind.Raw() == "secret" || secret.Raw() == "true" {
		return true
	}
	if _, err := strconv.ParseFloat(value, 64); err == nil || value == "true" || value == "false" || strings.Contains(value, "://") {
		return false
	}
	return SoundsSecret(name)
}

// SoundsSecret reports whether the name of a variable says that its value is a secret: client_secret, adminPassword, x-api-key.
func SoundsSecret(name string) bool {
	words := wordsOf(name)
	whole := strings.Join(words, "")
	for _, word := range []string{"secret", "password", "passwd", "pwd", "passphrase", "credential", "credentials", "jwt"} {
		if slices.Contains(words, word) || strings.HasSuffix(whole, word) {
			return true
		}
	}
	for _, end := range []string{"token", "apikey", "privatekey", "accesskey", "authkey", "signingkey", "assertion"} {
		if strings.HasSuffix(whole, end) {
			return true
		}
	}
	return false
}

// wordsOf splits a name at what is no letter or digit and at capitals, all in lower case.
func wordsOf(name string) []string {
	var words []string
	start, lower := -1, false
	flush := func(end int) {
		if start >= 0 {
			words = append(words, strings.ToLower(name[start:end]))
		}
		start = -1
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 0x7f
		upper := r >= 'A' && r <= 'Z'
		if !letter || upper && lower {
			flush(i)
		}
		if letter && start < 0 {
			start = i
		}
		lower = letter && !upper
	}
	flush(len(name))
	return words
}
