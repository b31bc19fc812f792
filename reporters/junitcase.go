package reporters

import (
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2/reporters"

	"github.com/hgrun/hgrun/runner"
)

const (
	failedText  = 64 << 10 // bytes of a text at most; libxml2 refuses a file with one of 10,000,000
	passedText  = 16 << 10
	rerunsShown = 10
)

// testcase is Ginkgo's, with what it has no room for.
type testcase struct {
	reporters.JUnitTestCase
	file         string
	line         int // 0 where it is not known
	expectations int
	start        time.Time
	duration     time.Duration
	text         string // of the failure, the error or the skip
	reruns       []rerun
}

// rerun is an attempt before the last one.
type rerun struct{ kind, message, text string }

// enrich completes the testcase that Ginkgo wrote of a result.
func (r *junitReport) enrich(written *reporters.JUnitTestCase, s *junitSuite, result *runner.Result) *testcase {
	c := &testcase{
		JUnitTestCase: *written,
		file:          result.Name.Pos.File,
		line:          result.Name.Pos.Line,
		expectations:  result.Expectations,
		start:         result.Start,
		duration:      result.Duration,
	}
	if c.file == "" {
		c.file = s.File
	}
	c.Classname = classname(s.name, result.Name)
	c.Name = r.cases.of(result.Name).unique(c.Classname, oneLine(phased(result.Name)))
	switch {
	case c.Skipped != nil:
		c.Skipped.Message = reason(result)
		c.text = c.Skipped.Message
	case c.Failure != nil:
		c.Failure.Type = problemKind(result, runner.AssertionFailure)
		c.text = failureText(result)
	case c.Error != nil:
		c.Error.Type = problemKind(result, runner.TransportError)
		c.text = failureText(result)
	}
	c.SystemOut = r.output(result)
	c.reruns = reruns(result)
	return c
}

// output is what is told of a request beside what is wrong with it: the tests of its scripts; where details are asked for, what they wrote too,
// and what went over the wire of a request that passed.
func (r *junitReport) output(result *runner.Result) string {
	var out strings.Builder
	for i := range result.Tests {
		out.WriteString(testLine(&result.Tests[i]) + "\n")
	}
	if r.o.Verbose > 0 {
		for _, l := range result.Console {
			out.WriteString("console." + oneLine(l.Level) + " " + clean(l.Text) + "\n")
		}
	}
	if last := result.Last(); r.o.Verbose > 0 && result.Outcome == runner.Passed && last != nil && last.Detail != nil {
		out.WriteString(transcript(last, 6<<10))
	}
	return strings.TrimRight(out.String(), "\n")
}

// testLine is a test of a script in a line: "✓ the status".
func testLine(t *runner.Test) string {
	sign, _ := mark(testOutcome(t))
	if t.Message != "" {
		return sign + " " + oneLine(t.Name) + ": " + shortLine(t.Message)
	}
	return sign + " " + oneLine(t.Name)
}

func testOutcome(t *runner.Test) runner.Outcome {
	switch {
	case t.Skipped:
		return runner.Skipped
	case t.Message != "":
		return runner.Failed
	}
	return runner.Passed
}

func problemKind(r *runner.Result, otherwise runner.Kind) string {
	if len(r.Problems) > 0 && r.Problems[0].Kind != "" {
		return string(r.Problems[0].Kind)
	}
	return string(otherwise)
}

// reruns are the attempts before the one that decided, the first ones of many.
func reruns(r *runner.Result) []rerun {
	if len(r.Attempts) < 2 || r.Outcome == runner.Skipped {
		return nil
	}
	var list []rerun
	for i := range r.Attempts[:len(r.Attempts)-1] {
		if len(list) == rerunsShown {
			return list
		}
		a := &r.Attempts[i]
		if a.Step != "" {
			continue // it was on the way, and did not fail
		}
		kind := runner.AssertionFailure
		if a.Status == 0 {
			kind = runner.TransportError
		}
		text := attemptLine(a) + "\n\n" + strings.TrimRight(transcript(a, 4<<10), "\n")
		list = append(list, rerun{string(kind), attemptLine(a), text})
	}
	return list
}

// append writes the testcase. A strict one has nothing that junit-10.xsd does not know.
func (c *testcase) append(doc *document, strict bool) {
	doc.raw("    <testcase")
	doc.attr("name", c.Name)
	doc.attr("classname", c.Classname)
	doc.attrSeconds("time", c.duration)
	if !strict {
		c.appendPlace(doc)
	}
	doc.raw(">")
	from := len(*doc)
	if !strict && c.Properties != nil {
		doc.raw("\n      <properties>\n")
		for _, p := range c.Properties.Properties {
			doc.property("        ", p.Name, p.Value)
		}
		doc.raw("      </properties>")
	}
	switch {
	case c.Skipped != nil:
		c.appendProblem(doc, "skipped", c.Skipped.Message, "")
	case c.Failure != nil:
		c.appendProblem(doc, "failure", c.Failure.Message, c.Failure.Type)
	case c.Error != nil:
		c.appendProblem(doc, "error", c.Error.Message, c.Error.Type)
	}
	c.appendReruns(doc)
	if c.SystemOut != "" {
		doc.raw("\n      <system-out>")
		doc.text(capped(c.SystemOut, passedText))
		doc.raw("</system-out>")
	}
	if len(*doc) > from {
		doc.raw("\n    ")
	}
	doc.raw("</testcase>\n")
}

func (c *testcase) appendPlace(doc *document) {
	doc.attr("file", c.file)
	if c.line > 0 {
		doc.attrInt("line", c.line)
	}
	doc.attrInt("assertions", c.expectations)
	doc.attrTime("timestamp", c.start)
}

func (c *testcase) appendProblem(doc *document, element, message, kind string) {
	doc.raw("\n      <" + element)
	doc.attr("message", message)
	if kind != "" {
		doc.attr("type", kind)
	}
	doc.raw(">")
	doc.text(capped(c.text, failedText))
	doc.raw("</" + element + ">")
}

// appendReruns writes earlier attempts: of a request that passed in the end they make it flaky.
func (c *testcase) appendReruns(doc *document) {
	element := "flakyFailure"
	if c.Failure != nil || c.Error != nil {
		element = "rerunFailure"
	}
	for _, a := range c.reruns {
		doc.raw("\n      <" + element)
		doc.attr("message", a.message)
		doc.attr("type", a.kind)
		doc.raw("><stackTrace>")
		doc.text(capped(a.text, passedText))
		doc.raw("</stackTrace></" + element + ">")
	}
}
