package source

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	quoteHint = `a value that starts with {{ must be quoted, because { opens a YAML mapping: write %s`
	flowHint  = `a value with {{ in it must be quoted inside { } and [ ]: write %s`
)

// bracesOutsideQuotes finds the beginner's mistakes `url: {{base}}/x` and `{Authorization: Bearer {{token}}}`, for which
// YAML has only obscure words, in the lines down to the one where the parser gave up.
func (d *document) bracesOutsideQuotes(refused Pos) *Error {
	s := braces{block: -1}
	for i, line := range d.allLines() {
		if i >= refused.Line {
			return nil
		}
		at, found := s.line(bytes.TrimRight(line, "\r"))
		if !found {
			continue
		}
		pos := Pos{d.name, i + 1, utf8.RuneCount(line[:at]) + 1}
		if s.depth > 0 {
			from, value := inFlow(line, at)
			pos.Col = utf8.RuneCount(line[:from]) + 1
			return pos.Errorf(flowHint, quoted(value))
		}
		return pos.Errorf(quoteHint, quoted(strings.TrimSpace(string(stripComment(line[at:])))))
	}
	return nil
}

// braces reads YAML line by line, knowing no more than where quotes, comments, block scalars and { } [ ] are.
type braces struct {
	block int  // indentation of what opened the block scalar that is being read, or -1
	quote byte // of the quoted text that is being read, or 0
	depth int  // of { } and [ ]
	fresh bool // a value may start here
}

// line reads one line and returns where {{ stands that should have been in quotes.
func (s *braces) line(l []byte) (at int, found bool) {
	indent := len(l) - len(bytes.TrimLeft(l, " "))
	if s.block >= 0 && (indent > s.block || indent == len(l)) {
		return 0, false
	}
	s.block = -1
	s.fresh = true
	for i := indent; i < len(l); i++ {
		if s.quote != 0 {
			i = s.inQuotes(l, i)
			continue
		}
		if l[i] == '#' && (i == 0 || l[i-1] == ' ' || l[i-1] == '\t') {
			break
		}
		if bytes.HasPrefix(l[i:], []byte("{{")) && (s.depth > 0 || s.fresh && i > indent) {
			return i, true
		}
		s.plain(l, i)
	}
	if s.quote == 0 && s.depth == 0 {
		s.block = blockIndent(stripComment(l), indent)
	}
	return 0, false
}

// inQuotes reads the byte at i inside quotes and returns the last byte that belongs to it.
func (s *braces) inQuotes(l []byte, i int) int {
	switch c := l[i]; {
	case c == '\\' && s.quote == '"':
		return i + 1
	case c == s.quote && c == '\'' && i+1 < len(l) && l[i+1] == '\'':
		return i + 1
	case c == s.quote:
		s.quote = 0
	}
	return i
}

// plain reads the byte at i outside quotes.
func (s *braces) plain(l []byte, i int) {
	space := i+1 == len(l) || l[i+1] == ' '
	switch c := l[i]; {
	case c == ' ' || c == '\t':
	case (c == '"' || c == '\'') && s.fresh:
		s.quote, s.fresh = c, false
	case (c == '{' || c == '[') && (s.fresh || s.depth > 0):
		s.depth++
		s.fresh = true
	case (c == '}' || c == ']') && s.depth > 0:
		s.depth--
		s.fresh = false
	case c == ',' && s.depth > 0, c == ':' && (space || s.depth > 0), (c == '-' || c == '?') && space && s.fresh:
		s.fresh = true
	default:
		s.fresh = false
	}
}

// blockIndent returns the indentation above which the lines that follow belong to a block scalar, or -1 where l opens none.
func blockIndent(l []byte, indent int) int {
	head := bytes.TrimRight(l, " \t\r")
	head = bytes.TrimRight(head, "+-123456789")
	if len(head) == 0 || head[len(head)-1] != '|' && head[len(head)-1] != '>' {
		return -1
	}
	if before := head[:len(head)-1]; len(before) > 0 && !bytes.ContainsAny(before[len(before)-1:], " \t") {
		return -1
	}
	for bytes.HasPrefix(l[indent:], []byte("- ")) { // of `- key: |` it is the key's
		next := indent + 2
		for next < len(l) && l[next] == ' ' {
			next++
		}
		if next == len(head)-1 {
			break
		}
		indent = next
	}
	return indent
}

// inFlow returns the value in { } or [ ] that has {{ at at, and where it starts.
func inFlow(l []byte, at int) (from int, value string) {
	from = at
	for from > 0 && !bytes.ContainsAny(l[from-1:from], ",[{") && !bytes.HasPrefix(l[from-1:], []byte(": ")) {
		from--
	}
	for from < at && l[from] == ' ' {
		from++
	}
	end := at
	for end < len(l) && !bytes.ContainsAny(l[end:end+1], ",]}") {
		if closed := bytes.Index(l[end:], []byte("}}")); bytes.HasPrefix(l[end:], []byte("{{")) && closed >= 0 {
			end += closed + 2
			continue
		}
		end++
	}
	return from, strings.TrimSpace(string(l[from:end]))
}

func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

func stripComment(l []byte) []byte {
	if i := bytes.Index(l, []byte(" #")); i >= 0 {
		return l[:i]
	}
	return l
}
