package reporters

import (
	"bufio"
	"io"
	"strings"
	"time"
	"unicode"
)

// style is how text is shown: the parameters of an SGR sequence (ECMA-48, section 8.3.117).
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
)

// printer writes lines, coloured or not. Its errors are kept by the buffer and come back from flush.
type printer struct {
	w     *bufio.Writer
	color bool
	wraps bool // at the width
	width int
	lines int                 // that were ended
	as    func(string) string // what text is written as; nil for as it is
	space []byte              // of spaces, as many as were ever needed
	small []byte              // for numbers
}

func newPrinter(w io.Writer, s *Screen) *printer {
	p := &printer{w: bufio.NewWriterSize(w, 4<<10), color: s.Color, wraps: s.Terminal, width: s.columns()}
	switch {
	case s.CI != "":
		p.as = inert
	case s.ASCII:
		p.as = asciiSigns().Replace
	}
	return p
}

func (p *printer) text(s string) {
	if p.as != nil {
		s = p.as(s)
	}
	p.w.WriteString(s)
}

// command writes what the system of a log reads.
func (p *printer) command(s string) { p.w.WriteString(s) }

func (p *printer) line() {
	p.lines++
	p.w.WriteByte('\n')
}

func (p *printer) indent(n int) {
	for len(p.space) < n {
		p.space = append(p.space, "                                        "...)
	}
	p.w.Write(p.space[:max(n, 0)])
}

// paint writes s in a style.
func (p *printer) paint(how style, s string) {
	if !p.color || how == "" || s == "" {
		p.text(s)
		return
	}
	p.w.WriteString("\x1b[")
	p.w.WriteString(string(how))
	p.w.WriteString("m")
	p.text(s)
	p.w.WriteString("\x1b[0m")
}

// took writes a time span, right-aligned in nine columns.
func (p *printer) took(d time.Duration) {
	p.small = appendTime(p.small[:0], d)
	p.indent(9 - len(p.small))
	if p.color {
		p.w.WriteString("\x1b[2m")
	}
	p.w.Write(p.small)
	if p.color {
		p.w.WriteString("\x1b[0m")
	}
}

// prose writes a text in a style from column at on. On a terminal its words go on in lines below, indented by so many columns;
// a word that is longer than a line stays whole, so that it can be copied. It returns the column after the text.
func (p *printer) prose(how style, at, indent int, text string) int {
	if !p.wraps {
		p.paint(how, text)
		return at + columns(text)
	}
	for len(text) > p.width-at && columns(text) > p.width-at {
		end := breakAt(text, p.width-at, at <= indent)
		if end == len(text) {
			break
		}
		p.paint(how, strings.TrimRight(text[:end], " "))
		p.line()
		p.indent(indent)
		text, at = strings.TrimLeft(text[end:], " "), indent
	}
	p.paint(how, text)
	return at + columns(text)
}

// breakAt returns where a line of so many columns ends: after the last word that fits, or after the first one where none does and
// a new line would have no more room.
func breakAt(text string, width int, must bool) int {
	end, used := 0, 0
	for i, r := range text {
		if r == ' ' {
			if used > width {
				break
			}
			end = i
		}
		used += runeColumns(r)
	}
	if end > 0 || !must {
		return end
	}
	if i := strings.IndexByte(text, ' '); i > 0 {
		return i
	}
	return len(text)
}

// paragraphs writes a text of several lines as prose, each line indented, and what does not fit in it below what it says.
func (p *printer) paragraphs(indent int, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			below := len(line) - len(strings.TrimLeft(line, " "))
			if below == 0 {
				below = 2
			} else {
				below += hang(line[below:])
			}
			p.indent(indent)
			p.prose("", indent, indent+below, line)
		}
		p.line()
	}
}

// block writes lines of clean text, each indented.
func (p *printer) block(indent int, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			p.indent(indent)
			p.text(line)
		}
		p.line()
	}
}

// err returns what went wrong so far with writing, without writing.
func (p *printer) err() error {
	_, err := p.w.Write(nil)
	return err
}

func (p *printer) flush() error { return p.w.Flush() }

// columns is how many columns of a terminal a clean text takes.
func columns(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			return n + wideColumns(s[i:])
		}
		n++
	}
	return n
}

func wideColumns(s string) int {
	n, joined := 0, false
	for _, r := range s {
		if !joined {
			n += runeColumns(r)
		}
		joined = r == '\u200D' // zero width joiner: the next character becomes part of this one
	}
	return n
}

// runeColumns is 0 for what combines with the character before it and 2 for what terminals show wide (UAX #11).
func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r < 0x1100:
		return 1
	case r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3, r >= 0xF900 && r <= 0xFAFF,
		r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60, r >= 0xFFE0 && r <= 0xFFE6,
		r >= 0x1F300 && r <= 0x1F64F, r >= 0x1F680 && r <= 0x1F6FF, r >= 0x1F900 && r <= 0x1FAFF, r >= 0x20000 && r <= 0x3FFFD:
		return 2
	}
	return 1
}

// fit returns s, or its beginning and "…", in at most width columns.
func fit(s string, width int) string {
	if len(s) <= width || columns(s) <= width {
		return s
	}
	n := 0
	for i, r := range s {
		n += runeColumns(r)
		if n > width-1 {
			return s[:i] + "…"
		}
	}
	return s
}
