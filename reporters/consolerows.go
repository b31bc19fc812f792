package reporters

import (
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

const (
	rowsShown     = 10  // rows whose requests have a line each
	rowsExplained = 20  // requests of rows after them whose failures are shown whole
	rowsListed    = 200 // requests of rows whose failures have a line at least
	rowsKinds     = 40  // requests that are counted by themselves
)

// rowLines are requests of many rows that have no line of their own: what they came to is told after the last row.
type rowLines struct {
	kinds []rowKind
	at    map[string]int // in kinds, by path
	bad   int            // requests after rowsShown that did not pass, or passed with a remark
}

// rowKind is one request of the collection, over many rows.
type rowKind struct {
	name    string
	counts  runner.Counts
	slowest time.Duration
}

// fold takes a request of a row that needs no lines, or one line at most, and reports whether it did.
func (c *console) fold(s runner.Suite, r *runner.Result) bool {
	if r.Name.Row <= rowsShown || c.o.Verbose > 0 {
		return false
	}
	bad := r.Outcome == runner.Failed || r.Outcome == runner.Errored
	if bad || len(r.Findings) > 0 && r.Outcome == runner.Passed {
		c.rows.bad++
		if c.rows.bad <= rowsExplained {
			return false
		}
	}
	if bad && c.rows.bad <= rowsListed {
		c.writeSkips()
		c.progress.erase()
		c.reveal(r.Start.Add(r.Duration))
		depth := c.headings(s, r.Name)
		c.request(depth, r)
		c.p.indent(depth + 2)
		c.p.paint(red, headline(r))
		c.p.line()
		return true
	}
	c.rows.add(r)
	return true
}

func (rs *rowLines) add(r *runner.Result) {
	name := r.Name
	name.Name = r.Name.Base()
	path := trail(name)
	i, known := rs.at[path]
	switch {
	case known:
	case len(rs.kinds) == rowsKinds:
		i = rowsKinds - 1
		rs.kinds[i].name = "others"
	default:
		if rs.at == nil {
			rs.at = map[string]int{}
		}
		i = len(rs.kinds)
		rs.at[strings.Clone(path)] = i
		rs.kinds = append(rs.kinds, rowKind{name: path})
	}
	k := &rs.kinds[i]
	k.counts.Add(r.Outcome)
	if r.Outcome != runner.Skipped {
		k.slowest = max(k.slowest, r.Duration)
	}
}

// writeRows writes what the rows came to that have no lines of their own.
func (c *console) writeRows() {
	kinds := c.rows.kinds
	c.rows.kinds, c.rows.at = nil, nil
	if len(kinds) == 0 || c.o.Quiet {
		return
	}
	c.writeSkips()
	c.progress.erase()
	for i := range kinds {
		k := &kinds[i]
		c.p.indent(2)
		c.p.paint(k.sign())
		c.p.text(" " + k.name + ": " + k.text())
		if k.slowest > 0 {
			c.p.paint(dim, ", "+timeText(k.slowest)+" at most")
		}
		c.p.line()
	}
	c.folders = nil
}

func (k *rowKind) sign() (style, string) {
	outcome := runner.Passed
	switch {
	case k.counts.Failed+k.counts.Errored > 0:
		outcome = runner.Failed
	case k.counts.Passed == 0:
		outcome = runner.Skipped
	}
	sign, how := mark(outcome)
	return how, sign
}

// text says how many there were: "9,990 more rows passed".
func (k *rowKind) text() string {
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{{k.counts.Passed, " passed"}, {k.counts.Failed, " failed"}, {k.counts.Errored, " errored"}, {k.counts.Skipped, " skipped"}} {
		if part.n > 0 {
			parts = append(parts, thousands(part.n)+part.word)
		}
	}
	total := plural(k.counts.Total(), "more row")
	if len(parts) == 1 {
		_, word, _ := strings.Cut(parts[0], " ")
		return total + " " + word
	}
	return total + ": " + strings.Join(parts, ", ")
}
