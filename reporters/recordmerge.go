package reporters

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// Merged are the records of several runs, or of the shards of one, as one.
type Merged struct {
	records []*Record // shards in their order
	of      int       // shards that there should be; 0 for whole runs
}

// MergeRecords puts records together. Its errors are records that do not belong together: the same shard twice,
// shards of runs that were taken apart in another way, a shard and a whole run.
func MergeRecords(records []*Record) (*Merged, error) {
	m := &Merged{records: slices.Clone(records)}
	numbers := map[*Record]int{}
	var problems source.Problems
	for i, r := range m.records {
		number, of, err := parseShard(r.Header.Shard)
		switch {
		case err != nil:
			problems = append(problems, source.Pos{File: r.name, Line: 1, Col: 1}.Errorf("%w", err))
		case i == 0:
			m.of = of
		case of != m.of:
			problems = append(problems, source.Pos{File: r.name}.Errorf("got %s, and %s is %s; want the shards of one run, or whole runs", shardText(number, of), records[0].name, shardName(records[0].Header.Shard)))
		}
		for _, other := range m.records[:i] {
			if of > 0 && err == nil && numbers[other] == number {
				problems = append(problems, source.Pos{File: r.name}.Errorf("got %s twice: %s is the same", shardText(number, of), other.name))
			}
		}
		numbers[r] = number
	}
	var plans plans
	for _, r := range m.records {
		if m.of > 0 {
			problems = append(problems, plans.compare(r.name, r.Header.Plan)...)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	slices.SortStableFunc(m.records, func(a, b *Record) int { return numbers[a] - numbers[b] })
	return m, nil
}

// plans compares the divisions that shards are of. Those that divided differently may both have left something out that
// each took for the other's: together they would be green, and not whole.
type plans struct{ file, plan string }

func (p *plans) compare(file, plan string) source.Problems {
	switch {
	case plan == "" || plan == p.plan:
	case p.plan == "":
		p.file, p.plan = file, plan
	default:
		return source.Problems{source.Pos{File: file}.Errorf("got a shard of plan %s, and %s is of plan %s: they divided the run differently, so that something may have run nowhere; "+
			"give all shards the same files, flags and --timings", plan, p.file, p.plan)}
	}
	return nil
}

// parseShard reads "2/5"; the empty text is a whole run, 0/0.
func parseShard(text string) (number, of int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	first, second, _ := strings.Cut(text, "/")
	number, err = strconv.Atoi(first)
	of, err2 := strconv.Atoi(second)
	if err != nil || err2 != nil || number < 1 || number > of {
		return 0, 0, fmt.Errorf("shard: got %q, want one such as 2/5", text)
	}
	return number, of, nil
}

func shardText(number, of int) string {
	if of == 0 {
		return "a whole run"
	}
	return "shard " + strconv.Itoa(number) + "/" + strconv.Itoa(of)
}

func shardName(shard string) string {
	if shard == "" {
		return "a whole run"
	}
	return "shard " + shard
}

// Events yields the events of all: whole runs one after the other, of shards the collections, with those put together again that are
// in several. Where a record was cut off or a shard is missing, a result that errored says so. An error is the last thing that it yields.
func (m *Merged) Events() iter.Seq2[runner.Event, error] {
	return func(yield func(runner.Event, error) bool) {
		order, err := m.order()
		if err != nil {
			yield(nil, err)
			return
		}
		merge := merging{yield: func(ev runner.Event) bool { return yield(ev, nil) }}
		for _, r := range m.records {
			next, stop := iter.Pull2(r.Whole())
			defer stop()
			c := &cursor{pull: next}
			c.next()
			merge.cursors = append(merge.cursors, c)
		}
		merge.all(order)
		for _, c := range merge.cursors {
			if c.err != nil {
				yield(nil, c.err)
				return
			}
		}
		m.missing(&merge)
	}
}

// missing tells of the shards without a record.
func (m *Merged) missing(merge *merging) {
	there := map[string]bool{}
	var first time.Time
	for _, r := range m.records {
		there[r.Header.Shard] = true
		if at := r.Header.Start; first.IsZero() || !at.IsZero() && at.Before(first) {
			first = at
		}
	}
	for n := 1; n <= m.of; n++ {
		if name := strconv.Itoa(n) + "/" + strconv.Itoa(m.of); !there[name] {
			suite := runner.Suite{Name: "hgrun shard " + name, Index: merge.suites}
			merge.suites++
			merge.yieldAll(missing(suite, first, "[shard "+name+"]", "shard "+name+": no record; what it should have run is not known"))
		}
	}
}

// order returns the collections of shards in one order that keeps that of each: those that are only in a later shard come
// after those of the shards before it.
func (m *Merged) order() ([]runner.Suite, error) {
	var order []runner.Suite
	if m.of == 0 {
		return nil, nil
	}
	for _, r := range m.records {
		list, err := r.suites()
		if err != nil {
			return nil, err
		}
		var waiting []runner.Suite
		for _, s := range list {
			s.Index = 0
			at := slices.Index(order, s)
			if at < 0 {
				waiting = append(waiting, s)
				continue
			}
			order = slices.Insert(order, at, waiting...)
			waiting = nil
		}
		order = append(order, waiting...)
	}
	return order, nil
}

// suites reads through the record for the collections that it has, and goes back to where it was. One that cannot go back has none.
func (r *Record) suites() ([]runner.Suite, error) {
	seeker, ok := r.from.(io.Seeker)
	if !ok {
		return nil, nil
	}
	var list []runner.Suite
	for {
		line, _, err := r.line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(line, []byte(`"`+lineStarted+`"`)) {
			continue
		}
		if in, err := r.parse(line); err == nil && in["type"] == lineStarted {
			list = append(list, readLine(&fields{in: in}, startedFields).Suite)
		}
	}
	if _, err := seeker.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r.in, r.at = bufio.NewReaderSize(r.from, 64<<10), 0
	return list, r.header()
}

// cursor is a record that is read step by step.
type cursor struct {
	pull func() (runner.Event, error, bool)
	head runner.Event // nil at the end
	err  error
}

func (c *cursor) next() {
	c.head, c.err, _ = c.pull()
}

// at reports whether a collection begins here, as it is in every record.
func (c *cursor) at(s runner.Suite) bool {
	started, ok := c.head.(runner.Started)
	started.Suite.Index = s.Index
	return ok && started.Suite == s
}

// merging makes one stream of several.
type merging struct {
	cursors []*cursor
	suites  int // that were yielded
	yield   func(runner.Event) bool
	done    bool // nobody wants more
}

func (m *merging) emit(ev runner.Event) {
	if !m.done && !m.yield(ev) {
		m.done = true
	}
}

func (m *merging) yieldAll(events []runner.Event) {
	for _, ev := range events {
		m.emit(ev)
	}
}

// all merges the collections that stand in order, then what there is besides.
func (m *merging) all(order []runner.Suite) {
	for _, s := range order {
		var parts []*cursor
		for _, c := range m.cursors {
			if c.at(s) {
				parts = append(parts, c)
			}
		}
		if len(parts) > 0 {
			m.join(parts)
		}
	}
	for _, c := range m.cursors {
		for c.head != nil && !m.done {
			m.join([]*cursor{c})
		}
	}
}

// join makes one collection of the parts of several records.
func (m *merging) join(parts []*cursor) {
	var start runner.Started
	for i, c := range parts {
		s, _ := c.head.(runner.Started)
		if i == 0 {
			start = s
			continue
		}
		if start.Requests > 0 && s.Requests > 0 {
			start.Requests += s.Requests
		} else {
			start.Requests = 0 // only the runs could tell
		}
		if s.Time.Before(start.Time) {
			start.Time = s.Time
		}
	}
	start.Suite.Index = m.suites
	m.suites++
	m.emit(start)
	end := runner.Finished{Suite: start.Suite, Start: start.Time}
	for _, c := range parts {
		m.part(c, &end)
	}
	m.emit(end)
}

// part yields what stands between the begin and the end of a collection in one record.
func (m *merging) part(c *cursor, whole *runner.Finished) {
	for c.next(); c.head != nil && !m.done; c.next() {
		switch ev := c.head.(type) {
		case runner.RequestStarted:
			ev.Suite = whole.Suite
			m.emit(ev)
		case runner.RequestFinished:
			ev.Suite = whole.Suite
			m.emit(ev)
		case runner.Finished:
			if whole.Start.IsZero() || ev.Start.Before(whole.Start) {
				whole.Start = ev.Start
			}
			whole.Counts = whole.Counts.Plus(ev.Counts)
			whole.Interrupted = whole.Interrupted || ev.Interrupted
			whole.Duration = max(whole.Duration, ev.Start.Add(ev.Duration).Sub(whole.Start))
			c.next()
			return
		case runner.Started:
			return
		}
	}
}

// RecordOptions returns o as the reports made from records need it: what the records say of the run in place of what this process is.
func RecordOptions(o Options, records ...*Record) Options {
	var versions, hosts []string
	for _, r := range records {
		versions, hosts = append(versions, r.Header.Hgrun), append(hosts, r.Header.Host)
	}
	o.Version, o.Origin.Host = several(versions, "versions"), several(hosts, "machines")
	if len(records) == 1 {
		o.Shard, o.Origin.Selection = records[0].Header.Shard, records[0].Header.Selection
		o.Origin.Plan = func() string { return records[0].Header.Plan }
	}
	o.Sources = func(file string, line int) string {
		for _, r := range records {
			if text := r.Source(file, line); text != "" {
				return text
			}
		}
		return ""
	}
	return o
}

// several returns the one text that all are, or how many there are.
func several(texts []string, what string) string {
	slices.Sort(texts)
	if texts = slices.Compact(texts); len(texts) == 1 {
		return texts[0]
	}
	return strconv.Itoa(len(texts)) + " " + what
}
