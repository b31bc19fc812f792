package assertions

import (
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// text is a scalar of the mapping and where it stands.
type text struct {
	vars.Template
	pos  source.Pos // the zero Pos: not given
	null bool
}

func (t *text) given() bool { return t.pos != source.Pos{} }

func (t *text) read(n source.Node) {
	t.pos = n.Pos()
	t.Template.Read(n)
}

func (t *text) readOrNull(n source.Node) {
	if t.null = n.IsNull(); t.null {
		t.pos = n.Pos()
		return
	}
	t.read(n)
}

// member is a field of the header or a claim. A value of null takes it out.
type member struct {
	name  string
	pos   source.Pos // of the name
	value vars.Document
}

// members are in the order of the file.
type members []member

func (ms *members) read(n source.Node) {
	*ms = nil
	for _, e := range n.Entries() {
		m := member{name: e.Name(), pos: e.Key.Pos()}
		m.value.Read(e.Value)
		*ms = append(*ms, m)
	}
}

func (ms members) find(name string) (member, bool) {
	for _, m := range ms {
		if m.name == name {
			return m, true
		}
	}
	return member{}, false
}

func (ms members) uses() []vars.Use {
	var uses []vars.Use
	for _, m := range ms {
		uses = append(uses, m.value.Uses()...)
	}
	return uses
}

// fixed reports whether the value needs no name and is not null.
func (m member) fixed() bool {
	if !m.value.Static() {
		return false
	}
	v, err := m.value.Any(vars.NewScope(nil))
	return err == nil && v != nil
}

// object is a JSON object while it is written. The zero object is ready.
type object struct{ buf []byte }

// add writes a member whose value is JSON text; null is left out.
func (o *object) add(name string, value string) {
	if value == "null" || value == "" {
		return
	}
	if o.buf == nil {
		o.buf = make([]byte, 0, 512)
	}
	sep := byte(',')
	if len(o.buf) == 0 {
		sep = '{'
	}
	o.buf = append(o.buf, sep)
	o.buf = append(o.buf, quote(name)...)
	o.buf = append(o.buf, ':')
	o.buf = append(o.buf, value...)
}

// bytes ends the object.
func (o *object) bytes() []byte {
	if len(o.buf) == 0 {
		return []byte("{}")
	}
	return append(o.buf, '}')
}

// quote returns text as a JSON string; what needs no escape stays byte for byte.
func quote(text string) string {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return vars.Value{Text: text}.Literal()
		}
	}
	return `"` + text + `"`
}
