package reporters

import (
	"io"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

const (
	annotationsShown = 10      // of a level: GitHub shows no more of one step
	annotationText   = 4 << 10 // bytes of a message
	annotationTitle  = 200     // bytes
)

// newGitHub makes the workflow commands that GitHub Actions shows as annotations: an error at the line of the YAML where a request did not
// pass, a warning where one that passed is odd all the same. They are written in the end, so that they stand together.
func newGitHub(w io.Writer, o Options) Reporter {
	return &gitHub{w: w, o: o, errors: annotations{level: "error"}, warnings: annotations{level: "warning"}}
}

type gitHub struct {
	w        io.Writer
	o        Options
	errors   annotations
	warnings annotations
	open     string   // name of the collection at hand; empty for none
	cut      []string // names of the collections that were interrupted
}

// annotations are those of a level, one for each place.
type annotations struct {
	level string
	list  []*annotation
	more  int // requests at places that are not in the list
}

// annotation is what is said of a line.
type annotation struct {
	at             source.Pos
	title, message string
	requests       int
}

// Report implements Reporter.
func (g *gitHub) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		g.open = suiteName(ev.Suite)
	case runner.RequestFinished:
		g.result(ev.Suite, &ev.Result)
	case runner.Finished:
		g.open = ""
		if ev.Interrupted {
			g.cut = append(g.cut, suiteName(ev.Suite))
		}
	}
	return nil
}

func (g *gitHub) result(s runner.Suite, r *runner.Result) {
	title := func() string { return suiteName(s) + " › " + trail(r.Name) }
	switch r.Outcome {
	case runner.Failed, runner.Errored:
		g.errors.add(firstPlace(r), title(), func() string { return annotationOf(r) })
	case runner.Passed:
		for i := range r.Findings {
			f := &r.Findings[i]
			at := f.Pos
			if at.Line == 0 {
				at = r.Name.Pos
			}
			g.warnings.add(at, title(), func() string { return remark(f) })
		}
	case runner.Skipped:
	}
}

// add adds what is to be said of a place, unless something stands there already or there is no more room.
func (a *annotations) add(at source.Pos, title string, message func() string) {
	for _, there := range a.list {
		if there.at == at && at.Line > 0 {
			there.requests++
			return
		}
	}
	if len(a.list) == annotationsShown {
		a.more++
		return
	}
	a.list = append(a.list, &annotation{at, title, message(), 1})
}

// first puts an annotation before the others.
func (a *annotations) first(one *annotation) {
	a.list = slices.Insert(a.list, 0, one)
	if len(a.list) > annotationsShown {
		a.more += a.list[annotationsShown].requests
		a.list = a.list[:annotationsShown]
	}
}

// annotationOf says what went wrong: each problem, and the likeliest explanation. The exchange stands in the log.
func annotationOf(r *runner.Result) string {
	var out strings.Builder
	first := firstPlace(r)
	for i := range r.Problems {
		p := &r.Problems[i]
		if p.Pos != first {
			out.WriteString(place(*p))
		}
		out.WriteString(clean(p.Message) + "\n")
		for _, line := range p.Details {
			out.WriteString("  " + hanging(clean(line)) + "\n")
		}
	}
	if len(r.Findings) > 0 {
		out.WriteString(explanation(r.Findings[:1]) + "\n")
	}
	if last := r.Last(); last != nil {
		out.WriteString(last.Method + " " + oneLine(last.URL) + " → " + answer(last) + "\n")
	}
	if out.Len() == 0 {
		out.WriteString(headline(r))
	}
	return capped(strings.TrimRight(out.String(), "\n"), annotationText)
}

// append writes the commands. Where not all places fit, the last one says how many requests are left.
func (a *annotations) append(to []byte, o *Options) []byte {
	list, more := a.list, a.more
	if more > 0 {
		for _, left := range list[annotationsShown-1:] {
			more += left.requests
		}
		list = list[:annotationsShown-1]
	}
	for _, one := range list {
		title := cut(one.title, annotationTitle)
		if one.requests > 1 {
			title += " and " + thousands(one.requests-1) + " more"
		}
		at := one.at
		at.File = o.InWorkspace(at.File)
		to = append(to, "::"+a.level+" "+githubProperties(at, title)+"::"+githubData(one.message)+"\n"...)
	}
	if more > 0 {
		text := "and " + plural(more, "request") + " more; the log has all of them"
		to = append(to, "::"+a.level+" title=hgrun::"+githubData(text)+"\n"...)
	}
	return to
}

// Close implements Reporter.
func (g *gitHub) Close() error {
	if g.open != "" {
		g.cut = append(g.cut, g.open) // its end never came
	}
	if len(g.cut) > 0 {
		g.errors.first(&annotation{title: "hgrun", message: "interrupted: " + strings.Join(g.cut, ", ")})
	}
	out := g.warnings.append(g.errors.append(nil, &g.o), &g.o)
	if len(out) == 0 {
		return nil
	}
	_, err := g.w.Write(out)
	return err
}
