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
	if got, want := render(t, "console", of, events), "\nshard 2/5: 1 request: 1 passed in 1.00 s\n"; !strings.HasSuffix(got, want) {
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
