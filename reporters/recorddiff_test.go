package reporters

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func eventStream(events []runner.Event, end error) iter.Seq2[runner.Event, error] {
	return func(yield func(runner.Event, error) bool) {
		for _, ev := range events {
			if !yield(ev, nil) {
				return
			}
		}
		if end != nil {
			yield(nil, end)
		}
	}
}

// twoRuns are a run and the next one, in which everything that can change does.
func twoRuns() (before, after []runner.Event) {
	in := func(r runner.Result, folder string) runner.Result {
		r.Name.Folders = []string{folder}
		return r
	}
	token := passed("token exchange (jwt-bearer)", 3, time.Millisecond)
	token.Name.Phase = runner.Token
	bad := func(name string) runner.Result {
		r := failed(name, 20, 500, "", "")
		r.Problems = []runner.Problem{{Pos: at(24, 15), Kind: runner.AssertionFailure, Message: "status: got 500, want a|b `<x>` @you"}}
		return r
	}
	before = runOf(token, passed("Same", 7, time.Second), passed("Breaks", 8, time.Second), bad("Mended"), bad("Stays"), passed("Leaves", 9, time.Second),
		passed("Slow", 10, 100*time.Millisecond), passed("A little slow", 11, 10*time.Millisecond), passed("Needs it", 12, time.Second), in(passed("Twice", 13, 0), "F"), in(passed("Twice", 14, 0), "F"))
	after = runOf(passed("Same", 7, time.Second), bad("Breaks"), passed("Mended", 20, time.Second), bad("Stays"), token, token,
		passed("Slow", 10, 250*time.Millisecond), passed("A little slow", 11, 45*time.Millisecond), skipped("Needs it", `"Breaks" failed`), in(passed("Twice", 13, 0), "F"), in(bad("Twice"), "F"),
		passed("Comes", 15, time.Second), problem("Comes and errs", 16, runner.Errored, runner.TransportError, "connection refused"))
	return before, after
}

func differencesOf(t *testing.T, before, after []runner.Event, slower float64) *Differences {
	t.Helper()
	d, err := Compare(eventStream(before, nil), eventStream(after, nil), slower)
	if err != nil {
		t.Fatal(err)
	}
	d.Old, d.New = "yesterday.ndjson", "today.ndjson"
	return d
}

func TestEveryChangeBetweenTwoRunsIsTold(t *testing.T) {
	t.Parallel()
	before, after := twoRuns()
	d := differencesOf(t, before, after, 2)
	for format, want := range map[string]string{
		"text": `today.ndjson against yesterday.ndjson: 3 newly failing, 1 fixed, 1 still failing, 1 skipped now, 1 new, 1 gone, 1 slower

Newly failing
  ✗ Corpus › Breaks  corpus.yaml:20:5
      status: got 500, want a|b ` + "`<x>`" + ` @you
  ✗ Corpus › F › Twice #2  corpus.yaml:20:5
      status: got 500, want a|b ` + "`<x>`" + ` @you
  ✗ Corpus › Comes and errs  corpus.yaml:16:5
      connection refused

Fixed
  ✓ Corpus › Mended  corpus.yaml:20:5

Still failing
  ✗ Corpus › Stays  corpus.yaml:20:5
      status: got 500, want a|b ` + "`<x>`" + ` @you

Skipped now
  – Corpus › Needs it  corpus.yaml:30:5
      "Breaks" failed

New
  + Corpus › Comes  corpus.yaml:15:5

Gone
  - Corpus › Leaves  corpus.yaml:9:5

Slower
  ~ Corpus › Slow  corpus.yaml:10:5
      100 ms → 250 ms (2.5 ×)
`,
		"markdown": "### hgrun: 3 newly failing, 1 fixed, 1 still failing, 1 skipped now, 1 new, 1 gone, 1 slower\n\n`today.ndjson` against `yesterday.ndjson`\n" + `
| 3 newly failing | Where | What |
|---|---|---|
| ✗ $Corpus › Breaks$ | $corpus.yaml:20:5$ | $status: got 500, want a\|b '<x>' @you$ |
| ✗ $Corpus › F › Twice #2$ | $corpus.yaml:20:5$ | $status: got 500, want a\|b '<x>' @you$ |
| ✗ $Corpus › Comes and errs$ | $corpus.yaml:16:5$ | $connection refused$ |

| 1 fixed | Where | What |
|---|---|---|
| ✓ $Corpus › Mended$ | $corpus.yaml:20:5$ |  |

| 1 still failing | Where | What |
|---|---|---|
| ✗ $Corpus › Stays$ | $corpus.yaml:20:5$ | $status: got 500, want a\|b '<x>' @you$ |

| 1 skipped now | Where | What |
|---|---|---|
| – $Corpus › Needs it$ | $corpus.yaml:30:5$ | $"Breaks" failed$ |

| 1 new | Where | What |
|---|---|---|
| + $Corpus › Comes$ | $corpus.yaml:15:5$ |  |

| 1 gone | Where | What |
|---|---|---|
| - $Corpus › Leaves$ | $corpus.yaml:9:5$ |  |

| 1 slower | Where | What |
|---|---|---|
| ~ $Corpus › Slow$ | $corpus.yaml:10:5$ | $100 ms → 250 ms (2.5 ×)$ |
`,
	} {
		var out bytes.Buffer
		if err := DifferenceFormats()[format](&out, d); err != nil {
			t.Fatal(err)
		}
		if format == "markdown" {
			head, rest, _ := strings.Cut(want, "\n\n|")
			want = head + "\n\n|" + strings.ReplaceAll(rest, "$", "`")
		}
		if got := out.String(); got != want {
			t.Errorf("%s: %s\ngot\n%s", format, firstDifference(got, want), got)
		}
	}
}

func TestARunIsNoDifferentFromItself(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := textDifferences(&out, differencesOf(t, sharedRun(), sharedRun(), 1)); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.SplitN(out.String(), "\n", 2)[0], "today.ndjson against yesterday.ndjson: 8 still failing"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTimesAreLookedAtOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	before, after := twoRuns()
	for slower, want := range map[float64]int{0: 0, 2: 1, 3: 0} {
		if got := len(differencesOf(t, before, after, slower).Changes[Slowed]); got != want {
			t.Errorf("%v: got %d slower, want %d", slower, got, want)
		}
	}
}

func TestAMarkdownOfManyChangesFitsInAComment(t *testing.T) {
	t.Parallel()
	var results []runner.Result
	for i := range 400 {
		r := failed(fmt.Sprintf("Row %d %s", i, strings.Repeat("long ", 100)), 7, 500, "", "")
		r.Problems = []runner.Problem{{Message: strings.Repeat("é", 1000)}}
		results = append(results, r)
	}
	var out bytes.Buffer
	if err := markdownDifferences(&out, differencesOf(t, nil, runOf(results...), 0)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); len([]rune(got)) > 65536 || !strings.HasSuffix(got, "| … and 350 more | | |\n") {
		t.Errorf("got %d characters, the end %s", len([]rune(got)), got[len(got)-200:])
	}
}

func TestRunsThatCannotBeReadAreNotCompared(t *testing.T) {
	t.Parallel()
	whole, broken := eventStream(sharedRun(), nil), eventStream(sharedRun(), errors.New("x.ndjson:7:1: not JSON"))
	if _, err := Compare(broken, whole, 0); err == nil {
		t.Error("got no error for the older run")
	}
	if _, err := Compare(whole, broken, 0); err == nil {
		t.Error("got no error for the newer run")
	}
}
