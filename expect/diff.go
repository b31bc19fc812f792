package expect

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxDifferences is how many differences of two documents are listed.
const maxDifferences = 20

// compareDocuments lists where a document differs from the wanted one, one path a line; nothing for values that are
// not two objects, two lists or two long texts.
func compareDocuments(v, w value) []string {
	got, want := v.box(), w.box()
	if w.kind == jsonic && v.kind == text {
		found, ok := parseJSON(v.text)
		if !ok {
			return nil
		}
		got = found
	}
	var d diff
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			d.objects("", got, want)
		}
	case []any:
		if got, ok := got.([]any); ok {
			d.lists("", got, want)
		}
	case string:
		if got, ok := got.(string); ok {
			return compareLines(got, want)
		}
	}
	return d
}

// differAt words a list of differences as one line.
func differAt(lines []string) string {
	if len(lines) == 1 {
		return "differs at " + lines[0]
	}
	if n := len(lines) - 1; n == maxDifferences {
		return "differs in more than " + strconv.Itoa(n) + " places, the first at " + lines[0]
	}
	return "differs in " + strconv.Itoa(len(lines)) + " places, the first at " + lines[0]
}

// diff collects differences, as gjson paths with what is there and what should be.
type diff []string

func (d *diff) full() bool { return len(*d) > maxDifferences }

func (d *diff) add(path, text string) {
	switch {
	case len(*d) < maxDifferences:
		*d = append(*d, path+": "+text)
	case len(*d) == maxDifferences:
		*d = append(*d, "… and more")
	}
}

func (d *diff) values(path string, got, want any) {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			d.objects(path+".", got, want)
			return
		}
	case []any:
		if got, ok := got.([]any); ok {
			d.lists(path+".", got, want)
			return
		}
	}
	if !same(got, want) {
		d.add(path, explain(equals{valueOf(want)}, valueOf(got), false))
	}
}

func (d *diff) objects(prefix string, got, want map[string]any) {
	names := make([]string, 0, len(want))
	for name := range want {
		names = append(names, name)
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if d.full() {
			return
		}
		g, there := got[name]
		w, wanted := want[name]
		d.member(prefix+gjson.Escape(name), g, w, there, wanted)
	}
}

func (d *diff) lists(prefix string, got, want []any) {
	for i := 0; i < max(len(got), len(want)) && !d.full(); i++ {
		var g, w any
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		d.member(prefix+strconv.Itoa(i), g, w, i < len(got), i < len(want))
	}
}

func (d *diff) member(path string, got, want any, there, wanted bool) {
	switch {
	case !there:
		d.add(path, "missing, want "+render(valueOf(want)))
	case !wanted:
		d.add(path, "got "+render(valueOf(got))+", want nothing there")
	default:
		d.values(path, got, want)
	}
}

// compareLines finds the first line in which two texts differ, where one of them has many.
func compareLines(got, want string) []string {
	if !strings.Contains(got, "\n") && !strings.Contains(want, "\n") || got == want {
		return nil
	}
	if strings.TrimRight(got, "\r\n") == strings.TrimRight(want, "\r\n") {
		return []string{"the end: got " + render(valueOf(ending(got))) + ", want " + render(valueOf(ending(want)))}
	}
	for line := 1; ; line++ {
		g, gotRest, gotMore := strings.Cut(got, "\n")
		w, wantRest, wantMore := strings.Cut(want, "\n")
		switch {
		case g != w:
			g, w = pair(g, w)
			return []string{"line " + strconv.Itoa(line) + ": got " + g + ", want " + w}
		case !gotMore:
			return []string{"line " + strconv.Itoa(line+1) + ": missing, want " + quote(firstLine(wantRest))}
		case !wantMore:
			return []string{"line " + strconv.Itoa(line+1) + ": got " + quote(firstLine(gotRest)) + ", want nothing there"}
		}
		got, want = gotRest, wantRest
	}
}

// pair quotes two texts that differ. Where they are long and begin alike, both are shown from shortly before the
// place where they part.
func pair(got, want string) (shownGot, shownWant string) {
	if len(got) <= maxShown && len(want) <= maxShown {
		return quote(got), quote(want)
	}
	alike := 0
	for alike < min(len(got), len(want)) && got[alike] == want[alike] {
		alike++
	}
	from := alike - 20
	for from > 0 && !utf8.RuneStart(got[from]) {
		from--
	}
	if from <= 40 {
		return quote(got), quote(want)
	}
	return "…" + quote(got[from:]), "…" + quote(want[from:])
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// ending returns the line breaks that a text ends with.
func ending(s string) string { return s[len(strings.TrimRight(s, "\r\n")):] }

// atMost shortens a list of differences.
func atMost(lines []string) []string {
	if len(lines) <= maxDifferences {
		return lines
	}
	return append(lines[:maxDifferences:maxDifferences], "… and more")
}
