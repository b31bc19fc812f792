package reporters

import (
	"io"
	"sync/atomic"

	"github.com/hgrun/hgrun/runner"
)

const (
	batchEvents = 256     // a batch is handed on when it has so many events,
	batchBytes  = 2 << 20 // or so many bytes of bodies,
	batchIdle   = 64      // or this many events while nothing else is to be done
)

// newJUnit makes the dialect with everything that consumers of JUnit make use of.
func newJUnit(w io.Writer, o Options) Reporter { return startJUnit(w, o, false) }

// newXUnit makes the dialect that holds to the letter of junit-10.xsd, which Jenkins' xUnit plugin validates against.
func newXUnit(w io.Writer, o Options) Reporter { return startJUnit(w, o, true) }

// junit collects events and has them converted in the background, a batch at a time, while the run goes on: memory stays
// flat, and little remains to be done in the end.
type junit struct {
	report *junitReport
	batch  []runner.Event
	bytes  int                   // of the bodies in batch
	work   chan []runner.Event   // nil before the first event
	done   chan struct{}         // closed after the last batch
	fault  atomic.Pointer[error] // of a batch
}

func startJUnit(w io.Writer, o Options, strict bool) Reporter {
	j := &junit{report: newJUnitReport(w, o, strict)}
	j.start()
	return j
}

// Report implements Reporter.
func (j *junit) Report(ev runner.Event) error {
	if fault := j.fault.Load(); fault != nil {
		return *fault
	}
	switch ev := ev.(type) {
	case runner.RequestStarted:
		return nil
	case runner.RequestFinished:
		j.bytes += weight(&ev.Result)
	}
	j.batch = append(j.batch, ev)
	switch {
	case len(j.batch) >= batchEvents || j.bytes >= batchBytes:
		j.start()
		j.work <- j.batch
	case len(j.batch)%batchIdle == 0 && j.offer():
	default:
		return nil
	}
	j.batch, j.bytes = make([]runner.Event, 0, batchEvents), 0
	return nil
}

// weight is roughly how much memory a result keeps.
func weight(r *runner.Result) int {
	n := 0
	for i := range r.Attempts {
		if d := r.Attempts[i].Detail; d != nil {
			n += len(d.RequestBody) + len(d.ResponseBody)
		}
	}
	return n
}

// offer hands the batch on if that takes no waiting.
func (j *junit) offer() bool {
	j.start()
	select {
	case j.work <- j.batch:
		return true
	default:
		return false
	}
}

// start begins the work in the background, and with it what takes longest in a short run: to write and read for the first time.
func (j *junit) start() {
	if j.work != nil {
		return
	}
	j.work, j.done = make(chan []runner.Event, 1), make(chan struct{})
	go func() {
		defer close(j.done)
		if err := j.report.warm(); err != nil {
			j.fault.Store(&err)
		}
		for batch := range j.work {
			if j.fault.Load() == nil {
				j.convert(batch)
			}
		}
	}()
}

func (j *junit) convert(batch []runner.Event) {
	if err := j.report.add(batch); err != nil {
		j.fault.Store(&err)
	}
}

// Close implements Reporter.
func (j *junit) Close() error {
	if j.work != nil {
		close(j.work)
		<-j.done
	}
	if j.fault.Load() == nil {
		j.convert(j.batch)
	}
	if fault := j.fault.Load(); fault != nil {
		j.report.discard()
		return *fault
	}
	return j.report.finish()
}
