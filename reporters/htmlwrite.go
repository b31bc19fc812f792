package reporters

import (
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// markup builds HTML. Whatever is not raw is escaped, because every text of a run is a stranger's.
type markup struct{ document }

// text adds text, with its line breaks.
func (m *markup) text(s string) { m.escape(clean(s), false) }

// line adds text on one line.
func (m *markup) line(s string) { m.escape(oneLine(s), false) }

// open begins an element of a class.
func (m *markup) open(tag, class string) {
	m.raw("<" + tag)
	if class != "" {
		m.raw(` class="` + class + `"`)
	}
	m.raw(">")
}

func (m *markup) end(tag string) { m.raw("</" + tag + ">") }

// el adds an element that holds text on one line.
func (m *markup) el(tag, class, s string) {
	m.open(tag, class)
	m.line(s)
	m.end(tag)
}

// pre adds text as it is. A line break after the tag is none of the text (HTML, section 13.1.2.5), so that there is one always.
func (m *markup) pre(class, s string) {
	m.raw("<pre tabindex=\"0\"")
	if class != "" {
		m.raw(` class="` + class + `"`)
	}
	m.raw(">\n")
	m.text(s)
	m.raw("</pre>\n")
}

func (m *markup) int(n int) { m.document = strconv.AppendInt(m.document, int64(n), 10) }

// percent adds a part of a whole, as SVG reads it.
func (m *markup) percent(part, whole time.Duration) {
	share := 0.0
	if whole > 0 {
		share = min(max(float64(part)/float64(whole)*100, 0), 100)
	}
	m.document = strconv.AppendFloat(m.document, share, 'f', 2, 64)
	m.raw("%")
}

// moment adds a time for people and for machines, in UTC. The zero time adds nothing.
func (m *markup) moment(at time.Time) {
	if at.IsZero() {
		return
	}
	m.raw(`<time datetime="` + at.UTC().Format("2006-01-02T15:04:05Z") + `">` + at.UTC().Format("2006-01-02 15:04:05") + " UTC</time>")
}

// anchor adds a link to something in the page.
func (m *markup) anchor(id, s string) {
	m.raw(`<a href="#` + id + `">`)
	m.line(s)
	m.raw("</a>")
}

// mark adds the sign of an outcome, and its word for who does not see it.
func (m *markup) mark(o runner.Outcome) {
	sign, _ := mark(o)
	if o == runner.Errored {
		sign = "⚠"
	}
	m.raw(`<span class="mark" aria-hidden="true">` + sign + `</span><span class="vh">` + o.String() + ": </span>")
}

// htmlIDs makes the names of places in the page: the same request has the same in every run, so that a link of yesterday leads to it.
type htmlIDs map[uint64]int

// of returns the name of a result: "r" and 16 hexadecimal digits, and a number where a name is there already.
func (ids *htmlIDs) of(s runner.Suite, r *runner.Result) string {
	key := htmlKey(s, r)
	if *ids == nil {
		*ids = htmlIDs{}
	}
	(*ids)[key]++
	id := "r" + hexKey(key)
	if n := (*ids)[key]; n > 1 {
		id += "-" + strconv.Itoa(n)
	}
	return id
}

// htmlKey is what stays of a request from run to run.
func htmlKey(s runner.Suite, r *runner.Result) uint64 {
	sum := fnv.New64a()
	for _, part := range append(slices.Clone(r.Name.Folders), s.Name, s.File, string(r.Name.Phase), r.Name.Name) {
		io.WriteString(sum, oneLine(part)) // a hash returns no error
		sum.Write([]byte{0})
	}
	return sum.Sum64()
}

func hexKey(key uint64) string {
	text := strconv.FormatUint(key, 16)
	return strings.Repeat("0", 16-len(text)) + text
}
