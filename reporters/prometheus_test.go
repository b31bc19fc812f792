package reporters

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// outcomeOf reports whether a run is green: nothing failed, and it was not interrupted.
func outcomeOf(events []runner.Event) bool {
	open := false
	for _, ev := range events {
		switch ev := ev.(type) {
		case runner.Started:
			open = true
		case runner.RequestFinished:
			if o := ev.Result.Outcome; o == runner.Failed || o == runner.Errored {
				return false
			}
		case runner.Finished:
			if open = false; ev.Interrupted {
				return false
			}
		}
	}
	return !open
}

var (
	promHelp   = regexp.MustCompile(`^# HELP (hgrun_[a-z_]+) ([A-Z][^\\]*\.)$`)
	promType   = regexp.MustCompile(`^# TYPE (hgrun_[a-z_]+) gauge$`)
	promSample = regexp.MustCompile(`^(hgrun_[a-z_]+)((?:\{(?:[a-z]+="(?:[^"\\]|\\["\\])*",?)+\})?) ([0-9.]+)$`)
)

// lintPrometheus is what promtool check metrics would say of the text.
func lintPrometheus(text string) []string {
	var wrong []string
	families, series := map[string]bool{}, map[string]bool{}
	family, helped := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		help, kind, sample := promHelp.FindStringSubmatch(line), promType.FindStringSubmatch(line), promSample.FindStringSubmatch(line)
		switch {
		case help != nil:
			helped = help[1]
		case kind != nil:
			if family = kind[1]; family != helped || families[family] {
				wrong = append(wrong, family+": a family without help, or for the second time")
			}
			families[family] = true
		case sample == nil || sample[1] != family:
			wrong = append(wrong, line+": is no series of "+family)
		case series[sample[1]+sample[2]]:
			wrong = append(wrong, line+": a second time")
		default:
			series[sample[1]+sample[2]] = true
			if _, err := strconv.ParseFloat(sample[3], 64); err != nil {
				wrong = append(wrong, line+": "+err.Error())
			}
		}
	}
	for name := range families {
		for _, bad := range []string{"_total", "_count", "_sum", "_bucket", "_milliseconds", "_ms", "_gauge", "_info"} {
			if strings.HasSuffix(name, bad) && name != "hgrun_build_info" {
				wrong = append(wrong, name+": "+bad+" is for others")
			}
		}
	}
	return wrong
}

func TestPrometheusTakesEverySeries(t *testing.T) {
	t.Parallel()
	for name, events := range recorded() {
		text := render(t, "prometheus", Options{Version: "1.0.0"}, events)
		if wrong := lintPrometheus(text); wrong != nil {
			t.Errorf("%s: got %q for\n%s", name, wrong, cut(text, 3000))
		}
		want := "\nhgrun_run_success 0\n"
		if ran := strings.Contains(text, "\nhgrun_request_"); ran && outcomeOf(events) {
			want = "\nhgrun_run_success 1\n"
		}
		if !strings.Contains(text, want) {
			t.Errorf("%s: want %q in\n%s", name, want, cut(text, 600))
		}
	}
}

func TestTheLintOfPrometheusFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const begin = "# HELP hgrun_a_total Text.\n# TYPE hgrun_a_total gauge\n"
	got := lintPrometheus(begin + "hgrun_a_total 1\nhgrun_a_total 1\nhgrun_b{x=\"a\nb\"} 1\n")
	if len(got) != 4 {
		t.Errorf("got %q, want the second series, two lines that are none, and the name", got)
	}
}

func TestTheRowsOfARequestAreOneSeries(t *testing.T) {
	t.Parallel()
	row := func(n int, o runner.Outcome, status int, d time.Duration) runner.Result {
		r := passed("Read [p-"+strconv.Itoa(n)+"]", 7, d)
		r.Name.Row, r.Name.Label, r.Outcome, r.Attempts[0].Status = n, "p-"+strconv.Itoa(n), o, status
		r.Attempts[0].Timings.FirstByte = d / 2
		return r
	}
	when := skipped("Only there", "when: region")
	when.Skip = runner.SkipCondition
	text := render(t, "prometheus", Options{}, runOf(row(1, runner.Passed, 200, time.Second), row(2, runner.Failed, 404, 3*time.Second), row(3, runner.Passed, 200, 2*time.Second), when))
	got := map[string]string{}
	for line := range strings.Lines(text) {
		if m := promSample.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil && strings.HasPrefix(m[1], "hgrun_request_") {
			got[strings.TrimPrefix(m[1], "hgrun_request_")] += m[3]
		}
	}
	want := map[string]string{"success": "0", "duration_seconds": "3", "attempts": "1", "response_status_code": "404", "phase_duration_seconds": "1.5"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v: one series each\n%s", got, want, text)
	}
	if strings.Contains(text, "Only there") || !slices.Contains(strings.Split(text, "\n"), `hgrun_collection_requests{collection="Corpus",environment="",outcome="skipped"} 1`) {
		t.Errorf("want no series of a request whose condition does not hold, got\n%s", text)
	}
}
