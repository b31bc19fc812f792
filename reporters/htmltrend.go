package reporters

import (
	"strconv"

	"github.com/hgrun/hgrun/runner"
)

// htmlTrendRuns is how many runs the chart shows, this one included.
const htmlTrendRuns = 20

// now is this run, as a history has it.
func (h *html) now() PastRun {
	c, t := &h.tally.counts, &h.tally
	run := PastRun{Time: t.first, Passed: c.Passed, Failed: c.Failed, Errored: c.Errored, Skipped: c.Skipped, Interrupted: t.interrupted}
	if t.last.After(t.first) {
		run.Duration = t.last.Sub(t.first)
	}
	return run
}

// htmlTrend adds the last runs: a bar for each, and the same as a table.
func htmlTrend(m *markup, past *History, now PastRun) {
	if past == nil || len(past.Past) == 0 {
		return
	}
	runs := append(past.Past[max(len(past.Past)+1-htmlTrendRuns, 0):len(past.Past):len(past.Past)], now)
	m.raw("<section class=\"trend\" aria-labelledby=\"h-trend\">\n<h2 id=\"h-trend\">The last " + plural(len(runs), "run") + "</h2>\n")
	htmlTrendChart(m, runs)
	m.raw("<details><summary>As a table</summary><div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">Run</th><th scope=\"col\">Passed</th><th scope=\"col\">Failed</th><th scope=\"col\">Errored</th><th scope=\"col\">Skipped</th><th scope=\"col\">Took</th></tr></thead><tbody>\n")
	for i := len(runs) - 1; i >= 0; i-- {
		run := &runs[i]
		m.raw("<tr><th scope=\"row\">")
		m.moment(run.Time)
		if i == len(runs)-1 {
			m.raw(" (this one)")
		}
		if run.Interrupted {
			m.raw(" interrupted")
		}
		m.raw("</th>")
		for _, n := range []int{run.Passed, run.Failed, run.Errored, run.Skipped} {
			m.el("td", "", thousands(n))
		}
		m.el("td", "", timeText(run.Duration))
		m.raw("</tr>\n")
	}
	m.raw("</tbody></table></div></details>\n</section>\n")
}

const (
	trendWidth  = 28 // of a bar and the space after it
	trendHeight = 64
)

// htmlTrendChart draws how many requests each run had, what did not pass at the foot of each bar.
func htmlTrendChart(m *markup, runs []PastRun) {
	most := 1
	for i := range runs {
		most = max(most, runs[i].counts().Total())
	}
	m.raw("<svg class=\"chart\"" + quantity("width", len(runs)*trendWidth) + quantity("height", trendHeight+16) + quantityBox(len(runs)*trendWidth, trendHeight+16) + " role=\"img\" aria-label=\"")
	m.escape(trendText(runs), true)
	m.raw("\">\n")
	for i := range runs {
		run, y := &runs[i], trendHeight
		for _, p := range []struct {
			n     int
			class string
		}{{run.Failed, "failed"}, {run.Errored, "errored"}, {run.Skipped, "skipped"}, {run.Passed, "passed"}} {
			if p.n == 0 {
				continue
			}
			high := min(max(p.n*trendHeight/most, 3), y)
			y -= high
			m.raw(`<rect class="fill-` + p.class + `"` + quantity("x", i*trendWidth) + quantity("y", y) + quantity("width", trendWidth-8) + quantity("height", high) + "/>")
		}
		if bad := run.Failed + run.Errored; bad > 0 {
			m.raw("<text" + quantity("x", i*trendWidth+(trendWidth-8)/2) + quantity("y", trendHeight+13) + ` text-anchor="middle">` + thousands(bad) + "</text>")
		} else {
			m.raw("<text" + quantity("x", i*trendWidth+(trendWidth-8)/2) + quantity("y", trendHeight+13) + ` text-anchor="middle">✓</text>`)
		}
		m.raw("\n")
	}
	m.raw("</svg>\n")
}

// quantity is an attribute of a number.
func quantity(name string, n int) string { return " " + name + `="` + strconv.Itoa(n) + `"` }

func quantityBox(width, height int) string {
	return ` viewBox="0 0 ` + strconv.Itoa(width) + " " + strconv.Itoa(height) + `"`
}

// trendText says what the chart shows: "did not pass, the oldest run first: 0, 2, 1".
func trendText(runs []PastRun) string {
	text := "Requests that did not pass, the oldest run first: "
	for i := range runs {
		if i > 0 {
			text += ", "
		}
		text += thousands(runs[i].Failed + runs[i].Errored)
	}
	return text
}

func (p *PastRun) counts() runner.Counts {
	return runner.Counts{Passed: p.Passed, Failed: p.Failed, Errored: p.Errored, Skipped: p.Skipped}
}

// htmlPast adds how a request fared in the runs before.
func htmlPast(m *markup, past *History, s runner.Suite, r *runner.Result) {
	if text := past.remark(s, r); text != "" {
		m.raw(" ")
		m.el("span", "note past", text)
		m.raw(" ")
	}
}
