package reporters

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// element is any element of a report.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e *element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e *element) all(name string) []element {
	var found []element
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			found = append(found, c)
		}
	}
	return found
}

// complaints is what consumers of JUnit would find wrong with a report, all of it without their software.
func complaints(doc string) []string {
	var list []string
	complain := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	var root element
	if err := xml.Unmarshal([]byte(doc), &root); err != nil {
		return []string{err.Error()}
	}
	for _, r := range doc {
		if forbidden(r) {
			complain("the character %U is not for XML", r)
		}
	}
	for _, m := range regexp.MustCompile(` time="([^"]*)"`).FindAllStringSubmatch(doc, -1) {
		if !regexp.MustCompile(`^\d+\.\d{3}$`).MatchString(m[1]) {
			complain("time %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(` timestamp="([^"]*)"`).FindAllStringSubmatch(doc, -1) {
		if _, err := time.Parse("2006-01-02T15:04:05", m[1]); err != nil {
			complain("timestamp %s", m[1])
		}
	}
	var counts runner.Counts
	keys, suites := map[string]bool{}, map[string]bool{}
	for _, suite := range root.all("testsuite") {
		counted := complainSuite(&suite, keys, complain)
		counts = counts.Plus(counted)
		if suites[suite.attr("name")] {
			complain("two suites %s", suite.attr("name"))
		}
		suites[suite.attr("name")] = true
	}
	total := [3]string{fmt.Sprint(counts.Total()), fmt.Sprint(counts.Failed), fmt.Sprint(counts.Errored)}
	if got := [3]string{root.attr("tests"), root.attr("failures"), root.attr("errors")}; got != total {
		complain("testsuites says %v, its testcases are %v", got, total)
	}
	return list
}

func complainSuite(suite *element, keys map[string]bool, complain func(string, ...any)) runner.Counts {
	var counts runner.Counts
	cases := suite.all("testcase")
	if len(cases) == 0 {
		complain("suite %s has no testcase", suite.attr("name"))
	}
	for _, c := range cases {
		key := suite.attr("name") + "|" + c.attr("classname") + "|" + c.attr("name")
		if keys[key] || c.attr("classname") == "" || c.attr("name") == "" {
			complain("key %s", key)
		}
		keys[key] = true
		counts.Add(complainCase(&c, complain))
	}
	want := [4]string{fmt.Sprint(counts.Total()), fmt.Sprint(counts.Failed), fmt.Sprint(counts.Errored), fmt.Sprint(counts.Skipped)}
	if got := [4]string{suite.attr("tests"), suite.attr("failures"), suite.attr("errors"), suite.attr("skipped")}; got != want {
		complain("suite %s says %v, its testcases are %v", suite.attr("name"), got, want)
	}
	return counts
}

func complainCase(c *element, complain func(string, ...any)) runner.Outcome {
	outcome, ends := runner.Passed, 0
	for _, child := range c.Children {
		switch child.XMLName.Local {
		case "failure":
			outcome = runner.Failed
		case "error":
			outcome = runner.Errored
		case "skipped":
			outcome = runner.Skipped
		default:
			continue
		}
		ends++
		if strings.TrimSpace(child.Text) == "" || child.attr("message") == "" {
			complain("%s of %s has no text", child.XMLName.Local, c.attr("name"))
		}
		if kind := child.attr("type"); kind != "" && (kind[0] < 'A' || kind[0] > 'Z') {
			complain("type %s, which GitLab may take for a type of its own", kind)
		}
		if len(child.Text) > failedText {
			complain("text of %d bytes", len(child.Text))
		}
	}
	if ends > 1 {
		complain("%s ended %d times", c.attr("name"), ends)
	}
	return outcome
}

// runOf is a run of one collection.
func runOf(results ...runner.Result) []runner.Event {
	r := &recorder{at: time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)}
	r.begin(runner.Suite{Name: "Corpus", File: "corpus.yaml"}, len(results))
	for _, result := range results {
		r.add(result)
	}
	r.end(false)
	return r.events
}

// withText is a failure whose every text is s.
func withText(s string) runner.Result {
	r := failed("Name "+cut(s, 50), 7, 500, cut(s, 50), s)
	r.Name.Folders = []string{cut(s, 50)}
	r.Problems = []runner.Problem{{Pos: source.Pos{File: "corpus.yaml", Line: 7, Col: 3}, Kind: runner.AssertionFailure, Message: s, Details: []string{s, s}}}
	r.Attempts = append([]runner.Attempt{{Method: "GET", URL: s, Problems: []string{s}}}, r.Attempts...)
	return r
}

// corpus is what has broken reports of others.
func corpus() map[string][]runner.Event {
	twice, zero, hours := passed("Same", 7, 0), passed("Zero", 7, 0), passed("Hours", 7, 2*time.Hour)
	twice.Name.Folders = []string{"A.B", ""}
	back := passed("Clock set back", 7, -time.Second)
	noProblems := failed("No reason", 7, 500, "", "")
	noProblems.Problems = nil
	unnamed := passed("", 7, time.Millisecond)
	numbered := passed("Same #2", 7, 0)
	numbered.Name.Folders = twice.Name.Folders
	huge := withText(strings.Repeat("0123456789abcdé\n", 11<<20/17))
	huge.Problems[0].Details, huge.Attempts = nil, huge.Attempts[1:]
	return map[string][]runner.Event{
		"shared run":        sharedRun(),
		"no event":          nil,
		"no request":        runOf(),
		"NUL":               runOf(withText("a\x00b")),
		"ESC":               runOf(withText("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b\\ \x1b")),
		"U+FFFE and U+FFFF": runOf(withText("a\uFFFEb\uFFFFc")),
		"lone surrogates":   runOf(withText("a\xed\xa0\x80b\xed\xbf\xbfc\xff")),
		"end of CDATA":      runOf(withText("]]>")),
		"emoji and RTL":     runOf(withText("👩‍⚕️ שלום \u202Etxt")),
		"11 MB":             runOf(huge),
		"nothing but space": runOf(withText(" \n\t "), skipped("Skipped", "")),
		"no reason":         runOf(noProblems, unnamed),
		"times":             runOf(zero, hours, back),
		"equal names":       runOf(twice, numbered, twice, twice),
		"1,000 rows":        manyPassed(1000),
		"judged and tested": judgedRun(),
	}
}

func TestNoConsumerOfJUnitComplains(t *testing.T) {
	t.Parallel()
	for name, events := range corpus() {
		for _, kind := range []string{"junit", "junit-xunit"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				for _, each := range []bool{false, true} {
					doc := render(t, kind, Options{Formats: Formats{Each: each}}, events)
					if got := complaints(doc); got != nil {
						t.Errorf("each %v: got %q, want none, for\n%s", each, got, cut(doc, 4000))
					}
					lint(t, kind, doc)
				}
			})
		}
	}
}

// lint asks xmllint, where there is one, and validates the strict dialect by the schema that JUNIT_XSD names.
func lint(t *testing.T, kind, doc string) {
	t.Helper()
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		t.Log("without xmllint: what it would check is checked by complaints and by TestTheStrictDialectHasNoMoreThanTheSchema")
		return
	}
	args := []string{"--noout"}
	if xsd := os.Getenv("JUNIT_XSD"); xsd != "" && kind == "junit-xunit" {
		args = append(args, "--schema", xsd)
	}
	file := filepath.Join(t.TempDir(), "report.xml")
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, append(args, file)...).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

// TestGinkgosOwnDialectMakesThemComplain holds the checks to account: they find what is known to be wrong with it.
func TestGinkgosOwnDialectMakesThemComplain(t *testing.T) {
	t.Parallel()
	got := strings.Join(complaints(render(t, "junit-ginkgo", Options{}, sharedRun())), "\n")
	for _, want := range []string{"time 1.5\n", "skipped of Pay has no text", "type failed, which GitLab", "two suites Orders v1.2"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant also %s", got, want)
		}
	}
}

func TestTheStrictDialectHasNoMoreThanTheSchema(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{ // of junit-10.xsd, as far as it is used
		"testsuites": {"name", "time", "tests", "failures", "errors"},
		"testsuite":  {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "file"},
		"properties": {}, "property": {"name", "value"},
		"testcase": {"name", "time", "classname"},
		"failure":  {"type", "message"}, "error": {"type", "message"}, "skipped": {"message"},
		"flakyFailure": {"message", "type"}, "rerunFailure": {"message", "type"}, "stackTrace": {}, "system-out": {},
	}
	var root element
	if err := xml.Unmarshal([]byte(render(t, "junit-xunit", Options{Verbose: 1}, append(sharedRun(), judgedRun()...))), &root); err != nil {
		t.Fatal(err)
	}
	var check func(e *element, parent string)
	check = func(e *element, parent string) {
		attrs, ok := allowed[e.XMLName.Local]
		if !ok || parent == "testcase" && e.XMLName.Local == "properties" {
			t.Errorf("the schema has no %s in %s", e.XMLName.Local, parent)
		}
		for _, a := range e.Attrs {
			if !slices.Contains(attrs, a.Name.Local) {
				t.Errorf("the schema has no attribute %s of %s", a.Name.Local, e.XMLName.Local)
			}
		}
		for i := range e.Children {
			check(&e.Children[i], e.XMLName.Local)
		}
	}
	check(&root, "")
}

func TestNoEventIsAReportOfNothing(t *testing.T) {
	t.Parallel()
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hgrun" tests="0" failures="0" errors="0" time="0.000">
</testsuites>
`
	if got := render(t, "junit", Options{}, nil); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestNamesStayUniqueWhateverTheyAreCalled(t *testing.T) {
	t.Parallel()
	var root element
	if err := xml.Unmarshal([]byte(render(t, "junit", Options{}, corpus()["equal names"])), &root); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range root.Children[0].all("testcase") {
		got = append(got, c.attr("classname")+": "+c.attr("name"))
	}
	want := []string{"Corpus.A_B: Same", "Corpus.A_B: Same #2", "Corpus.A_B: Same #3", "Corpus.A_B: Same #4"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALongTextSaysHowLongItWas(t *testing.T) {
	t.Parallel()
	r := failed("Long", 7, 200, "OK", "")
	r.Problems = []runner.Problem{{Kind: runner.AssertionFailure, Message: strings.Repeat("é", 6<<20)}}
	doc := render(t, "junit", Options{}, runOf(r))
	if !strings.Contains(doc, "… cut here, the whole text has 12,583,") {
		t.Errorf("got %s", doc[max(len(doc)-400, 0):])
	}
}

func TestVerboseTellsOfPassedRequestsInSixteenKilobytes(t *testing.T) {
	t.Parallel()
	r := failed("Long", 7, 200, "OK", strings.Repeat("0123456789\n", 5000))
	r.Outcome = runner.Passed
	quiet, loud := render(t, "junit", Options{}, runOf(r)), render(t, "junit", Options{Verbose: 1}, runOf(r))
	if strings.Contains(quiet, "system-out") {
		t.Error("a passed request has an output without being asked")
	}
	if !strings.Contains(loud, "<system-out>") || len(loud) > passedText+2000 || !strings.Contains(loud, "the whole body has 55,000 bytes") {
		t.Errorf("got %d bytes: %s", len(loud), cut(loud, 900))
	}
}

func TestACollectionThatNeverFinishedIsReported(t *testing.T) {
	t.Parallel()
	events := runOf(passed("One", 7, time.Second))
	doc := render(t, "junit", Options{}, events[:len(events)-1])
	if got := complaints(doc); got != nil || !strings.Contains(doc, `name="hgrun.interrupted" value="true"`) || !strings.Contains(doc, `name="One"`) {
		t.Errorf("got %q for\n%s", got, doc)
	}
}

func TestMemoryStaysFlatHoweverManyRequests(t *testing.T) {
	r, err := Open("junit", filepath.Join(t.TempDir(), "report.xml"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	suite, at := runner.Suite{Name: "Rows", File: "rows.yaml"}, time.Now()
	if err := r.Report(runner.Started{Suite: suite, Time: at}); err != nil {
		t.Fatal(err)
	}
	var early uint64
	for i := range 20000 {
		result := passed(fmt.Sprintf("Row %d", i), 7, time.Millisecond)
		if err := r.Report(runner.RequestFinished{Suite: suite, Result: result}); err != nil {
			t.Fatal(err)
		}
		if i == 5000 {
			early = heap()
		}
	}
	if late := heap(); late > early+3<<20 {
		t.Errorf("got %d KiB after 20,000 requests, want little more than the %d KiB after 5,000", late>>10, early>>10)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
