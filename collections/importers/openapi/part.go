package openapi

import (
	"io/fs"
	"path"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// part is a place in a document, with $ref followed. The zero part is nothing, and what stands below nothing is nothing.
type part struct {
	node source.Node
	file string // the document that it stands in
	ok   bool
}

// get returns what stands below a key.
func (p part) get(key string) part {
	if !p.ok || !p.node.IsMap() {
		return part{}
	}
	for _, e := range p.node.Entries() {
		if e.Name() == key {
			return part{e.Value, p.file, true}
		}
	}
	return part{}
}

// member is a key and what stands below it.
type member struct {
	name string
	part
}

// members returns what stands below a mapping, in the order of the document.
func (p part) members() []member {
	if !p.ok || !p.node.IsMap() {
		return nil
	}
	var all []member
	for _, e := range p.node.Entries() {
		all = append(all, member{e.Name(), part{e.Value, p.file, true}})
	}
	return all
}

func (p part) items() []part {
	if !p.ok || !p.node.IsList() {
		return nil
	}
	var all []part
	for _, n := range p.node.Items() {
		all = append(all, part{n, p.file, true})
	}
	return all
}

// text returns a scalar, and empty text for anything else.
func (p part) text() string {
	if !p.ok || !p.node.IsScalar() || p.node.IsNull() {
		return ""
	}
	return p.node.Text()
}

func (p part) pos() source.Pos {
	if !p.ok {
		return source.Pos{}
	}
	return p.node.Pos()
}

func (p part) is(word string) bool { return p.text() == word }

// value returns what stands there as a value of a draft, nothing in it being a template.
func (p part) value(depth int) any {
	switch {
	case !p.ok || depth > 40:
		return nil
	case p.node.IsMap():
		m := &draft.Map{}
		for _, e := range p.members() {
			m.Set(draft.Literal(e.name), e.value(depth+1))
		}
		return m
	case p.node.IsList():
		list := []any{}
		for _, item := range p.items() {
			list = append(list, item.value(depth+1))
		}
		return list
	}
	v := p.node.Value()
	if text, ok := v.(string); ok {
		return draft.Literal(text)
	}
	return v
}

// documents are the files of a description, each read once.
type documents struct {
	in    draft.Input
	draft *draft.Collection
	tops  map[string]part
}

// resolve follows $ref, to another document too. What leads nowhere is told and is nothing.
func (d *documents) resolve(p part) part {
	for range 20 {
		ref := p.get("$ref")
		if !ref.ok || ref.text() == "" {
			return p
		}
		to := d.follow(p.file, ref.text())
		if !to.ok {
			d.draft.Note(ref.pos(), "$ref %q leads nowhere; what it stands for is left out", ref.text())
			return part{}
		}
		p = to
	}
	d.draft.Note(p.pos(), "$ref goes round in a circle")
	return part{}
}

func (d *documents) follow(from, ref string) part {
	file, pointer, _ := strings.Cut(ref, "#")
	if file == "" {
		file = from
	} else {
		file = path.Join(path.Dir(from), file)
	}
	p, ok := d.tops[file]
	if !ok {
		p = d.open(file)
		d.tops[file] = p
	}
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" || pointer == "/" {
			break
		}
		p = step(p, strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}").Replace(key))
	}
	return p
}

func step(p part, key string) part {
	if !p.ok || !p.node.IsList() {
		return p.get(key)
	}
	for i, item := range p.items() {
		if key == itoa(i) {
			return item
		}
	}
	return part{}
}

// open reads another document, which has to stand beside the collection as well.
func (d *documents) open(file string) (top part) {
	rel := strings.TrimPrefix(file, path.Dir(d.in.Name)+"/")
	if path.IsAbs(rel) || strings.HasPrefix(rel, "..") || strings.Contains(file, ":") {
		return part{}
	}
	text, err := fs.ReadFile(d.in.FS, file)
	if err != nil {
		return part{}
	}
	if err := source.Parse(file, text, func(n source.Node) { top = part{n, file, true} }); err != nil {
		return part{}
	}
	if d.draft.Files == nil {
		d.draft.Files = map[string][]byte{}
	}
	d.draft.Files[rel] = text
	return top
}
