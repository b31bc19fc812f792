package reporters

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// failure writes what is wrong with a request, each problem with its place, and the exchange.
func (c *console) failure(depth int, r *runner.Result) {
	var shown source.Pos
	for i := range r.Problems {
		p := &r.Problems[i]
		c.p.indent(depth)
		c.p.paint(dim, place(*p))
		message, rest, _ := strings.Cut(clean(p.Message), "\n")
		c.p.paint(red, message)
		c.p.line()
		if p.Pos != shown {
			c.sourceLine(depth+2, p.Pos)
			shown = p.Pos
		}
		if rest != "" {
			c.p.block(depth+2, rest)
		}
		for _, detail := range p.Details {
			c.p.block(depth+2, clean(detail))
		}
	}
	if len(r.Findings) > 0 {
		c.findings(depth, r.Findings)
	}
	if c.o.Verbose > 0 {
		c.scripts(depth, r)
		c.exchange(depth, r)
		return
	}
	var before strings.Builder
	earlier(&before, r)
	if before.Len() > 0 {
		c.p.block(depth, strings.TrimRight(before.String(), "\n"))
	}
	if last := r.Last(); last != nil {
		c.answered(depth, last)
		if line := traceLine(last); line != "" {
			c.p.indent(depth)
			c.p.paint(dim, line)
			c.p.line()
		}
	}
}

// findings writes why it went wrong.
func (c *console) findings(depth int, findings []runner.Finding) {
	first, rest, _ := strings.Cut(explanation(findings), "\n")
	c.p.indent(depth)
	c.p.paint(bold, first)
	c.p.line()
	c.p.block(depth, rest)
}

// remarks writes what is odd about a request that passed.
func (c *console) remarks(depth int, findings []runner.Finding) {
	for i := range findings {
		c.p.indent(depth)
		c.p.paint(yellow, "! "+remark(&findings[i]))
		c.p.line()
	}
}

// answered writes an exchange in short: where it went, what came back, and the beginning of the body.
func (c *console) answered(depth int, a *runner.Attempt) {
	c.p.indent(depth)
	c.p.text(a.Method + " " + oneLine(a.URL) + " → " + answer(a))
	if a.Detail == nil || a.Status == 0 {
		c.p.line()
		return
	}
	if kind := oneLine(a.Detail.ResponseHeader.Get("Content-Type")); kind != "" {
		c.p.paint(dim, ", "+kind)
	}
	c.p.paint(dim, ", "+inBytes(a.Received))
	c.p.line()
	if a.Detail.ResponseBody != "" {
		c.p.block(depth+2, c.firstLines(excerpt(a.Detail.ResponseBody, a.Received, a.Detail.ResponseSHA256, 4<<10), depth+2))
	}
}

// firstLines is the beginning of a body: a dozen lines, none of them longer than a few lines of the terminal.
func (c *console) firstLines(body string, indent int) string {
	lines := strings.Split(body, "\n")
	most := max(c.p.width-indent, 20) * 3
	for i := range lines {
		lines[i] = fit(lines[i], most)
	}
	if more := len(lines) - bodyLines; more > 1 {
		lines = append(lines[:bodyLines], "… "+plural(more, "more line")+", all of them with -v")
	}
	return strings.Join(lines, "\n")
}

// sourceLine writes a line of the YAML with a caret below the place.
func (c *console) sourceLine(depth int, at source.Pos) {
	if c.o.Sources == nil || at.Line == 0 {
		return
	}
	line := strings.ReplaceAll(clean(c.o.Sources(at.File, at.Line)), "\t", " ")
	if strings.TrimSpace(line) == "" {
		return
	}
	number := strconv.Itoa(at.Line)
	line, before := window(line, at.Col, max(c.p.width-depth-len(number)-3, 20))
	c.p.indent(depth)
	c.p.paint(dim, number+" │ ")
	c.p.text(line)
	c.p.line()
	c.p.indent(depth + len(number))
	c.p.paint(dim, " │ ")
	if before >= 0 {
		c.p.indent(before)
		c.p.paint(red, "^")
	}
	c.p.line()
}

// window returns as much of a line as fits in width with the character at col in it, and how many columns stand
// before that character; -1 where the line has no such character.
func window(line string, col, width int) (string, int) {
	start := 0
	for i := 1; i < col && start < len(line); i++ {
		_, n := utf8.DecodeRuneInString(line[start:])
		start += n
	}
	if col < 1 || start >= len(line) {
		return fit(line, width), -1
	}
	before, after := line[:start], line[start:]
	if columns(before)+min(columns(after), 20) <= width {
		return fit(line, width), columns(before)
	}
	for columns(before) > width/2 {
		_, n := utf8.DecodeRuneInString(before)
		before = before[n:]
	}
	return fit("…"+before+after, width), columns(before) + 1
}
