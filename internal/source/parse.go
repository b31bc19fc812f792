package source

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// document is one file while it is read.
type document struct {
	name     string
	src      []byte
	lines    [][]byte // split when a place is asked for
	text     string   // src, from the first Place on
	starts   []int    // offsets of the lines in text
	problems Problems
	under    *document                // that records the problems of this one; nil for itself
	grafts   map[*yaml.Node]*document // what stands in other files
}

// record records a problem.
func (d *document) record(e *Error) {
	if d.under != nil {
		d = d.under
	}
	d.problems = append(d.problems, e)
}

// graft remembers that parts of a value stand in another file.
func (d *document) graft(other *document, parts ...*yaml.Node) {
	if other == d {
		return
	}
	if d.grafts == nil {
		d.grafts = map[*yaml.Node]*document{}
	}
	for _, y := range parts {
		d.grafts[y] = other
	}
}

// Parse reads YAML text and gives its top node to read; name stands in the places.
// A file of several documents, or of none, is a problem: everything in a file is read or refused.
func Parse(name string, src []byte, read func(Node)) error {
	n, err := parse(name, src)
	if err != nil {
		return err
	}
	read(n)
	return n.d.problems.Err()
}

// Beside reads the YAML text of another file. Its values can become parts of those of n and keep their places; its problems are recorded with
// those of n. False means that it has been refused, which is recorded.
func (n Node) Beside(name string, src []byte) (Node, bool) {
	other, err := parse(name, src)
	if err != nil {
		n.Record(err)
		return Node{}, false
	}
	if other.d.under = n.d.under; other.d.under == nil {
		other.d.under = n.d
	}
	return other, true
}

func parse(name string, src []byte) (Node, error) {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	d := &document{name: name, src: src}
	if !utf8.Valid(src) {
		return Node{}, Problems{{Pos: d.firstBadByte(), Err: errors.New("not UTF-8 text; save the file as UTF-8")}}
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var top yaml.Node
	if err := dec.Decode(&top); err != nil {
		if errors.Is(err, io.EOF) {
			return Node{}, Problems{{Pos: Pos{name, 1, 1}, Err: errors.New("the file is empty")}}
		}
		return Node{}, d.syntaxError(err)
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return Node{}, Problems{{Pos: d.inside(Pos{name, max(next.Line, 1), 1}), Err: errors.New("a second document after ---; a file holds one")}}
	} else if !errors.Is(err, io.EOF) {
		return Node{}, d.syntaxError(err)
	}
	root := top.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return Node{}, Problems{{Pos: Pos{name, 1, 1}, Err: errors.New("the file is empty")}}
	}
	if p := d.guard(root); p != nil {
		return Node{}, Problems{p}
	}
	return Node{root, d}, nil
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
