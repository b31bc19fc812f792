package translate

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

var plainName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_-]*|[0-9]+)$`) })

// name returns the subject of expect that a value belongs to, and its name there; no name for a subject that is one value.
func (f found) name() (subject, key string, err error) {
	switch f.subject {
	case "json":
		if f.orEmpty {
			return "", "", errors.New("a value, or an empty one where there is none")
		}
		if !f.parsed {
			return "", "", errors.New("a value without a name")
		}
		subject, key = jsonName(f.path)
		return subject, key, nil
	case "headers", "variables":
		return f.subject, f.path[0], nil
	case "xml":
		key, err = xpathOf(f.path)
		return "xpath", key, err
	case "reason":
		return "", "", errors.New("there is no subject for the words of a status")
	case "element":
		return "", "", errors.New("an element of a list is looked at by itself")
	}
	return f.subject, "", nil
}

// jsonName writes a path as gjson has it, or as JSONPath where a name has characters that gjson reads.
func jsonName(path []string) (subject, key string) {
	if len(path) == 0 {
		return "json", "@this"
	}
	plain := true
	for _, step := range path {
		plain = plain && plainName().MatchString(step)
	}
	if plain {
		return "json", strings.Join(path, ".")
	}
	var b strings.Builder
	b.WriteByte('$')
	for _, step := range path {
		switch {
		case isIndex(step):
			b.WriteString("[" + step + "]")
		case plainName().MatchString(step) && !strings.Contains(step, "-"):
			b.WriteString("." + step)
		default:
			quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(step)
			b.WriteString("['" + escaped(quoted) + "']")
		}
	}
	return "jsonpath", b.String()
}

func isIndex(step string) bool {
	_, err := strconv.ParseUint(step, 10, 31)
	return err == nil
}

// xpathOf writes the path that xml2Json makes of a document as XPath: elements by name, $ for attributes, _ for text.
func xpathOf(path []string) (string, error) {
	var b strings.Builder
	for i, step := range path {
		switch {
		case step == "_" && i == len(path)-1:
		case step == "$" && i == len(path)-2:
			b.WriteString("/@" + path[i+1])
			return b.String(), nil
		case isIndex(step) && i > 0:
			n, _ := strconv.Atoi(step)
			b.WriteString("[" + strconv.Itoa(n+1) + "]")
		case elementName().MatchString(step):
			b.WriteString("/" + step)
		default:
			return "", errors.New("no path in XML: " + strings.Join(path, "."))
		}
	}
	if b.Len() == 0 {
		return "", errors.New("a document as a whole")
	}
	return b.String(), nil
}

var elementName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?$`) })
