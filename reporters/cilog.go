package reporters

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// CISystems returns the names of the systems whose logs the console folds. Another name is a log without folds.
func CISystems() []string { return slices.Sorted(maps.Keys(folds())) }

// folded are lines of a log that are one fold.
type folded struct {
	title string
	id    string // of letters, digits and _
	at    time.Time
}

// fold is what stands in a log before lines that are folded and after them.
type fold struct {
	begin, end func(folded) string
	show       func(folded) string // keeps what stands in it already from being folded; nil means end
	last       string              // ends the last fold where another begins none
}

// folds is the table of the systems, from what their pages say of logs.
func folds() map[string]fold {
	return map[string]fold{
		"azure": {
			begin: func(f folded) string { return "##[group]" + f.title + "\n" },
			end:   func(folded) string { return "##[endgroup]\n" },
		},
		"buildkite": { // a fold ends where the next begins
			begin: func(f folded) string { return "--- " + f.title + "\n" },
			end:   func(folded) string { return "" },
			show:  func(folded) string { return "^^^ +++\n" },
			last:  "+++ hgrun\n",
		},
		"github": {
			begin: func(f folded) string { return "::group::" + githubData(f.title) + "\n" },
			end:   func(folded) string { return "::endgroup::\n" },
		},
		"gitlab": {
			begin: func(f folded) string {
				return "\x1b[0Ksection_start:" + unix(f.at) + ":" + f.id + "[collapsed=true]\r\x1b[0K" + f.title + "\n"
			},
			end: func(f folded) string { return "\x1b[0Ksection_end:" + unix(f.at) + ":" + f.id + "\r\x1b[0K\n" },
		},
		"teamcity": {
			begin: func(f folded) string { return teamCityBlock("blockOpened", f.title) },
			end:   func(f folded) string { return teamCityBlock("blockClosed", f.title) },
		},
		"travis": {
			begin: func(f folded) string { return "travis_fold:start:" + f.id + "\r\x1b[0K" + f.title + "\n" },
			end:   func(f folded) string { return "travis_fold:end:" + f.id + "\r\x1b[0K\n" },
		},
	}
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func teamCityBlock(kind, name string) string {
	return string(append(appendTeamCity([]byte("##teamcity["+kind+" name='"), name), "']\n"...))
}

// folding folds the lines of each collection. The first failure ends the fold, so that none is in a closed one, and the rest of
// the collection stands open.
type folding struct {
	fold
	p     *printer
	on    bool
	count int
	open  folded // without an id where none is
}

func newFolding(p *printer, s *Screen) folding {
	if s.CI == "" || s.Quiet {
		return folding{}
	}
	f, on := folds()[s.CI]
	return folding{fold: f, p: p, on: on}
}

// start begins the fold of a collection, and reports whether its title stands in the log with that.
func (f *folding) start(title string, at time.Time) bool {
	if !f.on {
		return false
	}
	f.count++
	f.open = folded{inert(title), "hgrun_" + strconv.Itoa(f.count), at}
	f.p.command(f.begin(f.open))
	return true
}

// reveal lets what follows stand open, and reports whether it did not before.
func (f *folding) reveal(at time.Time) bool {
	if f.open.id == "" {
		return false
	}
	f.open.at = at
	if f.show != nil {
		f.p.command(f.show(f.open))
	} else {
		f.p.command(f.end(f.open))
	}
	f.open = folded{}
	return true
}

// stop ends the fold of a collection in which nothing failed.
func (f *folding) stop(at time.Time) {
	if f.open.id != "" {
		f.open.at = at
		f.p.command(f.end(f.open))
		f.open = folded{}
	}
}

// over ends the last fold.
func (f *folding) over() {
	f.stop(f.open.at)
	if f.count > 0 {
		f.p.command(f.last)
	}
}
