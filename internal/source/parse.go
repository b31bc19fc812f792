package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	yaml4 "go.yaml.in/yaml/v4"
	"gopkg.in/yaml.v3"
)

const (
	maxDepth = 100     // levels of nesting; a collection has about ten
	maxNodes = 500_000 // nodes after aliases are expanded
)

// document is one file while it is read.
type document struct {
	name     string
	src      []byte
	lines    [][]byte // split when a place is asked for
	problems Problems
}

// Parse reads YAML text and gives its top node to read; name stands in the places.
// A file of several documents, or of none, is a problem: everything in a file is read or refused.
func Parse(name string, src []byte, read func(Node)) error {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	d := &document{name: name, src: src}
	if !utf8.Valid(src) {
		return Problems{{Pos: d.firstBadByte(), Err: errors.New("not UTF-8 text; save the file as UTF-8")}}
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var top yaml.Node
	if err := dec.Decode(&top); err != nil {
		if err == io.EOF {
			return Problems{{Pos: Pos{name, 1, 1}, Err: errors.New("the file is empty")}}
		}
		return d.syntaxError(err)
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return Problems{{Pos: Pos{name, max(next.Line, 1), 1}, Err: errors.New("a second document after ---; a file holds one")}}
	} else if err != io.EOF {
		return d.syntaxError(err)
	}
	root := top.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return Problems{{Pos: Pos{name, 1, 1}, Err: errors.New("the file is empty")}}
	}
	if p := d.guard(root); p != nil {
		return Problems{p}
	}
	read(Node{root, d})
	return d.problems.Err()
}

func (d *document) firstBadByte() Pos {
	line, col := 1, 1
	for rest := d.src; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			break
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
		rest = rest[size:]
	}
	return Pos{d.name, line, col}
}

// guard refuses documents whose aliases or nesting would explode when they are walked.
func (d *document) guard(root *yaml.Node) *Error {
	sizes := map[*yaml.Node]int{}
	open := map[*yaml.Node]bool{}
	var bad *Error
	var size func(n *yaml.Node, depth int) int
	size = func(n *yaml.Node, depth int) int {
		pos := Pos{d.name, n.Line, n.Column}
		switch {
		case bad != nil:
			return 0
		case depth > maxDepth:
			bad = pos.Errorf("nested deeper than %d levels", maxDepth)
			return 0
		case n.Kind == yaml.AliasNode && open[n.Alias]:
			bad = pos.Errorf("alias *%s stands inside its own anchor", n.Value)
			return 0
		case n.Kind == yaml.AliasNode:
			if s, ok := sizes[n.Alias]; ok {
				return s
			}
			return size(n.Alias, depth)
		}
		if n.Anchor != "" {
			open[n] = true
			defer delete(open, n)
		}
		total := 1
		for _, c := range n.Content {
			total += size(c, depth+1)
			if total > maxNodes && bad == nil {
				bad = pos.Errorf("aliases expand to more than %d values here", maxNodes)
			}
		}
		if n.Anchor != "" {
			sizes[n] = total
		}
		return total
	}
	size(root, 0)
	return bad
}

var bareBraces = regexp.MustCompile(`^\s*(?:- +)*(?:[^\s"'#:][^:#]*:\s+|"[^"]*"\s*:\s+|'[^']*'\s*:\s+|- +)(\{\{)`)

const quoteHint = `a value that starts with {{ must be quoted, because { opens a YAML mapping: write %s`

// syntaxError explains what the YAML parser refused, at its true place. yaml.v3 tells the wrong line for many
// mistakes, so the text is parsed once more by its successor, which keeps line and column.
func (d *document) syntaxError(err error) error {
	if p := d.bracesOutsideQuotes(); p != nil {
		return Problems{p}
	}
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
		if le.ContextMsg != "" && le.ContextMark.Line > 0 {
			text = fmt.Sprintf("%s (%s that starts at line %d)", text, le.ContextMsg, le.ContextMark.Line)
		}
	}
	if l := d.line(pos.Line); bytes.HasPrefix(bytes.TrimLeft(l, " "), []byte("\t")) {
		text += "; YAML is indented with spaces, and this line has a tab"
	}
	return Problems{pos.Errorf("not YAML: %s", text)}
}

// bracesOutsideQuotes finds the beginner's mistake `url: {{base}}/x`, for which YAML has only obscure words.
func (d *document) bracesOutsideQuotes() *Error {
	block := -1 // indentation of the key that opened a block scalar
	for i, l := range d.allLines() {
		indent := len(l) - len(bytes.TrimLeft(l, " "))
		if block >= 0 && (indent > block || len(bytes.TrimSpace(l)) == 0) {
			continue
		}
		block = -1
		if t := bytes.TrimSpace(stripComment(l)); bytes.HasSuffix(t, []byte("|")) || bytes.HasSuffix(t, []byte(">")) || bytes.HasSuffix(t, []byte("|-")) || bytes.HasSuffix(t, []byte(">-")) {
			block = indent
			continue
		}
		if m := bareBraces.FindSubmatchIndex(l); m != nil {
			col := utf8.RuneCount(l[:m[2]]) + 1
			value := strings.TrimSpace(string(stripComment(l)[m[2]:]))
			return Pos{d.name, i + 1, col}.Errorf(quoteHint, quoted(value))
		}
	}
	return nil
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

func (d *document) allLines() [][]byte {
	if d.lines == nil {
		d.lines = bytes.Split(d.src, []byte("\n"))
	}
	return d.lines
}

func (d *document) line(n int) []byte {
	if lines := d.allLines(); n >= 1 && n <= len(lines) {
		return lines[n-1]
	}
	return nil
}
