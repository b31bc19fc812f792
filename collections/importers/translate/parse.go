package translate

import (
	"errors"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"

	"github.com/hgrun/hgrun/internal/source"
)

// translator holds one script while it is translated.
type translator struct {
	script   Script
	context  Context
	text     string // of the script
	shift    int    // of an index of the tree from an offset in text
	units    []*unit
	current  *unit            // that is being translated
	trailing string           // comments behind the last statement
	asserted map[string]bool  // legacy tests that are asked for
	wrote    map[string]value // by scope and name: what the script has put into variables
	changing map[string]bool  // names that are given another value somewhere, so that they are no constants
	jwt      []Entry          // the assertion that the script signs; nil for none
	own
}

// own are the functions of the script itself.
type own struct {
	functions map[string]ast.Expression // that are declared at the top
	inlining  int                       // how many of them are being computed, one within the other
}

// unit is one statement at the top of a script.
type unit struct {
	span
	fate
	stmt      ast.Statement
	comment   string // that stood before it
	test      string // the name of its test
	checks    []check
	sets      []set
	flow      []Entry
	assertion string // the variable that held a JWT which assertion signs now
	token     *Token // that auth fetches now; nil for none
	notes     []Note
	binds     []string // names that it declares
}

// span is where a unit stands: offsets of the comments before it, of the statement, and behind it.
type span struct{ start, body, end int }

// fate says whether a unit stays a script.
type fate struct {
	kept   bool    // it cannot be translated
	needed bool    // what is kept needs the names that it declares
	reason string  // why it is kept
	flags  []*unit // that say whether it does anything, and are kept with it
}

// set is a variable that gets a value.
type set struct {
	name     string
	value    any
	scope    string // pm.environment and the like
	captured bool   // from the response
	from     value  // what it is in the script
	at       int
}

// problem says why a statement cannot be translated.
type problem struct {
	at     int // offset in the text; -1 where it is the statement's
	reason string
}

func (p problem) Error() string { return p.reason }

// parse reads a script as the engine does: as the body of a function.
func parse(s Script, c Context) (*translator, error) {
	before := "(function () {\n"
	if strings.Contains(s.Text, "await") {
		before = "(async function () {\n"
	}
	program, err := parser.ParseFile(nil, "", before+s.Text+"\n})", 0, parser.WithDisableSourceMaps)
	if err != nil {
		var list parser.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			return nil, errors.New("it is no JavaScript: " + strings.ToLower(list[0].Message))
		}
		return nil, errors.New("it is no JavaScript")
	}
	body := functionBody(program)
	if body == nil {
		return nil, errors.New("it is no JavaScript: a brace too many")
	}
	t := &translator{script: s, context: c, text: s.Text, shift: len(before) + 1, changing: map[string]bool{}, asserted: map[string]bool{}, wrote: map[string]value{}}
	t.functions = declaredFunctions(body.List)
	t.divide(body.List)
	t.findChanges(body.List)
	return t, nil
}

// declaredFunctions returns the functions that are declared once.
func declaredFunctions(list []ast.Statement) map[string]ast.Expression {
	found := map[string]ast.Expression{}
	for _, st := range list {
		f, ok := st.(*ast.FunctionDeclaration)
		if !ok {
			continue
		}
		name := f.Function.Name.Name.String()
		if _, twice := found[name]; twice {
			found[name] = nil
			continue
		}
		found[name] = f.Function
	}
	return found
}

func functionBody(p *ast.Program) *ast.BlockStatement {
	if len(p.Body) != 1 {
		return nil
	}
	st, ok := p.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	f, ok := st.Expression.(*ast.FunctionLiteral)
	if !ok {
		return nil
	}
	return f.Body
}

// divide finds where each statement begins and ends. The tree has no brackets around expressions and no comments, so the text between is looked at.
func (t *translator) divide(list []ast.Statement) {
	at := 0
	for _, st := range list {
		if _, empty := st.(*ast.EmptyStatement); empty {
			continue
		}
		u := &unit{stmt: st, span: span{start: at}}
		u.body = t.skip(at)
		u.comment = uncommented(t.text[at:u.body])
		u.end = t.endOf(st)
		at = max(u.end, at)
		u.end = at
		t.units = append(t.units, u)
	}
	t.trailing = strings.TrimSpace(t.text[at:])
	for _, u := range t.units {
		if space := t.text[u.start:u.body]; strings.TrimSpace(space) == "" {
			u.start = u.body
		} else {
			u.start += len(space) - len(strings.TrimLeft(space, " \t\r\n;"))
		}
	}
}

// skip returns the offset of the next thing that is neither white space nor a comment.
func (t *translator) skip(at int) int {
	for at < len(t.text) {
		rest := t.text[at:]
		switch {
		case strings.HasPrefix(rest, "//"):
			at += lineLength(rest)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return len(t.text)
			}
			at += end + 4
		case strings.ContainsRune(" \t\r\n;\ufeff\u00a0", []rune(rest[:min(4, len(rest))])[0]):
			at += len(string([]rune(rest[:min(4, len(rest))])[0]))
		default:
			return at
		}
	}
	return at
}

func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// endOf returns the offset behind a statement, its closing brackets, its semicolon and a comment on its line.
func (t *translator) endOf(st ast.Statement) int {
	at := min(max(t.offset(st.Idx1()), 0), len(t.text))
	for {
		next := t.skipBlank(at)
		if next < len(t.text) && t.text[next] == '(' { // new Date(): the tree has no place of brackets with nothing in them
			if close := t.skipBlank(next + 1); close < len(t.text) && t.text[close] == ')' && !strings.HasPrefix(t.text[t.skipBlank(close+1):], "=>") {
				at = close + 1
				continue
			}
		}
		if next >= len(t.text) || t.text[next] != ')' {
			break
		}
		at = next + 1
	}
	for at < len(t.text) && strings.IndexByte(" \t;", t.text[at]) >= 0 {
		at++
	}
	if rest := t.text[at:]; strings.HasPrefix(rest, "//") {
		at += lineLength(rest)
	}
	return at
}

func (t *translator) skipBlank(at int) int {
	for at < len(t.text) && strings.IndexByte(" \t\r\n", t.text[at]) >= 0 {
		at++
	}
	return at
}

func (t *translator) offset(i file.Idx) int { return int(i) - t.shift }

// line returns the line of an offset, counted from 1.
func (t *translator) line(offset int) int {
	return 1 + strings.Count(t.text[:min(max(offset, 0), len(t.text))], "\n")
}

func (t *translator) pos(offset int) source.Pos {
	if line := t.line(offset); line <= len(t.script.Lines) {
		return t.script.Lines[line-1]
	}
	return source.Pos{}
}

// uncommented returns the text of comments, without what makes them comments.
func uncommented(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		line = strings.Trim(line, " \t\r\n;")
		line = strings.TrimSuffix(strings.TrimPrefix(line, "/*"), "*/")
		line = strings.TrimSpace(strings.TrimLeft(line, "/*"))
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
