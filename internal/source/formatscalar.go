package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// context is where a scalar stands.
type context int

const (
	blockContext context = iota
	keyContext
	flowContext
	flowKeyContext
)

const quotes = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle

// scalar returns a scalar on one line, with its anchor and tag.
func (p *printer) scalar(n *yaml.Node, in context) string {
	props := propsOf(n)
	text := oneLine(n, in, props != "")
	if props != "" && text != "" {
		props += " "
	}
	return props + text
}

func oneLine(n *yaml.Node, in context, props bool) string {
	text := n.Value
	switch tag := n.ShortTag(); {
	case tag == "!!null" && n.Style&quotes == 0:
		if text == "" && in != blockContext {
			return "null"
		}
		return text
	case tag == "!!merge":
		return text
	case n.Style&^yaml.TaggedStyle == 0:
		if tag != "!!str" || text != "" && !strings.ContainsAny(text, "\n\t\ufeff") && !strings.HasSuffix(text, ":") && !strings.Contains(text, ": ") {
			return text
		}
	case !props && tag == "!!str" && bare(text, in):
		return text
	case n.Style&yaml.SingleQuotedStyle != 0 && strings.IndexFunc(text, func(r rune) bool { return !printable(r) }) < 0:
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return doubleQuoted(text)
}

func printable(r rune) bool { return r == ' ' || unicode.IsPrint(r) }

// doubleQuoted writes text with escapes (YAML 1.2.2, section 5.7).
func doubleQuoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case printable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02X`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// bare reports whether a text that is quoted needs no quotes: YAML reads it as the same text without them, YAML 1.1 too,
// and so does a person. What has {{, # or a " in it keeps its quotes, because it needs them as soon as it is moved.
func bare(text string, in context) bool {
	if text == "" || strings.TrimSpace(text) != text || strings.Contains(text, "{{") || strings.ContainsAny(text, "#\t\"") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case !unicode.IsLetter(first) && !strings.ContainsRune("/$_(", first) && first < utf8.RuneSelf && !unicode.IsDigit(first):
		return false
	case strings.IndexFunc(text, func(r rune) bool { return !printable(r) }) >= 0:
		return false
	case strings.Contains(text, ": ") || strings.HasSuffix(text, ":"):
		return false
	case in != blockContext && strings.ContainsAny(text, ",[]{}:?"):
		return false
	case word11(text) || strings.Trim(text, "0123456789_+-.:xXoOabcdefABCDEFTZ ") == "" && unicode.IsDigit(first):
		return false
	}
	plain := yaml.Node{Kind: yaml.ScalarNode, Value: text}
	return plain.ShortTag() == "!!str"
}

// word11 reports whether YAML 1.1, which many tools still read, takes a text for true, false or null.
func word11(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

// isBlock reports whether a scalar is written over several lines: as a block scalar, or as a long text without quotes that
// went over several lines before.
func (p *printer) isBlock(n *yaml.Node) bool {
	switch style := n.Style &^ yaml.TaggedStyle; style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		return strings.Trim(n.Value, "\n") != ""
	case 0:
		return p.wrapped(n)
	}
	return false
}

// wrapped reports whether a text without quotes goes over several lines and would be too long for one.
func (p *printer) wrapped(n *yaml.Node) bool {
	at := placeOf(n)
	if n.ShortTag() != "!!str" || at.line >= len(p.scanner.lines) || utf8.RuneCountInString(n.Value) < maxWidth || strings.Contains(n.Value, "\n") {
		return false
	}
	line := p.scanner.lines[at.line]
	return !strings.Contains(string(line[min(at.col, len(line)):]), n.Value)
}

// blockOf returns the head and the lines of a block scalar.
func (p *printer) blockOf(n *yaml.Node) (head string, lines []string) {
	lines, taken := p.blocks[n]
	sign := "|"
	switch {
	case !taken:
		return ">-", fold(n.Value, maxWidth-20)
	case n.Style&yaml.FoldedStyle != 0:
		sign = ">"
	}
	breaks := len(n.Value) - len(strings.TrimRight(n.Value, "\n"))
	for _, line := range lines { // the first line with text tells the indentation, unless it begins with a space itself
		if line != "" {
			if line[0] == ' ' {
				sign += "2"
			}
			break
		}
	}
	switch {
	case breaks == 0:
		sign += "-"
	case breaks > 1:
		sign += "+"
		for range breaks - 1 {
			lines = append(lines[:len(lines):len(lines)], "")
		}
	}
	return sign, lines
}

// fold takes a text apart at single spaces.
func fold(text string, width int) []string {
	var lines []string
	for utf8.RuneCountInString(text) > width {
		cut := -1
		for i := 1; i+1 < len(text); i++ {
			if text[i] != ' ' || text[i-1] == ' ' || text[i+1] == ' ' {
				continue
			}
			if cut >= 0 && utf8.RuneCountInString(text[:i]) > width {
				break
			}
			cut = i
		}
		if cut < 0 {
			break
		}
		lines = append(lines, text[:cut])
		text = text[cut+1:]
	}
	return append(lines, text)
}
