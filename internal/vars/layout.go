package vars

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// layout is a way to write dates: one of the named ones, or text with directives as strftime has them.
type layout struct {
	written string
	named   string // lower case; empty for one with directives
	text    string // with %F, %T and %R spelled out
}

// namedLayouts are the layouts of Go for those that have a name; empty for numbers.
func namedLayouts() map[string]string {
	return map[string]string{
		"iso":     isoTime,
		"rfc3339": time.RFC3339,
		"http":    httpDate,
		"date":    time.DateOnly,
		"time":    time.TimeOnly,
		"unix":    "",
		"unix_ms": "",
	}
}

// directives are the letters that may stand behind a %, each with the layout of Go for it, or with none where Go has none.
const directives = "Y2006|y06|m01|bJan|BJanuary|d02|e_2|j002|aMon|AMonday|H15|I03|pPM|M04|S05|L|f|z-0700|ZMST|s|%"

func directive(c byte) (layout string, ok bool) {
	for d := range strings.SplitSeq(directives, "|") {
		if d[0] == c {
			return d[1:], true
		}
	}
	return "", false
}

func layoutOf(v Value) (layout, error) {
	l := layout{written: v.Text}
	names := namedLayouts()
	if _, ok := names[strings.ToLower(v.Text)]; ok {
		l.named = strings.ToLower(v.Text)
		return l, nil
	}
	if !strings.Contains(v.Text, "%") {
		return l, fmt.Errorf("layout: %s, want directives such as %%Y-%%m-%%d, or a name: %s",
			got(v), strings.Join(slices.Sorted(maps.Keys(names)), ", "))
	}
	l.text = strings.NewReplacer("%%", "%%", "%F", "%Y-%m-%d", "%T", "%H:%M:%S", "%R", "%H:%M").Replace(v.Text)
	for i := 0; i < len(l.text); i++ {
		if l.text[i] != '%' {
			continue
		}
		if i++; i == len(l.text) {
			return l, errors.New("layout: got a % at the end, want %% for the character itself")
		}
		if _, ok := directive(l.text[i]); !ok {
			return l, fmt.Errorf("layout: unknown directive %%%c; known are %s", l.text[i], knownDirectives())
		}
	}
	return l, nil
}

func knownDirectives() string {
	known := "%F %T %R"
	for d := range strings.SplitSeq(directives, "|") {
		known += " %" + d[:1]
	}
	return known
}

// format writes a time. iso and http are in UTC; all others keep its zone.
func (l layout) format(t time.Time) Value {
	switch l.named {
	case "unix":
		return Value{Text: strconv.FormatInt(t.Unix(), 10), JSON: true}
	case "unix_ms":
		return Value{Text: strconv.FormatInt(t.UnixMilli(), 10), JSON: true}
	case "iso", "http":
		t = t.UTC()
	}
	if l.named != "" {
		return Value{Text: t.Format(namedLayouts()[l.named])}
	}
	var b strings.Builder
	for i := 0; i < len(l.text); i++ {
		c := l.text[i]
		if c != '%' {
			b.WriteByte(c)
			continue
		}
		i++
		switch c = l.text[i]; c {
		case '%':
			b.WriteByte('%')
		case 's':
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case 'L':
			b.WriteString(t.Format(".000")[1:])
		case 'f':
			b.WriteString(t.Format(".000000")[1:])
		default:
			layout, _ := directive(c)
			b.WriteString(t.Format(layout))
		}
	}
	return Value{Text: b.String()}
}

var errLayout = errors.New("the text has another layout")

// parse reads a time. Without a zone it is in UTC.
func (l layout) parse(text string) (time.Time, error) {
	switch l.named {
	case "":
		return l.read(text)
	case "unix", "unix_ms":
		n, err := strconv.ParseInt(text, 10, 64)
		if l.named == "unix" {
			n *= 1000
		}
		if err != nil || n/1000 > lastSecond || n/1000 < -lastSecond {
			return time.Time{}, errLayout
		}
		return time.UnixMilli(n).UTC(), nil
	}
	return time.Parse(namedLayouts()[l.named], text)
}

// pieces are what was found of a date, and the layout of Go for it.
type pieces struct {
	layout, text strings.Builder
	nanos        time.Duration
	unix         *int64
}

// read reads by the directives of the layout. What they stand for is found here, and understood by time.Parse.
func (l layout) read(text string) (time.Time, error) {
	var p pieces
	for i := 0; i < len(l.text); i++ {
		c := l.text[i]
		if c == '%' && l.text[i+1] != '%' {
			i++
			size, err := p.take(l.text[i], text)
			if err != nil {
				return time.Time{}, err
			}
			text = text[size:]
			continue
		}
		if c == '%' {
			i++
		}
		if text == "" || text[0] != c {
			return time.Time{}, errLayout
		}
		text = text[1:]
	}
	if text != "" {
		return time.Time{}, errLayout
	}
	if p.unix != nil {
		return time.Unix(*p.unix, 0).UTC().Add(p.nanos), nil
	}
	t, err := time.Parse(p.layout.String(), p.text.String())
	return t.Add(p.nanos), err
}

// take finds what a directive stands for at the start of text, and returns its size.
func (p *pieces) take(c byte, text string) (size int, err error) {
	switch c {
	case 'L', 'f', 's':
		return p.takeNumber(c, text)
	case 'b', 'B', 'a', 'A', 'p', 'Z':
		size = len(text) - len(strings.TrimLeft(text, capitals+smalls))
	case 'z':
		size = len(text) - len(strings.TrimLeft(text, "+-:Z"+digits))
	default:
		width := map[byte]int{'Y': 4, 'j': 3}[c]
		size = leading(text, max(width, 2))
	}
	found := strings.TrimSpace(text[:size])
	if found == "" {
		return 0, errLayout
	}
	layout, _ := directive(c)
	switch {
	case c == 'e':
		layout = "2"
	case c == 'z' && found == "Z":
		found = "+0000"
	case c == 'z':
		found = strings.ReplaceAll(found, ":", "")
	case c == 'p':
		found = strings.ToUpper(found)
	case c == 'Z' && found != "UTC" && found != "GMT": // what other letters mean depends on who reads them
		return 0, errLayout
	}
	p.layout.WriteString(layout + "|")
	p.text.WriteString(found + "|")
	return size, nil
}

// takeNumber finds fractions of a second, and seconds since 1970.
func (p *pieces) takeNumber(c byte, text string) (size int, err error) {
	width, unit := 3, time.Millisecond
	switch c {
	case 'f':
		width, unit = 6, time.Microsecond
	case 's':
		width = 12
	}
	size = leading(text, width)
	n, err := strconv.ParseInt(text[:size], 10, 64)
	switch {
	case err != nil || c != 's' && size != width:
		return 0, errLayout
	case c == 's':
		p.unix = &n
	default:
		p.nanos = time.Duration(n) * unit
	}
	return size, nil
}

// leading returns how many of the first characters, width at most, are digits. A space may stand for the first.
func leading(text string, width int) int {
	n := 0
	for n < len(text) && n < width && (text[n] >= '0' && text[n] <= '9' || n == 0 && text[0] == ' ') {
		n++
	}
	return n
}
