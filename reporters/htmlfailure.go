package reporters

import (
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

const (
	htmlFailuresOpen  = 20       // failures that are unfolded
	htmlFailuresWhole = 2000     // failures with all that is known of them; those after have their row alone
	htmlRoom          = 6 << 20  // bytes of exchanges, in all failures together
	htmlLeast         = 2 << 10  // of an exchange when the room is used up
	htmlMost          = 64 << 10 // of one body
)

// htmlFailures are the requests that failed, with everything that explains them.
type htmlFailures struct {
	spool spool
	past  *History
	count int
	used  int // bytes of exchanges
	text  markup
}

// add writes a failure, and reports whether it did: of too many, the rest have a row alone.
func (h *htmlFailures) add(o Options, s runner.Suite, r *runner.Result, id string) (bool, error) {
	if h.count >= htmlFailuresWhole {
		return false, nil
	}
	h.count++
	m := &h.text
	m.document = m.document[:0]
	m.raw(`<details class="failure ` + r.Outcome.String() + `" id="f` + id + `" data-ms="`)
	m.int(int(r.Duration.Milliseconds()))
	m.raw(`"`)
	if h.count <= htmlFailuresOpen {
		m.raw(" open")
	}
	m.raw(">\n<summary>")
	m.mark(r.Outcome)
	m.raw(`<span class="title">`)
	m.el("span", "name", trail(r.Name))
	htmlPast(m, h.past, s, r)
	m.el("span", "headline", headline(r))
	m.raw("</span>")
	m.el("span", "time", timeText(r.Duration))
	m.raw("</summary>\n<div class=\"inside\">\n")
	m.raw(`<p class="where">`)
	m.line(suiteName(s))
	if at := oneLine(r.Name.Pos.String()); at != "" {
		m.raw(" · ")
		m.el("code", "", at)
	}
	m.raw(` · <a href="#f` + id + `">link to this failure</a></p>` + "\n")
	htmlProblems(m, o, r.Problems)
	htmlFindings(m, o, r.Findings)
	before := len(m.document)
	htmlTests(m, r)
	room := max(htmlRoom-h.used, htmlLeast)
	htmlExchanges(m, o, r, &room)
	h.used += len(m.document) - before
	m.raw("</div>\n</details>\n")
	return true, h.spool.write(m.document)
}

// htmlProblems adds what did not hold, each with its place and the line of the YAML file.
func htmlProblems(m *markup, o Options, problems []runner.Problem) {
	var shown source.Pos
	for i := range problems {
		p := &problems[i]
		m.raw("<div class=\"problem\">\n")
		if subject, got, want, ok := gotWant(oneLine(p.Message)); ok {
			m.raw(`<p class="what"><span class="subject">`)
			m.line(subject)
			m.raw(`</span> got <code class="got">`)
			m.line(capped(got, lineText))
			m.raw(`</code>, want <code class="want">`)
			m.line(capped(want, lineText))
			m.raw("</code></p>\n")
		} else {
			m.raw(`<p class="what">`)
			m.text(capped(p.Message, 8<<10))
			m.raw("</p>\n")
		}
		if at := oneLine(p.Pos.String()); at != "" {
			m.raw(`<p class="where">`)
			m.el("code", "", at)
			if p.Kind != "" {
				m.raw(" · ")
				m.line(string(p.Kind))
			}
			m.raw("</p>\n")
		}
		if p.Pos != shown {
			htmlSource(m, o, p.Pos)
			shown = p.Pos
		}
		htmlDetails(m, p.Details)
		m.raw("</div>\n")
	}
}

// gotWant takes a line apart that says what was found and what should have been: "status: got 401, want 200".
func gotWant(line string) (subject, got, want string, ok bool) {
	for _, word := range []string{": got ", ": missing, want "} {
		before, after, found := strings.Cut(line, word)
		switch {
		case !found:
		case word == ": got ":
			if i := strings.LastIndex(after, ", want "); i >= 0 {
				return before, after[:i], after[i+len(", want "):], true
			}
		default:
			return before, "nothing there", after, true
		}
	}
	return "", "", "", false
}

// htmlDetails adds the lines below a problem: a table of what differs where, and everything else as it is.
func htmlDetails(m *markup, details []string) {
	table := false
	var rest []string
	for _, line := range details {
		subject, got, want, ok := gotWant(line)
		if !ok || strings.Contains(line, "\n") {
			rest = append(rest, clean(line))
			continue
		}
		if !table {
			m.raw(`<div class="scroll" tabindex="0"><table class="diff"><thead><tr><th scope="col">differs at</th><th scope="col">got</th><th scope="col">want</th></tr></thead><tbody>` + "\n")
			table = true
		}
		m.raw(`<tr><th scope="row"><code>`)
		m.line(subject)
		m.raw(`</code></th><td><ins>`)
		m.line(capped(got, lineText))
		m.raw(`</ins></td><td><del>`)
		m.line(capped(want, lineText))
		m.raw("</del></td></tr>\n")
	}
	if table {
		m.raw("</tbody></table></div>\n")
	}
	if len(rest) > 0 {
		htmlLines(m, capped(strings.Join(rest, "\n"), 16<<10))
	}
}

// htmlLines adds lines as they are, those that begin with - and + as what was taken away and put there.
func htmlLines(m *markup, text string) {
	m.raw("<pre class=\"details\" tabindex=\"0\">\n")
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			m.raw("\n")
		}
		tag := ""
		switch {
		case strings.HasPrefix(line, "- "):
			tag = "del"
		case strings.HasPrefix(line, "+ "):
			tag = "ins"
		}
		if tag != "" {
			m.open(tag, "")
		}
		m.text(line)
		if tag != "" {
			m.end(tag)
		}
	}
	m.raw("</pre>\n")
}

// htmlSource adds a line of the YAML with a caret below the place.
func htmlSource(m *markup, o Options, at source.Pos) {
	if o.Sources == nil || at.Line == 0 {
		return
	}
	line := strings.ReplaceAll(clean(o.Sources(at.File, at.Line)), "\t", " ")
	if strings.TrimSpace(line) == "" {
		return
	}
	line, before := window(line, at.Col, 100)
	number := strconv.Itoa(at.Line)
	m.raw("<pre class=\"source\" tabindex=\"0\">\n<span class=\"number\">" + number + "</span> │ ")
	m.text(line)
	if before >= 0 {
		m.raw("\n" + strings.Repeat(" ", len(number)) + " │ " + strings.Repeat(" ", before) + `<b class="caret">^</b>`)
	}
	m.raw("</pre>\n")
}

// htmlFindings adds why it went wrong: the likeliest whole, the others folded.
func htmlFindings(m *markup, o Options, findings []runner.Finding) {
	for i := range findings {
		f := &findings[i]
		m.raw(`<section class="finding">`)
		if i > 0 {
			m.raw("<details><summary>or ")
			htmlFindingTitle(m, f)
			m.raw("</summary>\n")
		} else {
			m.raw(`<p class="finding-title">`)
			htmlFindingTitle(m, f)
			m.raw("</p>\n")
		}
		htmlFinding(m, o, f)
		if i > 0 {
			m.raw("</details>")
		}
		m.raw("</section>\n")
	}
}

func htmlFindingTitle(m *markup, f *runner.Finding) {
	m.el("span", "code", f.Code)
	m.raw(" ")
	m.el("span", "confidence", f.Confidence)
	m.raw(" ")
	m.el("strong", "", f.Title)
}

func htmlFinding(m *markup, o Options, f *runner.Finding) {
	if cause := clean(f.Cause); cause != "" {
		m.raw("<p class=\"cause\">")
		m.text(cause)
		m.raw("</p>\n")
	}
	htmlSource(m, o, f.Pos)
	if len(f.Evidence) > 0 {
		m.raw(`<div class="scroll" tabindex="0"><table class="evidence"><caption class="vh">Evidence for `)
		m.line(f.Code)
		m.raw("</caption><tbody>\n")
		for j := range f.Evidence {
			e := &f.Evidence[j]
			m.raw(`<tr><th scope="row">`)
			m.line(e.Label)
			m.raw("</th><td>")
			m.text(capped(e.Text, 4<<10))
			if at := oneLine(e.Pos.String()); at != "" {
				m.raw(" ")
				m.el("code", "place", at)
			}
			m.raw("</td></tr>\n")
		}
		m.raw("</tbody></table></div>\n")
	}
	if fix := clean(f.Fix); fix != "" {
		m.raw(`<p class="fix"><span class="label">Fix</span> `)
		m.text(fix)
		m.raw("</p>\n")
	}
}
