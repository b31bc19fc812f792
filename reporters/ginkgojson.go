package reporters

import (
	"encoding/json"
	"io"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/runner"
)

// newGinkgoJSON makes what Ginkgo's own suites write with --json-report: a list of reports, one for each collection. It keeps a
// collection in memory until it ends.
func newGinkgoJSON(w io.Writer, _ Options) Reporter { return &ginkgoJSON{w: w} }

type ginkgoJSON struct {
	w      io.Writer
	suite  runner.Suite
	specs  types.SpecReports // of the collection that runs
	opened bool              // the list was begun
	err    error
}

// Report implements Reporter.
func (g *ginkgoJSON) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		g.suite, g.specs = ev.Suite, nil
	case runner.RequestFinished:
		spec := fullSpec(&ev.Result)
		spec.LeafNodeText = clean(spec.LeafNodeText)
		spec.ContainerHierarchyTexts = nil
		for _, folder := range ev.Result.Name.Folders {
			spec.ContainerHierarchyTexts = append(spec.ContainerHierarchyTexts, clean(folder))
		}
		g.specs = append(g.specs, spec)
	case runner.Finished:
		report := suiteReport(ev.Suite, ev.Start, ev.Duration, g.specs)
		if ev.Interrupted {
			report.SuiteSucceeded, report.SpecialSuiteFailureReasons = false, []string{"interrupted"}
		}
		g.end(report)
	}
	return g.err
}

// end writes a collection. One with nothing in it is left out, as in every other report, unless something stopped it.
func (g *ginkgoJSON) end(report types.Report) {
	g.specs = nil
	if len(report.SpecReports) == 0 && report.SuiteSucceeded {
		return
	}
	between := ",\n  "
	if !g.opened {
		between = "[\n  "
	}
	g.opened = true
	text, err := json.MarshalIndent(report, "  ", "  ")
	if err != nil {
		g.write("", err)
		return
	}
	g.write(between+string(text), nil)
}

func (g *ginkgoJSON) write(text string, err error) {
	if g.err == nil && err == nil {
		_, err = io.WriteString(g.w, text)
	}
	if g.err == nil {
		g.err = err
	}
}

// Close implements Reporter.
func (g *ginkgoJSON) Close() error {
	if len(g.specs) > 0 { // its end never came
		report := suiteReport(g.suite, g.specs[0].StartTime, 0, g.specs)
		report.SuiteSucceeded, report.SpecialSuiteFailureReasons = false, []string{"interrupted"}
		g.end(report)
	}
	if g.opened {
		g.write("\n]\n", nil)
	} else {
		g.write("[]\n", nil)
	}
	return g.err
}
