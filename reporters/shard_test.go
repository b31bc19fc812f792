package reporters

import (
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func TestAShardSaysWhichOneItIs(t *testing.T) {
	t.Parallel()
	of := Options{Shard: "2/5"}
	events := runOf(passed("One", 7, time.Second))
	for _, kind := range []string{"junit", "junit-xunit"} {
		doc := render(t, kind, of, events)
		for _, want := range []string{`<testsuites name="hgrun shard 2/5" tests="1"`, `<property name="hgrun.shard" value="2/5"></property>`} {
			if got := complaints(doc); got != nil || !strings.Contains(doc, want) {
				t.Errorf("got %q, want %s in\n%s", got, want, doc)
			}
		}
		lint(t, kind, doc)
	}
	if got, want := render(t, "console", of, events), "\nshard 2/5: 1 request: 1 passed in 1.00 s\n2 expectations · 512 bytes received\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %s\nwant the end %s", got, want)
	}
}

func TestAShardWithNothingToRunIsAValidReport(t *testing.T) {
	t.Parallel()
	of := Options{Shard: "7/9"}
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hgrun shard 7/9: nothing to run" tests="0" failures="0" errors="0" time="0.000">
</testsuites>
`
	for _, kind := range []string{"junit", "junit-xunit"} {
		doc := render(t, kind, of, []runner.Event(nil))
		if got := complaints(doc); got != nil || doc != want {
			t.Errorf("%s: got %q for\n%s\nwant\n%s", kind, got, doc, want)
		}
		lint(t, kind, doc)
	}
	if got, want := render(t, "console", of, nil), "\nshard 7/9: nothing to run\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAShardNamesTheDivisionThatItIsOf(t *testing.T) {
	t.Parallel()
	of := Options{Shard: "2/5", Origin: Origin{Plan: func() string { return "1a2b3c4d" }}}
	events := runOf(passed("One", 7, time.Second))
	for kind, want := range map[string]string{
		"junit":       `<property name="hgrun.plan" value="1a2b3c4d"></property>`,
		"junit-xunit": `<property name="hgrun.plan" value="1a2b3c4d"></property>`,
		"ndjson":      `"shard":"2/5","plan":"1a2b3c4d"`,
	} {
		if doc := render(t, kind, of, events); !strings.Contains(doc, want) {
			t.Errorf("got %s\nwant %s", doc, want)
		}
	}
}

func TestShardsOfDifferentDivisionsAreNotPutTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ first, second, want string }{
		"the same":           {"a", "a", ""},
		"one that is silent": {"a", "", ""},
		"different": {"a", "b", "2.ndjson: got a shard of plan b, and 1.ndjson is of plan a: they divided the run differently, so that something may have run nowhere; " +
			"give all shards the same files, flags and --timings"},
	} {
		_, err := MergeRecords([]*Record{{name: "1.ndjson", Header: RecordHeader{Shard: "1/2", Plan: test.first}}, {name: "2.ndjson", Header: RecordHeader{Shard: "2/2", Plan: test.second}}})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
