package collections

import (
	"net/url"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// field is a name of a query or a form and its values; none where it is null.
type field struct {
	name   string
	pos    source.Pos // of the value
	values []vars.Template
}

// readFields reads a mapping of names to a value, a list of values, or null for none.
func readFields(n source.Node) []field {
	entries := n.Entries()
	fields := make([]field, 0, len(entries))
	for _, e := range entries {
		checkFieldName(e)
		f := field{name: e.Name(), pos: e.Value.Pos()}
		switch {
		case e.Value.IsNull():
		case e.Value.IsList():
			for _, item := range e.Value.Items() {
				f.values = append(f.values, readValue(item))
			}
		default:
			f.values = []vars.Template{readValue(e.Value)}
		}
		fields = append(fields, f)
	}
	return fields
}

func readValue(n source.Node) vars.Template {
	var t vars.Template
	t.Read(n)
	return t
}

// checkFieldName refuses what would be sent with its braces.
func checkFieldName(e source.Entry) {
	switch name := e.Name(); {
	case name == "":
		e.Key.Errorf("a name is empty")
	case strings.Contains(name, "{{"):
		e.Key.Errorf("%q: a name cannot hold a variable, only a value can", name)
	}
}

func fieldUses(fields []field) []vars.Use {
	var uses []vars.Use
	for _, f := range fields {
		for _, v := range f.values {
			uses = append(uses, v.Uses()...)
		}
	}
	return uses
}

// encode writes the fields in their order as application/x-www-form-urlencoded does.
func encode(b *strings.Builder, fields []field, s *vars.Scope) error {
	separator := ""
	for _, f := range fields {
		for _, v := range f.values {
			text, err := v.Expand(s)
			if err != nil {
				return err
			}
			b.WriteString(separator)
			b.WriteString(url.QueryEscape(f.name))
			b.WriteByte('=')
			b.WriteString(url.QueryEscape(text))
			separator = "&"
		}
	}
	return nil
}
