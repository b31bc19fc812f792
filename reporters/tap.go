package reporters

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// newTAP makes TAP, version 14 (testanything.org), as the run goes on: a subtest for each collection, a test point for each request, and what
// went wrong as a YAML diagnostic.
func newTAP(w io.Writer, _ Options) Reporter { return &tap{w: w} }

type tap struct {
	w      io.Writer
	out    []byte // of the event at hand
	suites suiteNames
	cases  caseNames // of the collection at hand
	open   string    // name of the collection at hand; empty for none
	points int       // in it
	ended  int       // collections
	state  tapState
	err    error
}

// tapState is what was not as it should be.
type tapState struct{ bad, interrupted bool } // in the collection at hand; in the run

const tapIndent = "    " // of a subtest

// Report implements Reporter.
func (t *tap) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		t.begin(ev.Suite)
	case runner.RequestFinished:
		if t.open == "" {
			t.begin(ev.Suite)
		}
		t.point(&ev.Result)
	case runner.Finished:
		if ev.Interrupted {
			t.interrupt()
		}
		t.end()
	}
	return t.flush()
}

func (t *tap) begin(s runner.Suite) {
	t.end()
	t.version()
	t.open, t.points, t.state.bad, t.cases = t.suites.unique(s), 0, false, caseNames{}
	t.line("# Subtest: ", tapText(t.open))
}

// version writes the first line, once.
func (t *tap) version() {
	if t.suites == nil {
		t.line("TAP version 14")
	}
}

// end writes the plan of a subtest and its result.
func (t *tap) end() {
	if t.open == "" {
		return
	}
	t.ended++
	nothing := ""
	if t.points == 0 {
		nothing = " # SKIP nothing to run"
	}
	t.line(tapIndent, "1..", strconv.Itoa(t.points), nothing)
	t.line(tapResult(!t.state.bad), strconv.Itoa(t.ended), " - ", tapText(t.open), nothing)
	t.open = ""
}

// interrupt writes a point that says why the subtest is not ok.
func (t *tap) interrupt() {
	if t.open == "" {
		return
	}
	t.points++
	t.line(tapIndent, "not ok ", strconv.Itoa(t.points), " - [run] interrupted")
	t.state.bad, t.state.interrupted = true, true
}

func (t *tap) point(r *runner.Result) {
	t.points++
	bad := r.Outcome == runner.Failed || r.Outcome == runner.Errored
	t.state.bad = t.state.bad || bad
	class := strings.Join(r.Name.Folders, " › ")
	name := t.cases.unique(class, oneLine(phased(r.Name)))
	if class != "" {
		name = oneLine(class) + " › " + name
	}
	directive := ""
	switch {
	case r.Outcome == runner.Skipped:
		directive = " # SKIP " + tapText(reason(r))
	case r.Duration > 0:
		directive = " # time=" + strconv.FormatFloat(float64(r.Duration.Round(time.Microsecond))/float64(time.Millisecond), 'f', -1, 64) + "ms"
	}
	t.line(tapIndent, tapResult(!bad), strconv.Itoa(t.points), " - ", tapText(name), directive)
	switch {
	case bad:
		t.diagnose(r)
	case r.Outcome == runner.Passed && r.Tries() > 1:
		t.line(tapIndent, "  ---")
		t.line(tapIndent, "  attempts: ", strconv.Itoa(r.Tries()))
		t.earlier(r)
		t.line(tapIndent, "  ...")
	}
}

// diagnose writes why a request did not pass.
func (t *tap) diagnose(r *runner.Result) {
	const indent = tapIndent + "  "
	severity, otherwise := "fail", runner.AssertionFailure
	if r.Outcome == runner.Errored {
		severity, otherwise = "error", runner.TransportError
	}
	t.line(indent, "---")
	t.member(indent, "message", headline(r))
	t.line(indent, "severity: ", severity)
	t.member(indent, "type", problemKind(r, otherwise))
	if at := firstPlace(r); at.File != "" {
		t.line(indent, "at:")
		t.member(indent+"  ", "file", at.File)
		if at.Line > 0 {
			t.line(indent, "  line: ", strconv.Itoa(at.Line))
		}
		if at.Col > 0 {
			t.line(indent, "  column: ", strconv.Itoa(at.Col))
		}
	}
	if tries := r.Tries(); tries > 1 {
		t.line(indent, "attempts: ", strconv.Itoa(tries))
		t.earlier(r)
	}
	t.line(indent, "details: |")
	for line := range strings.SplitSeq(strings.TrimLeft(capped(failureText(r), passedText), " \t\n"), "\n") {
		t.line(indent, "  ", strings.TrimRight(line, " \t")) // an empty line too, or Perl's reader of YAML ends there
	}
	t.line(indent, "...")
}

// earlier writes why the attempts before the last one did not do.
func (t *tap) earlier(r *runner.Result) {
	list := reruns(r)
	if len(list) > 0 {
		t.line(tapIndent, "  earlier:")
	}
	for i := range list {
		t.line(tapIndent, "    - ", tapQuoted(list[i].message))
	}
}

// firstPlace is where a request did not pass: at its first problem, or where it stands.
func firstPlace(r *runner.Result) source.Pos {
	for i := range r.Problems {
		if r.Problems[i].Pos.Line > 0 {
			return r.Problems[i].Pos
		}
	}
	return r.Name.Pos
}

func (t *tap) member(indent, name, value string) { t.line(indent, name, ": ", tapQuoted(value)) }

// tapQuoted is a text in single quotes (YAML 1.2, section 7.3.2), where nothing but they themselves is escaped: Perl's reader knows no more.
func tapQuoted(s string) string { return "'" + strings.ReplaceAll(oneLine(s), "'", "''") + "'" }

func (t *tap) line(parts ...string) {
	for _, part := range parts {
		t.out = append(t.out, part...)
	}
	t.out = append(t.out, '\n')
}

func tapResult(ok bool) string {
	if ok {
		return "ok "
	}
	return "not ok "
}

// tapText escapes what would begin a directive.
func tapText(s string) string {
	if s = oneLine(s); !strings.ContainsAny(s, `\#`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(s)
}

func (t *tap) flush() error {
	if t.err == nil && len(t.out) > 0 {
		_, t.err = t.w.Write(t.out)
	}
	t.out = t.out[:0]
	return t.err
}

// Close implements Reporter.
func (t *tap) Close() error {
	t.version()
	if t.open != "" { // its end never came
		t.interrupt()
		t.end()
	}
	if t.ended == 0 {
		t.line("1..0 # SKIP nothing to run")
	} else {
		t.line("1..", strconv.Itoa(t.ended))
	}
	if t.state.interrupted {
		t.line("Bail out! interrupted")
	}
	return t.flush()
}
