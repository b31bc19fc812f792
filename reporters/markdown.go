package reporters

import (
	escape "html"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

const (
	summaryRoom    = 1 << 20 // bytes of a summary of a step: GitHub drops one that is longer
	summaryFailure = 6 << 10 // bytes of a failure,
	summaryBody    = 1 << 10 // and of each body in it
	summaryMost    = 20      // collections, flaky requests, reasons of skipping
	summarySlowest = 5
)

// newMarkdown makes a summary for the page of a pipeline, in GitHub Flavored Markdown: what the run came to, each failure with what explains it,
// what was flaky, skipped and slow. All that comes from elsewhere stands in code or is escaped, so that nothing in it is a link, a name or HTML.
func newMarkdown(w io.Writer, o Options) Reporter {
	return &summary{w: w, o: o, skips: map[string]int{}}
}

type summary struct {
	w       io.Writer
	o       Options
	tally   tally
	rows    []string // of the table of collections
	details map[*alike]string
	flaky   summaryList
	skips   map[string]int // by reason
	slowest []slowRequest  // the slowest first
	open    runner.Suite
	counts  runner.Counts // of the collection at hand
	running bool
}

// summaryList is a list of which so many are shown.
type summaryList struct {
	lines []string
	more  int
}

func (l *summaryList) add(line func() string) {
	if len(l.lines) == summaryMost {
		l.more++
		return
	}
	l.lines = append(l.lines, line())
}

type slowRequest struct {
	name string
	took time.Duration
}

// Report implements Reporter.
func (m *summary) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		m.tally.start(ev.Time)
		m.open, m.counts, m.running = ev.Suite, runner.Counts{}, true
	case runner.RequestFinished:
		m.counts.Add(ev.Result.Outcome)
		m.result(ev.Suite, &ev.Result)
	case runner.Finished:
		m.tally.end(ev)
		m.row(ev.Suite, ev.Counts, timeText(ev.Duration))
		m.running = false
	}
	return nil
}

func (m *summary) row(s runner.Suite, c runner.Counts, took string) {
	bad := c.Failed+c.Errored > 0
	sign, _ := mark(runner.Passed)
	switch {
	case bad:
		sign, _ = mark(runner.Failed)
	case c.Passed == 0:
		sign, _ = mark(runner.Skipped)
	}
	cells := []string{sign + " " + markdown(suiteName(s)), markdown(s.Environment)}
	for _, n := range []int{c.Passed, c.Failed, c.Errored, c.Skipped} {
		cells = append(cells, thousands(n))
	}
	row := "| " + strings.Join(append(cells, took), " | ") + " |\n"
	if bad {
		m.rows = slices.Insert(m.rows, m.badRows(), row)
		return
	}
	m.rows = append(m.rows, row)
}

// badRows is how many rows are of collections that did not pass: they come first.
func (m *summary) badRows() int {
	n := 0
	for n < len(m.rows) && strings.HasPrefix(m.rows[n], "| ✗") {
		n++
	}
	return n
}

func (m *summary) result(s runner.Suite, r *runner.Result) {
	a := m.tally.add(s, r)
	if a != nil && a.count == 1 {
		if m.details == nil {
			m.details = map[*alike]string{}
		}
		m.details[a] = m.failure(r)
	}
	switch {
	case r.Outcome == runner.Skipped:
		if reason := reason(r); m.skips[reason] > 0 || len(m.skips) < 4*summaryMost {
			m.skips[reason]++
		}
	case r.Outcome == runner.Passed && r.Tries() > 1:
		m.flaky.add(func() string {
			return markdown(trail(r.Name)) + ": passed at attempt " + thousands(r.Tries()) + "; before, " + markdown(attemptLine(&r.Attempts[0]))
		})
	}
	m.slow(r)
}

func (m *summary) slow(r *runner.Result) {
	if len(m.slowest) == summarySlowest && r.Duration <= m.slowest[summarySlowest-1].took || r.Outcome == runner.Skipped {
		return
	}
	at, _ := slices.BinarySearchFunc(m.slowest, r.Duration, func(s slowRequest, d time.Duration) int { return int(max(min(d-s.took, 1), -1)) })
	m.slowest = slices.Insert(m.slowest, at, slowRequest{trail(r.Name), r.Duration})
	m.slowest = m.slowest[:min(len(m.slowest), summarySlowest)]
}

// failure is what stands below the headline of a failure.
func (m *summary) failure(r *runner.Result) string {
	var out strings.Builder
	out.WriteString(fenced(capped(failureWithin(r, summaryBody), summaryFailure)))
	if last := r.Last(); last != nil && m.o.Curl != nil {
		if command := clean(m.o.Curl(last)); command != "" && len(command) < summaryFailure {
			out.WriteString("\n" + fenced(command))
		}
	}
	return out.String()
}

// fenced is a text as a block of code, whatever stands in it (CommonMark, section 4.5).
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}

// Close implements Reporter.
func (m *summary) Close() error {
	if m.running { // its end never came
		m.tally.interrupted = true
		m.row(m.open, m.counts, "interrupted")
	}
	room := m.o.Room
	if room <= 0 || room > summaryRoom {
		room = summaryRoom
	}
	_, err := io.WriteString(m.w, m.text(room))
	return err
}

// text is the summary, as much of it as there is room for.
func (m *summary) text(room int) string {
	var out strings.Builder
	sign, _ := mark(runner.Passed)
	switch c := m.tally.counts; {
	case c.Failed+c.Errored > 0:
		sign, _ = mark(runner.Failed)
	case c.Passed == 0 || m.tally.interrupted:
		sign, _ = mark(runner.Skipped)
	}
	out.WriteString("### " + sign + " hgrun: " + m.tally.verdict(m.o.Shard) + m.took() + "\n\n")
	m.collections(&out)
	const noted = 400 // for the note of what is left out
	left := 0
	for _, a := range m.tally.failures {
		text := m.entry(a)
		if out.Len()+len(text)+noted > room {
			left += a.count
			continue
		}
		out.WriteString(text)
	}
	if left += m.tally.unlisted; left > 0 {
		out.WriteString("… and " + plural(left, "request") + " more that did not pass; the log has all of them.\n\n")
	}
	var rest strings.Builder
	m.lists(&rest)
	if out.Len()+rest.Len() <= room {
		out.WriteString(rest.String())
	}
	if out.Len() > room {
		return ""
	}
	return out.String()
}

func (m *summary) took() string {
	if m.tally.last.IsZero() {
		return ""
	}
	return " in " + timeText(m.tally.last.Sub(m.tally.first))
}

func (m *summary) collections(out *strings.Builder) {
	if len(m.rows) == 0 {
		return
	}
	out.WriteString("| Collection | Environment | Passed | Failed | Errored | Skipped | Time |\n|---|---|--:|--:|--:|--:|--:|\n")
	for _, row := range m.rows[:min(len(m.rows), summaryMost)] {
		out.WriteString(row)
	}
	if more := len(m.rows) - summaryMost; more > 0 {
		out.WriteString("| … and " + thousands(more) + " more | | | | | | |\n")
	}
	out.WriteByte('\n')
}

// entry is a failure, and those like it.
func (m *summary) entry(a *alike) string {
	var out strings.Builder
	first := a.names[0]
	out.WriteString("<details><summary>✗ ")
	if a.count > 1 {
		out.WriteString(thousands(a.count) + " requests: " + escape.EscapeString(cut(a.message, markdownText)))
	} else {
		out.WriteString("<b>" + escape.EscapeString(cut(first.name, markdownText)) + "</b> " + escape.EscapeString(cut(a.message, markdownText)))
	}
	out.WriteString("</summary>\n\n")
	for _, one := range a.names {
		out.WriteString("- " + markdown(one.suite+" › "+one.name) + " " + m.o.link(one.at) + "\n")
	}
	if more := a.count - len(a.names); more > 0 {
		out.WriteString("- … and " + thousands(more) + " more\n")
	}
	out.WriteString("\n" + m.details[a] + "\n</details>\n\n")
	return out.String()
}

// lists are what there is to say beside failures.
func (m *summary) lists(out *strings.Builder) {
	if len(m.flaky.lines) > 0 {
		out.WriteString("**Flaky**\n\n")
		for _, line := range m.flaky.lines {
			out.WriteString("- " + line + "\n")
		}
		if m.flaky.more > 0 {
			out.WriteString("- … and " + thousands(m.flaky.more) + " more\n")
		}
		out.WriteByte('\n')
	}
	if len(m.skips) > 0 {
		out.WriteString("**Skipped**\n\n")
		reasons := make([]string, 0, len(m.skips))
		for reason := range m.skips {
			reasons = append(reasons, reason)
		}
		slices.SortFunc(reasons, func(a, b string) int {
			if m.skips[a] != m.skips[b] {
				return m.skips[b] - m.skips[a]
			}
			return strings.Compare(a, b)
		})
		for _, reason := range reasons[:min(len(reasons), summaryMost)] {
			out.WriteString("- " + plural(m.skips[reason], "request") + ": " + markdown(reason) + "\n")
		}
		out.WriteByte('\n')
	}
	if m.tally.counts.Total() > summarySlowest {
		out.WriteString("**Slowest**\n\n")
		for _, s := range m.slowest {
			out.WriteString("- " + timeText(s.took) + " " + markdown(s.name) + "\n")
		}
		out.WriteByte('\n')
	}
}
