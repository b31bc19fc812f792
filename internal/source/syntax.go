package source

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	yaml4 "go.yaml.in/yaml/v4"
)

// syntaxError explains what the YAML parser refused, at its true place.
func (d *document) syntaxError(err error) error {
	if pos, c, found := d.controlCharacter(); found {
		return Problems{pos.Errorf("not YAML: the control character %U", c)}
	}
	e := d.refused(err)
	if p := d.bracesOutsideQuotes(e.Pos); p != nil {
		return Problems{p}
	}
	return Problems{e}
}

// refused is the parser's own complaint. yaml.v3 tells the wrong line for many mistakes, so the text is parsed once
// more by its successor, which keeps line and column.
func (d *document) refused(err error) *Error {
	pos := Pos{d.name, 1, 1}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var line int
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		pos.Line = line
		text = strings.TrimSpace(text[strings.Index(text, ":")+1:])
	}
	var n4 yaml4.Node
	var le *yaml4.LoadError
	if errors.As(yaml4.Load(d.src, &n4), &le) && le.Mark.Line > 0 {
		pos.Line, pos.Col = le.Mark.Line, max(le.Mark.Column, 1)
		text = le.Message
		switch start := le.ContextMark; {
		case le.ContextMsg == "" || start.Line <= 0:
		case d.atEnd(pos): // of use is where it began
			pos.Line, pos.Col = start.Line, max(start.Column, 1)
			text = fmt.Sprintf("%s (%s that starts here)", text, le.ContextMsg)
		case start.Line < pos.Line:
			text = fmt.Sprintf("%s (%s that starts at line %d)", text, le.ContextMsg, start.Line)
		}
	}
	return d.inside(pos).Errorf("not YAML: %s%s", text, d.advice(pos, text))
}

// advice is what helps against the commonest mistakes.
func (d *document) advice(pos Pos, text string) string {
	line := d.line(pos.Line)
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("\t")):
		return "; YAML is indented with spaces, and this line has a tab"
	case strings.HasPrefix(text, "mapping values are not allowed"):
		return `; a text with ": " in it must be quoted, and the keys of one mapping start at one column`
	case strings.HasPrefix(text, "found character that cannot start any token") && pos.Col <= len(line):
		return fmt.Sprintf("; a text that starts with %c must be quoted", line[pos.Col-1])
	}
	return ""
}

// controlCharacter finds the first character that YAML allows nowhere (YAML 1.2.2, section 5.1).
func (d *document) controlCharacter() (Pos, rune, bool) {
	for i, l := range d.allLines() {
		col := 0
		for _, r := range string(l) {
			col++
			if r < ' ' && r != '\t' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff {
				return Pos{d.name, i + 1, col}, r, true
			}
		}
	}
	return Pos{}, 0, false
}

// atEnd reports whether nothing but space follows pos.
func (d *document) atEnd(pos Pos) bool {
	lines := d.allLines()
	if pos.Line > len(lines) {
		return true
	}
	l := string(lines[pos.Line-1])
	rest := append([][]byte{[]byte(l[byteOffset(l, pos.Col-1):])}, lines[pos.Line:]...)
	return len(bytes.TrimSpace(bytes.Join(rest, nil))) == 0
}

// inside moves a place behind the end of the file onto its last line.
func (d *document) inside(pos Pos) Pos {
	lines := d.allLines()
	last := len(lines)
	for last > 1 && len(bytes.TrimSpace(lines[last-1])) == 0 {
		last--
	}
	if pos.Line > last {
		pos.Line, pos.Col = last, utf8.RuneCount(bytes.TrimRight(lines[last-1], " \t\r"))+1
	}
	pos.Col = max(pos.Col, 1)
	return pos
}
