package reporters

import (
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/runner"
)

// shardOf is the record of a shard that ran collections, one request each, some of them in vain.
func shardOf(t *testing.T, shard string, collections ...string) string {
	t.Helper()
	r := &recorder{at: time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)}
	for i, name := range collections {
		r.begin(runner.Suite{Name: name, File: name + ".yaml", Index: i}, 1)
		result := passed("Read it in "+shard, 7, time.Second)
		if strings.HasPrefix(name, "bad") {
			result = failed("Read it in "+shard, 7, 500, "", "")
		}
		r.add(result)
		r.end(false)
	}
	return render(t, "ndjson", Options{Version: "1.0.0", Shard: shard}, r.events)
}

// tale is what events tell, a line each.
func tale(t *testing.T, events iter.Seq2[runner.Event, error]) []string {
	t.Helper()
	var lines []string
	for ev, err := range events {
		if err != nil {
			return append(lines, err.Error())
		}
		switch ev := ev.(type) {
		case runner.Started:
			lines = append(lines, ev.Suite.Name+" begins with "+plural(ev.Requests, "request"))
		case runner.RequestFinished:
			text := "  " + ev.Result.Name.Name + " " + ev.Result.Outcome.String()
			for _, p := range ev.Result.Problems {
				text += "; " + strings.Join(append([]string{p.Message}, p.Details...), "; ")
			}
			lines = append(lines, text)
		case runner.Finished:
			lines = append(lines, ev.Suite.Name+" ends with "+countText(ev.Counts)+" after "+ev.Duration.String())
		}
	}
	return lines
}

func mergeTexts(t *testing.T, texts ...string) *Merged {
	t.Helper()
	var records []*Record
	for _, text := range texts {
		records = append(records, openRecord(t, text))
	}
	m, err := MergeRecords(records)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestShardsBecomeOneRun(t *testing.T) {
	t.Parallel()
	three, one, two := shardOf(t, "3/3"), shardOf(t, "1/3", "a", "bad", "d"), shardOf(t, "2/3", "b", "bad", "c")
	got := tale(t, mergeTexts(t, three, one, two).Events())
	want := []string{
		"a begins with 1 request",
		"  Read it in 1/3 passed",
		"a ends with 1 passed, 0 failed, 0 errored, 0 skipped after 1s",
		"b begins with 1 request",
		"  Read it in 2/3 passed",
		"b ends with 1 passed, 0 failed, 0 errored, 0 skipped after 1s",
		"bad begins with 2 requests",
		"  Read it in 1/3 failed",
		"  Read it in 2/3 failed",
		"bad ends with 0 passed, 2 failed, 0 errored, 0 skipped after 1.5s",
		"d begins with 1 request",
		"  Read it in 1/3 passed",
		"d ends with 1 passed, 0 failed, 0 errored, 0 skipped after 1s",
		"c begins with 1 request",
		"  Read it in 2/3 passed",
		"c ends with 1 passed, 0 failed, 0 errored, 0 skipped after 1s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAMissingShardHasErrored(t *testing.T) {
	t.Parallel()
	got := tale(t, mergeTexts(t, shardOf(t, "2/3", "a")).Events())
	want := []string{
		"a begins with 1 request",
		"  Read it in 2/3 passed",
		"a ends with 1 passed, 0 failed, 0 errored, 0 skipped after 1s",
		"hgrun shard 1/3 begins with 1 request",
		"  [shard 1/3] errored; shard 1/3: no record; what it should have run is not known",
		"hgrun shard 1/3 ends with 0 passed, 0 failed, 1 errored, 0 skipped after 0s",
		"hgrun shard 3/3 begins with 1 request",
		"  [shard 3/3] errored; shard 3/3: no record; what it should have run is not known",
		"hgrun shard 3/3 ends with 0 passed, 0 failed, 1 errored, 0 skipped after 0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestARecordThatWasCutOffSaysWhereInEveryReport(t *testing.T) {
	t.Parallel()
	r := &recorder{at: time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)}
	r.begin(runner.Suite{Name: "Rows", File: "rows.yaml"}, 3)
	r.add(passed("One", 7, time.Second))
	r.add(passed("Two", 8, time.Second))
	r.end(false)
	lines := strings.SplitAfter(render(t, "ndjson", Options{Shard: "2/5"}, r.events), "\n")
	const why = "hgrun was killed, or could not write"
	rows := map[int][]string{ // lines that are left
		1: {"hgrun begins with 1 request", "  [record] errored; shard 2/5: the record was cut off; what came after it is not known",
			"hgrun ends with 0 passed, 0 failed, 1 errored, 0 skipped after 0s"},
		2: {"Rows begins with 3 requests", "  [record] errored; shard 2/5: the record was cut off: " + why + "; 0 of 3 requests had ended",
			"Rows ends with 0 passed, 0 failed, 1 errored, 0 skipped after 0s"},
		5: {"Rows begins with 3 requests", "  One passed", `  Two errored; shard 2/5: the record was cut off while this request ran: ` + why + `; 1 of 3 requests had ended, the last "One"`,
			"Rows ends with 1 passed, 0 failed, 1 errored, 0 skipped after 1s"},
		6: {"Rows begins with 3 requests", "  One passed", "  Two passed", `  [record] errored; shard 2/5: the record was cut off after "Two": ` + why + `; 2 of 3 requests had ended, the last "Two"`,
			"Rows ends with 2 passed, 0 failed, 1 errored, 0 skipped after 2s"},
		7: {"Rows begins with 3 requests", "  One passed", "  Two passed", "Rows ends with 2 passed, 0 failed, 0 errored, 0 skipped after 2s",
			"hgrun begins with 1 request", `  [record] errored; shard 2/5: the record was cut off after the collection "Rows"; what came after it is not known`,
			"hgrun ends with 0 passed, 0 failed, 1 errored, 0 skipped after 0s"},
	}
	for n, want := range rows {
		text := strings.Join(lines[:n], "") + lines[n][:len(lines[n])/2]
		if diff := cmp.Diff(want, tale(t, openRecord(t, text).Whole())); diff != "" {
			t.Errorf("cut off in line %d: %s", n+1, diff)
		}
		var events []runner.Event
		for ev, err := range openRecord(t, text).Whole() {
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, ev)
		}
		if got := complaints(render(t, "junit", Options{}, events)); got != nil {
			t.Errorf("cut off in line %d: got %q", n+1, got)
		}
	}
}

func TestWholeRunsFollowOneAnother(t *testing.T) {
	t.Parallel()
	got := tale(t, mergeTexts(t, shardOf(t, "", "a", "bad"), shardOf(t, "", "a")).Events())
	want := []string{
		"a begins with 1 request",
		"  Read it in  passed",
		"a ends with 1 passed, 0 failed, 0 errored, 0 skipped after 1s",
		"bad begins with 1 request",
		"  Read it in  failed",
		"bad ends with 0 passed, 1 failed, 0 errored, 0 skipped after 1.5s",
		"a begins with 1 request",
		"  Read it in  passed",
		"a ends with 1 passed, 0 failed, 0 errored, 0 skipped after 1s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRecordsThatDoNotBelongTogetherAreRefused(t *testing.T) {
	t.Parallel()
	named := func(name, shard string) *Record {
		r, err := ReadRecord(name, strings.NewReader(shardOf(t, shard, "a")))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, row := range []struct {
		name    string
		records []*Record
		want    string
	}{
		{"twice", []*Record{named("a", "1/2"), named("b", "2/2"), named("c", "1/2")}, "c: got shard 1/2 twice: a is the same"},
		{"of other runs", []*Record{named("a", "1/2"), named("b", "2/3")}, "b: got shard 2/3, and a is shard 1/2; want the shards of one run, or whole runs"},
		{"with a whole run", []*Record{named("a", ""), named("b", "2/3")}, "b: got shard 2/3, and a is a whole run; want the shards of one run, or whole runs"},
		{"no shard", []*Record{named("a", "3/2")}, `a:1:1: shard: got "3/2", want one such as 2/5`},
	} {
		if _, err := MergeRecords(row.records); err == nil || err.Error() != row.want {
			t.Errorf("%s: got  %v\nwant %s", row.name, err, row.want)
		}
	}
}

func TestAMergeStopsAtWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := strings.Replace(shardOf(t, "2/2", "b"), `"outcome":"passed"`, `"outcome":"green"`, 1)
	got := tale(t, mergeTexts(t, shardOf(t, "1/2", "a"), broken).Events())
	if want := `run.ndjson:4:1: result.outcome: got "green", want passed, failed, errored or skipped`; got[len(got)-1] != want {
		t.Errorf("got %s\nwant %s", got[len(got)-1], want)
	}
	lost := strings.SplitAfter(shardOf(t, "", "b"), "\n")
	got = tale(t, openRecord(t, lost[0]+lost[2]).Whole())
	if want := []string{"run.ndjson:2:1: the collection of this line did not begin before, or has ended"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMergeMayBeLeftInTheMiddle(t *testing.T) {
	t.Parallel()
	m := mergeTexts(t, shardOf(t, "1/2", "a", "c"), shardOf(t, "2/2", "a", "b"))
	for range m.Events() {
		break
	}
}

func TestRecordsThatCannotBeReadTwiceAreMergedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	var records []*Record
	for _, text := range []string{shardOf(t, "1/2", "a"), shardOf(t, "2/2", "a")} {
		r, err := ReadRecord("pipe", io.MultiReader(strings.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	m, err := MergeRecords(records)
	if err != nil {
		t.Fatal(err)
	}
	if got := tale(t, m.Events()); len(got) != 6 {
		t.Errorf("got %q, want two collections", got)
	}
}

func TestReportsOfRecordsSayWhatTheRecordsSay(t *testing.T) {
	t.Parallel()
	a := &Record{Header: RecordHeader{Hgrun: "1.0", Host: "ci-1", Shard: "1/2", Selection: []string{"x"}}}
	b := &Record{Header: RecordHeader{Hgrun: "1.0", Host: "ci-2", Shard: "2/2"}}
	one, both := RecordOptions(Options{}, a), RecordOptions(Options{}, a, b)
	if one.Shard != "1/2" || one.Version != "1.0" || one.Origin.Host != "ci-1" || len(one.Origin.Selection) != 1 {
		t.Errorf("got %+v", one)
	}
	if both.Shard != "" || both.Version != "1.0" || both.Origin.Host != "2 machines" {
		t.Errorf("got %+v", both)
	}
}
