package reporters

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// otelBatch is how many bytes of spans make a line.
const otelBatch = 64 << 10

// newOTel makes traces in the JSON of OpenTelemetry (OTLP 1.x, TracesData), a batch of spans a line, as the file exporter of a collector does: a span for the
// run, each collection, row, folder, request and exchange. What servers do for an exchange that carried a traceparent stands below its span in the same trace.
func newOTel(w io.Writer, o Options) Reporter {
	return &otel{w: w, o: o, runs: map[string]*otelRun{}}
}

// otel are the spans that grow. What has others in it is written when it ends.
type otel struct {
	w     io.Writer
	o     Options
	spans bytes.Buffer // of the line at hand, with commas between
	runs  map[string]*otelRun
	order []*otelRun
	suite *otelSuite // the collection at hand; nil for none
	err   error
}

// otelRun is the span of a run. Merged records have several.
type otelRun struct {
	runner.SpanContext
	parent     string
	start, end time.Time
	counts     runner.Counts
	cut        bool // interrupted
}

// otelSuite is a collection that is not finished.
type otelSuite struct {
	runner.Suite
	run     *otelRun
	id      string
	start   time.Time
	last    time.Time // that something in it ended
	counts  runner.Counts
	spans   int // that were begun in it, for their IDs
	folders []otelFolder
	open    []otelOpen // requests that began and did not end
}

// otelFolder is a folder, or a row of data, that what comes next may still stand in.
type otelFolder struct {
	key, id, name string
	row           int // of data, where it is one
	start, end    time.Time
}

// otelOpen is a request that began.
type otelOpen struct {
	name runner.Name
	id   string
}

// Report implements Reporter.
func (t *otel) Report(ev runner.Event) error {
	if t.err != nil {
		return t.err
	}
	switch ev := ev.(type) {
	case runner.Started:
		t.begin(ev)
	case runner.RequestStarted:
		s := t.current(ev.Suite, ev.Time)
		s.open = append(s.open, otelOpen{ev.Request, s.next()})
	case runner.RequestFinished:
		s := t.current(ev.Suite, ev.Result.Start)
		s.counts.Add(ev.Result.Outcome)
		t.result(s, &ev.Result)
	case runner.Finished:
		s := t.current(ev.Suite, ev.Start)
		t.end(s, ev.Start.Add(ev.Duration), ev.Interrupted)
	}
	if t.spans.Len() >= otelBatch {
		t.flush()
	}
	return t.err
}

// begin begins a collection, and the run that it belongs to.
func (t *otel) begin(ev runner.Started) *otelSuite {
	if s := t.suite; s != nil {
		t.end(s, s.last, true)
	}
	run, ok := t.runs[ev.Trace]
	if !ok {
		run = &otelRun{parent: ev.Parent, start: ev.Time, end: ev.Time}
		var err error
		if run.SpanContext, err = runner.ParseTraceparent(ev.Trace); err != nil {
			run.SpanContext = untraced(&ev)
		}
		t.runs[ev.Trace] = run
		t.order = append(t.order, run)
	}
	if ev.Time.Before(run.start) {
		run.start = ev.Time
	}
	t.suite = &otelSuite{Suite: ev.Suite, run: run, start: ev.Time, last: ev.Time}
	t.suite.id = t.suite.next()
	return t.suite
}

// untraced is the span of a run whose requests carried no traceparent. A record makes the same one each time.
func untraced(ev *runner.Started) runner.SpanContext {
	sum := sha256.Sum256([]byte(ev.Time.UTC().Format(time.RFC3339Nano) + "\x00" + ev.Suite.Name + "\x00" + ev.Suite.File))
	return runner.SpanContext{TraceID: hex.EncodeToString(sum[:16]), SpanID: hex.EncodeToString(sum[16:24]), Sampled: true}
}

// next returns the ID of the next span of a collection: the same again from the same events.
func (s *otelSuite) next() string {
	s.spans++
	sum := sha256.Sum256([]byte(s.run.TraceID + s.run.SpanID + "/" + strconv.Itoa(s.Index) + "/" + strconv.Itoa(s.spans)))
	return hex.EncodeToString(sum[:8])
}

// current returns the collection at hand.
func (t *otel) current(of runner.Suite, at time.Time) *otelSuite {
	if t.suite == nil {
		return t.begin(runner.Started{Suite: of, Time: at})
	}
	return t.suite
}

// end ends a collection.
func (t *otel) end(s *otelSuite, at time.Time, interrupted bool) {
	t.leave(s, 0)
	at = later(at, s.last)
	span := otelSpan{TraceID: s.run.TraceID, SpanID: s.id, Parent: s.run.SpanID, Name: suiteName(s.Suite), Kind: otelInternal, Start: nanos(s.start), End: nanos(at)}
	span.text("test.suite.name", suiteName(s.Suite))
	span.text("test.suite.run.status", suiteStatus(s.counts, interrupted))
	span.text("code.file.path", s.File)
	span.text("deployment.environment.name", s.Environment)
	span.totals(s.counts, interrupted)
	t.write(&span, s.run)
	s.run.counts = s.run.counts.Plus(s.counts)
	s.run.cut = s.run.cut || interrupted
	s.run.end = later(s.run.end, at)
	t.suite = nil
}

// suiteStatus is the word that the semantic conventions have for how a collection ended.
func suiteStatus(c runner.Counts, interrupted bool) string {
	switch {
	case interrupted:
		return "aborted"
	case c.Failed+c.Errored > 0:
		return "failure"
	case c.Passed == 0 && c.Skipped > 0:
		return "skipped"
	}
	return "success"
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// write adds a span to the line at hand.
func (t *otel) write(span *otelSpan, run *otelRun) {
	if t.spans.Len() > 0 {
		t.spans.WriteByte(',')
	}
	span.Flags |= otelKnowsRemote
	if run.Sampled {
		span.Flags |= otelSampled
	}
	span.End = max(span.End, span.Start)
	if err := appendValue(&t.spans, span); err != nil && t.err == nil {
		t.err = err
	}
}

// flush writes the line at hand.
func (t *otel) flush() {
	if t.err != nil || t.spans.Len() == 0 {
		return
	}
	var line bytes.Buffer
	line.WriteString(`{"resourceSpans":[{"resource":{"attributes":`)
	t.err = appendValue(&line, t.resource())
	line.WriteString(`},"scopeSpans":[{"scope":`)
	if err := appendValue(&line, otelScope{homepage, t.o.Version}); t.err == nil {
		t.err = err
	}
	line.WriteString(`,"spans":[`)
	line.Write(t.spans.Bytes())
	line.WriteString("]}]}]}\n")
	t.spans.Reset()
	if t.err == nil {
		_, t.err = t.w.Write(line.Bytes())
	}
}

// resource is who made the spans. What the user says of it is stronger.
func (t *otel) resource() otelAttributes {
	var all otelAttributes
	all.text("service.name", "hgrun")
	all.text("service.version", t.o.Version)
	all.text("host.name", host(t.o))
	for _, own := range t.o.Origin.Resource {
		all = slices.DeleteFunc(all, func(a otelAttribute) bool { return a.Key == own[0] })
		all.text(own[0], own[1])
	}
	return all
}

// Close implements Reporter.
func (t *otel) Close() error {
	if s := t.suite; s != nil { // its end never came
		t.end(s, s.last, true)
	}
	for _, run := range t.order {
		span := otelSpan{TraceID: run.TraceID, SpanID: run.SpanID, Parent: run.parent, Name: "hgrun run", Kind: otelInternal, Start: nanos(run.start), End: nanos(run.end)}
		if run.parent != "" {
			span.Flags = otelIsRemote
		}
		span.texts("hgrun.selection", t.o.Origin.Selection)
		span.text("hgrun.shard", t.o.Shard)
		span.text("test.suite.run.status", suiteStatus(run.counts, run.cut))
		span.totals(run.counts, run.cut)
		t.write(&span, run)
	}
	t.flush()
	return t.err
}
