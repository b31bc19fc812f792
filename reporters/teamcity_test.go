package reporters

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2/reporters"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/runner"
)

// serviceMessage is a message as TeamCity takes it: on a line of its own, every value escaped.
var serviceMessage = regexp.MustCompile(`^##teamcity\[(\w+)((?: \w+='(?:[^|'\[\]\n\r]|\|[nr|'\[\]]|\|0x[0-9a-f]{4})*')+)\]$`)

func TestTeamCityUnderstandsEveryMessage(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(` name='([^']*(?:\|'[^']*)*)'`)
	for run, events := range recorded() {
		open := map[string]bool{}
		for line := range strings.SplitSeq(strings.TrimSuffix(render(t, "teamcity", Options{}, events), "\n"), "\n") {
			m := serviceMessage.FindStringSubmatch(line)
			if m == nil {
				if line != "" {
					t.Errorf("%s: got the line %q", run, line)
				}
				continue
			}
			of := ""
			if n := name.FindStringSubmatch(m[2]); n != nil {
				of = n[1]
			}
			switch kind, end, is := cutSuffixes(m[1], "Started", "Finished"); {
			case is && open[kind+of] == end:
				open[kind+of] = !end
			case is:
				t.Errorf("%s: %s of %s does not pair", run, m[1], of)
			case strings.HasPrefix(m[1], "test") && !open["test"+of]:
				t.Errorf("%s: %s of %s, which did not start", run, m[1], of)
			}
		}
	}
}

// cutSuffixes returns what comes before one of two endings, and whether it was the second.
func cutSuffixes(text, first, second string) (before string, isSecond, found bool) {
	if before, found = strings.CutSuffix(text, first); found {
		return before, false, true
	}
	before, found = strings.CutSuffix(text, second)
	return before, true, found
}

func TestTeamCityIsToldOfARunThatWasInterrupted(t *testing.T) {
	t.Parallel()
	events := runOf(passed("One", 7, time.Second))
	got := render(t, "teamcity", Options{}, events[:len(events)-1])
	const want = "##teamcity[buildProblem description='Corpus: interrupted' flowId='0']\n##teamcity[testSuiteFinished name='Corpus' flowId='0']\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got %s\nwant the end %s", got, want)
	}
}

func TestTheJSONIsGinkgos(t *testing.T) {
	t.Parallel()
	events := sharedRun()
	var specs types.SpecReports
	for i, ev := range events {
		switch ev := ev.(type) {
		case runner.RequestFinished:
			spec := fullSpec(&ev.Result)
			spec.LeafNodeText = clean(spec.LeafNodeText)
			specs = append(specs, spec)
		case runner.Finished:
			file := filepath.Join(t.TempDir(), "report.json")
			if err := reporters.GenerateJSONReport(suiteReport(ev.Suite, ev.Start, ev.Duration, specs), file); err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := render(t, "json", Options{}, events[:i+1]); got != string(want) {
				t.Errorf("it differs from what Ginkgo writes: %s", firstDifference(got, string(want)))
			}
			return
		}
	}
}

func TestTheJSONOfAnInterruptedRunIsNoSuccess(t *testing.T) {
	t.Parallel()
	events := runOf(passed("One", 7, time.Second))
	for name, events := range map[string][]runner.Event{"never finished": events[:len(events)-1], "shared run": sharedRun()} {
		var got []types.Report
		if err := json.Unmarshal([]byte(render(t, "json", Options{}, events)), &got); err != nil {
			t.Fatal(err)
		}
		if last := got[len(got)-1]; last.SuiteSucceeded || len(last.SpecialSuiteFailureReasons) != 1 {
			t.Errorf("%s: got %v, %v", name, last.SuiteSucceeded, last.SpecialSuiteFailureReasons)
		}
	}
}
