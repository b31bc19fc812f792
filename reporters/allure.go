package reporters

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/hgrun/hgrun/runner"
)

// newAllure makes the results that Allure reports are generated from (allure-results): a file for each request and token exchange, files for what
// went over the wire, the environment, and the categories of what can go wrong.
func newAllure(w io.Writer, o Options) Reporter {
	return &allure{files: filesOf(w, o), o: o, host: host(o), environments: map[string]bool{}, collections: map[string]bool{}}
}

// allure writes a result when it comes, so that nothing is kept.
type allure struct {
	files        resultFiles
	o            Options
	host         string
	suites       suiteNames
	cases        caseNames // of the collection at hand
	suite        string    // name of the collection at hand; empty for none
	index        int       // of the collection at hand
	asides       []allureStep
	written      int // results, for their names
	environments map[string]bool
	collections  map[string]bool
	err          error
}

// Report implements Reporter.
func (a *allure) Report(ev runner.Event) error {
	if a.err != nil {
		return a.err
	}
	switch ev := ev.(type) {
	case runner.Started:
		a.begin(ev.Suite)
	case runner.RequestFinished:
		if a.suite == "" || a.index != ev.Suite.Index {
			a.begin(ev.Suite)
		}
		a.result(ev.Suite, &ev.Result)
	case runner.Finished:
		a.suite = ""
	}
	return a.err
}

func (a *allure) begin(s runner.Suite) {
	a.suite, a.index, a.cases, a.asides = a.suites.unique(s), s.Index, caseNames{}, nil
	if s.Environment != "" {
		a.environments[oneLine(s.Environment)] = true
	}
	a.collections[a.suite] = true
}

// result writes a result, and the files that it names. What a request needed first is a result of its own and, because that is where a reader
// looks for it, a step of the request.
func (a *allure) result(of runner.Suite, r *runner.Result) {
	a.written++
	res := newAllureResult(a, of, r)
	maker := stepMaker{a: a, r: r, uuid: res.UUID}
	if !r.Name.Aside() {
		res.Steps, a.asides = a.asides, nil
	}
	res.Steps = append(res.Steps, maker.steps()...)
	res.Attachments = maker.notes()
	a.write(res.UUID+"-result.json", res, r.Start)
	if r.Name.Aside() {
		a.asides = append(a.asides, aside(r))
	}
}

// write writes a value as a file of JSON.
func (a *allure) write(name string, v any, at time.Time) {
	var out bytes.Buffer
	if err := appendValue(&out, v); err != nil && a.err == nil {
		a.err = err
	}
	a.add(name, append(out.Bytes(), '\n'), at)
}

func (a *allure) add(name string, content []byte, at time.Time) {
	if a.err == nil {
		a.err = a.files.add(name, content, at)
	}
}

// Close implements Reporter.
func (a *allure) Close() error {
	a.add("environment.properties", a.properties(), time.Time{})
	a.write("categories.json", allureCategories(), time.Time{})
	if err := a.files.close(); a.err == nil {
		a.err = err
	}
	return a.err
}

// properties are what Allure shows as the environment.
func (a *allure) properties() []byte {
	var out []byte
	for _, p := range [][2]string{
		{"environment", strings.Join(slices.Sorted(maps.Keys(a.environments)), ", ")}, {"collections", strings.Join(slices.Sorted(maps.Keys(a.collections)), ", ")},
		{"host", a.host}, {"hgrun", a.o.Version}, {"shard", a.o.Shard},
	} {
		if p[1] != "" {
			out = append(appendProperty(append(append(out, p[0]...), " = "...), p[1]), '\n')
		}
	}
	return out
}

// appendProperty escapes a value of a .properties file of Java.
func appendProperty(to []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '\\':
			to = append(to, `\\`...)
		case r >= ' ' && r < 0x7F:
			to = append(to, byte(r))
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				const hex = "0123456789abcdef"
				to = append(to, '\\', 'u', hex[unit>>12&0xF], hex[unit>>8&0xF], hex[unit>>4&0xF], hex[unit&0xF])
			}
		}
	}
	return to
}

// allureCategory sorts what did not pass by what the trace of a result begins with.
type allureCategory struct {
	Name     string   `json:"name"`
	Statuses []string `json:"matchedStatuses"`
	Trace    string   `json:"traceRegex,omitempty"`
	Flaky    bool     `json:"flaky,omitempty"`
}

func allureCategories() []allureCategory {
	of := func(kind runner.Kind, name string) allureCategory {
		return allureCategory{Name: name, Statuses: []string{allureFailed, allureBroken}, Trace: "^" + string(kind) + ": .*"}
	}
	return []allureCategory{
		of(runner.AssertionFailure, "The answer is not what was expected"),
		of(runner.CaptureError, "There was nothing to capture"),
		of(runner.TransportError, "There was no answer"),
		of(runner.TimeoutError, "There was no answer in time"),
		of(runner.AuthError, "No token could be had"),
		of(runner.ConfigError, "The request could not be sent"),
		of(runner.ScriptError, "A script threw"),
		{Name: "Passed after another attempt", Statuses: []string{allurePassed}, Flaky: true},
	}
}

// uuid makes a name of what identifies something, in the form of RFC 9562.
func (a *allure) uuid(parts ...string) string {
	id := []byte(digestOf(parts...))
	id[12], id[16] = '8', "89ab"[id[16]&3] // version 8: made as its maker likes
	return string(id[:8]) + "-" + string(id[8:12]) + "-" + string(id[12:16]) + "-" + string(id[16:20]) + "-" + string(id[20:32])
}

// attach writes a file beside a result.
func (m *stepMaker) attach(name, text string) allureAttachment {
	m.attached++
	file := m.a.uuid(m.uuid, strconv.Itoa(m.attached)) + "-attachment.txt"
	m.a.add(file, []byte(text), m.r.Start)
	return allureAttachment{name, file, "text/plain"}
}
