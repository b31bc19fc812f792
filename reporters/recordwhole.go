package reporters

import (
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// Whole yields the events of the record as Events does. Where it was cut off, events follow that say so and end what was open, so that
// no report made from it is green: each request that ran then errored, and where none did, a result [record] did.
func (r *Record) Whole() iter.Seq2[runner.Event, error] {
	return func(yield func(runner.Event, error) bool) {
		rest := remainder{record: r}
		for ev, err := range r.Events() {
			if err == nil && !rest.see(ev) {
				ev, err = nil, r.errorf("the collection of this line did not begin before, or has ended")
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
		if _, whole := r.End(); whole {
			return
		}
		for _, ev := range rest.events() {
			if !yield(ev, nil) {
				return
			}
		}
	}
}

// remainder is what a record that is read has begun and not ended.
type remainder struct {
	record *Record
	open   []*openSuite
	suites int    // that were seen
	last   string // of what was seen, in words
}

// openSuite is a collection that was begun and not ended.
type openSuite struct {
	runner.Started
	counts  runner.Counts
	tokens  int
	running []runner.RequestStarted
	last    string    // request that ended last, in quotes; empty for none
	reached time.Time // when
}

// see takes an event in. It reports whether its collection is open.
func (x *remainder) see(ev runner.Event) bool {
	var s *openSuite
	switch ev := ev.(type) {
	case runner.Started:
		x.suites = max(x.suites, ev.Suite.Index+1)
		s = &openSuite{Started: ev, reached: ev.Time}
		x.open = append(x.open, s)
	case runner.RequestStarted:
		if s = x.suite(ev.Suite); s != nil {
			s.running = append(s.running, ev)
			s.reach(ev.Time)
		}
	case runner.RequestFinished:
		if s = x.suite(ev.Suite); s != nil {
			s.finish(&ev.Result)
		}
	case runner.Finished:
		s = x.suite(ev.Suite)
		x.open = slices.DeleteFunc(x.open, func(o *openSuite) bool { return o == s })
		x.last = " after the collection " + strconv.Quote(suiteName(ev.Suite))
	}
	return s != nil
}

func (x *remainder) suite(s runner.Suite) *openSuite {
	for _, o := range x.open {
		if o.Suite.Index == s.Index {
			return o
		}
	}
	return nil
}

func (s *openSuite) finish(r *runner.Result) {
	s.counts.Add(r.Outcome)
	if r.Name.Aside() {
		s.tokens++
	}
	s.last = strconv.Quote(trail(r.Name))
	s.reach(r.Start.Add(r.Duration))
	if i := slices.IndexFunc(s.running, func(e runner.RequestStarted) bool { return sameName(e.Request, r.Name) }); i >= 0 {
		s.running = slices.Delete(s.running, i, i+1)
	}
}

func sameName(a, b runner.Name) bool {
	return a.Name == b.Name && a.Pos == b.Pos && a.Phase == b.Phase && slices.Equal(a.Folders, b.Folders)
}

func (s *openSuite) reach(at time.Time) {
	if at.After(s.reached) {
		s.reached = at
	}
}

// events are those that the record lacks.
func (x *remainder) events() []runner.Event {
	var all []runner.Event
	for _, s := range x.open {
		all = append(all, x.end(s)...)
	}
	if len(x.open) == 0 {
		all = missing(runner.Suite{Name: "hgrun", File: x.record.name, Index: x.suites}, x.record.Header.Start, "[record]", x.record.shard()+"the record was cut off"+x.last+"; what came after it is not known")
	}
	return all
}

// end ends a collection that was cut off.
func (x *remainder) end(s *openSuite) []runner.Event {
	var all []runner.Event
	cutOff := func(n runner.Name, start time.Time, message string) {
		result := runner.Result{Name: n, Outcome: runner.Errored, Start: start, Duration: max(s.reached.Sub(start), 0),
			Problems: []runner.Problem{{Pos: n.Pos, Kind: runner.TransportError, Message: x.record.shard() + message, Details: []string{s.progress()}}}}
		s.counts.Add(result.Outcome)
		all = append(all, runner.RequestFinished{Suite: s.Suite, Result: result})
	}
	for _, e := range s.running {
		cutOff(e.Request, e.Time, "the record was cut off while this request ran: hgrun was killed, or could not write")
	}
	if len(s.running) == 0 {
		after := ""
		if s.last != "" {
			after = " after " + s.last
		}
		cutOff(runner.Name{Name: "[record]", Phase: runner.Main, Pos: source.Pos{File: s.Suite.File}}, s.reached, "the record was cut off"+after+": hgrun was killed, or could not write")
	}
	return append(all, runner.Finished{Suite: s.Suite, Counts: s.counts, Start: s.Time, Duration: s.reached.Sub(s.Time)})
}

// progress says how far a collection came.
func (s *openSuite) progress() string {
	done := s.counts.Total() - s.tokens
	text := plural(done, "request")
	if s.Requests > 0 {
		text = thousands(done) + " of " + plural(s.Requests, "request")
	}
	text += " had ended"
	if s.last != "" {
		text += ", the last " + s.last
	}
	return text
}

// shard begins a message about a record that is one of several.
func (r *Record) shard() string {
	if r.Header.Shard == "" {
		return ""
	}
	return "shard " + r.Header.Shard + ": "
}

// missing are the events of a suite of hgrun's own with one result, which says that something is not there.
func missing(suite runner.Suite, at time.Time, name, why string) []runner.Event {
	pos := source.Pos{File: suite.File}
	result := runner.Result{Name: runner.Name{Name: name, Phase: runner.Main, Pos: pos}, Outcome: runner.Errored, Start: at,
		Problems: []runner.Problem{{Pos: pos, Kind: runner.TransportError, Message: why}}}
	return []runner.Event{
		runner.Started{Suite: suite, Requests: 1, Time: at},
		runner.RequestFinished{Suite: suite, Result: result},
		runner.Finished{Suite: suite, Counts: runner.Counts{Errored: 1}, Start: at},
	}
}
