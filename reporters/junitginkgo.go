package reporters

import (
	"io"
	"os"
	"strconv"

	"github.com/onsi/ginkgo/v2/reporters"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/runner"
)

// newGinkgo makes the dialect that Ginkgo's own suites write, byte for byte what Ginkgo made of it, for those whose tools expect that.
// It keeps a collection in memory until it ends.
func newGinkgo(w io.Writer, o Options) Reporter {
	return &ginkgo{w: w, scratch: scratch{beside: o.dir}}
}

type ginkgo struct {
	w       io.Writer
	scratch scratch
	specs   types.SpecReports // of the collection that runs
	suite   runner.Suite
	files   []string // one for each collection that ended
	cases   int      // in files
	fault   error
}

// Report implements Reporter.
func (g *ginkgo) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		g.suite, g.specs = ev.Suite, nil
	case runner.RequestFinished:
		g.specs = append(g.specs, fullSpec(&ev.Result))
	case runner.Finished:
		g.end(suiteReport(ev.Suite, ev.Start, ev.Duration, g.specs))
	}
	return g.fault
}

// fullSpec converts a result with all that is to be said of a failure.
func fullSpec(r *runner.Result) types.SpecReport {
	text := reason(r)
	if r.Outcome == runner.Failed || r.Outcome == runner.Errored {
		text = capped(failureText(r), failedText)
	}
	return specReport(r, clean(text))
}

// end writes a collection to a file of its own.
func (g *ginkgo) end(report types.Report) {
	g.specs = nil
	if g.fault != nil || len(report.SpecReports) == 0 {
		return
	}
	file, err := g.scratch.path(strconv.Itoa(len(g.files)) + ".xml")
	if err == nil {
		_, err = writeGinkgo(report, file)
	}
	g.files = append(g.files, file)
	g.cases += len(report.SpecReports)
	g.fault = err
}

// Close implements Reporter.
func (g *ginkgo) Close() error {
	if len(g.specs) > 0 {
		g.end(suiteReport(g.suite, g.specs[0].StartTime, 0, g.specs))
	}
	if g.fault == nil {
		g.fault = g.merge()
	}
	if err := g.scratch.remove(); g.fault == nil {
		g.fault = err
	}
	return g.fault
}

// merge copies the one file there is, or has Ginkgo make one of several.
func (g *ginkgo) merge() error {
	file, err := g.scratch.path("all.xml")
	if err != nil {
		return err
	}
	switch len(g.files) {
	case 0:
		_, err = writeGinkgo(types.Report{SuiteDescription: "hgrun"}, file)
	case 1:
		file = g.files[0]
	default:
		if _, err = reporters.MergeAndCleanupJUnitReports(g.files, file); err == nil {
			_, err = readGinkgo(file, g.cases)
		}
	}
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(g.w, f)
	return err
}
