package reporters

import (
	"io"
	"slices"
	"sync"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// newConsole makes the report for people: a line for each request, what went wrong below it, a summary in the end.
func newConsole(w io.Writer, o Options) Reporter {
	c := &console{p: newPrinter(w, &o.Screen), o: o}
	c.progress.c = c
	c.folding = newFolding(c.p, &o.Screen)
	return c
}

// console is the report for people. A timer shows the progress, so everything is done under a lock.
type console struct {
	mu       sync.Mutex
	p        *printer
	o        Options
	suites   int      // begun
	folders  []string // whose headings stand above the last line
	skips    skips
	rows     rowLines
	tally    tally
	figures  figures
	progress progress
	folding  folding // of the lines, by the system of a log
	flushed  time.Time
}

// Report implements Reporter.
func (c *console) Report(ev runner.Event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch ev := ev.(type) {
	case runner.Started:
		c.started(ev)
	case runner.RequestStarted:
		c.progress.now(ev.Request.Name)
		return c.p.err()
	case runner.RequestFinished:
		c.progress.count(&ev.Result)
		c.tally.add(ev.Suite, &ev.Result)
		c.figures.add(&ev.Result)
		if c.fold(ev.Suite, &ev.Result) {
			return c.p.err() // the timer shows the progress
		}
		if ev.Result.Name.Row == 0 && !ev.Result.Name.Aside() {
			c.writeRows() // those before it are done
		}
		c.result(ev.Suite, &ev.Result)
	case runner.Finished:
		c.finished(ev)
	}
	return c.flush(ev)
}

// flush writes out what a reader waits for, a few times a second on a terminal and once in a log, and at the end of a collection.
func (c *console) flush(ev runner.Event) error {
	_, end := ev.(runner.Finished)
	wait := time.Second
	if c.o.Terminal {
		wait = drawEvery // what comes within it is written by the timer
	}
	if now := time.Now(); c.progress.paused == 0 && (end || now.Sub(c.flushed) >= wait) {
		c.flushed = now
		c.progress.draw()
		return c.p.flush()
	}
	return c.p.err()
}

func (c *console) started(ev runner.Started) {
	c.folders = nil
	c.tally.start(ev.Time)
	c.progress.begin(ev.Requests)
	if c.o.Quiet {
		return
	}
	c.progress.erase()
	if c.suites > 0 && !c.folding.on {
		c.p.line()
	}
	c.suites++
	if c.folding.start(suiteName(ev.Suite)+suitePlace(ev.Suite), ev.Time) {
		return
	}
	c.p.paint(bold, suiteName(ev.Suite))
	c.p.paint(dim, suitePlace(ev.Suite))
	c.p.line()
}

func suiteName(s runner.Suite) string {
	if name := oneLine(s.Name); name != "" {
		return name
	}
	return oneLine(s.File)
}

func suitePlace(s runner.Suite) string {
	text := ""
	if s.File != "" && s.Name != "" {
		text = " · " + oneLine(s.File)
	}
	if s.Environment != "" {
		text += " · " + oneLine(s.Environment)
	}
	return text
}

func (c *console) finished(ev runner.Finished) {
	c.writeSkips()
	c.writeRows()
	c.tally.end(ev)
	at := ev.Start.Add(ev.Duration)
	if ev.Interrupted {
		c.progress.erase()
		c.reveal(at)
		c.p.indent(2)
		c.p.paint(yellow, "interrupted")
		c.p.line()
	}
	c.folding.stop(at)
}

// reveal lets what follows stand outside of any fold of the log, below the headings that it needs.
func (c *console) reveal(at time.Time) {
	if c.folding.reveal(at) {
		c.folders = nil
	}
}

// result writes a request, or keeps it where it may become one line with others that were skipped for the same reason.
func (c *console) result(s runner.Suite, r *runner.Result) {
	if r.Outcome == runner.Skipped && c.o.Verbose == 0 {
		if !c.skips.takes(r) {
			c.writeSkips()
		}
		c.skips.add(r)
		return
	}
	c.writeSkips()
	bad := r.Outcome == runner.Failed || r.Outcome == runner.Errored
	if c.o.Quiet && !bad {
		return
	}
	c.progress.erase()
	if bad {
		c.reveal(r.Start.Add(r.Duration))
	}
	depth := c.headings(s, r.Name)
	c.request(depth, r)
	if bad {
		c.failure(depth+2, r)
		return
	}
	c.remarks(depth+2, r.Findings)
	if c.o.Verbose > 0 {
		c.scripts(depth+2, r)
		c.exchange(depth+2, r)
	}
}

// headings writes the folders that r stands in, as far as they do not stand there yet, and returns how far to indent it.
func (c *console) headings(s runner.Suite, n runner.Name) int {
	if c.o.Quiet {
		return 0
	}
	if n.Aside() {
		return 2 + 2*len(c.folders)
	}
	folders := n.Folders
	if n.Phase == runner.Setup || n.Phase == runner.Teardown {
		folders = append([]string{string(n.Phase)}, folders...)
	}
	same := 0
	for same < len(folders) && same < len(c.folders) && folders[same] == c.folders[same] {
		same++
	}
	for i := same; i < len(folders); i++ {
		c.p.indent(2 + 2*i)
		c.p.paint(bold, oneLine(folders[i]))
		c.p.line()
	}
	if same < len(folders) || same < len(c.folders) {
		c.folders = slices.Clone(folders)
	}
	return 2 + 2*len(folders)
}

// Pause implements Pauser.
func (c *console) Pause() (resume func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress.erase()
	c.progress.paused++
	c.p.flush() // its error is kept and comes back from the next event
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.progress.paused--
	}
}

// Close implements Reporter.
func (c *console) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress.stop()
	c.writeSkips()
	c.writeRows()
	c.folding.over()
	c.summary()
	return c.p.flush()
}
