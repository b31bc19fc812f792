package reporters

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// document builds XML 1.0 by hand, because consumers of JUnit need what encoding/xml does not promise:
// times with three decimals, and no character that a parser refuses.
type document []byte

func (d *document) raw(s string) { *d = append(*d, s...) }

// attr adds an attribute.
func (d *document) attr(name, value string) {
	d.raw(" " + name + `="`)
	d.escape(clean(value), true)
	d.raw(`"`)
}

func (d *document) attrInt(name string, value int) {
	d.raw(" " + name + `="`)
	*d = strconv.AppendInt(*d, int64(value), 10)
	d.raw(`"`)
}

// attrSeconds adds a time span in seconds, with three decimals always: "0.000", "7200.000".
func (d *document) attrSeconds(name string, value time.Duration) {
	d.raw(" " + name + `="`)
	*d = strconv.AppendFloat(*d, max(value, 0).Round(time.Millisecond).Seconds(), 'f', 3, 64)
	d.raw(`"`)
}

// attrTime adds a moment in UTC to the second and without a zone, the one form that every consumer reads alike. A zero moment is left out.
func (d *document) attrTime(name string, value time.Time) {
	if !value.IsZero() {
		d.raw(" " + name + `="`)
		*d = value.UTC().AppendFormat(*d, "2006-01-02T15:04:05")
		d.raw(`"`)
	}
}

// text adds text, never empty: consumers show the hash of a failure that has none.
func (d *document) text(value string) {
	if value = clean(value); strings.TrimSpace(value) == "" {
		value = "no text"
	}
	d.escape(value, false)
}

// escape adds clean text. Every > is escaped, so that no ]]> stands in it.
func (d *document) escape(s string, attribute bool) {
	from := 0
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			continue
		}
		var with string
		switch b := s[i]; {
		case b == '<':
			with = "&lt;"
		case b == '>':
			with = "&gt;"
		case b == '&':
			with = "&amp;"
		case b == '"' && attribute:
			with = "&quot;"
		case b == '\n' && attribute:
			with = "&#xA;"
		case b == '\t' && attribute:
			with = "&#x9;"
		default:
			continue
		}
		d.raw(s[from:i])
		d.raw(with)
		from = i + 1
	}
	d.raw(s[from:])
}

// property adds a line of the properties element.
func (d *document) property(indent, name, value string) {
	d.raw(indent + "<property")
	d.attr("name", name)
	d.attr("value", value)
	d.raw("></property>\n")
}
