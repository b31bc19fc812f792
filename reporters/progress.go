package reporters

import (
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

const (
	progressAfter = time.Second            // shorter runs need no progress
	drawEvery     = 100 * time.Millisecond // at most; lines are written together with it, so that nothing flickers
	lookEvery     = 10 * time.Second       // at the log of a CI system
	silent        = 3                      // looks in vain before it has a sign of life: some systems end a job that says nothing
)

// interruption is what a terminal shows behind the line where somebody ends the run.
const interruption = "^C"

// progress is the last line of a terminal while a run goes on. It comes after a second, is erased before anything else
// is written, and is never in what is not a terminal. The log of a CI system has a line of its own instead, now and then.
type progress struct {
	c       *console
	timer   *time.Timer // nil before the first collection, and where nobody looks
	start   time.Time
	total   int  // requests of the collections that began
	open    bool // nobody knows how many they are
	done    int
	failed  int
	current string
	parts   []part // of the line as it was drawn last
	shown   int    // columns that stand in the line; 0 for none
	paused  int    // times that somebody else writes to the screen
	silence silence
}

// silence is how long nothing was written to a log.
type silence struct {
	lines int // that had been written at the last look
	looks int // since one was written
}

// begin counts a collection in, and starts the timer with the first.
func (p *progress) begin(requests int) {
	p.total += requests
	p.open = p.open || requests == 0
	every := p.every()
	if every == 0 || !p.start.IsZero() {
		return
	}
	p.start = time.Now()
	p.timer = time.AfterFunc(every, p.tick)
}

// every is the time between two looks at the run; zero for never.
func (p *progress) every() time.Duration {
	switch {
	case p.c.o.Terminal:
		return drawEvery
	case p.c.o.CI != "":
		return lookEvery
	}
	return 0
}

// tick draws from time to time, so that a slow request does not look like a standstill.
func (p *progress) tick() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if p.timer == nil {
		return
	}
	if p.c.o.Terminal {
		p.draw()
	} else {
		p.live()
	}
	if p.paused == 0 {
		p.c.p.flush() // its error is kept and comes back from the next event
	}
	p.timer.Reset(p.every())
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

// state is what the run has come to.
func (p *progress) state() barState {
	total := 0
	if p.c.o.Requests != nil {
		total = p.c.o.Requests()
	}
	if total == 0 && !p.open {
		total = p.total
	}
	if total > 0 {
		total = max(total, p.done)
	}
	return barState{done: p.done, total: total, failed: p.failed, elapsed: time.Since(p.start), current: oneLine(p.current)}
}

// draw writes the line anew, once the run is long enough.
func (p *progress) draw() {
	if p.timer == nil || !p.c.o.Terminal || p.paused > 0 || time.Since(p.start) < progressAfter {
		return
	}
	out := p.c.p
	out.width = p.c.o.columns()
	s, used, room := p.state(), 0, out.width-1-len(interruption)
	parts := s.line(room)
	if p.shown > 0 && slices.Equal(parts, p.parts) {
		return
	}
	if p.shown > 0 {
		out.text("\r")
	}
	p.parts = parts
	for _, part := range parts {
		out.paint(part.how, part.text)
		used += columns(part.text)
	}
	out.indent(min(p.shown, room) - used) // over the end of a longer one
	p.shown = max(used, min(p.shown, room))
}

// live writes a line where nothing was written for some time.
func (p *progress) live() {
	s := p.state()
	p.silence.looks++
	if p.c.p.lines != p.silence.lines {
		p.silence.looks = 0
	}
	if p.silence.looks == silent {
		p.silence.looks = 0
		p.c.p.text("  … " + strings.Join(s.words(), between))
		p.c.p.line()
	}
	p.silence.lines = p.c.p.lines
}

// erase takes the line away, with spaces, which every terminal understands.
func (p *progress) erase() {
	if p.shown == 0 {
		return
	}
	p.c.p.text("\r")
	p.c.p.indent(p.shown + len(interruption))
	p.c.p.text("\r")
	p.shown = 0
}

func (p *progress) stop() {
	p.erase()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}
