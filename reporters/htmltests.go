package reporters

import (
	"strings"

	"github.com/hgrun/hgrun/runner"
)

const (
	htmlTestsListed = 200     // of a request; those that failed are listed all the same
	htmlTestsRoom   = 2 << 20 // bytes of tests and of what scripts wrote, in all rows together
)

// htmlTests adds the tests of the scripts of a request, and what the scripts wrote.
func htmlTests(m *markup, r *runner.Result) {
	if len(r.Tests) > 0 {
		m.raw(`<section class="tests"><p class="tests-title">`)
		var counts testCounts
		for i := range r.Tests {
			counts.add(&r.Tests[i])
		}
		m.line(counts.text())
		m.raw("</p>\n<ul>\n")
		more := 0
		for i := range r.Tests {
			test := &r.Tests[i]
			if i >= htmlTestsListed && test.Message == "" {
				more++
				continue
			}
			htmlTest(m, test)
		}
		if more > 0 {
			m.raw("<li>… and " + thousands(more) + " more that did not fail</li>\n")
		}
		m.raw("</ul></section>\n")
	}
	htmlSaid(m, r.Console)
}

func htmlTest(m *markup, test *runner.Test) {
	outcome := testOutcome(test)
	m.raw(`<li class="` + outcome.String() + `">`)
	m.mark(outcome)
	m.line(cut(test.Name, lineText))
	if test.Message != "" {
		m.raw(" ")
		m.el("span", "why", shortLine(test.Message))
	}
	m.raw("</li>\n")
}

// htmlSaid adds what scripts wrote, folded.
func htmlSaid(m *markup, lines []runner.ConsoleLine) {
	if len(lines) == 0 {
		return
	}
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(oneLine(l.Level) + "  " + clean(l.Text) + "\n")
	}
	m.raw(`<details class="said"><summary>` + plural(len(lines), "line") + " that scripts wrote</summary>\n")
	m.pre("", capped(strings.TrimRight(text.String(), "\n"), 16<<10))
	m.raw("</details>\n")
}
