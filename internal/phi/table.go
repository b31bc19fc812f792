package phi

import (
	"bytes"
	"mime"
	"slices"
	"strings"
)

// tabular reports whether a document of a type is a table whose first line names its columns (RFC 4180, section 3).
func tabular(media string) bool {
	switch media {
	case "text/csv", "application/csv", "text/comma-separated-values", "text/tab-separated-values":
		return true
	}
	return false
}

// table masks the columns of a table that hold patient data by their names, and in all others what is patient data by its shape. In a
// table with such a column, those called name, id and title are about persons too.
func (m *Masks) table(doc []byte, see See) []byte {
	head, _, _ := bytes.Cut(doc, []byte("\n"))
	comma := separator(head)
	var names []string
	for cell := range cells(bytes.TrimPrefix(head, []byte("\ufeff")), comma) {
		names = append(names, strings.TrimSpace(unquotedCell(cell)))
	}
	about := slices.ContainsFunc(names, Personal)
	out := make([]byte, 0, len(doc)+len(doc)/4)
	out = append(out, head...)
	doc = doc[len(head):]
	for len(doc) > 0 {
		doc, out = doc[1:], append(out, '\n')
		column := 0
		for cell := range cells(doc, comma) {
			if column > 0 {
				out = append(out, comma)
			}
			name := ""
			if column < len(names) {
				name = names[column]
			}
			out = append(out, m.cell(name, about, cell, see)...)
			doc = doc[min(len(doc), len(cell)+min(column, 1)):]
			column++
		}
	}
	return out
}

// cell masks a cell of a column.
func (m *Masks) cell(name string, about bool, cell []byte, see See) string {
	text := unquotedCell(cell)
	switch {
	case strings.TrimSpace(text) == "" || masked([]byte(text)):
		return string(cell)
	case Personal(name) || about && ofPersons(name):
		if see != nil {
			see(name, text)
		}
		if isDate(text) {
			return m.dated(name, text)
		}
		return m.Mask(name, text)
	}
	return m.Text(string(cell), see)
}

// ofPersons reports whether a column is about the persons of a table that has some.
func ofPersons(name string) bool {
	switch folded(name) {
	case "name", "id", "title", "initials", "suffix", "prefix", "district", "line":
		return true
	}
	return false
}

// separator returns what stands between the names of columns.
func separator(head []byte) byte {
	best := byte(',')
	for _, c := range []byte(";\t|") {
		if bytes.Count(head, []byte{c}) > bytes.Count(head, []byte{best}) {
			best = c
		}
	}
	return best
}

// cells yields the cells of the line that a text begins with, as they are written. A quoted one may have line ends in it.
func cells(text []byte, comma byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		from, quoted := 0, false
		for i, c := range text {
			switch {
			case c == '"':
				quoted = !quoted
			case quoted || c != comma && c != '\n':
			case !yield(text[from:i]) || c == '\n':
				return
			default:
				from = i + 1
			}
		}
		yield(text[from:])
	}
}

func unquotedCell(cell []byte) string {
	text := strings.TrimSuffix(string(cell), "\r")
	if len(text) < 2 || text[0] != '"' {
		return text
	}
	return strings.ReplaceAll(strings.TrimSuffix(text[1:], `"`), `""`, `"`)
}

// parts masks the fields of a form in parts (RFC 7578) that take patient data by their names, and looks into the others by their types.
func (m *Masks) parts(boundary string, doc []byte, see See) []byte {
	line := []byte("--" + boundary)
	var out []byte
	for i, part := range bytes.Split(doc, line) {
		if i > 0 {
			out = append(out, line...)
		}
		head, content, ok := bytes.Cut(part, []byte("\r\n\r\n"))
		if !ok {
			out = append(out, part...)
			continue
		}
		content, end := bytes.TrimSuffix(content, []byte("\r\n")), []byte("\r\n")
		if len(head)+4+len(content) == len(part) { // it was cut
			end = nil
		}
		out = append(append(out, head...), "\r\n\r\n"...)
		out = append(append(out, m.part(head, content, see)...), end...)
	}
	return out
}

func (m *Masks) part(head, content []byte, see See) []byte {
	name, contentType := "", ""
	for header := range bytes.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(string(header)), ":")
		switch strings.ToLower(key) {
		case "content-type":
			contentType = strings.TrimSpace(value)
		case "content-disposition":
			if _, parameters, err := mime.ParseMediaType(strings.TrimSpace(value)); err == nil {
				name = parameters["name"]
			}
		}
	}
	if text := string(content); text != "" && !masked(content) && (parameter(name) || Personal(name)) && contentType != "application/fhir+json" {
		return []byte(m.search(name, text, see))
	}
	return m.Body(contentType, content, content, see)
}
