package reporters

import (
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// htmlGroups are the IDs of requests that failed alike, as many as are listed.
type htmlGroups map[*alike][]string

func (g *htmlGroups) add(a *alike, id string) {
	if *g == nil {
		*g = htmlGroups{}
	}
	if len((*g)[a]) < namesListed {
		(*g)[a] = append((*g)[a], id)
	}
}

// overview adds what went wrong, requests that failed alike as one, and what took longest.
func (h *html) overview(m *markup) {
	if len(h.tally.failures) == 0 && len(h.timeline.slowest) == 0 {
		return
	}
	m.raw("<div class=\"overview\">\n")
	if len(h.tally.failures) > 0 {
		m.raw("<section aria-labelledby=\"h-wrong\">\n<h2 id=\"h-wrong\">What went wrong</h2>\n<ol class=\"wrong\">\n")
		for _, a := range h.tally.failures {
			h.wrong(m, a)
		}
		if h.tally.unlisted > 0 {
			m.raw("<li>… and " + thousands(h.tally.unlisted) + " that failed in other ways</li>\n")
		}
		m.raw("</ol>\n</section>\n")
	}
	if len(h.timeline.slowest) > 0 {
		h.timeline.slow(m)
	}
	m.raw("</div>\n")
}

// wrong adds one kind of failure with links to the first requests that met it.
func (h *html) wrong(m *markup, a *alike) {
	m.raw("<li>")
	m.el("p", "message", strings.TrimSuffix(a.message, "; "+a.finding))
	if a.finding != "" {
		m.el("p", "because", a.finding)
	}
	m.raw("<p class=\"names\">")
	if a.count > 1 {
		m.raw("<b>" + plural(a.count, "request") + "</b>: ")
	}
	ids := h.groups[a]
	for i, l := range a.names {
		if i > 0 {
			m.raw(" · ")
		}
		name := l.name
		if h.tally.suites > 1 {
			name = l.suite + " › " + name
		}
		m.anchor(ids[i], name)
	}
	if more := a.count - len(a.names); more > 0 {
		m.raw(" · and " + thousands(more) + " more")
	}
	m.raw("</p></li>\n")
}

// slow adds the requests that took longest.
func (t *htmlTimeline) slow(m *markup) {
	m.raw("<section aria-labelledby=\"h-slow\">\n<h2 id=\"h-slow\">Slowest</h2>\n<ol class=\"slow\">\n")
	for _, b := range t.slowest {
		m.raw("<li>")
		m.anchor(b.id, b.name)
		m.raw(" ")
		m.el("span", "time", timeText(b.result.Duration))
		m.raw(`<svg width="100%" height="4" aria-hidden="true"><rect class="fill-accent" width="`)
		m.percent(b.result.Duration, t.slowest[0].result.Duration)
		m.raw("\" height=\"4\"/></svg></li>\n")
	}
	m.raw("</ol>\n</section>\n")
}

// write adds when each of the first requests ran, on one axis, so that what ran at the same time shows.
func (t *htmlTimeline) write(m *markup) {
	if len(t.first) == 0 {
		return
	}
	start, end := t.first[0].result.Start, time.Time{}
	for _, b := range t.first {
		if b.result.Start.Before(start) {
			start = b.result.Start
		}
		if stop := b.result.Start.Add(b.result.Duration); stop.After(end) {
			end = stop
		}
	}
	whole := max(end.Sub(start), 1)
	m.raw("<section aria-labelledby=\"h-timeline\">\n<h2 id=\"h-timeline\">Timeline</h2>\n<details class=\"timeline\"><summary>")
	what := plural(len(t.first), "request") + " in " + timeText(whole)
	if t.more > 0 {
		what = "The first " + what
	}
	m.line(what)
	m.raw(", each from its start to its end</summary>\n<ol>\n")
	for _, b := range t.first {
		m.raw("<li>")
		m.anchor(b.id, b.name)
		m.raw(`<svg width="100%" height="10" aria-hidden="true"><rect class="fill-` + b.result.Outcome.String() + `" x="`)
		m.percent(b.result.Start.Sub(start), whole)
		m.raw(`" width="`)
		m.percent(max(b.result.Duration, whole/400), whole)
		m.raw(`" height="10"/></svg>`)
		m.el("span", "time", timeText(b.result.Duration)+", from "+timeText(b.result.Start.Sub(start)))
		m.raw("</li>\n")
	}
	m.raw("</ol></details>\n</section>\n")
}

// filters add what chooses among the requests. The buttons work by the style sheet alone; the search wants the script.
func (h *html) filters(m *markup) {
	c := &h.tally.counts
	if c.Total() == 0 {
		return
	}
	m.raw("<div class=\"filters\" id=\"filters\" role=\"search\" aria-label=\"Choose requests\">\n<fieldset><legend class=\"vh\">Show</legend>\n")
	choice := func(value, label string, n int, checked bool) {
		m.raw(`<input type="radio" name="show" id="show-` + value + `" value="` + value + `"`)
		if checked {
			m.raw(" checked")
		}
		m.raw(`><label for="show-` + value + `">` + label + " <span class=\"n\">" + thousands(n) + "</span></label>\n")
	}
	choice("all", "All", c.Total(), true)
	for _, o := range []struct {
		outcome runner.Outcome
		label   string
		n       int
	}{{runner.Failed, "Failed", c.Failed}, {runner.Errored, "Errored", c.Errored}, {runner.Skipped, "Skipped", c.Skipped}, {runner.Passed, "Passed", c.Passed}} {
		if o.n > 0 {
			choice(o.outcome.String(), o.label, o.n, false)
		}
	}
	m.raw("</fieldset>\n<span class=\"script\" hidden><label class=\"vh\" for=\"search\">Search</label><input type=\"search\" id=\"search\" placeholder=\"Search: name, URL, status, message\" autocomplete=\"off\" spellcheck=\"false\"></span>\n")
	m.raw("<span class=\"script\" hidden><label for=\"slower\">slower than</label> <select id=\"slower\"><option value=\"0\">any</option><option value=\"100\">100 ms</option><option value=\"500\">500 ms</option><option value=\"1000\">1 s</option><option value=\"5000\">5 s</option></select></span>\n")
	m.raw("<span class=\"script\" hidden><label for=\"method\">method</label> <select id=\"method\"><option value=\"\">any</option></select></span>\n")
	m.raw("<p class=\"shown\" role=\"status\"></p>\n</div>\n")
}
