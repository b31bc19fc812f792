package main

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// timings are how long requests took in an earlier run: by the file of their collection, then by their place.
type timings map[string]map[place]time.Duration

// place is where a request stands, which need not be in the file of its collection.
type place struct {
	file string
	line int
}

func (t timings) add(collection string, at place, took time.Duration) {
	collection, at.file = sameFile(collection), sameFile(at.file)
	if t[collection] == nil {
		t[collection] = map[place]time.Duration{}
	}
	t[collection][at] += max(took, 0)
}

// sameFile writes the name of a file in one way.
func sameFile(name string) string { return path.Clean(filepath.ToSlash(name)) }

// readTimings reads the reports of an earlier run.
func readTimings(files []string) (timings, error) {
	all := timings{}
	for _, file := range files {
		if err := all.read(file); err != nil {
			return nil, fmt.Errorf("--timings: %w", err)
		}
	}
	return all, nil
}

func (t timings) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, withoutPath(err))
	}
	defer func() { _ = f.Close() }() // it was only read
	in := bufio.NewReader(f)
	first, err := firstByte(in)
	switch {
	case err == nil && first == '{':
		return t.record(file, in)
	case err == nil && first == '<':
		err = t.junit(in)
	case err == nil:
		err = errStranger
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

var errStranger = errors.New("want a report of an earlier run: junit or ndjson")

// record reads the record of a run. Its errors name the file.
func (t timings) record(file string, in io.Reader) error {
	r, err := reporters.ReadRecord(file, in)
	if err != nil {
		return err
	}
	for event, err := range r.Events() {
		if err != nil {
			return err
		}
		if f, ok := event.(runner.RequestFinished); ok {
			t.add(f.Suite.File, place{f.Result.Name.Pos.File, f.Result.Name.Pos.Line}, f.Result.Duration)
		}
	}
	return nil
}

// withoutPath takes the path out of a file error, because the message says it already.
func withoutPath(err error) error {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// firstByte looks at what comes after white space.
func firstByte(in *bufio.Reader) (byte, error) {
	for {
		c, err := in.ReadByte()
		switch {
		case err == io.EOF:
			return 0, errors.New("the file is empty")
		case err != nil:
			return 0, err
		case strings.IndexByte(" \t\r\n\ufeff", c) < 0:
			return c, in.UnreadByte()
		}
	}
}

// junit reads JUnit. A testcase belongs to the collection that the file of its suite names, or to its own file.
func (t timings) junit(in io.Reader) error {
	dec := xml.NewDecoder(in)
	suite, suites := "", 0
	for {
		token, err := dec.Token()
		if err == io.EOF && suites > 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		start, isStart := token.(xml.StartElement)
		switch {
		case err == io.EOF, isStart && suites == 0 && start.Name.Local != "testsuites" && start.Name.Local != "testsuite":
			return errStranger
		case isStart && start.Name.Local == "testcase":
			at := place{file: attribute(start, "file")}
			at.line, _ = strconv.Atoi(attribute(start, "line")) // none is a place that nothing has
			of := suite
			if of == "" {
				of = at.file
			}
			if of != "" {
				t.add(of, at, seconds(attribute(start, "time")))
			}
		case isStart && strings.HasPrefix(start.Name.Local, "testsuite"):
			suites++
			suite = attribute(start, "file")
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// seconds reads the time of a testcase, in which some writers put commas between thousands. What is no number took no time.
func seconds(text string) time.Duration {
	s, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil || s != s || s < 0 || s > 1e6 {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}

// weigh gives units the time that they took, where --timings says so. Those that are new weigh the mean of the others, and where
// all are new, a unit weighs its requests.
func (s *shardFlags) weigh(jobs []runner.Job, units []unit) (note string, err error) {
	if len(s.timings) == 0 {
		return "", nil
	}
	known, err := readTimings(s.timings)
	if err != nil {
		return "", err
	}
	times, sum, n := make([]time.Duration, len(units)), time.Duration(0), 0
	for i, u := range units {
		times[i] = known.of(jobs[u.job].Collection, u.part)
		if sum += times[i]; times[i] > 0 {
			n++
		}
	}
	if n == 0 {
		return ", balanced by their requests: --timings knows none of them", nil
	}
	for i := range units {
		if times[i] == 0 {
			times[i] = sum / time.Duration(n)
		}
		units[i].weight = times[i].Microseconds()
	}
	return fmt.Sprintf(", balanced by the times of %d", n), nil
}

// of returns how long a collection, or a part of it, took.
func (t timings) of(c *collections.Collection, part *collections.Part) time.Duration {
	var sum time.Duration
	took := t[sameFile(c.File)]
	if part == nil {
		for _, d := range took {
			sum += d
		}
		return sum
	}
	seen := map[place]bool{}
	for _, r := range part.Requests {
		at := place{sameFile(r.Pos.File), r.Pos.Line}
		if !seen[at] {
			seen[at] = true
			sum += took[at]
		}
	}
	return sum
}
