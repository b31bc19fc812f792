package phi

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const (
	maxDepth = 500 // of objects in one another that are looked into; what is deeper is masked whole
	maxPeek  = 16  // of objects of no FHIR that are looked through for what they are before they are gone through
)

// leaf is a value with what becomes of it.
type leaf struct {
	from, to int // in the document, quotes included
	label    string
	act      action
	text     string
	quoted   bool // it is a text of JSON; else a number of JSON, or of XML
}

// walker goes through a document of JSON, whole or cut, or several after another.
type walker struct {
	doc   []byte
	whole []byte // the document that doc is the start of
	found func(leaf)
	fhir  bool // the word resourceType is in it
	href  bool // the word href is in it
}

func (w *walker) all(s spot) {
	w.fhir = bytes.Contains(w.whole, []byte(`"resourceType"`))
	w.href = bytes.Contains(w.doc, []byte(`"href"`))
	for at := w.space(0); at < len(w.doc); at = w.space(at) {
		next := w.value(at, &s)
		if next <= at { // no JSON
			return
		}
		at = next
	}
}

func (w *walker) space(at int) int {
	for at < len(w.doc) && (w.doc[at] == ' ' || w.doc[at] == '\n' || w.doc[at] == '\t' || w.doc[at] == '\r') {
		at++
	}
	return at
}

// value goes through the value that begins at a place and returns where it ends.
func (w *walker) value(at int, s *spot) int {
	if at >= len(w.doc) {
		return at
	}
	switch w.doc[at] {
	case '{', '[':
		if s.depth >= maxDepth {
			end := w.skip(at)
			w.found(leaf{from: at, to: end, label: "value", act: mask})
			return end
		}
		if w.doc[at] == '{' {
			return w.object(at, s)
		}
		return w.list(at, s)
	case '"':
		end := w.text(at)
		w.leaf(at, end, s)
		return end
	}
	end := at
	for end < len(w.doc) && !strings.ContainsRune(",]} \n\t\r", rune(w.doc[end])) {
		end++
	}
	if s.number(w.doc[at]) {
		w.found(leaf{from: at, to: end, label: s.label(), act: mask, text: string(w.doc[at:end])})
	}
	return end
}

// text returns the end of a text that begins at a place.
func (w *walker) text(at int) int {
	for i := at + 1; ; {
		next := bytes.IndexByte(w.doc[i:], '"')
		if next < 0 {
			return len(w.doc)
		}
		i += next + 1
		escapes := 0
		for w.doc[i-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}

func (w *walker) list(at int, s *spot) int {
	inner := *s
	inner.depth++
	for at = w.space(at + 1); at < len(w.doc); at = w.space(at) {
		switch w.doc[at] {
		case ']':
			return at + 1
		case ',':
			at++
			continue
		case '}', ':':
			return at + 1
		}
		at = w.value(at, &inner)
	}
	return at
}

func (w *walker) object(at int, s *spot) int {
	inner := w.enter(at, s)
	for at = w.space(at + 1); at < len(w.doc); at = w.space(at) {
		switch w.doc[at] {
		case '}':
			return at + 1
		case '"':
		default: // a comma, or no JSON
			at++
			continue
		}
		end := w.text(at)
		inner.member = unquoted(w.doc[at:end])
		if at = w.space(end); at < len(w.doc) && w.doc[at] == ':' {
			at = w.value(w.space(at+1), &inner)
		}
	}
	return at
}

// enter returns the spot within an object: a resource begins there, or a person.
func (w *walker) enter(at int, s *spot) spot {
	inner := spot{mode: s.mode, resource: s.resource, parent: s.member, depth: s.depth + 1}
	if w.fhir && (s.parent == "" || s.member == "resource" || s.member == "contained" || s.mode == named && s.depth < maxPeek) {
		resource, ok := w.member(at, "resourceType")
		if !ok && s.depth == 0 && len(w.whole) > len(w.doc) { // what came after the cut
			all := walker{doc: w.whole}
			resource, ok = all.member(all.space(0), "resourceType")
		}
		if ok {
			return spot{mode: modeOf(resource), resource: resource, depth: inner.depth}
		}
	}
	if s.mode == named {
		inner.whose = person(s.member) || s.whose && !personal(s.member) && s.member == ""
		if w.href && !inner.whose && s.depth < maxPeek {
			if href, ok := w.member(at, "href"); ok {
				inner.whose = ofPerson(href)
			}
		}
	}
	return inner
}

// ofPerson reports whether a URL leads to one person.
func ofPerson(href string) bool {
	href, _, _ = strings.Cut(href, "?")
	parts := strings.Split(href, "/")
	return len(parts) > 1 && (person(parts[len(parts)-2]) || resourceType(parts[len(parts)-2]))
}

// member returns the text of a member of the object at a place, without looking into other members.
func (w *walker) member(at int, name string) (string, bool) {
	for at = w.space(at + 1); at < len(w.doc) && w.doc[at] != '}'; at = w.space(at) {
		if w.doc[at] != '"' {
			at++
			continue
		}
		end := w.text(at)
		this := string(w.doc[at+1:max(at+1, end-1)]) == name
		if at = w.space(end); at >= len(w.doc) || w.doc[at] != ':' {
			continue
		}
		at = w.space(at + 1)
		end = w.skip(at)
		if this && at < len(w.doc) && w.doc[at] == '"' {
			return unquoted(w.doc[at:end]), true
		}
		at = max(end, at+1)
	}
	return "", false
}

// skip returns the end of a value.
func (w *walker) skip(at int) int {
	depth := 0
	for at < len(w.doc) {
		switch w.doc[at] {
		case '"':
			at = w.text(at)
			if depth == 0 {
				return at
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return at + min(1, depth+1)
			}
		case ',':
			if depth == 0 {
				return at
			}
		}
		at++
	}
	return at
}

func (w *walker) leaf(from, to int, s *spot) {
	act := s.judge()
	if act == keep {
		if bytes.HasPrefix(w.doc[from:to], []byte(`"eyJ`)) {
			w.claims(unquoted(w.doc[from:to]))
		}
		if s.mode != named {
			return
		}
		act = words
		if bytes.IndexByte(w.doc[from:to], '@') < 0 && bytes.IndexByte(w.doc[from:to], '/') < 0 {
			return
		}
	}
	if to-from <= 2 || masked(w.doc[from+1:to-1]) {
		return
	}
	w.found(leaf{from: from, to: to, label: s.label(), act: act, text: unquoted(w.doc[from:to]), quoted: true})
}

// masked reports whether a text is a mask already, of a secret.
func masked(text []byte) bool {
	return bytes.HasPrefix(text, []byte("‹")) && bytes.HasSuffix(text, []byte("›")) && bytes.Count(text, []byte("‹")) == 1 && bytes.Contains(text, []byte(" sha256:"))
}

// unquoted reads a text of JSON, whole or cut.
func unquoted(quoted []byte) string {
	inside := quoted[1:]
	if n := len(inside); n > 0 && inside[n-1] == '"' {
		inside = inside[:n-1]
	}
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside)
	}
	var text string
	if json.Unmarshal(quoted, &text) != nil || !utf8.ValidString(text) {
		return string(inside)
	}
	return text
}
