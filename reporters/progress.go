package reporters

import (
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

const (
	progressAfter = time.Second            // shorter runs need no progress
	progressEvery = 200 * time.Millisecond // often enough to look alive
)

// progress is the last line of a terminal while a run goes on. It comes after a second, is erased before anything else
// is written, and is never in what is not a terminal.
type progress struct {
	c       *console
	timer   *time.Timer // nil before the first collection and where there is no terminal
	start   time.Time
	total   int  // requests of the collections that began
	open    bool // nobody knows how many they are
	done    int
	failed  int
	current string
	shown   int // columns that stand in the line; 0 for none
}

// begin counts a collection in, and starts the timer with the first.
func (p *progress) begin(requests int) {
	p.total += requests
	p.open = p.open || requests == 0
	if !p.c.o.Terminal || p.timer != nil {
		return
	}
	p.start = time.Now()
	p.timer = time.AfterFunc(progressAfter, p.tick)
}

// tick draws from time to time, so that a slow request does not look like a standstill.
func (p *progress) tick() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if p.timer == nil {
		return
	}
	p.draw()
	p.c.p.flush() // its error is kept and comes back from the next event
	p.timer.Reset(progressEvery)
}

func (p *progress) now(name string) { p.current = name }

func (p *progress) count(r *runner.Result) {
	if r.Name.Aside() {
		return
	}
	p.done++
	if r.Outcome == runner.Failed || r.Outcome == runner.Errored {
		p.failed++
	}
}

// draw writes the line anew, once the run is long enough.
func (p *progress) draw() {
	if p.timer == nil || time.Since(p.start) < progressAfter {
		return
	}
	p.erase()
	text := thousands(p.done)
	if !p.open {
		text += "/" + thousands(max(p.total, p.done))
	}
	if p.failed > 0 {
		text += " · " + thousands(p.failed) + " failed"
	}
	text += " · " + timeText(time.Since(p.start).Truncate(100*time.Millisecond)) + " · " + oneLine(p.current)
	text = fit(text, p.c.p.width-1)
	p.shown = columns(text)
	p.c.p.paint(dim, text)
}

// erase takes the line away, with spaces, which every terminal understands.
func (p *progress) erase() {
	if p.shown == 0 {
		return
	}
	p.c.p.text("\r" + strings.Repeat(" ", p.shown) + "\r")
	p.shown = 0
}

func (p *progress) stop() {
	p.erase()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}
