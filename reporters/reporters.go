// Package reporters shows what happens in a run, to people and to the machines of a pipeline;
// it knows nothing of requests beyond the events of the runner, which are redacted when they come.
package reporters

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// Reporter turns the events of a run into one report. Both methods are called from one goroutine.
// A reporter that met an error returns it from every later call, so that no report is green by being cut short.
type Reporter interface {
	// Report takes the next event. Its errors are those of writing.
	Report(ev runner.Event) error
	// Close ends the report, which is whole whatever the last event was: no event at all is a report of nothing.
	Close() error
}

// Pauser is a Reporter on whose screen somebody else can write for a while, such as to ask for a code.
type Pauser interface {
	// Pause takes away what comes and goes, and keeps what is reported until resume is called. It may be called beside Report.
	Pause() (resume func())
}

// Options say how to report. The zero Options write plain text.
type Options struct {
	Out     io.Writer // where the console and the path "-" write to; nil means the standard output
	Screen            // console: what Out is
	Verbose int       // 1 shows heads and bodies of every request that has a Detail; 2 shows them whole, and where the time went
	Version string    // of hgrun, for reports that name their tool; empty for none
	Shard   string    // the part of a run that this one is, "2/5" for the second of five; empty for a whole run
	Origin  Origin    // of the run, for reports that tell of it
	History *History  // html: the runs before this one; nil for none

	// Sources returns a line of a YAML file, empty where there is none. The console shows it as it is: whoever
	// gives Sources redacts. Nil shows no lines.
	Sources func(file string, line int) string

	// Curl returns an attempt as a curl command with no secret in it, empty where it cannot. Nil shows none.
	Curl func(a *runner.Attempt) string

	Formats

	dir    string // of the report, for scratch files where the machine has no temporary folder
	folder bool   // allure: files go to dir; html: the style sheet and the script are files beside the page
}

// Origin says where a run took place and what was asked for.
type Origin struct {
	Host      string   // name of the machine; empty means this one
	Selection []string // paths and flags that say what runs, in clear: whoever gives them redacts
	// Plan names the division of the run that the shard is of, which all its shards have in common. It is asked for after
	// the first event; nil and an empty name say nothing.
	Plan func() string
	// Resource are names and values that say who made spans, such as OTEL_RESOURCE_ATTRIBUTES has them. They are stronger than what a reporter knows.
	Resource [][2]string
}

func (o *Origin) plan() string {
	if o.Plan == nil {
		return ""
	}
	return o.Plan()
}

// Kind makes the reporter of one format, which writes to w. Where w leads to and what becomes of its file
// is settled by Open: a kind only writes, and returns what goes wrong.
type Kind func(w io.Writer, o Options) Reporter

// Kinds returns every format by the name that users give it.
func Kinds() map[string]Kind {
	return map[string]Kind{
		"allure":       newAllure,
		"console":      newConsole,
		"har":          newHAR,
		"ctrf":         newCTRF,
		"github":       newGitHub,
		"html":         newHTML,
		"json":         newGinkgoJSON,
		"junit":        newJUnit,
		"junit-ginkgo": newGinkgo,
		"junit-xunit":  newXUnit,
		"markdown":     newMarkdown,
		"ndjson":       newRecord,
		"otel":         newOTel,
		"prometheus":   newPrometheus,
		"tap":          newTAP,
		"teamcity":     newTeamCity,
	}
}

// Details reports whether a kind shows what went over the wire of requests that passed too, so that a run must report it: runner.Runner.Detail.
func Details(kind string) bool { return kind == "har" }

// Traces reports whether a kind shows the traces that requests are a part of, so that a run should begin one: runner.Headers.Trace.
func Traces(kind string) bool { return kind == "otel" }

// Open starts a report. The path "-", and for the console also the empty one, means Options.Out. A file is replaced as
// a whole when the reporter is closed, and only if nothing went wrong; its folder is made. A device or a pipe is written straight.
// An unknown kind and a path that cannot be written are errors.
func Open(kind, path string, o Options) (Reporter, error) {
	kinds := Kinds()
	start, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("unknown report %q; %s", kind, source.Suggest(kind, slices.Sorted(maps.Keys(kinds))))
	}
	if path == "" && kind != "console" {
		return nil, fmt.Errorf("report %s wants a file, such as %s=report.xml", kind, kind)
	}
	if wantsFolder(kind) && path != "-" {
		if err := makeFolder(path); err != nil {
			return nil, err
		}
		o.dir, o.folder = path, true
		return &report{Reporter: start(io.Discard, o), out: &output{}}, nil
	}
	path, o.folder = htmlFolder(kind, path)
	return OpenKind(start, path, o)
}

// OpenKind starts a report of a kind that is in no table. It is opened, replaced and closed like those of Open.
func OpenKind(start Kind, path string, o Options) (Reporter, error) {
	out, err := create(path, o.Out)
	if err != nil {
		return nil, err
	}
	if out.file != nil {
		o.Color, o.Terminal, o.dir = false, false, out.dir()
	}
	return &report{Reporter: start(out, o), out: out}, nil
}

// report is a reporter together with the file it writes. One that panics has failed like one that cannot write: the run goes on, and so do
// the other reports.
type report struct {
	Reporter
	out    *output
	broken error // by a panic; the reporter is asked nothing more
}

// Report implements Reporter; its errors name the file.
func (r *report) Report(ev runner.Event) error { return r.out.place(r.take(ev)) }

func (r *report) take(ev runner.Event) (err error) {
	if r.broken != nil {
		return r.broken
	}
	defer r.caught(&err)
	return r.Reporter.Report(ev)
}

// Pause implements Pauser where the reporter does, and does nothing otherwise.
func (r *report) Pause() (resume func()) {
	if p, ok := r.Reporter.(Pauser); ok {
		return p.Pause()
	}
	return func() {}
}

// Close ends the report and puts the file in its place, or leaves what was there before where something went wrong.
func (r *report) Close() error {
	if err := r.end(); err != nil {
		r.out.discard()
		return r.out.place(err)
	}
	return r.out.place(r.out.commit())
}

func (r *report) end() (err error) {
	if r.broken != nil {
		return r.broken
	}
	defer r.caught(&err)
	return r.Reporter.Close()
}

// caught makes an error of a panic. What it says comes from events, which hold no secret.
func (r *report) caught(err *error) {
	if v := recover(); v != nil {
		r.broken = fmt.Errorf("the reporter panicked: %v; please report this as a bug", v)
		*err = r.broken
	}
}
