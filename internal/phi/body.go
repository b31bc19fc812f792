package phi

import (
	"bytes"
	"encoding/base64"
	"mime"
	"strings"
)

// Body masks the patient data of a document, whose secrets are masks already: by its content it is JSON, XML or a form. Of other text what
// is patient data by its shape is masked. Where the document is the start of one that was cut, whole is that one. See may be nil.
func (m *Masks) Body(contentType string, doc, whole []byte, see See) []byte {
	media, parameters, _ := mime.ParseMediaType(contentType) // without one the content tells
	start := bytes.TrimLeft(doc, "\ufeff \t\r\n")
	switch {
	case len(start) == 0:
		return doc
	case media == "application/x-www-form-urlencoded":
		return []byte(m.Form(string(doc), see))
	case tabular(media):
		return m.table(doc, see)
	case parameters["boundary"] != "":
		return m.parts(parameters["boundary"], doc, see)
	case !structured(start[0]):
		return []byte(m.Text(string(doc), see))
	}
	out := make([]byte, 0, len(doc)+len(doc)/8)
	kept := 0
	values(doc, whole, func(l leaf) {
		if l.from < kept { // of a JWT, which is masked whole as a secret
			return
		}
		shown, changed := m.shown(l, see)
		if !changed {
			return
		}
		out = append(out, doc[kept:l.from]...)
		if start[0] != '<' {
			out = append(append(append(out, '"'), insideJSON(shown)...), '"')
		} else {
			out = append(out, shown...)
		}
		kept = l.to
	})
	return append(out, doc[kept:]...)
}

// structured reports whether a document that begins like this is JSON or XML.
func structured(first byte) bool { return first == '{' || first == '[' || first == '<' || first == '"' }

func insideJSON(text string) string {
	if !strings.ContainsAny(text, "\"\\\n\r\t") {
		return text
	}
	return strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
}

// shown returns what stands in the place of a value.
func (m *Masks) shown(l leaf, see See) (text string, changed bool) {
	switch l.act {
	case place:
		text = m.References(m.URL(l.text, see), see)
		if strings.HasPrefix(l.text, "urn:uuid:") {
			text = "urn:uuid:" + m.id(l.text[len("urn:uuid:"):], see)
		}
		return text, text != l.text
	case words:
		text = m.Text(l.text, see)
		return text, text != l.text
	case mask:
		if see != nil {
			see(l.label, l.text)
		}
		if isDate(l.text) {
			return m.dated(l.label, l.text), true
		}
		return m.Mask(l.label, l.text), true
	}
	return "", false
}

// values goes through the values of a document of JSON or XML that are patient data or may hold it.
func values(doc, whole []byte, found func(leaf)) {
	start := bytes.TrimLeft(doc, "\ufeff \t\r\n")
	if len(start) > 0 && start[0] == '<' {
		x := elements{doc: doc, found: found}
		x.all()
		return
	}
	w := walker{doc: doc, whole: whole, found: found}
	w.all(spot{})
}

// claims goes through the claims of a JWT: what an expectation decodes comes from there. It masks nothing, because a JWT is a secret as a whole.
func (w *walker) claims(jwt string) {
	parts := strings.Split(jwt, ".")
	if len(parts) < 3 {
		return
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return
	}
	inner := walker{doc: payload, whole: payload, found: func(l leaf) {
		l.from, l.to = -1, -1
		w.found(l)
	}}
	inner.all(spot{whose: true, member: ""})
}

// Look tells of all patient data in a document, without masking it.
func (m *Masks) Look(contentType string, doc []byte, see See) {
	start := bytes.TrimLeft(doc[:min(len(doc), 1<<10)], "\ufeff \t\r\n")
	switch {
	case len(start) == 0:
	case structured(start[0]) && !strings.Contains(contentType, "/csv"):
		dry := &Masks{dry: true}
		values(doc, doc, func(l leaf) { dry.tell(l, see) })
	default:
		(&Masks{dry: true}).Body(contentType, doc, doc, see)
	}
}

// tell is shown for those who only want to know.
func (m *Masks) tell(l leaf, see See) {
	if l.act == mask {
		see(l.label, l.text)
		return
	}
	m.shown(l, see)
}

// Header masks what the value of a header tells of a person, by the name of the header or by the ids in it.
func (m *Masks) Header(name, text string, see See) string {
	if header(name) && text != "" {
		if see != nil {
			see(name, text)
		}
		return m.Mask(name, text)
	}
	if strings.Contains(text, "://") || strings.HasPrefix(text, "/") {
		return m.References(m.URL(text, see), see)
	}
	if strings.IndexByte(text, '/') < 0 {
		return text
	}
	return m.References(text, see)
}
