package reporters

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// page is an HTML report taken apart.
type page struct {
	elements map[string]int
	ids      map[string]bool
	links    []string // to places of the page
	text     string
	faults   []string // what a policy would not let through, and markup that does not nest
}

// parsePage reads the page as XML with HTML's void elements, which is stricter than a browser: what does not nest is a fault.
func parsePage(t *testing.T, text string) page {
	t.Helper()
	p := page{elements: map[string]int{}, ids: map[string]bool{}}
	text = strings.ReplaceAll(strings.ReplaceAll(text, htmlStyle, ""), htmlScript, "")
	text = regexp.MustCompile(` (hidden|open|checked|defer)([ >])`).ReplaceAllString(text, ` $1=""$2`)
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "<!DOCTYPE html>")))
	d.AutoClose, d.Entity = []string{"meta", "link", "input"}, xml.HTMLEntity
	d.Strict = false
	var all strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			p.text = all.String()
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			all.Write(token)
		case xml.StartElement:
			p.elements[token.Name.Local]++
			for _, a := range token.Attr {
				p.attribute(token.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

func (p *page) attribute(element, name, value string) {
	switch {
	case strings.HasPrefix(name, "on"), name == "style", name == "srcdoc":
		p.faults = append(p.faults, element+" has "+name+"="+value)
	case name == "id" && p.ids[value]:
		p.faults = append(p.faults, "two elements are called "+value)
	case name == "id":
		p.ids[value] = true
	case name == "href" && strings.HasPrefix(value, "#"):
		p.links = append(p.links, value[1:])
	case (name == "href" || name == "src") && value != htmlStyleFile && value != htmlScriptFile:
		p.faults = append(p.faults, element+" leads out of the page: "+value)
	}
}

// checkPage fails the test where something in the page is not as a browser under a strict policy needs it.
func checkPage(t *testing.T, text string) page {
	t.Helper()
	p := parsePage(t, text)
	for _, fault := range p.faults {
		t.Error(fault)
	}
	for _, to := range p.links {
		if !p.ids[to] {
			t.Errorf("a link leads to %q, which is not there", to)
		}
	}
	return p
}

func TestTheHTMLPageNeedsNothingFromOutsideAndItsLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"plain": {}, "verbose": {Verbose: 1}} {
		o.Sources, o.Curl = sourceLine, func(a *runner.Attempt) string { return "curl " + a.URL }
		p := checkPage(t, render(t, "html", o, sharedRun()))
		if p.elements["main"] != 1 || p.elements["h1"] != 1 || p.elements["script"] != 1 {
			t.Errorf("%s: got %d main, %d h1 and %d script, want one of each", name, p.elements["main"], p.elements["h1"], p.elements["script"])
		}
	}
}

func TestMarkupInTextsOfARunShowsAsText(t *testing.T) {
	t.Parallel()
	const hostile = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'"&lt;`
	r := failed(hostile, 3, 200, hostile, hostile)
	r.Name.Folders, r.Name.Pos.File = []string{hostile}, hostile
	r.Problems = []runner.Problem{{Pos: at(24, 3), Kind: hostile, Message: hostile, Details: []string{hostile, "a: got " + hostile + ", want " + hostile, "- " + hostile}}}
	r.Findings = []runner.Finding{{Code: hostile, Title: hostile, Cause: hostile, Confidence: hostile, Fix: hostile, Evidence: []runner.Evidence{{Label: hostile, Text: hostile}}}}
	r.Attempts[0].Method, r.Attempts[0].URL, r.Attempts[0].Problems = hostile, hostile, []string{hostile}
	r.Attempts[0].Detail.RequestHeader.Set("X", hostile)
	r.Attempts[0].Detail.RequestBody, r.Attempts[0].Detail.Hops = hostile, []wire.Hop{{Status: 302, URL: hostile}}
	s := skipped(hostile, hostile)
	rec := &recorder{at: time.Unix(1700000000, 0)}
	rec.begin(runner.Suite{Name: hostile, File: hostile, Environment: hostile}, 2)
	rec.add(r)
	rec.add(s)
	rec.end(false)
	o := Options{Version: hostile, Shard: hostile, Origin: Origin{Host: hostile, Selection: []string{hostile}}, Verbose: 1,
		Sources: func(string, int) string { return hostile }, Curl: func(*runner.Attempt) string { return hostile }}
	got := render(t, "html", o, rec.events)
	p := checkPage(t, got)
	if p.elements["script"] != 1 || p.elements["img"] != 0 {
		t.Errorf("got %d script and %d img, want the page's own script alone", p.elements["script"], p.elements["img"])
	}
	if n := strings.Count(p.text, hostile); n < 25 {
		t.Errorf("the text is shown %d times, want 25 at least", n)
	}
}

func TestAPageOfAnyRunIsWhole(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]runner.Event{
		"no event":   nil,
		"no request": {runner.Started{Time: time.Unix(1700000000, 0)}, runner.Finished{}},
		"cut off":    sharedRun()[:9],
		"rows":       manyPassed(1000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := render(t, "html", Options{}, events)
			checkPage(t, got)
			if !strings.HasSuffix(got, "</html>\n") {
				t.Errorf("the page ends in %q", got[max(len(got)-40, 0):])
			}
			if name == "cut off" && !strings.Contains(got, "</span> Interrupted: 4 requests passed</h1>") {
				t.Error("a run whose end never came is not called interrupted")
			}
		})
	}
}

func TestThePageOfManyRequestsStaysSmall(t *testing.T) {
	t.Parallel()
	if got := len(render(t, "html", Options{}, manyPassed(5000))); got > 4<<20 {
		t.Errorf("5,000 requests that passed take %d bytes, want 4 MiB at most", got)
	}
	r := &recorder{at: time.Unix(1700000000, 0)}
	r.begin(runner.Suite{Name: "Red"}, 5000)
	for i := range 5000 {
		one := failed("Read ["+strconv.Itoa(i)+"]", 3, 500, "", strings.Repeat("<p>&", 16<<10))
		one.Problems = []runner.Problem{{Pos: at(3, 5), Kind: runner.AssertionFailure, Message: "status: got 500, want 200"}}
		r.add(one)
	}
	r.end(false)
	got := render(t, "html", Options{}, r.events)
	if len(got) > 40<<20 {
		t.Errorf("5,000 failures with 64 KiB each take %d bytes, want 40 MiB at most", len(got))
	}
	if !strings.Contains(got, "… and 3,000 more; they are in the list of all requests") {
		t.Error("the page does not say that it leaves failures out")
	}
	checkPage(t, got)
	if got := render(t, "html", Options{}, manyPassed(htmlRowsListed+7)); !strings.Contains(got, "… and 7 more that passed.") {
		t.Error("the page does not say that it leaves rows out")
	}
}

func TestAFolderHoldsThePageItsStyleAndItsScript(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "report") + "/"
	for range 2 { // the second replaces the first
		r, err := Open("html", dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range sharedRun() {
			if err := r.Report(ev); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"index.html", "report.css", "report.js"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	files, err := Files("html", dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("got %q (%v), want one file", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	p := checkPage(t, string(text))
	if p.elements["style"] != 0 || p.elements["link"] != 1 || !strings.Contains(string(text), "style-src 'self'; script-src 'self'") {
		t.Error("the page of a folder has a style of its own, which Jenkins' policy drops")
	}
}

func TestAFullDiskIsAnErrorOfThePage(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	r, err := Open("html", "/dev/full", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range manyPassed(2000) {
		if err := r.Report(ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err == nil {
		t.Error("got no error, want one that names /dev/full")
	}
}

func TestWhatWasGotAndWantedIsTakenApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, subject, got, want string }{
		{"status: got 401, want 200", "status", "401", "200"},
		{`json a.b: got "x, want y", want "z"`, "json a.b", `"x, want y"`, `"z"`},
		{"name.0: missing, want 1", "name.0", "nothing there", "1"},
		{"name.0: got 1, want nothing there", "name.0", "1", "nothing there"},
		{"connection refused", "", "", ""},
		{"status: got 401", "", "", ""},
	} {
		subject, got, want, ok := gotWant(tt.line)
		if subject != tt.subject || got != tt.got || want != tt.want || ok != (tt.subject != "") {
			t.Errorf("%s: got %q, %q, %q, want %q, %q, %q", tt.line, subject, got, want, tt.subject, tt.got, tt.want)
		}
	}
}
