package reporters

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// scannedSuite is a testsuite element of a file, its content unread.
type scannedSuite struct {
	attrs    []xml.Attr
	from, to int64 // of what stands between its tags
	counts   runner.Counts
	broken   int // failures that its attributes count and no testcase has
}

// attr returns the value of an attribute, empty where there is none.
func (s *scannedSuite) attr(name string) string {
	for _, a := range s.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// number returns the value of an attribute that is a whole number, 0 for another.
func (s *scannedSuite) number(name string) int {
	n, _ := strconv.Atoi(s.attr(name)) // 0 is what it says where it says nothing
	return n
}

// span returns when the suite began and how long it took. Some writers put commas between thousands.
func (s *scannedSuite) span() (start time.Time, took time.Duration) {
	seconds, err := strconv.ParseFloat(strings.ReplaceAll(s.attr("time"), ",", ""), 64)
	if err != nil || !(seconds >= 0 && seconds < 1e9) {
		seconds = 0
	}
	start, _ = time.Parse("2006-01-02T15:04:05", cut(s.attr("timestamp"), len("2006-01-02T15:04:05"))) // the zero time where there is none
	return start, time.Duration(seconds * float64(time.Second))
}

// scan is one reading of a JUnit file.
type scan struct {
	name   string
	dec    *xml.Decoder
	open   []string // names of elements, from the root
	root   []xml.Attr
	suites []*scannedSuite
	shards []string // that the file says it is of
	plan   string   // that they are of; empty where the file does not tell
	test   outcomes
}

// outcomes are what the testcase at hand has.
type outcomes struct{ failure, err, skipped bool }

// scanJUnit reads a JUnit file through: whole, well-formed, in UTF-8, with no character that a consumer refuses.
func scanJUnit(name string, r io.Reader) (*scan, error) {
	s := &scan{name: name, dec: xml.NewDecoder(bufio.NewReaderSize(r, 64<<10))}
	for {
		before := s.dec.InputOffset()
		token, err := s.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.token(token, before)
		}
		if err != nil {
			return nil, s.problem(err)
		}
	}
	switch {
	case len(s.open) > 0:
		return nil, s.problem(fmt.Errorf("the file was cut off within %s", s.open[len(s.open)-1]))
	case s.root == nil:
		return nil, s.problem(errors.New("want JUnit, got no element"))
	}
	if shard, ok := strings.CutPrefix(attrOf(s.root, "name"), "hgrun shard "); ok {
		shard, _, _ = strings.Cut(shard, ":")
		s.ofShard(shard)
	}
	return s, nil
}

// problem places an error.
func (s *scan) problem(err error) error {
	line, col := s.dec.InputPos()
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		line, err = syntax.Line, errors.New(syntax.Msg)
	case strings.Contains(err.Error(), "CharsetReader"):
		err = errors.New("the file is not in UTF-8")
	}
	return source.Pos{File: s.name, Line: line, Col: col}.Errorf("%w", err)
}

func (s *scan) token(token xml.Token, before int64) error {
	switch t := token.(type) {
	case xml.StartElement:
		return s.start(t)
	case xml.EndElement:
		return s.end(t, before)
	case xml.Directive:
		return errors.New("a DOCTYPE is not taken: it may change what the file says")
	}
	return nil
}

func (s *scan) start(t xml.StartElement) error {
	name := t.Name.Local
	if len(s.open) == 0 {
		switch {
		case s.root != nil:
			return errors.New("got a second root element")
		case name != "testsuites" && name != "testsuite":
			return fmt.Errorf("want JUnit, got the root element %s", name)
		}
		s.root = append([]xml.Attr{}, t.Attr...)
	}
	switch s.open = append(s.open, name); {
	case name == "testsuite" && s.suite() == nil:
		s.suites = append(s.suites, &scannedSuite{attrs: slices.Clone(t.Attr), from: s.dec.InputOffset(), to: -1})
	case name == "testcase":
		s.test = outcomes{}
	case len(s.open) > 1 && s.open[len(s.open)-2] == "testcase":
		s.test.failure = s.test.failure || name == "failure"
		s.test.err = s.test.err || name == "error"
		s.test.skipped = s.test.skipped || name == "skipped"
	case name == "property" && attrOf(t.Attr, "name") == shardProperty:
		s.ofShard(attrOf(t.Attr, "value"))
	case name == "property" && attrOf(t.Attr, "name") == planProperty:
		s.plan = attrOf(t.Attr, "value")
	}
	return nil
}

// suite returns the suite that is read, or nil between suites.
func (s *scan) suite() *scannedSuite {
	if n := len(s.suites); n > 0 && s.suites[n-1].to < 0 {
		return s.suites[n-1]
	}
	return nil
}

func (s *scan) end(t xml.EndElement, before int64) error {
	n := len(s.open) - 1
	if n < 0 || s.open[n] != t.Name.Local {
		return fmt.Errorf("got the end of %s, which does not fit", t.Name.Local)
	}
	s.open = s.open[:n]
	suite := s.suite()
	switch {
	case suite == nil:
	case t.Name.Local == "testcase":
		suite.counts.Add(s.test.outcome())
	case t.Name.Local == "testsuite" && !slices.Contains(s.open, "testsuite"):
		suite.to = max(before, suite.from)
		if suite.counts.Total() == 0 {
			suite.broken = suite.number("errors") + suite.number("failures")
		}
	}
	return nil
}

// outcome is what a testcase counts as, the worst of what it has.
func (o outcomes) outcome() runner.Outcome {
	switch {
	case o.err:
		return runner.Errored
	case o.failure:
		return runner.Failed
	case o.skipped:
		return runner.Skipped
	}
	return runner.Passed
}

func (s *scan) ofShard(shard string) {
	if !slices.Contains(s.shards, shard) {
		s.shards = append(s.shards, shard)
	}
}

func attrOf(attrs []xml.Attr, name string) string {
	return (&scannedSuite{attrs: attrs}).attr(name)
}
