package reporters

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// looseMarkup is HTML that the summary does not write itself.
var looseMarkup = regexp.MustCompile(`<(?:/?[a-zA-Z]|!)`)

// outsideOfCode is Markdown without what stands in code, where nothing means anything.
func outsideOfCode(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && strings.TrimRight(line, "\n") == fence:
			fence = ""
		case fence == "" && strings.HasPrefix(line, "<details>"): // until an empty line it is HTML (CommonMark, section 4.6), with no links in it
			out.WriteString(strings.ReplaceAll(line, "](", ""))
		case fence == "":
			out.WriteString(regexp.MustCompile("`[^`\n]*`").ReplaceAllString(line, ""))
		}
	}
	if fence != "" {
		t.Errorf("a block of code has no end")
	}
	return out.String()
}

func TestNothingInTheSummaryIsMarkup(t *testing.T) {
	t.Parallel()
	ours := strings.NewReplacer("<details>", "", "</details>", "", "<summary>", "", "</summary>", "", "<b>", "", "</b>", "")
	runs := corpus()
	runs["markup"] = runOf(withText("```\n</details><script>alert(1)</script> [a](http://x) | ````` @somebody ![i](x)"))
	runs["markup that was flaky"] = runOf(func() runner.Result {
		r := passed("a`b|c<i>", 7, time.Second)
		r.Attempts = append([]runner.Attempt{{Method: "GET", Problems: []string{"`<b>` | ```"}}}, r.Attempts...)
		return r
	}(), skipped("S", "`<b>` | ```"))
	for name, events := range runs {
		text := render(t, "markdown", Options{}, events)
		if left := ours.Replace(outsideOfCode(t, text)); looseMarkup.MatchString(left) || strings.Contains(left, "](") {
			t.Errorf("%s: got %s", name, cut(left, 2000))
		}
		if strings.Count(text, "<details>") != strings.Count(text, "\n</details>\n") && name != "markup" {
			t.Errorf("%s: details do not pair", name)
		}
	}
}

func TestTheSummaryKeepsWithinItsRoom(t *testing.T) {
	t.Parallel()
	var results []runner.Result
	for i := range 60 {
		r := withText(strings.Repeat(fmt.Sprintf("failure %d ", i), 2000))
		results = append(results, r)
	}
	events := runOf(results...)
	for _, room := range []int{0, 100_000, 20_000, 2_000, 10} {
		got := render(t, "markdown", Options{Formats: Formats{Room: room}}, events)
		most := room
		if room == 0 {
			most = summaryRoom
		}
		switch {
		case len(got) > most:
			t.Errorf("room %d: got %d bytes", room, len(got))
		case room == 10 && got != "":
			t.Errorf("got %q, want nothing where not even the verdict fits", got)
		case room == 20_000 && (!strings.Contains(got, "more that did not pass; the log has all of them.") || strings.Count(got, "<details>") != strings.Count(got, "</details>")):
			t.Errorf("got the end %q", got[max(len(got)-300, 0):])
		}
	}
}

func TestTheSummaryHasCurlAndWhatIsSlow(t *testing.T) {
	t.Parallel()
	var results []runner.Result
	for i := range 7 {
		results = append(results, passed(fmt.Sprintf("Take %d", i), 7, time.Duration(i)*time.Second))
	}
	results = append(results, failed("Fails", 8, 500, "", ""))
	results[7].Problems = []runner.Problem{{Message: "status: got 500, want 200"}}
	got := render(t, "markdown", Options{Curl: func(*runner.Attempt) string { return "curl https://api.example/" }}, runOf(results...))
	for _, want := range []string{
		"### ✗ hgrun: 8 requests: 7 passed, 1 failed in 22.50 s\n",
		"| ✗ `Corpus` |  | 7 | 1 | 0 | 0 | 22.50 s |\n",
		"```text\ncurl https://api.example/\n```\n",
		"**Slowest**\n\n- 6.00 s `Take 6`\n- 5.00 s `Take 5`\n- 4.00 s `Take 4`\n- 3.00 s `Take 3`\n- 2.00 s `Take 2`\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant also %s", got, want)
		}
	}
}

func TestPlacesInTheSummaryAreLinks(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, files, file, want string }{
		{"in the repository", "https://github.example/o/r/blob/0a1b", "a/c.yaml", "[`a/c.yaml:7:3`](<https://github.example/o/r/blob/0a1b/a/c.yaml#L7>)"},
		{"with an odd name", "https://github.example/o/r/blob/0a1b/", "a b/#1>)`.yaml", "[`a b/#1>)'.yaml:7:3`](<https://github.example/o/r/blob/0a1b/a%20b/%231%3E%29%60.yaml#L7>)"},
		{"elsewhere", "https://github.example/o/r/blob/0a1b", "../c.yaml", "`../c.yaml:7:3`"},
		{"outside of GitHub", "", "a/c.yaml", "`a/c.yaml:7:3`"},
		{"nowhere", "https://github.example/o/r/blob/0a1b", "", ""},
	} {
		f := Formats{Workspace: here, Files: row.files}
		at := source.Pos{File: filepath.FromSlash(row.file), Line: 7, Col: 3}
		if row.file == "" {
			at = source.Pos{}
		}
		if got := f.link(at); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
	}
}
