package runner

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hgrun/hgrun/collections"
)

// ofData is the name of a result that is about all rows, or about a row that could not be read.
const ofData = "[data]"

// rows runs the requests of a collection in a round for each row of its data. A row that cannot be read, and that rows are left
// which do not begin, is one result.
func (x *round) rows(ctx context.Context, c *collections.Collection, at spot, stop halt) {
	name := Name{Name: ofData, Pos: c.Data.Pos, Phase: at.phase}
	switch {
	case stop.err != nil:
		x.report(x.broken(name, stop.err))
		return
	case x.over(ctx) && stop.reason == "":
		stop.reason, stop.skip = interrupted, SkipStop
	}
	if stop.reason != "" {
		x.report(Result{Name: name, Outcome: Skipped, Start: time.Now(), Reason: stop.reason + "; no row was begun", Skip: stop.skip})
		return
	}
	next, end := iter.Pull2(c.Data.Rows(x.scope))
	defer end()
	l := &lanes{collection: x, data: c.Data, items: c.Main.Items, at: at, next: next}
	n := max(x.runner.Jobs, 1)
	if c.Data.InOrder {
		n = 1
	}
	x.slots.leave() // each row enters for itself
	if n == 1 && x.slots == nil {
		l.sequence(ctx)
	} else {
		l.beside = n > 1
		l.parallel(ctx, n)
	}
	x.slots.enter()
	l.left(ctx, name)
}

// lanes run the rows of one collection.
type lanes struct {
	collection *round // that hears of the rows
	data       *collections.Data
	items      []collections.Item
	at         spot
	beside     bool // rows run beside each other
	spare      spare

	mu     sync.Mutex // of what follows
	next   func() (collections.Row, error, bool)
	labels labels
	begun  int    // rows
	ended  bool   // no more rows begin, because
	reason string // of this, where rows are left;
	fault  error  // or of this
	cut    bool   // nobody knows whether rows are left
}

// row is a row that begins.
type row struct {
	collections.Row
	label string // unique
}

// take takes the next row, or ends the rows.
func (l *lanes) take(ctx context.Context) (row, bool) {
	if l.ended {
		return row{}, false
	}
	if ctx.Err() != nil {
		l.stop(interrupted)
		return row{}, false
	}
	r, err, ok := l.next()
	switch {
	case err != nil && ctx.Err() != nil: // the rows come through a pipe that the interruption closed
		l.stop(interrupted)
		l.cut = true
		return row{}, false
	case !ok || err != nil:
		l.ended, l.fault = true, err
		return row{}, false
	}
	l.begun++
	return row{r, l.label(&r)}, true
}

// label names a row.
func (l *lanes) label(r *collections.Row) string {
	text := l.data.Label(r)
	if !l.data.Named() {
		return text // a number
	}
	return l.labels.unique(text)
}

// stop keeps rows from beginning.
func (l *lanes) stop(reason string) {
	if !l.ended {
		l.ended, l.reason = true, reason
	}
}

// round begins the round of a row. What setup captured and the cookies that it was given are seen in it; what it captures itself
// is its own.
func (l *lanes) round(r *row, to *listener) (*round, spot) {
	s, scripts, scope := l.collection.suite, l.collection.scripts, l.collection.scope
	if scripts != nil && l.beside {
		scripts = scripts.copied()
		scope = scope.Over(scripts.variables.layers()...)
	}
	scope = l.data.Round(scope, &r.Row)
	scope.Seed(s.runner.Seed, s.id.File, r.Number)
	at := l.at
	at.scope, at.row, at.label = scope, r.Number, redactText(scope.Secrets(), r.label)
	hidden := s.veiled()
	hidden.columns(r.Fields)
	if hidden != nil && hidden.known.Redact(at.label) != at.label { // a number is the same in every run, a mask is not
		at.label = fmt.Sprintf("row %d", r.Number)
	}
	why := newCauses()
	why.rows = &s.refused
	x := &round{suite: s, to: to, strand: &strand{}, causes: why, scope: scope, veil: hidden, jars: l.collection.jars.copied(), scripts: scripts}
	if scripts != nil {
		fields := r.Row
		x.row = &fields
	}
	return x, at
}

// sequence runs one row after the other.
func (l *lanes) sequence(ctx context.Context) {
	to := l.collection.to
	for r, ok := l.take(ctx); ok; r, ok = l.take(ctx) {
		x, at := l.round(&r, to)
		l.after(x.main(ctx, l.items, at, halt{}))
		if to.gone {
			l.stop(interrupted)
		}
		to.wait()
	}
}

// after ends the rows where a row ended in --bail.
func (l *lanes) after(stop halt) {
	if stop.whole && stop.reason != interrupted {
		l.stop(stop.reason)
	}
}

// left reports rows that could not be read, and those that did not begin: how many they are nobody knows.
func (l *lanes) left(ctx context.Context, name Name) {
	x := l.collection
	switch {
	case l.fault != nil && ctx.Err() == nil:
		result := Result{Name: name, Outcome: Errored, Start: time.Now(), Problems: x.problems(ConfigError, l.fault, name.Pos)}
		if pos := result.Problems[0].Pos; pos.Line > 0 {
			result.Name.Pos = pos
		}
		if l.begun > 0 {
			result.Problems[0].Details = append(result.Problems[0].Details, "the rows before it were run; it and those after it were not")
		}
		x.report(result)
	case l.reason != "":
		more := l.cut
		if !more {
			_, _, more = l.next()
		}
		if more {
			why := fmt.Sprintf("%s; rows from %d on were not begun", l.reason, l.begun+1)
			x.report(Result{Name: name, Outcome: Skipped, Start: time.Now(), Reason: why, Skip: SkipStop})
		}
	}
}

// wait waits until the listener wants more.
func (l *listener) wait() {
	if l.room != nil && !l.gone {
		l.room()
	}
}

// labels make the names of rows unique. They keep eight bytes and a number of each.
type labels struct{ next map[uint64]int32 }

// unique returns the label, or the label with " #2" and so on where it is taken.
func (ls *labels) unique(label string) string {
	if ls.next == nil {
		ls.next = map[uint64]int32{}
	}
	key := hashOf(label)
	for n := ls.next[key]; ; n++ {
		if n == 0 {
			ls.next[key] = 1
			return label
		}
		numbered := label + " #" + strconv.Itoa(int(n)+1)
		if other := hashOf(numbered); ls.next[other] == 0 {
			ls.next[other], ls.next[key] = 1, n+1
			return numbered
		}
	}
}

// hashOf is FNV-1a, the same in every run.
func hashOf(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

// Base returns the name without the row that it ends in.
func (n *Name) Base() string {
	if n.Row == 0 {
		return n.Name
	}
	return strings.TrimSuffix(n.Name, n.ofRow())
}

func (n *Name) ofRow() string { return " [" + n.Label + "]" }
