package reporters

import "github.com/hgrun/hgrun/runner"

// skips are requests one after the other that were skipped for the same reason. Many of them become one line,
// because there is one root cause and it stands elsewhere.
type skips struct {
	reason string
	count  int
	phase  runner.Phase
	first  []runner.Name // two at most
}

// takes reports whether r belongs to those that are there.
func (s *skips) takes(r *runner.Result) bool {
	return s.count > 0 && s.reason == reason(r) && s.phase == r.Name.Phase
}

func (s *skips) add(r *runner.Result) {
	s.reason, s.phase = reason(r), r.Name.Phase
	s.count++
	if len(s.first) < 2 {
		s.first = append(s.first, r.Name)
	}
}

// writeSkips writes those that wait, two of them by name, more of them as a number.
func (c *console) writeSkips() {
	s := c.skips
	c.skips = skips{first: s.first[:0]}
	if s.count == 0 || c.o.Quiet {
		return
	}
	c.progress.erase()
	if s.count > len(s.first) {
		c.p.indent(2)
		c.p.paint(yellow, "–")
		c.p.text(" skipped " + plural(s.count, "request") + ": " + s.reason)
		c.p.line()
		return
	}
	for _, name := range s.first {
		c.skipped(c.headings(runner.Suite{}, name), oneLine(name.Name), s.reason)
	}
}

// skipped writes the line of a request that was not sent, its reason below it where both do not fit in one line.
func (c *console) skipped(depth int, name, reason string) {
	c.p.indent(depth)
	c.p.paint(yellow, "–")
	c.p.text(" " + name)
	if why := "  skipped: " + reason; depth+2+columns(name)+columns(why) <= c.p.width {
		c.p.paint(dim, why)
	} else {
		c.p.line()
		c.p.indent(depth)
		c.p.prose(dim, depth, depth+4, why)
	}
	c.p.line()
}
