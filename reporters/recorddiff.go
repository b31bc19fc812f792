package reporters

import (
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// Differences is the way from one run to another: what became of each request.
type Differences struct {
	Old, New string // what the runs are called
	Changes  map[Change][]Changed
}

// Change is how a request of one run stands to the same request of another.
type Change string

// The changes. Token exchanges are neither new nor gone: which request needs a token first differs from run to run.
const (
	Broken  Change = "newly failing" // did not fail before, or was not there
	Fixed   Change = "fixed"         // failed before, passes now
	Still   Change = "still failing"
	Idle    Change = "skipped now" // ran before
	Added   Change = "new"         // was not there before, and does not fail
	Gone    Change = "gone"
	Slowed  Change = "slower" // passed before and now, and took longer
	noClass Change = ""
)

// changes are all, in the order in which a reader wants them.
func changes() []Change { return []Change{Broken, Fixed, Still, Idle, Added, Gone, Slowed} }

// Changed is a request that changed.
type Changed struct {
	Name     string // with its collection and folders
	Pos      source.Pos
	Message  string // why it fails or was skipped, empty where it passes
	Old, New time.Duration
}

// slowerAtLeast is by how much a request must have become slower: below it the network alone makes the difference.
const slowerAtLeast = 50 * time.Millisecond

// Compare returns what changed from one run to another. A request that takes slower times as long as before is slower; 0 looks at no times.
// Requests are the same that have collection, folders and name in common. Its errors are those of the events.
func Compare(older, newer iter.Seq2[runner.Event, error], slower float64) (*Differences, error) {
	before, err := remember(older)
	if err != nil {
		return nil, err
	}
	d := &Differences{Changes: map[Change][]Changed{}}
	names := caseNames{}
	for ev, err := range newer {
		if err != nil {
			return nil, err
		}
		ran, ok := ev.(runner.RequestFinished)
		if !ok {
			continue
		}
		key := remembered(&names, ran)
		was := before.byName[key]
		if was != nil {
			was.seen = true
		}
		if class := classify(was, &ran.Result, slower); class != noClass {
			c := Changed{Name: key, Pos: ran.Result.Name.Pos, New: ran.Result.Duration, Message: reason(&ran.Result)}
			if was != nil {
				c.Old = was.took
			}
			d.Changes[class] = append(d.Changes[class], c)
		}
	}
	for _, was := range before.all {
		if !was.seen && !was.token {
			d.Changes[Gone] = append(d.Changes[Gone], Changed{Name: was.name, Pos: was.pos, Old: was.took})
		}
	}
	return d, nil
}

// memory is a run that another is compared with.
type memory struct {
	all    []*earlierResult
	byName map[string]*earlierResult
}

// earlierResult is how a request ended in the earlier run.
type earlierResult struct {
	name    string
	pos     source.Pos
	outcome runner.Outcome
	took    time.Duration
	token   bool
	seen    bool // in the later run too
}

func remember(events iter.Seq2[runner.Event, error]) (*memory, error) {
	m := &memory{byName: map[string]*earlierResult{}}
	names := caseNames{}
	for ev, err := range events {
		if err != nil {
			return nil, err
		}
		if ran, ok := ev.(runner.RequestFinished); ok {
			r := &ran.Result
			was := &earlierResult{name: remembered(&names, ran), pos: r.Name.Pos, outcome: r.Outcome, took: r.Duration, token: r.Name.Aside()}
			m.all = append(m.all, was)
			m.byName[was.name] = was
		}
	}
	return m, nil
}

// remembered is the name by which a request is known again.
func remembered(names *caseNames, ran runner.RequestFinished) string {
	suite := suiteName(ran.Suite)
	return suite + " › " + names.unique(suite, trail(ran.Result.Name))
}

// classify says how a request stands to what it was; was is nil where it was not there.
func classify(was *earlierResult, is *runner.Result, slower float64) Change {
	fails := is.Outcome == runner.Failed || is.Outcome == runner.Errored
	switch {
	case was == nil && fails:
		return Broken
	case was == nil && !is.Name.Aside():
		return Added
	case was == nil:
		return noClass
	}
	failed := was.outcome == runner.Failed || was.outcome == runner.Errored
	switch {
	case fails && failed:
		return Still
	case fails:
		return Broken
	case is.Outcome == runner.Skipped && was.outcome != runner.Skipped:
		return Idle
	case failed:
		return Fixed
	case slower > 0 && is.Outcome == runner.Passed && was.outcome == runner.Passed &&
		is.Duration-was.took >= slowerAtLeast && float64(is.Duration) > slower*float64(was.took):
		return Slowed
	}
	return noClass
}

// summary counts the changes, in words.
func (d *Differences) summary() string {
	var parts []string
	for _, c := range changes() {
		if n := len(d.Changes[c]); n > 0 {
			parts = append(parts, thousands(n)+" "+string(c))
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

// detail says what there is to say of a change beyond the name.
func (c *Changed) detail(kind Change) string {
	if kind != Slowed {
		return c.Message
	}
	text := timeText(c.Old) + " → " + timeText(c.New)
	if c.Old > 0 {
		text += " (" + strconv.FormatFloat(float64(c.New)/float64(c.Old), 'f', 1, 64) + " ×)"
	}
	return text
}
