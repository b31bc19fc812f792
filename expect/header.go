package expect

import (
	"encoding/json"
	"errors"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// headerQuery finds a header by its name, in upper or lower case: a text if it came once, a list of texts if it came
// several times.
type headerQuery struct{ name, key string } // as written, and as http.Header has it

func readHeaderQuery(n source.Node) Query {
	name := n.Text()
	if name == "" || strings.ContainsAny(name, " \t:\r\n") {
		n.Errorf("%q cannot be the name of a header", name)
		return nil
	}
	return headerQuery{name, textproto.CanonicalMIMEHeaderKey(name)}
}

func (h headerQuery) String() string { return "header " + h.name }

// Find returns a string, a []any of strings, or Absent.
func (h headerQuery) Find(a *Answer) (any, error) { v, _ := h.look(a); return v.box(), nil }

func (h headerQuery) look(a *Answer) (value, error) {
	switch found := a.response.Header[h.key]; len(found) {
	case 0:
		return value{}, nil
	case 1:
		return value{kind: text, text: found[0]}, nil
	default:
		several := make([]any, len(found))
		for i, s := range found {
			several[i] = s
		}
		return value{kind: list, any: several}, nil
	}
}

func (headerQuery) operand(v any) (any, error) { return amongTexts(v, "a header") }

func (headerQuery) repeats() {}

func (h headerQuery) hint(a *Answer) string {
	switch n := len(a.response.Header[h.key]); {
	case n > 1:
		return "it came " + strconv.Itoa(n) + " times; any: {…} judges its values one by one"
	case n == 1:
		return ""
	}
	names := sortedNames(a.response.Header)
	if s := source.Suggest(h.key, names); strings.HasPrefix(s, "did you mean") {
		return s
	}
	return "headers of the response: " + some(names)
}

// amongTexts reads an expected value for a subject that has nothing but texts. A number stands for the text that spells
// it: 5 is "5" there, and 1.1 is not "1.10".
func amongTexts(v any, what string) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, errors.New(what + " is never null; exists: false says that there is none")
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		return looseNumber(v), nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var err error
			if out[i], err = amongTexts(e, what); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		return nil, errors.New(what + " is never an object")
	}
	return v, nil
}

// some lists names, the first few of many.
func some(names []string) string {
	const most = 15
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}
