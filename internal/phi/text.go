package phi

import (
	"regexp"
	"strings"
	"sync"
)

// shapes match what in free text is patient data by its shape: mail addresses, US social security numbers, telephone numbers and dates.
var shapes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+` + // mail
		`|\b\d{3}-\d{2}-\d{4}\b|\(\d{3}\) ?\d{3}-\d{4}\b|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b|\+\d[\d -]{7,15}\d\b` + // numbers of persons
		`|\b(?:19|20)\d{2}-[01]\d-[0-3]\d\b(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?|\b[01]?\d/[0-3]?\d/(?:19|20)\d{2}\b` + // dates
		`|\b\d{9,}\b`)
})

// Text masks what in a free text is patient data by its shape, and the ids of references: Patient/‹id …›. It is for the words of a server.
func (m *Masks) Text(text string, see See) string {
	text = m.References(text, see)
	if !strings.ContainsAny(text, "@0123456789") {
		return text
	}
	var out strings.Builder
	for { // masks that stand there already stay
		before, rest, found := strings.Cut(text, "‹")
		out.WriteString(shapes().ReplaceAllStringFunc(before, func(found string) string {
			label := shapeOf(found)
			if see != nil {
				see(label, found)
			}
			if label == "date" && isDate(found) {
				return m.dated(label, found)
			}
			return m.Mask(label, found)
		}))
		if !found {
			return out.String()
		}
		mask, after, _ := strings.Cut(rest, "›")
		out.WriteString("‹" + mask + "›")
		text = after
	}
}

func shapeOf(text string) string {
	switch {
	case strings.Contains(text, "@"):
		return "email"
	case isDate(text), strings.Contains(text, "/"):
		return "date"
	}
	return "number"
}

// References masks the ids in references that stand in a text: Patient/1001 becomes Patient/‹id …›.
func (m *Masks) References(text string, see See) string {
	var out []byte
	kept := 0
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '/')
		if i < 0 {
			break
		}
		slash := at + i
		at = slash + 1
		from := slash
		for from > 0 && (text[from-1]|0x20) >= 'a' && (text[from-1]|0x20) <= 'z' {
			from--
		}
		if !resourceType(text[from:slash]) {
			continue
		}
		end := at
		for end < len(text) && idLetter(text[end]) {
			end++
		}
		id := strings.TrimRight(text[at:end], ".")
		if !isID(id) {
			continue
		}
		out = append(append(out, text[kept:at]...), m.id(id, see)...)
		kept = at + len(id)
		at = kept
	}
	if kept == 0 {
		return text
	}
	return string(append(out, text[kept:]...))
}

// idLetter reports whether a byte may stand in an id of FHIR (R4, section 2.24.0.1), or in one that is not quite as it should be.
func idLetter(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '%'
}
