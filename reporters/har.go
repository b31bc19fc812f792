package reporters

import (
	"bytes"
	"io"
	"strconv"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// harSilent bounds how many requests a page names of which nothing was sent and which did not pass.
const harSilent = 1000

// newHAR makes an HTTP archive (HAR 1.2), which browsers, proxies and scanners read: an entry for each exchange, redirects among them,
// and a page for each collection. What hgrun knows besides stands in members called _hgrun.
func newHAR(w io.Writer, o Options) Reporter { return &har{w: w, version: o.Version} }

// har is the archive that grows. Its pages come last, because they say how long a collection took.
type har struct {
	w       io.Writer
	version string
	out     bytes.Buffer // of the event at hand
	entries int
	pages   []*harPage
	open    *harPage  // of the collection at hand; nil for none
	last    time.Time // that is known, for what has no time of its own
	err     error
}

// harPage is a collection.
type harPage struct {
	ID      string     `json:"id"`
	Started string     `json:"startedDateTime"`
	Title   string     `json:"title"`
	Timings harLoad    `json:"pageTimings"`
	Comment string     `json:"comment"`
	Own     harPageOwn `json:"_hgrun"`
}

// harLoad says how long a page took. There is no content that loads, so that the first is -1.
type harLoad struct {
	Content int    `json:"onContentLoad"`
	Load    harAge `json:"onLoad"`
}

// harPageOwn is what a page has no member for.
type harPageOwn struct {
	File        string       `json:"file,omitempty"`
	Environment string       `json:"environment,omitempty"`
	Passed      int          `json:"passed"`
	Failed      int          `json:"failed"`
	Errored     int          `json:"errored"`
	Skipped     int          `json:"skipped"`
	Interrupted bool         `json:"interrupted,omitempty"`
	Silent      []harSilence `json:"not_sent,omitempty"`

	counts runner.Counts
}

// harSilence is a request that did not pass, and of which nothing was sent: an archive has no entry for it.
type harSilence struct {
	Request string `json:"request"`
	Outcome string `json:"outcome"`
	Message string `json:"message"`
}

// Report implements Reporter.
func (h *har) Report(ev runner.Event) error {
	if h.err != nil {
		return h.err
	}
	switch ev := ev.(type) {
	case runner.Started:
		h.begin(ev.Suite, ev.Time)
	case runner.RequestFinished:
		h.result(ev.Suite, &ev.Result)
	case runner.Finished:
		p := h.page(ev.Suite, ev.Start)
		p.Timings.Load, p.Own.Interrupted = age(ev.Duration), ev.Interrupted
		h.last = ev.Start.Add(ev.Duration)
		h.end()
	}
	return h.flush()
}

func (h *har) begin(s runner.Suite, at time.Time) *harPage {
	h.end()
	h.open = &harPage{ID: "page_" + strconv.Itoa(len(h.pages)+1), Started: h.moment(at), Title: suiteName(s), Timings: harLoad{-1, -1},
		Own: harPageOwn{File: s.File, Environment: s.Environment}}
	h.pages = append(h.pages, h.open)
	return h.open
}

// page returns the page of a collection.
func (h *har) page(s runner.Suite, at time.Time) *harPage {
	if h.open == nil {
		return h.begin(s, at)
	}
	return h.open
}

func (h *har) end() {
	if h.open == nil {
		return
	}
	own := &h.open.Own
	own.Passed, own.Failed, own.Errored, own.Skipped = own.counts.Passed, own.counts.Failed, own.counts.Errored, own.counts.Skipped
	h.open.Comment = strconv.Itoa(own.Passed) + " passed, " + strconv.Itoa(own.Failed) + " failed, " + strconv.Itoa(own.Errored) + " errored, " +
		strconv.Itoa(own.Skipped) + " skipped"
	h.open = nil
}

// moment returns a time as an archive has it, or the last one that is known in the place of none.
func (h *har) moment(at time.Time) string {
	if at.IsZero() {
		at = h.last
	}
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	h.last = at
	return at.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// result adds the entries of a result.
func (h *har) result(of runner.Suite, r *runner.Result) {
	p := h.page(of, r.Start)
	p.Own.counts.Add(r.Outcome)
	if len(r.Attempts) == 0 && r.Outcome != runner.Passed && len(p.Own.Silent) < harSilent {
		why := headline(r)
		if r.Outcome == runner.Skipped {
			why = reason(r)
		}
		p.Own.Silent = append(p.Own.Silent, harSilence{trail(r.Name), r.Outcome.String(), why})
	}
	for i := range r.Attempts {
		h.attempt(p, r, i)
	}
}

// attempt adds the entries of an attempt: one for each redirect, and one for the answer.
func (h *har) attempt(p *harPage, r *runner.Result, i int) {
	a := &r.Attempts[i]
	at, rest := a.Timings.Start, a.Timings
	if at.IsZero() {
		at = r.Start
	}
	next := harFirst(a)
	if d := a.Detail; d != nil {
		for j := range d.Hops {
			hop := &d.Hops[j]
			e := harHop(&next, hop, hopTo(d, j))
			rest = without(rest, &hop.Timings)
			h.entry(p, &e, at, harOwnOf(r, i, true))
			at = at.Add(hop.Timings.Total)
			next = harNext(&next, hop, hopTo(d, j))
		}
	}
	e := harEntry{Request: next, Response: harResponseOf(a), Timings: harTimingsOf(&rest)}
	if a.Status == 0 {
		e.Response.Error = unanswered(r, i)
	}
	if a.Detail != nil {
		e.Server, e.Connection = harServer(a.Detail.Remote)
	}
	h.entry(p, &e, at, harOwnOf(r, i, false))
}

// unanswered says why an attempt got no answer.
func unanswered(r *runner.Result, i int) string {
	if i < len(r.Attempts)-1 {
		return attemptLine(&r.Attempts[i])
	}
	return headline(r)
}

func (h *har) entry(p *harPage, e *harEntry, at time.Time, own harOwn) {
	e.Page, e.Started, e.Time, e.Own = p.ID, h.moment(at), e.Timings.sum(), own
	if h.entries == 0 {
		h.head()
	} else {
		h.out.WriteString(",\n")
	}
	h.entries++
	h.encode(e)
}

// head writes what comes before the entries.
func (h *har) head() {
	version := h.version
	if version == "" {
		version = "unknown"
	}
	h.out.WriteString(`{"log":{"version":"1.2","creator":`)
	h.encode(struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}{"hgrun", version})
	h.out.WriteString(`,"entries":[` + "\n")
}

// encode adds a value on one line.
func (h *har) encode(v any) {
	if err := appendValue(&h.out, v); err != nil && h.err == nil {
		h.err = err
	}
}

func (h *har) flush() error {
	if h.err == nil && h.out.Len() > 0 {
		_, h.err = h.w.Write(h.out.Bytes())
	}
	h.out.Reset()
	return h.err
}

// Close implements Reporter.
func (h *har) Close() error {
	if h.open != nil { // its end never came
		h.open.Own.Interrupted = true
		h.end()
	}
	if h.entries == 0 {
		h.head()
	}
	h.out.WriteString("\n],\"pages\":[\n")
	for i, p := range h.pages {
		if i > 0 {
			h.out.WriteString(",\n")
		}
		h.encode(p)
	}
	h.out.WriteString("\n]}}\n")
	return h.flush()
}
