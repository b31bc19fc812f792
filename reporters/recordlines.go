package reporters

import (
	"time"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// The types of the lines of a record.
const (
	lineRun      = "run" // the header
	lineStarted  = "started"
	lineRequest  = "request_started"
	lineFinished = "request_finished"
	lineSuite    = "finished"
	lineEnd      = "end"
)

// RecordHeader is the first line of a record: what is known of a run before anything happens.
type RecordHeader struct {
	Version   string    // of the format, "1.0"
	Hgrun     string    // version of hgrun; empty where it is not known
	Host      string    // machine that ran
	Shard     string    // "2/5"; empty for a whole run
	Plan      string    // name of the division that the shard is of; empty where it is not known
	Selection []string  // paths and flags that say what ran; nothing secret
	Start     time.Time // of the first collection; zero where none began
}

func headerFields(f *fields, h *RecordHeader) {
	text(f, "record", &h.Version)
	text(f, "hgrun", &h.Hgrun)
	text(f, "host", &h.Host)
	text(f, "shard", &h.Shard)
	text(f, "plan", &h.Plan)
	f.texts("selection", &h.Selection)
	f.moment("start", &h.Start)
}

// RecordEnd is the last line of a record that was not cut off.
type RecordEnd struct {
	Counts      runner.Counts
	Interrupted bool
	Verdict     string    // passed, failed, errored or interrupted
	Exit        int       // code that run ends with, if its reports could be written
	Time        time.Time // of the last event; zero where there was none
}

func endFields(f *fields, e *RecordEnd) {
	object(f, "counts", &e.Counts, countFields)
	f.flag("interrupted", &e.Interrupted)
	text(f, "verdict", &e.Verdict)
	count(f, "exit", &e.Exit)
	f.moment("time", &e.Time)
}

func startedFields(f *fields, e *runner.Started) {
	object(f, "suite", &e.Suite, suiteFields)
	count(f, "requests", &e.Requests)
	f.moment("time", &e.Time)
	text(f, "trace", &e.Trace)
	text(f, "parent", &e.Parent)
}

func requestFields(f *fields, e *runner.RequestStarted) {
	object(f, "suite", &e.Suite, suiteFields)
	object(f, "request", &e.Request, nameFields)
	f.moment("time", &e.Time)
}

func finishedFields(f *fields, e *runner.RequestFinished) {
	object(f, "suite", &e.Suite, suiteFields)
	object(f, "result", &e.Result, resultFields)
}

func suiteEndFields(f *fields, e *runner.Finished) {
	object(f, "suite", &e.Suite, suiteFields)
	object(f, "counts", &e.Counts, countFields)
	f.moment("start", &e.Start)
	count(f, "duration_ns", &e.Duration)
	f.flag("interrupted", &e.Interrupted)
}

func suiteFields(f *fields, s *runner.Suite) {
	count(f, "index", &s.Index)
	text(f, "name", &s.Name)
	text(f, "file", &s.File)
	text(f, "environment", &s.Environment)
}

func nameFields(f *fields, n *runner.Name) {
	text(f, "name", &n.Name)
	f.texts("folders", &n.Folders)
	text(f, "phase", &n.Phase)
	f.place("place", &n.Pos)
	number(f, "row", &n.Row)
	text(f, "label", &n.Label)
	f.texts("tags", &n.Tags)
}

func resultFields(f *fields, r *runner.Result) {
	outcome(f, "outcome", &r.Outcome)
	object(f, "request", &r.Name, nameFields)
	f.moment("start", &r.Start)
	count(f, "duration_ns", &r.Duration)
	number(f, "expectations", &r.Expectations)
	text(f, "reason", &r.Reason)
	text(f, "skip", &r.Skip)
	list(f, "problems", &r.Problems, problemFields)
	list(f, "attempts", &r.Attempts, attemptFields)
	list(f, "findings", &r.Findings, findingFields)
	list(f, "tests", &r.Tests, testFields)
	list(f, "console", &r.Console, consoleFields)
}

// outcome is always written, because a line without one would be hard to read.
func outcome(f *fields, name string, v *runner.Outcome) {
	if !f.reading() {
		f.key(name)
		f.out = appendJSON(f.out, v.String())
		return
	}
	word := member[string](f, name, "a text")
	for o := runner.Passed; o <= runner.Skipped; o++ {
		if word == o.String() {
			*v = o
			return
		}
	}
	f.unfit(name, "passed, failed, errored or skipped", f.in[name])
}

func testFields(f *fields, t *runner.Test) {
	text(f, "name", &t.Name)
	f.flag("skipped", &t.Skipped)
	text(f, "message", &t.Message)
	f.place("place", &t.Pos)
}

func consoleFields(f *fields, l *runner.ConsoleLine) {
	text(f, "level", &l.Level)
	text(f, "text", &l.Text)
}

func problemFields(f *fields, p *runner.Problem) {
	text(f, "kind", &p.Kind)
	text(f, "message", &p.Message)
	f.texts("details", &p.Details)
	f.place("place", &p.Pos)
}

func findingFields(f *fields, v *runner.Finding) {
	text(f, "code", &v.Code)
	text(f, "title", &v.Title)
	text(f, "cause", &v.Cause)
	text(f, "confidence", &v.Confidence)
	list(f, "evidence", &v.Evidence, evidenceFields)
	text(f, "fix", &v.Fix)
	f.place("place", &v.Pos)
}

func evidenceFields(f *fields, e *runner.Evidence) {
	text(f, "label", &e.Label)
	text(f, "text", &e.Text)
	f.place("place", &e.Pos)
}

func attemptFields(f *fields, a *runner.Attempt) {
	text(f, "step", &a.Step)
	text(f, "method", &a.Method)
	text(f, "url", &a.URL)
	number(f, "status", &a.Status)
	text(f, "reason", &a.Reason)
	object(f, "timings", &a.Timings, timingFields)
	number(f, "sent_bytes", &a.Sent)
	number(f, "received_bytes", &a.Received)
	f.texts("problems", &a.Problems)
	text(f, "trace", &a.Trace)
	list(f, "judged", &a.Judged, judgedFields)
	maybe(f, "detail", &a.Detail, detailFields)
}

func judgedFields(f *fields, j *runner.Judged) {
	text(f, "name", &j.Name)
	if _, there := f.in["outcome"]; there || j.Outcome != runner.Passed {
		outcome(f, "outcome", &j.Outcome)
	}
	f.place("place", &j.Pos)
}

func timingFields(f *fields, t *wire.Timings) {
	f.moment("start", &t.Start)
	number(f, "dns_ns", &t.DNS)
	number(f, "connect_ns", &t.Connect)
	number(f, "tls_ns", &t.TLS)
	number(f, "send_ns", &t.Send)
	number(f, "first_byte_ns", &t.FirstByte)
	number(f, "total_ns", &t.Total)
	f.flag("reused", &t.Reused)
}

func detailFields(f *fields, d *runner.Detail) {
	f.header("request_header", &d.RequestHeader)
	text(f, "request_body", &d.RequestBody)
	text(f, "protocol", &d.Proto)
	f.header("response_header", &d.ResponseHeader)
	text(f, "response_body", &d.ResponseBody)
	text(f, "response_sha256", &d.ResponseSHA256)
	list(f, "redirects", &d.Hops, hopFields)
	text(f, "url", &d.URL)
	text(f, "remote", &d.Remote)
}

func hopFields(f *fields, h *wire.Hop) {
	number(f, "status", &h.Status)
	text(f, "url", &h.URL)
	object(f, "timings", &h.Timings, timingFields)
	f.header("header", &h.Header)
	f.header("next_header", &h.Next)
}

func countFields(f *fields, c *runner.Counts) {
	count(f, "passed", &c.Passed)
	count(f, "failed", &c.Failed)
	count(f, "errored", &c.Errored)
	count(f, "skipped", &c.Skipped)
}

// quotedLine is a line of a YAML file that a problem or a finding points to.
type quotedLine struct {
	file string
	line int
	text string
}

func quotedFields(f *fields, s *quotedLine) {
	text(f, "file", &s.file)
	number(f, "line", &s.line)
	text(f, "text", &s.text)
}
