package importers

import (
	"fmt"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// disabled are the entries of a list that are switched off: comments of those that are not, as a person would write them.
type disabled struct {
	im    *importer
	what  string // "header", for notes
	lines []string
	first source.Node
	names []string
}

func (im *importer) disabled(what string) *disabled { return &disabled{im: im, what: what} }

// take takes an entry that is switched off. A run has no use for it.
func (d *disabled) take(entry source.Node) {
	name, _ := entry.Get("key")
	if d.im.exact || name.Raw() == "" {
		return
	}
	if len(d.names) == 0 {
		d.first = entry
	}
	value, _ := entry.Get("value")
	text := value.Raw()
	switch {
	case SoundsSecret(name.Raw()) || strings.EqualFold(name.Raw(), "Authorization") || strings.EqualFold(name.Raw(), "Cookie"):
		if !strings.Contains(text, "{{") {
			text = "…" // a secret, written nowhere
		}
	case !simple(text):
		text = fmt.Sprintf("%q", text)
	}
	d.names = append(d.names, quoted(name.Raw()))
	d.lines = append(d.lines, name.Raw()+": "+text)
}

// comment returns the comment of the entry that comes next: what is switched off before it, and its description.
func (d *disabled) comment(description string) string {
	lines := d.lines
	d.lines = nil
	if description != "" {
		lines = append(lines, description)
	}
	return strings.Join(lines, "\n")
}

// rest is what no entry comes behind: the last one has it before its own comment. Without an entry it is a note.
func (d *disabled) rest(last *string) {
	switch {
	case len(d.lines) == 0:
	case last != nil:
		*last = d.comment(*last)
	default:
		d.note()
	}
}

// note tells of all that is switched off.
func (d *disabled) note() {
	if len(d.names) == 0 {
		return
	}
	s, are := "", "is"
	if len(d.names) > 1 {
		s, are = "s", "are"
	}
	d.im.note(d.first, fmt.Sprintf("the %s%s %s %s disabled, and left out", d.what, s, strings.Join(d.names, ", "), are))
}
