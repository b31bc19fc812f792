package source

import (
	"strings"
	"unicode/utf8"
)

// Inside returns where a character of a text stands in the file that the text was read from. The text begins at p, and lines are where its lines
// stand, as Node.Lines tells. Line and column count from 1, columns in characters. What is written in a way that hides the character is told
// by the place of its line.
func (p Pos) Inside(src []byte, lines []Pos, line, col int) Pos {
	if line < 1 || line > len(lines) {
		return p
	}
	at := lines[line-1]
	switch first := restOfLine(src, p); {
	case strings.HasPrefix(first, "|"):
		at.Col += max(col-1, 0)
		return at
	case strings.HasPrefix(first, ">"):
		return at
	}
	skip := 0 // line ends of the text before its line, where all its lines are one of the file
	for i := line - 2; i >= 0 && lines[i] == at; i-- {
		skip++
	}
	if offset, ok := inScalar(restOfLine(src, at), skip, max(col-1, 0)); ok {
		at.Col += offset
	}
	return at
}

// restOfLine returns a line of the file from pos on.
func restOfLine(src []byte, pos Pos) string {
	rest := string(src)
	for range pos.Line - 1 {
		_, after, found := strings.Cut(rest, "\n")
		if !found {
			return ""
		}
		rest = after
	}
	rest, _, _ = strings.Cut(rest, "\n")
	return rest[byteOffset(rest, pos.Col-1):]
}

// inScalar returns how many characters of the file stand before one of the text that a scalar is: behind so many line ends, and characters.
func inScalar(written string, newlines, runes int) (offset int, ok bool) {
	quote := byte(0)
	if written != "" && (written[0] == '"' || written[0] == '\'') {
		quote, written, offset = written[0], written[1:], 1
	}
	for written != "" && (newlines > 0 || runes > 0) {
		size, lineEnd, end := character(written, quote)
		switch {
		case end:
			return 0, false
		case newlines > 0 && lineEnd:
			newlines--
		case newlines == 0:
			runes--
		}
		offset += utf8.RuneCountInString(written[:size])
		written = written[size:]
	}
	return offset, newlines == 0 && runes == 0
}

// character returns how many bytes the first character of a text takes as it is written, and whether it is a line end, or the quote that ends the text.
func character(written string, quote byte) (size int, lineEnd, end bool) {
	_, size = utf8.DecodeRuneInString(written)
	switch {
	case quote == '\'' && strings.HasPrefix(written, "''"):
		return 2, false, false
	case quote == 0 || written[0] != quote && written[0] != '\\' || quote == '\'' && written[0] == '\\':
		return size, false, false
	case written[0] == quote:
		return 1, false, true
	case len(written) < 2:
		return 1, false, false
	}
	switch written[1] {
	case 'x':
		size = len(`\x41`)
	case 'u':
		size = len(`\u0041`)
	case 'U':
		size = len(`\U00000041`)
	default:
		size = len(`\n`)
	}
	return min(size, len(written)), written[1] == 'n', false
}
