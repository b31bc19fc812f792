package reporters

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

const (
	recordVersion = "1.0"                  // of the format: docs/record.md
	recordLate    = 100 * time.Millisecond // a line is written at the latest after it came
	recordBuffer  = 32 << 10               // bytes, or so many lines that they have more
)

// newRecord makes the record of a run, from which every other report can be made again: a line for each event, written while the
// run goes on. Its file stands in its place from the first event on, because a record that was cut off says so itself: it has no last line.
func newRecord(w io.Writer, o Options) Reporter {
	return &record{w: w, o: o, line: fields{out: make([]byte, 0, recordBuffer+4<<10)}}
}

// record is the record that grows. A timer writes the last lines while a slow request runs, so everything is done under a lock.
type record struct {
	mu      sync.Mutex
	w       io.Writer
	o       Options
	line    fields // of which out has what is not written yet
	begun   bool
	open    int // collections that started and did not finish
	end     RecordEnd
	quoted  map[source.Pos]bool // lines of YAML files that were written
	timer   *time.Timer         // nil before the first event
	waiting bool                // the timer runs
	err     error
}

// Report implements Reporter.
func (r *record) Report(ev runner.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	r.begin(ev)
	switch ev := ev.(type) {
	case runner.Started:
		recordLine(r, lineStarted, &ev, startedFields)
		r.open++
		r.reached(ev.Time)
	case runner.RequestStarted:
		recordLine(r, lineRequest, &ev, requestFields)
	case runner.RequestFinished:
		r.result(&ev)
		r.end.Counts.Add(ev.Result.Outcome)
	case runner.Finished:
		recordLine(r, lineSuite, &ev, suiteEndFields)
		r.open--
		r.end.Interrupted = r.end.Interrupted || ev.Interrupted
		r.reached(ev.Start.Add(ev.Duration))
	}
	return r.later()
}

// begin writes the header, before the first event or in the end.
func (r *record) begin(first runner.Event) {
	if r.begun {
		return
	}
	r.begun = true
	header := RecordHeader{Version: recordVersion, Hgrun: r.o.Version, Host: host(r.o), Shard: r.o.Shard, Plan: r.o.Origin.plan(), Selection: r.o.Origin.Selection}
	if started, ok := first.(runner.Started); ok {
		header.Start = started.Time
	}
	recordLine(r, lineRun, &header, headerFields)
}

// host is the name of the machine that ran. A report without it is as good.
func host(o Options) string {
	if o.Origin.Host != "" {
		return o.Origin.Host
	}
	name, _ := os.Hostname()
	return name
}

// recordLine adds a line to what is to be written.
func recordLine[T any](r *record, kind string, v *T, each func(*fields, *T)) {
	r.line.out = append(r.line.out, `{"type":"`...)
	r.line.out = append(r.line.out, kind...)
	r.line.out = append(r.line.out, '"')
	each(&r.line, v)
	r.line.out = append(r.line.out, '}', '\n')
}

// result adds the line of a request, and with it the lines of YAML files that it points to and that stand in no line before it.
func (r *record) result(ev *runner.RequestFinished) {
	quotes := r.quotes(&ev.Result)
	recordLine(r, lineFinished, ev, func(f *fields, ev *runner.RequestFinished) {
		finishedFields(f, ev)
		list(f, "sources", &quotes, quotedFields)
	})
}

func (r *record) quotes(result *runner.Result) []quotedLine {
	if r.o.Sources == nil || len(result.Problems)+len(result.Findings) == 0 {
		return nil
	}
	var quotes []quotedLine
	quote := func(at source.Pos) {
		at.Col = 0
		if at.Line == 0 || r.quoted[at] {
			return
		}
		if r.quoted == nil {
			r.quoted = map[source.Pos]bool{}
		}
		r.quoted[at] = true
		quotes = append(quotes, quotedLine{at.File, at.Line, r.o.Sources(at.File, at.Line)})
	}
	for i := range result.Problems {
		quote(result.Problems[i].Pos)
	}
	for i := range result.Findings {
		quote(result.Findings[i].Pos)
		for j := range result.Findings[i].Evidence {
			quote(result.Findings[i].Evidence[j].Pos)
		}
	}
	return quotes
}

func (r *record) reached(at time.Time) {
	if at.After(r.end.Time) {
		r.end.Time = at
	}
}

// later has what is there written soon, or now where it is much.
func (r *record) later() error {
	switch {
	case len(r.line.out) >= recordBuffer:
		r.write()
	case r.timer == nil:
		r.waiting = true
		r.timer = time.AfterFunc(recordLate, r.tick)
	case !r.waiting:
		r.waiting = true
		r.timer.Reset(recordLate)
	}
	return r.err
}

// tick writes what waited long enough. An error comes back from the next event.
func (r *record) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = false
	r.write()
}

// publisher is a file that can stand in its place before it is whole.
type publisher interface{ publish() }

func (r *record) write() {
	if r.err != nil || len(r.line.out) == 0 {
		return
	}
	_, r.err = r.w.Write(r.line.out)
	r.line.out = r.line.out[:0]
	if p, ok := r.w.(publisher); ok && r.err == nil {
		p.publish()
	}
}

// Close implements Reporter.
func (r *record) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.timer.Stop()
	}
	r.begin(nil)
	r.end.Interrupted = r.end.Interrupted || r.open > 0
	r.end.judge()
	recordLine(r, lineEnd, &r.end, endFields)
	r.write()
	return r.err
}

// judge says what the counts come to, as the command run does.
func (e *RecordEnd) judge() {
	switch {
	case e.Interrupted:
		e.Verdict, e.Exit = "interrupted", 130
	case e.Counts.Errored > 0:
		e.Verdict, e.Exit = "errored", 3
	case e.Counts.Failed > 0:
		e.Verdict, e.Exit = "failed", 1
	default:
		e.Verdict, e.Exit = "passed", 0
	}
}
