package reporters

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

var (
	tapPoint = regexp.MustCompile(`^(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])*?)(?: # (SKIP .*|time=[\d.]+ms))?$`)
	tapPlan  = regexp.MustCompile(`^1\.\.(\d+)(?: # SKIP .*)?$`)
)

// tapReader reads TAP 14 as its specification says.
type tapReader struct {
	lines []string
	at    int
	wrong []string
}

func (r *tapReader) complain(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf("line %d: ", r.at)+fmt.Sprintf(format, args...))
}

// document reads the points of an indentation until the indentation ends, and reports whether all passed and how many there were.
func (r *tapReader) document(indent string) (passed bool, points int) {
	passed, plan, sub := true, -1, true
	for ; r.at < len(r.lines); r.at++ {
		line, ours := strings.CutPrefix(r.lines[r.at], indent)
		switch {
		case !ours:
			r.at--
			return r.planned(passed, points, plan)
		case strings.HasPrefix(line, "# Subtest: "):
			r.at++
			sub, _ = r.document(indent + "    ")
		case tapPlan.MatchString(line):
			plan, _ = strconv.Atoi(tapPlan.FindStringSubmatch(line)[1])
		case line == "Bail out! interrupted" && indent == "":
			passed = false
		case line == "  ---":
			r.diagnostic(indent + "  ")
		default:
			m := tapPoint.FindStringSubmatch(line)
			if m == nil {
				r.complain("got %q", line)
				continue
			}
			points++
			if m[2] != strconv.Itoa(points) {
				r.complain("got point %s, want %d", m[2], points)
			}
			if ok := m[1] == ""; indent == "" && ok != sub {
				r.complain("%s: its points say otherwise", line)
			}
			passed = passed && m[1] == ""
		}
	}
	return r.planned(passed, points, plan)
}

func (r *tapReader) planned(passed bool, points, plan int) (bool, int) {
	if plan != points {
		r.complain("got %d points, the plan says %d", points, plan)
	}
	return passed, points
}

// diagnostic reads a block of YAML.
func (r *tapReader) diagnostic(indent string) {
	var yaml strings.Builder
	for r.at++; r.at < len(r.lines) && r.lines[r.at] != indent+"..."; r.at++ {
		line, ours := strings.CutPrefix(r.lines[r.at], indent)
		if !ours && line != "" {
			r.complain("got %q within a diagnostic", line)
		}
		yaml.WriteString(line + "\n")
	}
	err := source.Parse("diagnostic.yaml", []byte(yaml.String()), func(n source.Node) {
		if !n.IsMap() || n.IsEmpty() {
			r.complain("got a diagnostic that is no mapping: %s", yaml.String())
		}
	})
	if err != nil {
		r.complain("%v in\n%s", err, yaml.String())
	}
}

func TestTAPIsReadAsTheSpecificationSays(t *testing.T) {
	t.Parallel()
	for name, events := range recorded() {
		text := render(t, "tap", Options{}, events)
		first, rest, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "\n")
		if first != "TAP version 14" {
			t.Errorf("%s: got the first line %q", name, first)
		}
		r := &tapReader{lines: strings.Split(rest, "\n")}
		passed, _ := r.document("")
		if r.wrong != nil {
			t.Errorf("%s: got %q for\n%s", name, r.wrong, cut(text, 3000))
		}
		if want := outcomeOf(events); passed != want {
			t.Errorf("%s: the points passed: %v, the run: %v", name, passed, want)
		}
	}
}

func TestTAPOfARunThatWasInterruptedBailsOut(t *testing.T) {
	t.Parallel()
	events := runOf(passed("One # of 1\\2", 7, 0))
	got := render(t, "tap", Options{}, events[:len(events)-1])
	const want = `TAP version 14
# Subtest: Corpus
    ok 1 - One \# of 1\\2
    not ok 2 - [run] interrupted
    1..2
not ok 1 - Corpus
1..1
Bail out! interrupted
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := render(t, "tap", Options{}, nil); got != "TAP version 14\n1..0 # SKIP nothing to run\n" {
		t.Errorf("got %q of no event", got)
	}
}
