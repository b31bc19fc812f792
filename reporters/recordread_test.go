package reporters

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAReaderSaysWhatIsWrongWithARecordAndWhere(t *testing.T) {
	t.Parallel()
	whole := recordOf(t, runOf(passed("One", 7, time.Second), failed("Two", 8, 500, "", "")))
	lines := strings.SplitAfter(whole, "\n")
	edit := func(from, to string) string { return strings.Replace(whole, from, to, 1) }
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "run.ndjson:1:1: the file is empty, want a record"},
		{"other text", "<?xml version='1.0'?>\n", `run.ndjson:1:1: want a record, which hgrun run writes with -r ndjson=FILE, got "<?xml version='1.0'?>"`},
		{"UTF-16", "\xff\xfe{\x00", "run.ndjson:1:1: got UTF-16, want UTF-8; let hgrun write the file: -r ndjson=FILE"},
		{"cut off at once", whole[:20], "run.ndjson:1:1: the record was cut off in its first line, so that nothing is known of the run"},
		{"of the future", edit(`"record":"1.0","hgrun":"1.0.0"`, `"record":"2.3","hgrun":"7.0.0"`), "run.ndjson:1:1: the record has version 2.3, written by hgrun 7.0.0; this hgrun reads 1.x: use a newer one"},
		{"of no version", edit(`"record":"1.0"`, `"record":"new"`), `run.ndjson:1:1: record: got version "new", want one such as 1.0`},
		{"not JSON", edit(lines[2], lines[2][:60]+"\n"), `run.ndjson:3:60: not JSON: unexpected end of JSON input`},
		{"no object", edit(lines[2], "[1]\n"), `run.ndjson:3:1: want an object`},
		{"a type that is none", edit(`"type":"request_started"`, `"type":"request_begun"`), `run.ndjson:3:1: type: got "request_begun", want started, request_started, request_finished, finished, end`},
		{"text for number", edit(`"status":200`, `"status":"200"`), `run.ndjson:4:1: result.attempts[0].status: got "200", want a number`},
		{"part of a number", edit(`"status":200`, `"status":200.5`), `run.ndjson:4:1: result.attempts[0].status: got 200.5, want a whole number`},
		{"an outcome that is none", edit(`"outcome":"passed"`, `"outcome":"green"`), `run.ndjson:4:1: result.outcome: got "green", want passed, failed, errored or skipped`},
		{"a time that is none", edit(`"start":"2026-11-22T14:30:00Z","duration_ns":1000000000`, `"start":"today","duration_ns":1`), `run.ndjson:4:1: result.start: got "today", want a time such as 2026-11-22T13:30:00Z`},
		{"a header that is none", edit(`"Authorization":[`, `"Authorization":["a",1,`), `run.ndjson:6:1: result.attempts[0].detail.request_header.Authorization[1]: got 1, want a text`},
		{"lines that are gone", edit(lines[5], ""), "run.ndjson:7:1: counts: got 1 passed, 1 failed, 0 errored, 0 skipped, and the record has 1 passed, 0 failed, 0 errored, 0 skipped"},
		{"two in one", whole + whole, "run.ndjson:9:1: got a line after the end of the record; give each record a file of its own"},
		{"two, the first cut off", strings.Join(lines[:4], "") + whole, "run.ndjson:5:1: another record begins here; give each record a file of its own"},
	} {
		if got := complaint(row.text); got != row.want {
			t.Errorf("%s: got  %s\nwant %s", row.name, got, row.want)
		}
	}
}

// complaint is the first error of reading a record.
func complaint(text string) string {
	r, err := ReadRecord("run.ndjson", strings.NewReader(text))
	if err != nil {
		return err.Error()
	}
	for _, err := range r.Events() {
		if err != nil {
			return err.Error()
		}
	}
	return "no complaint"
}

func TestAMinorVersionMayKnowMore(t *testing.T) {
	t.Parallel()
	text := recordOf(t, runOf(passed("One", 7, time.Second)))
	newer := strings.NewReplacer(`"record":"1.0"`, `"record":"1.7","colour":"red"`, `"outcome":"passed"`, `"outcome":"passed","mood":{"good":true}`).Replace(text)
	newer = strings.Replace(newer, `{"type":"end"`, `{"type":"weather","rain":true}`+"\n\n"+`{"type":"end"`, 1)
	r := openRecord(t, newer)
	if diff := cmp.Diff(eventsOf(t, openRecord(t, text)), eventsOf(t, r)); diff != "" {
		t.Error(diff)
	}
	if _, whole := r.End(); !whole {
		t.Error("the end is missing")
	}
}

func TestARecordThatWasCutOffAnywhereIsReadAndKnown(t *testing.T) {
	t.Parallel()
	text := recordOf(t, runOf(passed("One", 7, time.Second), failed("Two", 8, 500, "", "é")))
	first := strings.IndexByte(text, '\n') + 1
	for n := first; n < len(text)-1; n++ {
		r := openRecord(t, text[:n])
		for _, err := range r.Events() {
			if err != nil {
				t.Fatalf("cut at %d of %d: %v", n, len(text), err)
			}
		}
		if _, whole := r.End(); whole {
			t.Errorf("cut at %d of %d: it is taken for whole", n, len(text))
		}
	}
}

func FuzzReadingARecordEndsWithAPlace(f *testing.F) {
	var out bytes.Buffer
	r := newRecord(&out, Options{Sources: sourceLine})
	for _, ev := range runOf(passed("One", 7, time.Second), failed("Two", 8, 500, "", "body")) {
		if err := r.Report(ev); err != nil {
			f.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(out.String())
	f.Add(`{"type":"run","record":"1.9"}` + "\n" + `{"type":"end","counts":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if got := complaint(text); got != "no complaint" && !strings.HasPrefix(got, "run.ndjson:") {
			t.Errorf("got %s, want a place", got)
		}
	})
}
