package source

import (
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Place returns the place of the byte at offset of the scalar's text: the col of a {{name}} in the middle of a URL.
// It looks the text up in the file, so it holds in quotes and block scalars too; where escapes hide it, it is the value's start.
func (n Node) Place(offset int) Pos {
	pos := n.Pos()
	y := n.node()
	block := y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if offset < 0 || offset >= len(y.Value) || offset == 0 && !block {
		return pos
	}
	_, size := utf8.DecodeRuneInString(y.Value[offset:])
	needle := y.Value[offset:min(offset+max(size, 2), len(y.Value))]
	rest, from := n.d.from(pos)
	if block { // its text starts on the line after | or >
		rest, from = behind(rest, from, "\n")
	} else if y.Style&yaml.DoubleQuotedStyle != 0 {
		rest, from = behind(rest, from, `"`)
		rest = untilQuote(rest)
		if strings.Count(rest, needle) != strings.Count(y.Value, needle) {
			return pos
		}
	}
	for nth := strings.Count(y.Value[:offset], needle); ; nth-- {
		i := strings.Index(rest, needle)
		if i < 0 {
			return pos
		}
		from += i
		if nth == 0 {
			return n.d.at(from)
		}
		from += len(needle)
		rest = rest[i+len(needle):]
	}
}

// behind returns what follows the first mark, and its offset in the file.
func behind(text string, from int, mark string) (string, int) {
	i := strings.Index(text, mark)
	if i < 0 {
		return "", from
	}
	return text[i+len(mark):], from + i + len(mark)
}

// untilQuote returns text up to the quote that ends it.
func untilQuote(text string) string {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[:i]
		}
	}
	return text
}

// from returns the file from pos on, and the offset of pos in the file.
func (d *document) from(pos Pos) (string, int) {
	if d.text == "" {
		d.text = string(d.src)
		next := 0
		for _, l := range d.allLines() {
			d.starts = append(d.starts, next)
			next += len(l) + 1
		}
	}
	if pos.Line < 1 || pos.Line > len(d.starts) {
		return "", len(d.src)
	}
	offset := d.starts[pos.Line-1] + byteOffset(string(d.line(pos.Line)), pos.Col-1)
	return d.text[offset:], offset
}

// at returns the place of the byte at offset of the file.
func (d *document) at(offset int) Pos {
	line := sort.SearchInts(d.starts, offset+1)
	return Pos{d.name, line, utf8.RuneCountInString(d.text[d.starts[line-1]:offset]) + 1}
}

func byteOffset(s string, runes int) int {
	for i := range s {
		if runes == 0 {
			return i
		}
		runes--
	}
	return len(s)
}
