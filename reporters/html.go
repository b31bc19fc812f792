package reporters

import (
	"bufio"
	_ "embed" // the style sheet and the script of the page
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// The style sheet and the script of the page. The page is whole without either.
var (
	//go:embed html/report.css
	htmlStyle string
	//go:embed html/report.js
	htmlScript string
)

// newHTML makes the page for people: failures first, each with all that is known of it, then every request. It asks nothing of
// any server and can be read without a script and without a style sheet.
func newHTML(w io.Writer, o Options) Reporter {
	h := &html{w: w, o: o}
	h.failures.spool.scratch = &scratch{beside: o.dir}
	h.rows.spool.scratch = &scratch{beside: o.dir}
	h.rows.verbose = o.Verbose > 0
	h.rows.past, h.failures.past = o.History, o.History
	return h
}

// html is the page that grows. What comes first in it is known last, so failures and rows wait in spools.
type html struct {
	w        io.Writer
	o        Options
	tally    tally
	groups   htmlGroups
	suites   []*htmlSuite
	names    suiteNames
	ids      htmlIDs
	failures htmlFailures
	rows     htmlRows
	timeline htmlTimeline
	err      error
}

// htmlSuite is a collection: its heading, and where its rows stand in their spool.
type htmlSuite struct {
	runner.Suite
	name        string // unique in the page
	counts      runner.Counts
	duration    time.Duration
	from, to    int64
	interrupted bool
	open        bool // until it is finished
}

// Report implements Reporter.
func (h *html) Report(ev runner.Event) error {
	if h.err != nil {
		return h.err
	}
	switch ev := ev.(type) {
	case runner.Started:
		h.tally.start(ev.Time)
		h.begin(ev.Suite)
	case runner.RequestFinished:
		h.result(ev.Suite, &ev.Result)
	case runner.Finished:
		s := h.current(ev.Suite)
		s.duration, s.interrupted = ev.Duration, ev.Interrupted
		h.tally.end(ev)
		h.end()
	}
	return h.err
}

func (h *html) begin(s runner.Suite) *htmlSuite {
	h.end()
	suite := &htmlSuite{Suite: s, name: h.names.unique(s), from: h.rows.spool.size, open: true}
	h.suites = append(h.suites, suite)
	return suite
}

// current returns the suite that a result belongs to.
func (h *html) current(s runner.Suite) *htmlSuite {
	if n := len(h.suites); n > 0 && h.suites[n-1].open && h.suites[n-1].Index == s.Index {
		return h.suites[n-1]
	}
	return h.begin(s)
}

// end closes the last suite.
func (h *html) end() {
	if len(h.suites) == 0 || !h.suites[len(h.suites)-1].open {
		return
	}
	s := h.suites[len(h.suites)-1]
	s.open = false
	h.keep(h.rows.end())
	s.to = h.rows.spool.size
}

func (h *html) keep(err error) {
	if h.err == nil {
		h.err = err
	}
}

func (h *html) result(of runner.Suite, r *runner.Result) {
	s := h.current(of)
	s.counts.Add(r.Outcome)
	id := h.ids.of(of, r)
	written := false
	if r.Outcome == runner.Failed || r.Outcome == runner.Errored {
		ok, err := h.failures.add(h.o, of, r, id)
		h.keep(err)
		written = ok
	}
	h.keep(h.rows.add(h.o, of, r, id, written))
	if written {
		id = "f" + id
	}
	h.timeline.add(r, id)
	if a := h.tally.add(of, r); a != nil {
		h.groups.add(a, id)
	}
}

// Close implements Reporter.
func (h *html) Close() error {
	for _, s := range h.suites {
		if s.open {
			s.interrupted, h.tally.interrupted = true, true // its end never came
		}
	}
	h.end()
	if h.err == nil {
		out := bufio.NewWriterSize(h.w, 64<<10)
		h.keep(h.write(out))
		h.keep(out.Flush())
	}
	if h.err == nil && h.o.folder {
		h.keep(errors.Join(beside(h.o.dir, htmlStyleFile, htmlStyle), beside(h.o.dir, htmlScriptFile, htmlScript)))
	}
	return errors.Join(h.err, h.failures.spool.discard(), h.rows.spool.discard())
}

// Names of the files beside the page of a folder.
const (
	htmlPageFile   = "index.html"
	htmlStyleFile  = "report.css"
	htmlScriptFile = "report.js"
)

// beside writes a file next to the page.
func beside(dir, name, text string) error {
	out, err := replace(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, text); err != nil {
		out.discard()
		return out.place(err)
	}
	return out.place(out.commit())
}

// htmlFolder returns the file of the page where a path means a folder: it ends in a slash, or is a folder already.
func htmlFolder(kind, path string) (string, bool) {
	if kind != "html" || path == "" || path == "-" {
		return path, false
	}
	if strings.HasSuffix(filepath.ToSlash(path), "/") || isFolder(path) {
		return filepath.Join(path, htmlPageFile), true
	}
	return path, false
}
