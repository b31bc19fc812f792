package reporters

import (
	"encoding/xml"
	"fmt"
	"os"
	"time"

	"github.com/onsi/ginkgo/v2/reporters"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// suiteReport converts the results of a collection to what Ginkgo's reporters write. SuitePath stays empty:
// Jenkins would put it before the name of the suite.
func suiteReport(s runner.Suite, start time.Time, d time.Duration, specs types.SpecReports) types.Report {
	report := types.Report{
		SuiteDescription: s.Name,
		StartTime:        start.UTC(),
		EndTime:          start.Add(d).UTC(),
		RunTime:          d.Round(time.Millisecond),
		SuiteSucceeded:   true,
		SuiteConfig:      types.SuiteConfig{ParallelTotal: 1},
		SpecReports:      specs,
	}
	report.PreRunStats = types.PreRunStats{TotalSpecs: len(specs), SpecsThatWillRun: len(specs)}
	for i := range specs {
		if specs[i].State.Is(types.SpecStateFailureStates) {
			report.SuiteSucceeded = false
		}
	}
	return report
}

// specReport converts a result to what Ginkgo calls a spec. Text is what the failure says of itself.
// A request that errored is a panic to Ginkgo, the one state that its JUnit writes and counts as an error.
func specReport(r *runner.Result, text string) types.SpecReport {
	spec := types.SpecReport{
		ContainerHierarchyTexts: r.Name.Folders,
		LeafNodeType:            types.NodeTypeIt,
		LeafNodeText:            phased(r.Name),
		LeafNodeLocation:        location(r.Name.Pos),
		State:                   types.SpecStatePassed,
		StartTime:               r.Start.UTC(),
		EndTime:                 r.Start.Add(r.Duration).UTC(),
		RunTime:                 r.Duration.Round(time.Millisecond),
		ParallelProcess:         1,
		NumAttempts:             r.Tries(),
		ReportEntries:           entries(r),
	}
	if r.Outcome == runner.Passed {
		return spec
	}
	spec.Failure = types.Failure{
		Message:             text,
		Location:            spec.LeafNodeLocation,
		TimelineLocation:    types.TimelineLocation{Time: spec.EndTime},
		FailureNodeContext:  types.FailureNodeIsLeafNode,
		FailureNodeType:     types.NodeTypeIt,
		FailureNodeLocation: spec.LeafNodeLocation,
	}
	if len(r.Problems) > 0 {
		spec.Failure.Location = location(r.Problems[0].Pos)
	}
	switch r.Outcome {
	case runner.Failed:
		spec.State = types.SpecStateFailed
	case runner.Errored:
		spec.State = types.SpecStatePanicked
		spec.Failure.ForwardedPanic = text
	case runner.Skipped:
		spec.State = types.SpecStateSkipped
	}
	return spec
}

// phased is the name of a request as reports without folders for setup and teardown show it.
func phased(n runner.Name) string {
	if n.Phase == runner.Setup || n.Phase == runner.Teardown {
		return "[" + string(n.Phase) + "] " + n.Name
	}
	return n.Name
}

func location(p source.Pos) types.CodeLocation {
	return types.CodeLocation{FileName: p.File, LineNumber: p.Line}
}

// entries become properties of the testcase. They are numbers only, because Ginkgo writes their values as JSON.
func entries(r *runner.Result) types.ReportEntries {
	last := r.Last()
	if last == nil || last.Status == 0 {
		return nil
	}
	list := types.ReportEntries{entry("http.response.status_code", last.Status)}
	if n := r.Tries(); n > 1 {
		list = append(list, entry("hgrun.attempts", n))
	}
	return list
}

func entry(name string, value int) types.ReportEntry {
	return types.ReportEntry{Name: name, Value: types.WrapEntryValue(value), Visibility: types.ReportEntryVisibilityNever}
}

// writeGinkgo has Ginkgo write a JUnit report to file, and reads it again: Ginkgo keeps quiet about errors of writing.
func writeGinkgo(report types.Report, file string) (*reporters.JUnitTestSuites, error) {
	// Without timelines, because each compiles regular expressions, and says nothing that the failure does not.
	config := reporters.JunitReportConfig{OmitLeafNodeType: true, OmitTimelinesForSpecState: ^types.SpecState(0)}
	if err := reporters.GenerateJUnitReportWithConfig(report, file, config); err != nil {
		return nil, err
	}
	return readGinkgo(file, len(report.SpecReports))
}

// readGinkgo reads a JUnit report of Ginkgo that has so many testcases.
func readGinkgo(file string, cases int) (*reporters.JUnitTestSuites, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var suites reporters.JUnitTestSuites
	if err := xml.NewDecoder(f).Decode(&suites); err != nil {
		return nil, fmt.Errorf("%s was cut short: %w", file, err)
	}
	got := 0
	for i := range suites.TestSuites {
		got += len(suites.TestSuites[i].TestCases)
	}
	if got != cases {
		return nil, fmt.Errorf("%s was cut short: got %d testcases, want %d", file, got, cases)
	}
	return &suites, nil
}
