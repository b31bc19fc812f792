package reporters

import (
	"bufio"
	"errors"
	"io"
	"time"

	"github.com/onsi/ginkgo/v2/reporters"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/runner"
)

// junitReport is a JUnit report that grows: the testcases stand in a spool, because what comes before them
// in the file counts them.
type junitReport struct {
	w       io.Writer
	o       Options
	strict  bool // no more than junit-10.xsd knows
	host    string
	scratch *scratch
	spool   spool
	suites  []*junitSuite
	names   suiteNames
	cases   caseNames // of the last suite
	alike   alikeCases
	text    document // used again for each batch
}

// junitSuite is one testsuite element: its attributes, and where its testcases stand in the spool.
type junitSuite struct {
	runner.Suite
	name        string // unique in the report
	start       time.Time
	duration    time.Duration
	counts      runner.Counts
	from, to    int64 // in the spool
	interrupted bool
	open        bool // until it is finished
}

func newJUnitReport(w io.Writer, o Options, strict bool) *junitReport {
	r := &junitReport{w: w, o: o, strict: strict, host: host(o), scratch: &scratch{beside: o.dir, quick: true}}
	r.spool.scratch = &scratch{beside: o.dir}
	return r
}

// add converts a batch of events.
func (r *junitReport) add(batch []runner.Event) error {
	if r.o.Each {
		batch = split(batch)
	}
	cases, err := r.generate(batch)
	if err != nil {
		return err
	}
	r.text = r.text[:0]
	for _, ev := range batch {
		switch ev := ev.(type) {
		case runner.Started:
			r.begin(ev.Suite, ev.Time)
		case runner.RequestFinished:
			s := r.current(ev.Suite)
			s.counts.Add(ev.Result.Outcome)
			c := r.enrich(&cases[0], s, &ev.Result)
			c.append(&r.text, r.strict)
			cases = cases[1:]
		case runner.Finished:
			s := r.current(ev.Suite)
			s.start, s.duration, s.interrupted = ev.Start, ev.Duration, ev.Interrupted
			r.end()
		}
	}
	return r.keep()
}

// generate has Ginkgo write the results of a batch and returns its testcases, one for each.
func (r *junitReport) generate(batch []runner.Event) ([]reporters.JUnitTestCase, error) {
	specs := make(types.SpecReports, 0, len(batch))
	var suite runner.Suite
	order := make([]*reporters.JUnitTestCase, 0, len(batch)) // nil for those that Ginkgo has to write
	for _, ev := range batch {
		if ev, ok := ev.(runner.RequestFinished); ok {
			suite = ev.Suite
			known := r.alike.of(&ev.Result)
			if order = append(order, known); known == nil {
				specs = append(specs, specReport(&ev.Result, reason(&ev.Result)))
			}
		}
	}
	if len(specs) == 0 {
		return merge(order, nil), nil
	}
	file, err := r.scratch.path("ginkgo.xml")
	if err != nil {
		return nil, err
	}
	written, err := writeGinkgo(suiteReport(suite, specs[0].StartTime, 0, specs), file)
	if err != nil {
		return nil, err
	}
	cases := merge(order, written.TestSuites[0].TestCases)
	r.alike.learn(batch, cases)
	return cases, nil
}

// warm makes the scratch folder and has Ginkgo write a report that nobody reads: the first costs a millisecond more than those
// after it, which passes here while the first request is under way.
func (r *junitReport) warm() error {
	file, err := r.scratch.path("ginkgo.xml")
	if err != nil {
		return err
	}
	now := time.Now()
	result := runner.Result{Name: runner.Name{Name: "warm"}, Start: now}
	_, err = writeGinkgo(suiteReport(runner.Suite{}, now, 0, types.SpecReports{specReport(&result, "")}), file)
	return err
}

// reason says in one line why a request did not pass.
func reason(r *runner.Result) string {
	switch r.Outcome {
	case runner.Passed:
		return ""
	case runner.Skipped:
		if text := shortLine(r.Reason); text != "" {
			return text
		}
		return "skipped"
	}
	return headline(r)
}

// begin starts a suite.
func (r *junitReport) begin(s runner.Suite, start time.Time) *junitSuite {
	r.end()
	at := r.spool.size + int64(len(r.text))
	suite := &junitSuite{Suite: s, name: r.names.unique(s), start: start, from: at, to: at, open: true}
	r.suites = append(r.suites, suite)
	r.cases = caseNames{}
	return suite
}

// current returns the suite that a result belongs to.
func (r *junitReport) current(s runner.Suite) *junitSuite {
	if n := len(r.suites); n > 0 && r.suites[n-1].open && r.suites[n-1].Index == s.Index {
		return r.suites[n-1]
	}
	return r.begin(s, time.Time{})
}

// end closes the last suite. One without a testcase would be dropped by consumers, and with it the fact that it was interrupted:
// so that becomes a testcase.
func (r *junitReport) end() {
	if len(r.suites) == 0 || !r.suites[len(r.suites)-1].open {
		return
	}
	s := r.suites[len(r.suites)-1]
	s.open = false
	if s.counts.Total() == 0 && s.interrupted {
		const why = "interrupted before the first request"
		c := testcase{file: s.File, start: s.start, text: why}
		c.Name, c.Classname = "[run]", segment(s.name)
		c.Error = &reporters.JUnitError{Message: why, Type: "Interrupted"}
		c.append(&r.text, r.strict)
		s.counts.Errored++
	}
	s.to = r.spool.size + int64(len(r.text))
}

// keep moves what was written of the batch to the spool.
func (r *junitReport) keep() error {
	err := r.spool.write(r.text)
	r.text = r.text[:0]
	return err
}

// finish writes the report.
func (r *junitReport) finish() error {
	for _, s := range r.suites {
		if s.open {
			s.interrupted = true // its end never came
		}
	}
	r.end()
	if err := r.keep(); err != nil {
		r.discard()
		return err
	}
	out := bufio.NewWriterSize(r.w, 64<<10)
	err := r.write(out)
	return errors.Join(err, out.Flush(), r.discard())
}

// discard removes the scratch files.
func (r *junitReport) discard() error {
	return errors.Join(r.spool.close(), r.spool.scratch.remove(), r.scratch.remove())
}

func (r *junitReport) write(out *bufio.Writer) error {
	var doc document
	r.header(&doc)
	for _, s := range r.suites {
		if s.counts.Total() == 0 {
			continue
		}
		r.suiteHeader(&doc, s)
		if _, err := out.Write(doc); err != nil {
			return err
		}
		cases, err := r.spool.section(s.from, s.to)
		if err != nil {
			return err
		}
		if _, err := io.Copy(out, cases); err != nil {
			return err
		}
		doc = append(doc[:0], "  </testsuite>\n"...)
	}
	doc.raw("</testsuites>\n")
	_, err := out.Write(doc)
	return err
}

// shardProperty is the property of a testsuite that says which part of a run it comes from.
const shardProperty = "hgrun.shard"

// planProperty is the property that names the division of the run: shards of one run have the same.
const planProperty = "hgrun.plan"

// rootName is the name of the whole report. It tells the shard too, because a shard with nothing to run has no testsuite that could.
func rootName(shard string, testcases int) string {
	switch {
	case shard == "":
		return "hgrun"
	case testcases == 0:
		return "hgrun shard " + shard + ": nothing to run"
	}
	return "hgrun shard " + shard
}

// header begins the document. Its time is that of the whole run, from the first start to the last end.
func (r *junitReport) header(doc *document) {
	var all runner.Counts
	var first, last time.Time
	for _, s := range r.suites {
		all = all.Plus(s.counts)
		if first.IsZero() || s.start.Before(first) {
			first = s.start
		}
		if end := s.start.Add(s.duration); end.After(last) {
			last = end
		}
	}
	doc.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites")
	doc.attr("name", rootName(r.o.Shard, all.Total()))
	doc.attrInt("tests", all.Total())
	doc.attrInt("failures", all.Failed)
	doc.attrInt("errors", all.Errored)
	doc.attrSeconds("time", last.Sub(first))
	doc.raw(">\n")
}

func (r *junitReport) suiteHeader(doc *document, s *junitSuite) {
	doc.raw("  <testsuite")
	doc.attr("name", s.name)
	doc.attrInt("tests", s.counts.Total())
	doc.attrInt("failures", s.counts.Failed)
	doc.attrInt("errors", s.counts.Errored)
	doc.attrInt("skipped", s.counts.Skipped)
	doc.attrSeconds("time", s.duration)
	doc.attrTime("timestamp", s.start)
	if r.host != "" {
		doc.attr("hostname", r.host)
	}
	doc.attrInt("id", s.Index)
	doc.attr("file", s.File)
	doc.raw(">\n    <properties>\n")
	if s.Environment != "" {
		doc.property("      ", "environment", oneLine(s.Environment))
	}
	if r.o.Version != "" {
		doc.property("      ", "hgrun.version", r.o.Version)
	}
	if r.o.Shard != "" {
		doc.property("      ", shardProperty, r.o.Shard)
	}
	if plan := r.o.Origin.plan(); plan != "" {
		doc.property("      ", planProperty, plan)
	}
	if s.interrupted {
		doc.property("      ", "hgrun.interrupted", "true")
	}
	doc.raw("    </properties>\n")
}
