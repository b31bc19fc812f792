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
		c.problem(depth, &r.Problems[i], shown)
		shown = r.Problems[i].Pos
	}
	if len(r.Findings) > 0 {
		c.findings(depth, r.Findings)
	}
	if c.o.Verbose > 0 {
		c.scripts(depth, r)
		c.exchange(depth, r)
		return
	}
	c.said(depth, r.Console, linesSaid)
	var before strings.Builder
	earlier(&before, r)
	if before.Len() > 0 {
		c.p.paragraphs(depth, strings.TrimRight(before.String(), "\n"))
	}
	if last := r.Last(); last != nil {
		c.answered(depth, last)
		if line := traceLine(last); line != "" {
			c.p.indent(depth)
			c.p.paint(dim, line)
			c.p.line()
		}
		c.curl(depth, last, curlShown)
	}
}

// problem writes one problem: its place, the line there, and what it says. Shown is the place whose line stands above already.
func (c *console) problem(depth int, p *runner.Problem, shown source.Pos) {
	at := place(*p)
	message, rest, _ := strings.Cut(clean(p.Message), "\n")
	c.p.indent(depth)
	c.p.paint(dim, at)
	c.message(red, depth+columns(at), depth+2, message)
	c.p.line()
	if p.Pos != shown {
		c.sourceLine(depth+2, p.Pos)
	}
	if rest != "" {
		c.p.paragraphs(depth+2, rest)
	}
	for _, detail := range p.Details {
		for line := range strings.SplitSeq(clean(detail), "\n") {
			c.p.indent(depth + 2)
			switch {
			case strings.HasPrefix(line, "- "):
				c.p.paint(green, line)
			case strings.HasPrefix(line, "+ "):
				c.p.paint(red, line)
			default:
				c.message("", depth+2, depth+4, line)
			}
			c.p.line()
		}
	}
}

// message writes what is wrong in a style, from column at on, and returns the column after it. What was got and what was wanted have a
// colour each.
func (c *console) message(how style, at, indent int, text string) int {
	subject, rest, found := strings.Cut(text, ": got ")
	comma := strings.LastIndex(rest, ", want ")
	if !found || comma < 0 {
		return c.p.prose(how, at, indent, text)
	}
	got, want := rest[:comma], rest[comma+len(", want "):]
	for _, part := range []part{{bold, subject + ":"}, {"", " got"}, {red, " " + got}, {"", ", want"}, {green, " " + want}} {
		at = c.p.prose(part.how, at, indent, part.text)
	}
	return at
}

// findings writes why it went wrong.
func (c *console) findings(depth int, findings []runner.Finding) {
	first, rest, _ := strings.Cut(explanation(findings), "\n")
	c.p.indent(depth)
	c.p.prose(bold, depth, depth+2, first)
	c.p.line()
	c.p.paragraphs(depth, rest)
}

// remarks writes what is odd about a request that passed.
func (c *console) remarks(depth int, findings []runner.Finding) {
	for i := range findings {
		c.p.indent(depth)
		c.p.prose(yellow, depth, depth+2, "! "+remark(&findings[i]))
		c.p.line()
	}
}

const (
	curlShown = 2 << 10 // bytes of a command; a longer one comes with -v
	linesSaid = 10      // by the scripts of a request that failed; more come with -v
)

// curl writes an exchange as a curl command of at most limit bytes, as it can be copied: no line of it is wrapped, and none indented
// where the line break is part of a body.
func (c *console) curl(depth int, a *runner.Attempt, limit int) {
	if c.o.Curl == nil || a.Method == "" {
		return
	}
	command := c.o.Curl(a)
	if command == "" || len(command) > limit {
		return
	}
	command = strings.TrimRight(clean(command), "\n")
	lines := strings.Split(command, "\n")
	for _, line := range lines[:len(lines)-1] {
		if !strings.HasSuffix(line, " \\") && !strings.HasPrefix(line, "#") {
			depth = 0
		}
	}
	c.p.block(depth, command)
}

// answered writes an exchange in short: where it went, what came back, and the beginning of the body.
func (c *console) answered(depth int, a *runner.Attempt) {
	c.p.indent(depth)
	text := a.Method + " " + oneLine(a.URL) + " → " + answer(a)
	if a.Detail == nil || a.Status == 0 {
		c.p.prose("", depth, depth+2, text)
		c.p.line()
		return
	}
	size := inBytes(a.Received)
	if kind := oneLine(a.Detail.ResponseHeader.Get("Content-Type")); kind != "" {
		size = kind + ", " + size
	}
	at := c.p.prose("", depth, depth+2, text+",")
	c.p.prose(dim, at, depth+2, " "+size)
	c.p.line()
	if a.Detail.ResponseBody != "" {
		body := excerpt(a.Detail.ResponseBody, a.Received, a.Detail.ResponseSHA256, 4<<10)
		c.p.block(depth+2, firstLines(body, bodyLines, max(c.p.width-depth-2, 20)*3))
	}
}

// firstLines is the beginning of a body: so many lines, each of so many columns at most.
func firstLines(body string, most, wide int) string {
	lines := strings.Split(body, "\n")
	more := len(lines) - most
	if more > 1 {
		flag := "-v"
		if most == bodyLinesVerbose || len(lines) > bodyLinesVerbose {
			flag = "-vv"
		}
		lines = append(lines[:most], "… "+plural(more, "more line")+", all of them with "+flag)
	}
	for i := range lines {
		lines[i] = fit(lines[i], wide)
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
