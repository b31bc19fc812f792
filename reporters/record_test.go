package reporters

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hgrun/hgrun/runner"
)

// recorded are runs whose records are read back: what has broken reports of others, but for what is big and nothing else.
func recorded() map[string][]runner.Event {
	runs := corpus()
	delete(runs, "11 MB")
	delete(runs, "1,000 rows")
	runs["traced"], runs["wired"], runs["labelled"] = tracedEvents(), wired(), allureRun()
	return runs
}

// recordOf is the record of events.
func recordOf(t *testing.T, events []runner.Event) string {
	t.Helper()
	return render(t, "ndjson", Options{Version: "1.0.0", Sources: sourceLine}, events)
}

func openRecord(t *testing.T, text string) *Record {
	t.Helper()
	r, err := ReadRecord("run.ndjson", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func eventsOf(t *testing.T, r *Record) []runner.Event {
	t.Helper()
	var events []runner.Event
	for ev, err := range r.Events() {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
	}
	return events
}

// TestTheRecordLosesNothing makes every kind of report again from the record, those of the goldens and those of what has broken others.
func TestTheRecordLosesNothing(t *testing.T) {
	t.Parallel()
	for name, events := range recorded() {
		text := recordOf(t, events)
		for _, kind := range slices.Sorted(maps.Keys(Kinds())) {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				for _, verbose := range []int{0, 1} {
					live := render(t, kind, Options{Version: "1.0.0", Verbose: verbose, Sources: sourceLine}, events)
					record := openRecord(t, text)
					again := render(t, kind, Options{Version: record.Header.Hgrun, Verbose: verbose, Sources: record.Source}, eventsOf(t, record))
					if again != live {
						t.Errorf("made from the record it differs\n%s", firstDifference(again, live))
					}
				}
			})
		}
	}
}

func TestEveryLineKeepsTheSchema(t *testing.T) {
	t.Parallel()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("../docs/schema/record.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for name, events := range recorded() {
		for line := range strings.Lines(recordOf(t, events)) {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, line)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("%s: %v\n%s", name, err, cut(line, 400))
			}
			kinds[v.(map[string]any)["type"].(string)] = true
		}
	}
	if got, want := slices.Sorted(maps.Keys(kinds)), []string{lineEnd, lineSuite, lineFinished, lineRequest, lineRun, lineStarted}; !slices.Equal(got, want) {
		t.Errorf("got lines of the types %q, want %q", got, want)
	}
	for _, line := range []string{`{"type":"request_finished","suite":{"index":0},"result":{"outcome":"green","duration_ns":1,"request":{}}}`, `{"type":"other"}`, `{"type":"end"}`} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("the schema takes %s", line)
		}
	}
}

func TestAnyTextIsAJSONString(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"plain", "a b", `"a b"`},
		{"quotes", `say "a\b"`, `"say \"a\\b\""`},
		{"ends of lines", "a\nb\r\n\tc", `"a\nb\r\n\tc"`},
		{"control characters", "\x00\x1b[31m\x7f", `"\u0000\u001b[31m\u007f"`},
		{"letters of all kinds", "ä 日本 👩‍⚕️", `"ä 日本 👩‍⚕️"`},
		{"not UTF-8", "a\xff\xc3", "\"a\ufffd\ufffd\""},
		{"lone surrogates", "\xed\xa0\x80", "\"\ufffd\ufffd\ufffd\""},
		{"U+FFFD itself", "\ufffd", `"` + "\ufffd" + `"`},
		{"marks that turn text", "a\u202eb\u2066", `"a\u202eb\u2066"`},
		{"ends of lines of JavaScript", "\u2028\u2029", `"\u2028\u2029"`},
		{"markup", "<a & b>", `"<a & b>"`},
	} {
		got := string(appendJSON(nil, row.text))
		var back string
		if err := json.Unmarshal([]byte(got), &back); err != nil || got != row.want || back != toUTF8(row.text) {
			t.Errorf("%s: got %s (%v, read as %q), want %s", row.name, got, err, back, row.want)
		}
	}
}

// toUTF8 is s with U+FFFD for each byte that is not UTF-8.
func toUTF8(s string) string { return string([]rune(s)) }

func TestARecordCanBeReadWhileTheRunGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "run.ndjson")
		if err := os.WriteFile(file, []byte("the record of yesterday"), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open("ndjson", file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := readFile(t, file); got != "the record of yesterday" {
			t.Errorf("got %s before the first event, want what stood there", got)
		}
		events := runOf(passed("One", 7, time.Second), passed("Two", 8, time.Second))
		for _, ev := range events[:4] { // Two runs
			if err := r.Report(ev); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second) // of the bubble
		synctest.Wait()
		if got := readFile(t, file); !strings.HasPrefix(got, `{"type":"run","record":"1.0"`) || !strings.Contains(got, `"request_started","suite":{"index":0,"name":"Corpus","file":"corpus.yaml"},"request":{"name":"Two"`) {
			t.Errorf("got %s", got)
		}
		for _, ev := range events[4:] {
			if err := r.Report(ev); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(readFile(t, file), "\n")
		want := `{"type":"end","counts":{"passed":2,"failed":0,"errored":0,"skipped":0},"verdict":"passed","exit":0,"time":"2026-11-22T14:30:02Z"}`
		if got := lines[len(lines)-2]; got != want {
			t.Errorf("got the end %s\nwant        %s", got, want)
		}
	})
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheEndSaysWhatTheRunCameTo(t *testing.T) {
	t.Parallel()
	interrupted := runOf(passed("One", 7, time.Second))
	for _, row := range []struct {
		name   string
		events []runner.Event
		want   string
	}{
		{"nothing", nil, `"passed":0,"failed":0,"errored":0,"skipped":0},"verdict":"passed","exit":0}`},
		{"failed", runOf(failed("One", 7, 500, "", "")), `"passed":0,"failed":1,"errored":0,"skipped":0},"verdict":"failed","exit":1,"time":"2026-11-22T14:30:01.5Z"}`},
		{"errored", runOf(failed("One", 7, 500, "", ""), problem("Two", 7, runner.Errored, runner.TransportError, "no")), `"passed":0,"failed":1,"errored":1,"skipped":0},"verdict":"errored","exit":3,"time":"2026-11-22T14:30:01.503Z"}`},
		{"never finished", interrupted[:len(interrupted)-1], `"passed":1,"failed":0,"errored":0,"skipped":0},"interrupted":true,"verdict":"interrupted","exit":130,"time":"2026-11-22T14:30:00Z"}`},
	} {
		text := recordOf(t, row.events)
		if want := `{"type":"end","counts":{` + row.want + "\n"; !strings.HasSuffix(text, want) {
			t.Errorf("%s: got %s\nwant the end %s", row.name, text[strings.LastIndex(text, `{"type":"end"`):], want)
		}
	}
}

func TestARecordThatCannotBeWrittenSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecord(new(small), Options{})
		events := runOf(passed("One", 7, time.Second))
		if err := r.Report(events[0]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // of the bubble
		if err := r.Report(events[1]); err == nil || r.Close() == nil {
			t.Errorf("got %v, want an error of the event and of the end", err)
		}
	})
}
