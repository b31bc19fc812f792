package curl

import "strings"

// writer puts arguments together.
type writer struct {
	quoter
	b strings.Builder
}

func (w *writer) program() {
	w.b.WriteString("curl")
	if w.powershell {
		w.b.WriteString(".exe") // curl alone is an alias of another command in Windows PowerShell
	}
}

// inline writes a flag on the same line.
func (w *writer) inline(flag string) { w.b.WriteString(" " + flag) }

// value writes what a flag before it takes.
func (w *writer) value(text string) { w.b.WriteString(" " + w.quote(text)) }

// flag begins a line.
func (w *writer) flag(flag string) {
	next := " \\\n  "
	if w.powershell {
		next = " `\n  "
	}
	w.b.WriteString(next + flag)
}

func (w *writer) option(flag, text string) {
	w.flag(flag)
	w.value(text)
}

// quoter quotes one argument of a shell, with what stands in its holes.
type quoter struct {
	powershell bool
	holes      []Hole
}

// piece is literal text, or a variable.
type piece struct{ literal, variable string }

// pieces takes a text apart at its holes.
func (q *quoter) pieces(text string) []piece {
	list := []piece{{literal: text}}
	for _, h := range q.holes {
		var next []piece
		for _, p := range list {
			for i, literal := range strings.Split(p.literal, h.Mark) {
				switch {
				case i == 0:
					p.literal = literal
					next = append(next, p)
				case h.Variable != "":
					next = append(next, piece{variable: h.Variable}, piece{literal: literal})
				default:
					next[len(next)-1].literal += h.Text + literal
				}
			}
		}
		list = next
	}
	return list
}

// variable reports whether a text has a hole that a variable fills.
func (q *quoter) variable(text string) bool {
	for _, h := range q.holes {
		if h.Variable != "" && strings.Contains(text, h.Mark) {
			return true
		}
	}
	return false
}

// filled is a text without its marks, for looking at what is left.
func (q *quoter) filled(text string) string {
	var b strings.Builder
	for _, p := range q.pieces(text) {
		b.WriteString(p.literal)
	}
	return b.String()
}

// quote returns an argument. A text without a variable goes into single quotes, where a shell leaves everything alone.
func (q *quoter) quote(text string) string {
	if q.powershell {
		return q.power(text)
	}
	return q.posix(text)
}

// posix quotes for sh, bash, zsh and their like (POSIX.1-2024, XCU 2.2).
func (q *quoter) posix(text string) string {
	list := q.pieces(text)
	if !q.variable(text) {
		literal := q.filled(text)
		if literal != "" && strings.Trim(literal, plain) == "" {
			return literal
		}
		return "'" + strings.ReplaceAll(literal, "'", `'\''`) + "'"
	}
	var b strings.Builder
	double := !strings.ContainsAny(q.filled(text), "\\\"`$!") // which mean something in double quotes
	if double {
		b.WriteByte('"')
	}
	for i, p := range list {
		switch {
		case p.variable != "" && double:
			b.WriteString(reference(p.variable, list[i+1].literal))
		case p.variable != "":
			b.WriteString(`"$` + p.variable + `"`)
		case double:
			b.WriteString(p.literal)
		case p.literal != "":
			b.WriteString("'" + strings.ReplaceAll(p.literal, "'", `'\''`) + "'")
		}
	}
	if double {
		b.WriteByte('"')
	}
	return b.String()
}

// plain are the characters that need no quotes in any shell.
const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-"

// reference is $name, in braces where the next character would belong to it.
func reference(name, next string) string {
	if next != "" && strings.ContainsAny(next[:1], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_[") { // zsh reads $name[1]
		return "${" + name + "}"
	}
	return "$" + name
}

// power quotes for PowerShell, to which curly quotes are quotes too.
func (q *quoter) power(text string) string {
	if !q.variable(text) {
		literal := q.filled(text)
		return "'" + doubled(literal, "'‘’‚‛") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, p := range q.pieces(text) {
		if p.variable != "" {
			b.WriteString("${env:" + p.variable + "}")
			continue
		}
		for _, r := range p.literal {
			if strings.ContainsRune("`$\"“”„", r) {
				b.WriteByte('`')
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func doubled(text, quotes string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(quotes, r) {
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
