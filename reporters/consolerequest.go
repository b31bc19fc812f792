package reporters

import (
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/runner"
)

const (
	rightColumns = 23 // "  METHOD  200   1.50 s", the method of them
	methodWide   = 8
	widest       = 100
	bodyLines    = 12 // shown of a body below a failure

	bodyLinesVerbose = 200 // with -v
	bodyWideVerbose  = 2000
)

// mark is the first sign of a line, which says the same as its colour.
func mark(o runner.Outcome) (string, style) {
	switch o {
	case runner.Passed:
		return "✓", green
	case runner.Skipped:
		return "–", yellow
	}
	return "✗", red
}

// request writes the line of a request: mark, name, method, status, time.
func (c *console) request(depth int, r *runner.Result) {
	if r.Outcome == runner.Skipped {
		c.skipped(depth, oneLine(r.Name.Name), reason(r))
		return
	}
	last, right := r.Last(), rightColumns
	sign, how := mark(r.Outcome)
	if r.Name.Aside() {
		right -= methodWide // it stands before the URL
		sign = tokenMark(r.Outcome)
	}
	c.p.indent(depth)
	c.p.paint(how, sign)
	c.p.text(" ")
	used := depth + columns(sign) + 1 + c.name(r)
	if r.Name.Phase == runner.Token && last != nil {
		used += c.endpoint(last, c.lineWidth()-right-used)
	}
	used += c.exchanges(r)
	c.p.indent(c.lineWidth() - right - used)
	c.p.text("  ")
	if right == rightColumns {
		c.method(last)
	}
	c.status(last)
	c.p.took(r.Duration)
	c.p.line()
}

// exchanges writes how many there were where there was more than one, and returns how many columns that took: attempts in the
// colour of a warning, steps on the way without.
func (c *console) exchanges(r *runner.Result) int {
	if len(r.Attempts) < 2 {
		return 0
	}
	used := 0
	write := func(how style, n int, what string) {
		note := "  " + plural(n, what)
		c.p.paint(how, note)
		used += len(note)
	}
	tries := r.Tries()
	if tries > 1 {
		write(yellow, tries, "attempt")
	}
	for i := range r.Attempts {
		if step := r.Attempts[i].Step; step != "" {
			write(dim, len(r.Attempts)-tries+1, string(step))
			break
		}
	}
	return used
}

func tokenMark(o runner.Outcome) string {
	if o == runner.Passed {
		return "↳"
	}
	return "✗ ↳"
}

// name writes the name of a request, with its folders where no headings stand above it, and returns how many columns it took.
func (c *console) name(r *runner.Result) int {
	name := oneLine(r.Name.Name)
	if c.o.Quiet {
		name = trail(r.Name)
	}
	c.p.text(name)
	return columns(name)
}

// trail is a name with what it stands in: "Checkout › Create order".
func trail(n runner.Name) string {
	name := oneLine(phased(n))
	if len(n.Folders) == 0 {
		return name
	}
	return oneLine(strings.Join(n.Folders, " › ")) + " › " + name
}

// endpoint writes where a token exchange went, in about as much room as there is, and returns how many columns that took.
func (c *console) endpoint(a *runner.Attempt, room int) int {
	url := oneLine(a.URL)
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	url, _, _ = strings.Cut(url, "?")
	to := fit("  "+a.Method+" "+url, max(room, 24))
	c.p.paint(dim, to)
	return columns(to)
}

func (c *console) lineWidth() int { return min(c.p.width, widest) }

func (c *console) method(last *runner.Attempt) {
	method := ""
	if last != nil {
		method = oneLine(last.Method)
	}
	c.p.text(method)
	c.p.indent(methodWide - len(method))
}

func (c *console) status(last *runner.Attempt) {
	switch {
	case last == nil:
		c.p.text("    ")
	case last.Status == 0:
		c.p.paint(red, "–   ")
	default:
		c.p.small = strconv.AppendInt(c.p.small[:0], int64(last.Status), 10)
		c.p.w.Write(c.p.small)
		c.p.indent(4 - len(c.p.small))
	}
}

// scripts writes the tests that passed or were skipped, and what the scripts wrote.
func (c *console) scripts(depth int, r *runner.Result) {
	for i := range r.Tests {
		test := &r.Tests[i]
		sign, how := mark(testOutcome(test))
		c.p.indent(depth)
		c.p.paint(how, sign)
		c.p.text(" " + oneLine(test.Name))
		c.p.line()
	}
	c.said(depth, r.Console, len(r.Console))
}

// said writes the first lines that scripts wrote.
func (c *console) said(depth int, lines []runner.ConsoleLine, most int) {
	for _, l := range lines[:min(len(lines), most)] {
		for line := range strings.SplitSeq(l.Text, "\n") {
			c.p.indent(depth)
			level := "console." + oneLine(l.Level)
			c.p.paint(dim, level)
			c.p.prose("", depth+columns(level), depth+2, " "+oneLine(line))
			c.p.line()
		}
	}
	if more := len(lines) - most; more > 0 {
		c.p.indent(depth)
		c.p.paint(dim, "… "+plural(more, "more line")+" of the console, all of them with -v")
		c.p.line()
	}
}

// attemptsVerbose is how many exchanges of a request are shown whole with -v; of more, the last alone.
const attemptsVerbose = 5

// exchange writes what went over the wire, below the line of a request.
func (c *console) exchange(depth int, r *runner.Result) {
	for i := range r.Attempts {
		a, last := &r.Attempts[i], i == len(r.Attempts)-1
		if len(r.Attempts) > 1 {
			c.p.indent(depth)
			c.p.paint(dim, "attempt "+strconv.Itoa(i+1)+" of "+strconv.Itoa(len(r.Attempts))+attemptEnd(a))
			c.p.line()
		}
		if !last && (a.Detail == nil || c.o.Verbose == 1 && len(r.Attempts) > attemptsVerbose) {
			continue
		}
		c.wire(depth, a)
		if c.o.Verbose > 1 {
			c.phases(depth, a)
		}
		if r.Outcome == runner.Failed || r.Outcome == runner.Errored {
			c.curl(depth, a, wholeBody)
		}
		c.p.line()
	}
}

func attemptEnd(a *runner.Attempt) string {
	if len(a.Problems) == 0 {
		return ""
	}
	return ": " + attemptLine(a)
}

// wire writes an exchange as it went over the wire: with -v its bodies shortened, with -vv as far as they are known.
func (c *console) wire(depth int, a *runner.Attempt) {
	shape := func(body string) string { return firstLines(body, bodyLinesVerbose, bodyWideVerbose) }
	if c.o.Verbose > 1 {
		shape = whole
	}
	side := byte(0) // whose head it is: > or <
	for line := range strings.SplitSeq(strings.TrimRight(transcriptAs(a, wholeBody, shape), "\n"), "\n") {
		if line == "" {
			c.p.line()
			continue
		}
		c.p.indent(depth)
		switch head := len(line) > 1 && (line[0] == '>' || line[0] == '<') && line[1] == ' '; {
		case head && line[0] != side:
			side = line[0]
			c.p.paint(bold, line)
		case head:
			c.p.paint(dim, line)
		default:
			c.p.text(line)
		}
		c.p.line()
	}
}

// phases writes what the time of an exchange went into.
func (c *console) phases(depth int, a *runner.Attempt) {
	if a.Timings.Total <= 0 {
		return
	}
	var words []string
	for _, p := range phases(&a.Timings) {
		words = append(words, p.name+" "+fineTime(p.took))
	}
	if a.Timings.Reused {
		words = append(words, "connection reused")
	}
	c.p.line()
	c.p.indent(depth)
	c.p.prose(dim, depth, depth+2, "took "+fineTime(a.Timings.Total)+": "+strings.Join(words, " · "))
	c.p.line()
}
