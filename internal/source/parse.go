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
		if errors.Is(err, io.EOF) {
			return Problems{{Pos: Pos{name, 1, 1}, Err: errors.New("the file is empty")}}
		}
		return d.syntaxError(err)
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return Problems{{Pos: d.inside(Pos{name, max(next.Line, 1), 1}), Err: errors.New("a second document after ---; a file holds one")}}
	} else if !errors.Is(err, io.EOF) {
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
