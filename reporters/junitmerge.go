package reporters

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/onsi/ginkgo/v2/reporters"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// JUnitFile is a JUnit report that is to be merged, of whatever dialect. It is read twice.
type JUnitFile struct {
	Name string // as the user named it
	From io.ReaderAt
	Size int64 // bytes
}

// MergeJUnit writes one JUnit report of several to path, "-" for out, and returns what its testcases come to. Suites are
// copied; those with equal names get different ones, because Jenkins merges them. Shards, which the property hgrun.shard tells, must all be
// there: one that is not becomes a testcase that errored. Its errors are Problems of the files, shards that do not belong together, and those of writing.
func MergeJUnit(path string, out io.Writer, files []JUnitFile) (runner.Counts, error) {
	m := junitMerge{files: files}
	if err := m.scan(); err != nil {
		return runner.Counts{}, err
	}
	to, err := create(path, out)
	if err != nil {
		return runner.Counts{}, &WriteError{err}
	}
	buffer := bufio.NewWriterSize(to, 64<<10)
	if err := errors.Join(m.write(buffer), buffer.Flush()); err != nil {
		to.discard()
		return runner.Counts{}, &WriteError{to.place(err)}
	}
	if err := to.commit(); err != nil {
		return runner.Counts{}, &WriteError{to.place(err)}
	}
	return m.counts, nil
}

// WriteError is an error of writing a report, where those of reading are errors too.
type WriteError struct{ Err error }

// Error returns the text of the error.
func (e *WriteError) Error() string { return e.Err.Error() }

// Unwrap returns the error.
func (e *WriteError) Unwrap() error { return e.Err }

// junitMerge is one merge of JUnit files.
type junitMerge struct {
	files   []JUnitFile
	scans   []*scan
	missing []string // shards
	counts  runner.Counts
	names   suiteNames
	suites  int // that were written
}

// scan reads all files through, and puts those of shards in order.
func (m *junitMerge) scan() error {
	var problems []error
	for _, f := range m.files {
		s, err := scanJUnit(f.Name, io.NewSectionReader(f.From, 0, f.Size))
		problems = append(problems, err)
		m.scans = append(m.scans, s)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if err := m.shards(); err != nil {
		return err
	}
	for _, s := range m.scans {
		for _, suite := range s.suites {
			m.counts = m.counts.Plus(suite.counts)
			if suite.broken > 0 {
				m.counts.Errored++
			}
		}
	}
	m.counts.Errored += len(m.missing)
	return nil
}

// shards compares what the files say they are, puts them in order, and finds what is missing.
func (m *junitMerge) shards() error {
	var problems source.Problems
	problem := func(s *scan, text string) {
		problems = append(problems, source.Pos{File: s.name}.Errorf("%s", text))
	}
	owner, first, firstOf := map[string]*scan{}, "a whole run", 0
	for i, s := range m.scans {
		of, name := 0, "a whole run"
		for _, shard := range s.shards {
			_, n, err := parseShard(shard)
			if err != nil {
				problem(s, err.Error())
			}
			if other := owner[shard]; other != nil {
				problem(s, "got shard "+shard+" twice: "+other.name+" is the same")
			}
			of, name, owner[shard] = n, "shard "+shard, s
		}
		switch {
		case i == 0:
			first, firstOf = name, of
		case of != firstOf:
			problem(s, "got "+name+", and "+m.scans[0].name+" is "+first+"; want the shards of one run, or whole runs")
		}
	}
	var plans plans
	for _, s := range m.scans {
		problems = append(problems, plans.compare(s.name, s.plan)...)
	}
	if len(problems) > 0 {
		return problems
	}
	for n := 1; n <= firstOf; n++ {
		if shard := strconv.Itoa(n) + "/" + strconv.Itoa(firstOf); owner[shard] == nil {
			m.missing = append(m.missing, shard)
		}
	}
	m.sort()
	return nil
}

// sort puts files in the order of their shards, and with them what was read of each.
func (m *junitMerge) sort() {
	number := func(i int) int {
		if len(m.scans[i].shards) == 0 {
			return 0
		}
		n, _, _ := parseShard(m.scans[i].shards[0]) // it was read before
		return n
	}
	order := make([]int, len(m.scans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(number(a), number(b)) })
	files, scans := make([]JUnitFile, len(order)), make([]*scan, len(order))
	for to, from := range order {
		files[to], scans[to] = m.files[from], m.scans[from]
	}
	m.files, m.scans = files, scans
}

func (m *junitMerge) write(w *bufio.Writer) error {
	var doc document
	doc.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hgrun\"")
	doc.attrInt("tests", m.counts.Total())
	doc.attrInt("failures", m.counts.Failed)
	doc.attrInt("errors", m.counts.Errored)
	doc.attrSeconds("time", m.span())
	doc.raw(">\n")
	for i, s := range m.scans {
		for _, suite := range s.suites {
			m.suite(&doc, s, suite)
			if _, err := w.Write(doc); err != nil {
				return err
			}
			doc = doc[:0]
			if suite.counts.Total() == 0 {
				continue
			}
			if _, err := io.Copy(w, io.NewSectionReader(m.files[i].From, suite.from, suite.to-suite.from)); err != nil {
				return err
			}
			doc.raw("</testsuite>\n")
		}
	}
	for _, shard := range m.missing {
		m.lone(&doc, "hgrun shard "+shard, "[shard "+shard+"]", "shard "+shard+": no report; what it should have run is not known")
	}
	doc.raw("</testsuites>\n")
	_, err := w.Write(doc)
	return err
}

// span is how long all took: from the first start to the last end, or the sum where a suite does not tell when it began.
func (m *junitMerge) span() time.Duration {
	var first, last time.Time
	var sum time.Duration
	known := true
	for _, s := range m.scans {
		for _, suite := range s.suites {
			start, took := suite.span()
			sum += took
			known = known && !start.IsZero()
			if first.IsZero() || start.Before(first) {
				first = start
			}
			if end := start.Add(took); end.After(last) {
				last = end
			}
		}
	}
	if !known {
		return sum
	}
	return last.Sub(first)
}

// suite begins a suite: its attributes as they were, but for the name, the number and the counts, which are those of its testcases. One
// without testcases is left out, unless it counts failures: nobody would see them.
func (m *junitMerge) suite(doc *document, s *scan, suite *scannedSuite) {
	name := suite.attr("name")
	if suite.counts.Total() == 0 {
		if suite.broken > 0 {
			m.lone(doc, name, "[suite]", "the suite "+strconv.Quote(name)+" of "+s.name+" counts "+plural(suite.broken, "failure")+" and has no testcase")
		}
		return
	}
	doc.raw("  <testsuite")
	doc.attr("name", m.names.unique(runner.Suite{Name: name, File: suite.attr("file")}))
	doc.attrInt("tests", suite.counts.Total())
	doc.attrInt("failures", suite.counts.Failed)
	doc.attrInt("errors", suite.counts.Errored)
	doc.attrInt("skipped", suite.counts.Skipped)
	if suite.attr("time") != "" {
		_, took := suite.span()
		doc.attrSeconds("time", took)
	}
	doc.attrInt("id", m.suites)
	m.suites++
	for _, a := range append(suite.attrs, namespaces(s.root, suite.attrs)...) {
		if !slices.Contains([]string{"name", "tests", "failures", "errors", "skipped", "time", "id"}, a.Name.Local) {
			doc.attr(qualified(a.Name), a.Value)
		}
	}
	doc.raw(">")
}

// namespaces are those that the root declares and a suite does not: it is not below that root any more.
func namespaces(root, suite []xml.Attr) []xml.Attr {
	var more []xml.Attr
	for _, a := range root {
		declares := a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns"
		if declares && !slices.ContainsFunc(suite, func(b xml.Attr) bool { return a.Name == b.Name }) {
			more = append(more, a)
		}
	}
	return more
}

func qualified(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// lone writes a suite with one testcase that errored.
func (m *junitMerge) lone(doc *document, suite, name, why string) {
	suite = m.names.unique(runner.Suite{Name: suite})
	c := testcase{text: why}
	c.Name, c.Classname = name, segment(suite)
	c.Error = &reporters.JUnitError{Message: why, Type: string(runner.TransportError)}
	doc.raw("  <testsuite")
	doc.attr("name", suite)
	doc.raw(` tests="1" failures="0" errors="1" skipped="0" time="0.000"`)
	doc.attrInt("id", m.suites)
	m.suites++
	doc.raw(">\n")
	c.append(doc, true)
	doc.raw("  </testsuite>\n")
}
