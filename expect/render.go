package expect

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxShown is how much of a value stands in a message, in characters.
const maxShown = 200

// render returns a value for a message: texts in quotes, documents as JSON, all of it on one line and cut where it is
// long. It reads no more of the value than it shows.
func render(v value) string {
	switch v.kind {
	case absent:
		return "nothing"
	case text:
		return quote(v.text)
	case number, loose:
		return cut(v.text)
	case class:
		return v.text + "xx"
	case span:
		return renderSpan(v.span)
	case list, object:
		if v.any == nil && len(v.text) > 16*maxShown {
			return oneLine(v.text[:16*maxShown]) + " (" + strconv.Itoa(len(v.text)) + " bytes)"
		}
	case alien:
		return "a value that is no JSON"
	}
	w := jsonWriter{}
	w.value(v.box())
	return cut(w.String())
}

// described is render for messages about the collection itself, with the kind of the value.
func described(v any) string {
	x := valueOf(v)
	switch x.kind {
	case list:
		if len(x.list()) == 0 {
			return "an empty list"
		}
		return "a list"
	case object, jsonic:
		return x.kind.String()
	}
	return render(x)
}

// quote puts text in quotes and escapes what could not be seen otherwise.
func quote(s string) string {
	head, whole := head(s)
	if whole {
		return strconv.Quote(s)
	}
	return strconv.Quote(head) + "… (" + strconv.Itoa(utf8.RuneCountInString(s)) + " characters)"
}

func cut(s string) string {
	head, whole := head(s)
	if whole {
		return s
	}
	return head + "… (" + strconv.Itoa(utf8.RuneCountInString(s)) + " characters)"
}

// head returns the first characters of a text.
func head(s string) (head string, whole bool) {
	n := 0
	for i := range s {
		if n == maxShown {
			return s[:i], false
		}
		n++
	}
	return s, true
}

func oneLine(s string) string {
	head, _ := head(strings.Join(strings.Fields(s), " "))
	return head + "…"
}

// renderSpan rounds a time span to three digits or so: 2.31s, 15ms.
func renderSpan(d time.Duration) string {
	for unit := time.Second; unit > 1; unit /= 1000 {
		if d >= unit || -d >= unit {
			return spanText(d.Round(unit / 100))
		}
	}
	return d.String()
}

// jsonWriter writes a value as JSON with its members in alphabetical order, and stops when it has enough.
type jsonWriter struct{ strings.Builder }

func (w *jsonWriter) value(v any) {
	if w.Len() > 8*maxShown {
		return
	}
	switch v := v.(type) {
	case []any:
		w.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				w.WriteByte(',')
			}
			if w.Len() > 8*maxShown {
				break
			}
			w.value(e)
		}
		w.WriteByte(']')
	case map[string]any:
		w.object(v)
	case string:
		w.text(v)
	case json.Number:
		w.WriteString(string(v))
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case nil:
		w.WriteString("null")
	default:
		w.WriteString(render(valueOf(v)))
	}
}

func (w *jsonWriter) object(v map[string]any) {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	w.WriteByte('{')
	for i, name := range names {
		if w.Len() > 8*maxShown {
			break
		}
		if i > 0 {
			w.WriteByte(',')
		}
		w.text(name)
		w.WriteByte(':')
		w.value(v[name])
	}
	w.WriteByte('}')
}

func (w *jsonWriter) text(s string) {
	if head, whole := head(s); !whole {
		s = head + "…"
	}
	w.WriteString(strconv.Quote(s))
}
