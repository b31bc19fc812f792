package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// reports are all reporters of a run. One that fails is not told any more; the others go on.
type reports struct {
	open    []*openReport
	console io.Writer // where the console is written to
	screen  reporters.Screen
	trace   runner.Trace // of the run
}

type openReport struct {
	reporters.Reporter
	kind, path string
	err        error // the first; nothing is reported after it
}

// openReports opens the reports of a run. Selection says what runs.
func openReports(o *runOptions, r *runner.Runner, selection []string, out, errOut io.Writer) (*reports, error) {
	which, err := o.target.shards.shard()
	if err != nil {
		return nil, usage(err)
	}
	past, err := o.reports.past()
	if err != nil {
		return nil, err
	}
	step := stepOf(true)
	formats, err := o.reports.formats.formats(step)
	if err != nil {
		return nil, err
	}
	rs, err := openAll(o.reports.files, step, func(out io.Writer) reporters.Options {
		made := options(&o.show, which, r, out)
		made.Formats = formats
		made.Origin.Selection, made.History = selection, past
		made.Origin.Plan = func() string { return o.target.shards.plan }
		return made
	}, out, errOut, r)
	if err != nil {
		return nil, err
	}
	rs.remember(past, o.reports.history)
	rs.trace = r.Trace
	return rs, nil
}

// pause keeps the console from writing until resume is called.
func (rs *reports) pause() (resume func()) {
	if console, ok := rs.open[0].Reporter.(reporters.Pauser); ok {
		return console.Pause()
	}
	return func() {}
}

// remember adds the run to its history; nil for none.
func (rs *reports) remember(past *reporters.History, path string) {
	if past != nil {
		rs.open = append(rs.open, &openReport{Reporter: past, kind: "history", path: path})
	}
}

// reportFlags say which reports a run writes, where it remembers what it came to, and whether its requests are traced.
type reportFlags struct {
	files       []string
	history     string
	traceparent bool
	formats     formatFlags
}

func (o *reportFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&o.files, "report", "r", nil, "write a report, `KIND=FILE`; kinds: "+strings.Join(slices.Sorted(maps.Keys(reporters.Kinds())), ", ")+"; - is standard output; may be repeated")
	o.formats.flags(f)
	f.StringVar(&o.history, "history", "", "a `FILE` that remembers what the last runs came to, for the trend in the HTML report; this run is added to it")
}

func (o *reportFlags) traceFlag(c *cobra.Command) {
	c.Flags().BoolVar(&o.traceparent, "traceparent", false, "send a traceparent with every request, so that traces of servers can be found; -r otel does so anyway")
}

// past is the history of the runs before, or nil where none is kept.
func (o *reportFlags) past() (*reporters.History, error) {
	if o.history == "" {
		return nil, nil
	}
	past, err := reporters.OpenHistory(o.history)
	if err != nil {
		return nil, usage(fmt.Errorf("--history: %w", err))
	}
	return past, nil
}

// openAll opens the console and what -r names. Where a report goes to standard output, the console goes to standard error. What goes over the network goes
// through the door.
func openAll(flags []string, step *githubStep, made func(out io.Writer) reporters.Options, out, errOut io.Writer, d door) (*reports, error) {
	rs := &reports{}
	console := out
	for _, flag := range flags {
		kind, path, ok := strings.Cut(flag, "=")
		if !ok && reporters.Traces(kind) {
			path = collectorOfEnvironment()
			ok = path != ""
		}
		kinds := slices.Sorted(maps.Keys(reporters.Kinds()))
		switch {
		case !slices.Contains(kinds, kind):
			return nil, usage(fmt.Errorf("--report: unknown kind %q; %s", kind, source.Suggest(kind, kinds)))
		case kind == "github" && !ok:
			step.asked(kind, path)
			continue
		case !ok || path == "":
			return nil, usage(fmt.Errorf("--report: %s wants a %s, or - for standard output", kind, wanted(kind)))
		case path == "-" && console != out:
			return nil, usage(errors.New("--report: two reports cannot share standard output"))
		case path == "-":
			console = errOut
		}
		step.asked(kind, path)
		of := made(out)
		of.Quiet = false // the console may be, what somebody asked for is not
		reporter, err := openReporter(kind, path, of, d)
		if err != nil {
			rs.discard()
			return nil, err
		}
		rs.open = append(rs.open, &openReport{Reporter: reporter, kind: kind, path: path})
	}
	if err := step.open(rs, made, console); err != nil {
		rs.discard()
		return nil, &exit{exitReport, err}
	}
	shown := made(console)
	reporter, err := reporters.Open("console", "", shown)
	if err != nil {
		return nil, &exit{exitReport, err}
	}
	rs.console, rs.screen = console, shown.Screen
	rs.open = slices.Insert(rs.open, 0, &openReport{Reporter: reporter, kind: "console"})
	return rs, nil
}

func options(show *screenFlags, which shard, r *runner.Runner, out io.Writer) reporters.Options {
	lines := sourceLines{}
	return reporters.Options{Out: out, Origin: reporters.Origin{Resource: resourceOfEnvironment()}, Screen: show.screen(out), Verbose: show.verbose, Version: version(), Shard: which.String(),
		Sources: func(file string, line int) string { return r.Redact(lines.line(file, line)) }, Curl: attemptCurl}
}

// wanted is what a kind of report wants to be told, with an example.
func wanted(kind string) string {
	switch kind {
	case "allure":
		return "folder, such as allure=allure-results/"
	case "otel":
		return "file or a collector, such as otel=traces.jsonl or otel=http://localhost:4318"
	}
	return "file, such as " + kind + "=" + exampleFile(kind)
}

// exampleFile is what the file of a report could be called.
func exampleFile(kind string) string {
	switch {
	case strings.HasPrefix(kind, "junit"):
		return "report.xml"
	case kind == "har":
		return "run.har"
	case kind == "json" || kind == "ndjson" || kind == "html" || kind == "tap":
		return "report." + kind
	case kind == "ctrf":
		return "ctrf-report.json"
	case kind == "markdown":
		return "report.md"
	case kind == "prometheus":
		return "hgrun.prom"
	}
	return "report.txt"
}

// chosen is what of a command line says what runs: the paths, and the flags that choose among what is there. Values of variables are none of it.
func chosen(c *cobra.Command, paths []string) []string {
	all := slices.Clone(paths)
	c.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "env", "tags", "only", "from", "to", "last-failed", "shard", "shard-by", "data", "iterations", "bail", "seed":
		default:
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			all = append(all, "--"+f.Name, v)
		}
	})
	return all
}

// sourceLines are the lines of files, each file read once.
type sourceLines map[string][]string

func (s sourceLines) line(file string, n int) string {
	lines, ok := s[file]
	if !ok {
		if text, err := os.ReadFile(file); err == nil {
			lines = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
		}
		s[file] = lines
	}
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

func (rs *reports) report(e runner.Event) {
	for _, r := range rs.open {
		if r.err == nil {
			r.err = r.Report(e)
		}
	}
}

// close ends every report and returns what went wrong with each.
func (rs *reports) close() error {
	var errs []error
	for _, r := range rs.open {
		err := r.Close()
		if r.err == nil {
			r.err = err
		}
		if r.err != nil {
			errs = append(errs, fmt.Errorf("report %s could not be written: %w", r.kind, r.err))
		}
	}
	return errors.Join(errs...)
}

// discard ends reports that were never begun.
func (rs *reports) discard() {
	for _, r := range rs.open {
		_ = r.Close() // what is wrong already is the error to show
	}
}

// failedLoad writes what did not load into the reports, so that no dashboard goes on showing the file of the run before.
func (rs *reports) failedLoad(err error) error {
	if len(rs.open) > 0 && rs.open[0].kind == "console" {
		rs.open = rs.open[1:] // the message on standard error says it all
	}
	rs.failedRun("[load]", 0, err)
	return rs.close()
}

// failedRun writes what is wrong with a run as a whole into its reports, as a suite beside the others. The console has no part in it: standard error says it.
func (rs *reports) failedRun(name string, index int, err error) {
	suite, now := runner.Suite{Name: "hgrun", Index: index}, time.Now()
	result := runner.Result{Name: runner.Name{Name: name, Phase: runner.Main}, Outcome: runner.Errored, Start: now}
	for _, p := range gather(nil, err) {
		if result.Name.Pos == (source.Pos{}) {
			result.Name.Pos = p.Pos
			suite.File = p.Pos.File
		}
		message, more, _ := strings.Cut(p.Err.Error(), "\n")
		problem := runner.Problem{Pos: p.Pos, Kind: runner.ConfigError, Message: message}
		if more != "" {
			problem.Details = strings.Split(strings.TrimPrefix(more, "  "), "\n  ")
		}
		result.Problems = append(result.Problems, problem)
	}
	events := []runner.Event{
		runner.Started{Suite: suite, Requests: 1, Time: now, Trace: rs.trace.String(), Parent: rs.trace.Parent},
		runner.RequestFinished{Suite: suite, Result: result},
		runner.Finished{Suite: suite, Counts: runner.Counts{Errored: 1}, Start: now},
	}
	for _, r := range rs.open {
		for _, e := range events {
			if r.err == nil && (r.kind != "console" || r.path != "") {
				r.err = r.Report(e)
			}
		}
	}
}

// scan reads every report again and looks for secrets: the last lock of a door that is locked already.
func (rs *reports) scan(r *runner.Runner) error {
	var errs []error
	for _, report := range rs.open {
		if report.path == "" || report.path == "-" || isCollector(report.kind, report.path) || report.err != nil {
			continue
		}
		files, err := reporters.Files(report.kind, report.path)
		errs = append(errs, err)
		for _, file := range files {
			if err := search(r, report.kind, file); err != nil {
				report.err = err
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// search removes a file of a report that holds a secret.
func search(r *runner.Runner, kind, file string) error {
	mask, found, err := leak(r, file)
	if err != nil || !found {
		return err
	}
	return errors.Join(fmt.Errorf("report %s, %s, held %s in clear and was removed; please report this as a bug", kind, file, mask), os.Remove(file))
}

// leak reads a regular file in pieces that overlap, so that no secret hides between two.
func leak(r *runner.Runner, path string) (mask string, found bool, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return "", false, err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	const piece, overlap = 1 << 20, 16 << 10
	size := int(min(info.Size()+1, piece+overlap))
	buf := make([]byte, 0, size)
	for {
		n, readErr := io.ReadFull(f, buf[len(buf):size])
		buf = buf[:len(buf)+n]
		if mask, found = r.Holds(string(buf)); found {
			return mask, true, nil
		}
		if readErr != nil {
			if readErr == io.EOF || readErr == io.ErrUnexpectedEOF {
				return "", false, nil
			}
			return "", false, readErr
		}
		buf = append(buf[:0], buf[len(buf)-overlap:]...)
	}
}
