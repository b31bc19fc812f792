package reporters

import (
	"strconv"
	"strings"
	"time"
)

// retold reports whether the summary tells again what stands further up: the run was long, or what stands there is not to be seen.
func (c *console) retold() bool { return c.figures.results > longRun || c.o.Quiet || c.folding.on }

// details write what a reader may want to look into: why requests were skipped, which passed late, and which took longest.
func (c *console) details() {
	if c.retold() {
		c.whySkipped()
		c.whatPassedLate()
	}
	c.whatTookLong()
}

func (c *console) heading(text string) {
	c.p.line()
	c.p.paint(bold, text)
	c.p.line()
}

func (c *console) whySkipped() {
	s := &c.figures.skips
	if len(s.reasons) == 0 {
		return
	}
	c.heading("Skipped")
	for _, why := range s.reasons {
		what := why.first
		if why.count > 1 {
			what = plural(why.count, "request")
		}
		c.p.paint(yellow, "  – ")
		c.p.prose("", 4, 6, what+": "+why.reason)
		c.p.line()
	}
	if s.others > 0 {
		c.p.text("  … and " + thousands(s.others) + " for other reasons")
		c.p.line()
	}
}

func (c *console) whatPassedLate() {
	f := &c.figures
	if f.lateOnes == 0 {
		return
	}
	c.heading("Passed at a later attempt")
	for _, l := range f.late {
		c.p.paint(yellow, "  ! ")
		c.p.text(l.name + "  " + plural(l.tries, "attempt"))
		if l.place != "" {
			c.p.paint(dim, "  "+l.place)
		}
		c.p.line()
	}
	if more := f.lateOnes - len(f.late); more > 0 {
		c.p.text("  … and " + thousands(more) + " more")
		c.p.line()
	}
}

func (c *console) whatTookLong() {
	f := &c.figures
	all := c.o.Verbose > 0
	if f.ran <= slowListed || !all && (f.results <= longRun || f.slowest[0].took < slowFrom) {
		return
	}
	c.heading("Slowest")
	for _, t := range f.slowest {
		if t.took < slowFrom && !all {
			break
		}
		share := "<1 %"
		if n := int(float64(t.took)/float64(max(f.busy, 1))*100 + 0.5); n > 0 {
			share = strconv.Itoa(n) + " %"
		}
		c.p.indent(2)
		c.p.took(t.took)
		c.p.indent(7 - len(share))
		c.p.paint(dim, share)
		c.p.text("  " + t.name)
		c.p.line()
	}
}

// numbers write what was judged and sent: "34 expectations, 12 tests of scripts (1 failed) · 32/s · 1.2 MiB received".
func (c *console) numbers(took time.Duration) {
	f := &c.figures
	var judged, words []string
	if f.expectations > 0 {
		judged = append(judged, plural(f.expectations, "expectation"))
	}
	if f.tests.all > 0 {
		judged = append(judged, f.tests.text())
	}
	if len(judged) > 0 {
		words = append(words, strings.Join(judged, ", "))
	}
	if f.remarks > 0 {
		words = append(words, plural(f.remarks, "remark"))
	}
	if f.ran > longRun && took >= time.Second && f.ran >= int(took/time.Second) {
		words = append(words, rateText(f.ran, took))
	}
	if f.received > 0 {
		words = append(words, sizeText(f.received)+" received")
	}
	if f.sent > 0 {
		words = append(words, sizeText(f.sent)+" sent")
	}
	if len(words) > 0 {
		c.p.prose(dim, 0, 2, strings.Join(words, between))
		c.p.line()
	}
}

// text says how many there were, and how many of them did not pass: "12 tests of scripts (1 failed, 2 skipped)".
func (t *testCounts) text() string {
	text := thousands(t.all) + " tests of scripts"
	if t.all == 1 {
		text = "1 test of a script"
	}
	var odd []string
	if t.failed > 0 {
		odd = append(odd, thousands(t.failed)+" failed")
	}
	if t.skipped > 0 {
		odd = append(odd, thousands(t.skipped)+" skipped")
	}
	if len(odd) > 0 {
		text += " (" + strings.Join(odd, ", ") + ")"
	}
	return text
}

// sizeText returns a size for people who want no more than an idea of it: "527 bytes", "1.2 MiB".
func sizeText(n int) string {
	if n < 10_000 {
		return inBytes(n)
	}
	size, unit := float64(n)/1024, 0
	for size >= 1000 && unit < 3 {
		size, unit = size/1024, unit+1
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + [...]string{" KiB", " MiB", " GiB", " TiB"}[unit]
}
