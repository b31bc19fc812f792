package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// talker panics with all that it was told.
type talker struct{}

func (talker) Report(ev runner.Event) error {
	if f, ok := ev.(runner.RequestFinished); ok {
		panic(fmt.Sprintf("no room for %+v", f.Result.Last().Detail))
	}
	return nil
}

func (talker) Close() error { return nil }

const panicking = `
name: panicking
variables: {patient_name: "@variable_name@"}
requests:
  - name: Chart
    request: POST @api@/same/400?key={{env_secret | urlencode}}
    headers: {Content-Type: application/fhir+json, X-Key: "{{env_secret}}", X-Note: "{{patient_name}}"}
    file: chart.json
    expect: {status: 200, json: {name.0.family: "@wanted@"}}
`

func TestAReporterThatPanicsShowsNothingAndSparesTheOthers(t *testing.T) {
	t.Parallel()
	l := newLeakRun(t)
	file := filepath.Join(l.folder, "panicking.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(l.house.fill(panicking), "@api@", l.url)), 0o600); err != nil {
		t.Fatal(err)
	}
	l.inputs[file] = true
	c, err := collections.Load(source.Disk(), file, collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := &runner.Runner{Detail: true}
	rs, err := openAll([]string{"junit=" + filepath.Join(l.folder, "junit.xml")}, &githubStep{}, func(io.Writer) reporters.Options { return reporters.Options{Out: &out} }, &out, &out, nil)
	if err != nil {
		t.Fatal(err)
	}
	clumsy, err := reporters.OpenKind(func(io.Writer, reporters.Options) reporters.Reporter { return talker{} }, filepath.Join(l.folder, "talker.txt"), reporters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rs.open = slices.Insert(rs.open, 0, &openReport{Reporter: clumsy, kind: "talker"})
	env := environments.New("", nil, map[string]string{"env_secret": l.secrets[0].text})
	for event := range r.Run(t.Context(), c, env) {
		rs.report(event)
	}
	err = rs.close()
	if err == nil || !strings.Contains(err.Error(), "talker.txt: the reporter panicked: no room for ") || !strings.Contains(err.Error(), fingerprintOf(l.secrets[0].text)) {
		t.Errorf("got %v, want what it panicked with", err)
	}
	l.keep(t, "panic", out.String(), err.Error())
	if junit := l.said(t, "../junit.xml"); !strings.Contains(junit, `name="Chart"`) || !strings.Contains(junit, "</testsuites>") {
		t.Errorf("the other report is not whole:\n%s", junit)
	}
	noLeaks(t, l.leaks(t, slices.Concat(l.known(), l.patients)))
}
