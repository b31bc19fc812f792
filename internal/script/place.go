package script

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"modernc.org/quickjs"

	"github.com/hgrun/hgrun/internal/source"
)

// place returns where a line of the script stands in the user's file. Without a known line it is where the script starts.
func (s Script) place(line, col int) source.Pos {
	switch {
	case line < 1:
		return s.Pos
	case line <= len(s.Lines):
		return s.Lines[line-1]
	case len(s.Lines) > 0:
		return s.Lines[len(s.Lines)-1]
	case line == 1:
		return source.Pos{File: s.Pos.File, Line: s.Pos.Line, Col: s.Pos.Col + max(col-1, 0)}
	default:
		return source.Pos{File: s.Pos.File, Line: s.Pos.Line + line - 1, Col: col}
	}
}

// lineOf returns the place in the script of the innermost frame of a stack that stands in it; zero where none does. Code that came as text, as scripts do,
// is called <input> by the engine; its own code and the modules are bytecode and have another name. Text that a script evaluates itself is skipped.
func lineOf(stack string) (line, col int) {
	if i := strings.LastIndex(stack, "at <eval> (<input>:"); i >= 0 {
		_, stack, _ = strings.Cut(stack[i:], "\n")
	}
	_, rest, found := strings.Cut(stack, "<input>:")
	if !found {
		return 0, 0
	}
	rest, _, _ = strings.Cut(rest, "\n")
	l, c, _ := strings.Cut(strings.TrimRight(rest, ")"), ":")
	line, _ = strconv.Atoi(l)
	col, _ = strconv.Atoi(c)
	return line - 1, col
}

// called returns what stands before the bracket of a call, and "is "; the engine itself does not name what it could not call.
func (s Script) called(line, col int) string {
	lines := strings.Split(s.Text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	before := []rune(lines[line-1])
	if col < 1 || col > len(before) {
		return ""
	}
	if name := callee(before[:col-1]); name != "" {
		return name + " is "
	}
	return ""
}

// callee returns the expression at the end of a text, with what stands in its brackets left out: pm.expect(...).to.be.true
func callee(text []rune) string {
	name, depth := "", 0
	for _, r := range slices.Backward(text) {
		switch {
		case r == ')':
			if depth++; depth == 1 {
				name = "(...)" + name
			}
		case r == '(' && depth > 0:
			depth--
		case depth > 0:
		case letter(r) || strings.ContainsRune("$_.[]'\"", r):
			name = string(r) + name
		default:
			return strings.TrimLeft(name, ".]'\"")
		}
	}
	return strings.TrimLeft(name, ".]'\"")
}

func letter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// syntaxError returns what the engine has against the text of a script.
func syntaxError(s Script, err error) error {
	var e *quickjs.Error
	if !errors.As(err, &e) {
		return s.Pos.Errorf("%w", err)
	}
	line, col := syntaxPlace(e)
	last := strings.Count(s.Text, "\n") + 1
	if line > last || e.Message == "unexpected token in expression: ''" {
		return s.place(min(line, last), 1).Errorf("the script is no JavaScript: it ends where more is expected: is a bracket not closed, or a line cut off?")
	}
	if s.Inside != nil && line > 0 {
		return s.Inside(line, col).Errorf("the script is no JavaScript: %s", e.Message)
	}
	return s.place(line, col).Errorf("the script is no JavaScript: %s", e.Message)
}

func syntaxPlace(e *quickjs.Error) (line, col int) {
	if e.LineNumber > 0 {
		return e.LineNumber - 1, e.ColumnNumber
	}
	_, rest, _ := strings.Cut(e.Stack, "<input>:")
	rest, _, _ = strings.Cut(rest, "\n")
	l, c, _ := strings.Cut(strings.TrimRight(rest, ")"), ":")
	line, _ = strconv.Atoi(l)
	col, _ = strconv.Atoi(c)
	return line - 1, col
}
