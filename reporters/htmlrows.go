package reporters

import (
	"slices"
	"strconv"

	"github.com/hgrun/hgrun/runner"
)

const (
	htmlRowsListed = 20000 // requests that passed and have a row of their own
	htmlChunk      = 100   // rows that a browser lays out together, when they come into sight
	htmlChunkBytes = 1 << 20
)

// htmlRows are the rows of all requests, in the order of the run.
type htmlRows struct {
	spool    spool
	past     *History
	verbose  bool
	group    string // trail of the folders whose heading was written
	rows     int    // in the list that is not written yet
	listed   int    // that passed
	unlisted int    // that passed, of the suite at hand
	tested   int    // bytes of tests of scripts
	text     markup // of that list
}

// add writes the row of a result. Failure says that the page has its details further up, in the place with the ID.
func (h *htmlRows) add(o Options, s runner.Suite, r *runner.Result, id string, failure bool) error {
	plain := r.Outcome == runner.Passed && len(r.Findings) == 0
	if plain && h.listed >= htmlRowsListed {
		h.unlisted++
		return nil
	}
	if plain {
		h.listed++
	}
	if err := h.heading(r.Name); err != nil {
		return err
	}
	m := &h.text
	m.raw(`<li class="row ` + r.Outcome.String() + `"`)
	if !failure {
		m.raw(` id="` + id + `"`)
	}
	m.raw(` data-ms="`)
	m.int(int(r.Duration.Milliseconds()))
	m.raw(`">`)
	detailed, tested := h.verbose && hasDetail(r), h.tested < htmlTestsRoom && len(r.Tests)+len(r.Console) > 0
	switch {
	case failure:
		h.line(r, "f"+id, s)
	case detailed || tested || len(r.Findings) > 0 || len(r.Attempts) > 1:
		m.raw("<details><summary>")
		h.line(r, "", s)
		m.raw("</summary><div class=\"inside\">")
		htmlFindings(m, o, r.Findings)
		if before := len(m.document); tested {
			htmlTests(m, r)
			h.tested += len(m.document) - before
		}
		room := 64 << 10
		htmlExchanges(m, o, r, &room)
		m.raw("</div></details>")
	default:
		h.line(r, "", s)
	}
	m.raw("</li>\n")
	if h.rows++; h.rows == htmlChunk || len(m.document) > htmlChunkBytes {
		return h.flush()
	}
	return nil
}

func hasDetail(r *runner.Result) bool {
	last := r.Last()
	return last != nil && last.Detail != nil
}

// heading writes the name of the folders where those of the row before were others.
func (h *htmlRows) heading(n runner.Name) error {
	group := ""
	for i, folder := range n.Folders {
		if i > 0 {
			group += " › "
		}
		group += oneLine(folder)
	}
	if n.Phase == runner.Setup || n.Phase == runner.Teardown {
		if group != "" {
			group = " › " + group
		}
		group = string(n.Phase) + group
	}
	if group == h.group || n.Phase == runner.Token { // an exchange stands where it was needed
		return nil
	}
	if err := h.flush(); err != nil {
		return err
	}
	h.group = group
	if group == "" {
		group = "requests"
	}
	var m markup
	m.el("h4", "folder", group)
	m.raw("\n")
	return h.spool.write(m.document)
}

// flush writes the list of rows. A whole chunk is laid out only when it comes into sight.
func (h *htmlRows) flush() error {
	if h.rows == 0 {
		return nil
	}
	class := "<ul class=\"rows\">\n"
	if h.rows == htmlChunk {
		class = "<ul class=\"rows long\">\n"
	}
	h.text.raw("</ul>\n")
	if err := h.spool.write([]byte(class)); err != nil {
		return err
	}
	err := h.spool.write(h.text.document)
	h.rows, h.text.document = 0, h.text.document[:0]
	return err
}

// line writes what a row says: outcome, name, address, method, status and time.
func (h *htmlRows) line(r *runner.Result, to string, s runner.Suite) {
	m := &h.text
	m.mark(r.Outcome)
	m.raw(`<span class="name">`)
	if to != "" {
		m.anchor(to, r.Name.Name)
	} else {
		m.line(r.Name.Name)
	}
	if tries := r.Tries(); tries > 1 {
		m.raw(` <span class="note">` + plural(tries, "attempt") + "</span>")
	}
	htmlPast(m, h.past, s, r)
	if len(r.Findings) > 0 && r.Outcome == runner.Passed {
		m.raw(` <span class="note">` + plural(len(r.Findings), "remark") + "</span>")
	}
	if len(r.Tests) > 0 {
		m.raw(` <span class="note">` + plural(len(r.Tests), "test") + "</span>")
	}
	m.raw("</span> ")
	if r.Outcome == runner.Skipped {
		m.el("span", "why", "skipped: "+reason(r))
		return
	}
	last := r.Last()
	if last == nil {
		m.el("span", "why", reason(r))
		return
	}
	m.el("span", "url", cut(last.URL, 160))
	m.raw(" ")
	m.el("span", "method", last.Method)
	m.raw(" ")
	status := "–"
	if last.Status != 0 {
		status = strconv.Itoa(last.Status)
	}
	m.el("span", "status", status)
	m.raw(" ")
	m.el("span", "time", timeText(r.Duration))
}

// end closes the rows of a suite.
func (h *htmlRows) end() error {
	if err := h.flush(); err != nil {
		return err
	}
	var m markup
	if h.unlisted > 0 {
		m.raw(`<p class="note">… and ` + thousands(h.unlisted) + " more that passed. They have no rows, to keep the page small; the record of the run (-r ndjson=FILE) has them.</p>\n")
	}
	h.group, h.unlisted = "", 0
	return h.spool.write(m.document)
}

// htmlTimeline is what the page shows of the run as a whole: when the first requests ran, and which took longest.
type htmlTimeline struct {
	first   []htmlBar
	slowest []htmlBar // the longest first
	more    int       // requests after the first ones
}

// htmlBar is one request in the run.
type htmlBar struct {
	name, id string
	result   runner.Result // without its texts
}

const (
	htmlFirst   = 150
	htmlSlowest = 5
)

func (t *htmlTimeline) add(r *runner.Result, id string) {
	if r.Outcome == runner.Skipped {
		return
	}
	bar := htmlBar{trail(r.Name), id, runner.Result{Outcome: r.Outcome, Start: r.Start, Duration: r.Duration}}
	if len(t.first) < htmlFirst {
		t.first = append(t.first, bar)
	} else {
		t.more++
	}
	if n := len(t.slowest); n == htmlSlowest && t.slowest[n-1].result.Duration >= r.Duration {
		return
	}
	at := slices.IndexFunc(t.slowest, func(b htmlBar) bool { return b.result.Duration < r.Duration })
	if at < 0 {
		at = len(t.slowest)
	}
	t.slowest = slices.Insert(t.slowest, at, bar)
	t.slowest = t.slowest[:min(len(t.slowest), htmlSlowest)]
}
