package reporters

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// newPrometheus makes the text format of Prometheus (version 0.0.4), for the textfile collector of the node exporter and for a push gateway:
// what the last run found, as gauges. Requests of rows of data are one series together, so that series stay few.
func newPrometheus(w io.Writer, o Options) Reporter {
	return &prometheus{w: bufio.NewWriter(w), o: o, requests: map[promRequest]*promResult{}}
}

type prometheus struct {
	w           *bufio.Writer
	o           Options
	suites      suiteNames
	cases       caseNames // of the collection at hand
	collections []*promCollection
	requests    map[promRequest]*promResult
	order       []*promResult
}

// promCollection is a collection of the run.
type promCollection struct {
	name, environment string
	counts            runner.Counts
	start             time.Time
	duration          time.Duration
	open, interrupted bool
	flaky             int
}

// promRequest tells requests apart.
type promRequest struct {
	collection      *promCollection
	folder, request string
}

// promResult is what became of a request, of all its rows.
type promResult struct {
	promRequest
	known    bool // one of them passed or did not; a condition that does not hold says neither
	bad      bool
	status   int // of the first that did not pass, or of the last
	attempts int // the most
	duration time.Duration
	phases   [len(promPhases)]time.Duration
}

// promPhases are the phases of an exchange, as the subject phases has them.
var promPhases = [...]string{"dns", "connect", "tls", "first_byte"}

// Report implements Reporter.
func (p *prometheus) Report(ev runner.Event) error {
	switch ev := ev.(type) {
	case runner.Started:
		p.begin(ev.Suite, ev.Time)
	case runner.RequestFinished:
		c := p.current()
		if c == nil {
			c = p.begin(ev.Suite, ev.Result.Start)
		}
		p.result(c, &ev.Result)
	case runner.Finished:
		if c := p.current(); c != nil {
			c.start, c.duration, c.interrupted, c.open = ev.Start, ev.Duration, ev.Interrupted, false
		}
	}
	return nil
}

func (p *prometheus) current() *promCollection {
	if n := len(p.collections); n > 0 && p.collections[n-1].open {
		return p.collections[n-1]
	}
	return nil
}

func (p *prometheus) begin(s runner.Suite, at time.Time) *promCollection {
	c := &promCollection{name: p.suites.unique(s), environment: s.Environment, start: at, open: true}
	p.collections, p.cases = append(p.collections, c), caseNames{}
	return c
}

func (p *prometheus) result(c *promCollection, r *runner.Result) {
	c.counts.Add(r.Outcome)
	if r.Outcome == runner.Passed && r.Tries() > 1 {
		c.flaky++
	}
	path := suitePath("", r.Name)
	key := promRequest{c, strings.Join(path[1:], "/"), ""}
	n := r.Name
	if n.Row == 0 {
		key.request = p.cases.unique(key.folder, oneLine(phased(n)))
	} else {
		n.Name = n.Base()
		key.request = oneLine(phased(n))
	}
	of := p.requests[key]
	if of == nil {
		of = &promResult{promRequest: key}
		p.requests[key], p.order = of, append(p.order, of)
	}
	of.add(r)
}

func (of *promResult) add(r *runner.Result) {
	if r.Outcome == runner.Skipped && r.Skip == runner.SkipCondition {
		return
	}
	bad := r.Outcome != runner.Passed
	of.known = true
	of.attempts = max(of.attempts, r.Tries())
	of.duration = max(of.duration, r.Duration)
	if last := r.Last(); last != nil {
		if !of.bad || bad && of.status < 400 {
			of.status = last.Status
		}
		t := &last.Timings
		for i, d := range [...]time.Duration{t.DNS, t.Connect, t.TLS, t.FirstByte} {
			of.phases[i] = max(of.phases[i], d)
		}
	}
	of.bad = of.bad || bad
}

// family begins the series of a metric.
func (p *prometheus) family(name, help string) {
	p.w.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n")
}

// sample writes one series. The errors of writing are those of Flush.
func (p *prometheus) sample(name string, value float64, labels string) {
	p.w.WriteString(name)
	if labels != "" {
		p.w.WriteByte('{')
		p.w.WriteString(labels)
		p.w.WriteByte('}')
	}
	p.w.WriteByte(' ')
	p.w.Write(strconv.AppendFloat(p.w.AvailableBuffer(), value, 'f', -1, 64))
	p.w.WriteByte('\n')
}

// promLabels are labels, given as names and values, as they stand between braces.
func promLabels(pairs ...string) string {
	var out strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(pairs[i])
		out.WriteString(`="`)
		for _, r := range oneLine(pairs[i+1]) {
			if r == '\\' || r == '"' {
				out.WriteByte('\\')
			}
			out.WriteRune(r)
		}
		out.WriteByte('"')
	}
	return out.String()
}

func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

func (c *promCollection) labels() string {
	return promLabels("collection", c.name, "environment", c.environment)
}

func (r *promRequest) labels() string {
	return promLabels("collection", r.collection.name, "environment", r.collection.environment, "folder", r.folder, "request", r.request)
}

func (c *promCollection) passed() bool {
	return !c.open && !c.interrupted && c.counts.Failed+c.counts.Errored == 0
}

// Close implements Reporter.
func (p *prometheus) Close() error {
	p.run()
	p.ofCollections()
	p.ofRequests()
	return p.w.Flush()
}

func (p *prometheus) run() {
	var first, last time.Time
	passed, total := true, 0
	for _, c := range p.collections {
		if first.IsZero() || c.start.Before(first) {
			first = c.start
		}
		if end := c.start.Add(c.duration); end.After(last) {
			last = end
		}
		passed = passed && c.passed()
		total += c.counts.Total()
	}
	p.family("hgrun_build_info", "The hgrun that ran; always 1.")
	p.sample("hgrun_build_info", 1, promLabels("version", p.o.Version))
	p.family("hgrun_run_success", "Whether something ran, and everything that ran passed.")
	p.sample("hgrun_run_success", truth(passed && total > 0), "")
	if first.IsZero() {
		return
	}
	p.family("hgrun_run_start_time_seconds", "When the run began, in seconds since 1970.")
	p.sample("hgrun_run_start_time_seconds", float64(first.UnixMilli())/1000, "")
	p.family("hgrun_run_duration_seconds", "How long the run took.")
	p.sample("hgrun_run_duration_seconds", last.Sub(first).Seconds(), "")
}

func (p *prometheus) ofCollections() {
	if len(p.collections) == 0 {
		return
	}
	p.family("hgrun_collection_success", "Whether every request of the collection passed or was skipped.")
	for _, c := range p.collections {
		p.sample("hgrun_collection_success", truth(c.passed()), c.labels())
	}
	p.family("hgrun_collection_duration_seconds", "How long the collection took.")
	for _, c := range p.collections {
		p.sample("hgrun_collection_duration_seconds", c.duration.Seconds(), c.labels())
	}
	p.family("hgrun_collection_requests", "Requests and token exchanges of the collection by how they ended.")
	for _, c := range p.collections {
		for o, n := range []int{c.counts.Passed, c.counts.Failed, c.counts.Errored, c.counts.Skipped} {
			p.sample("hgrun_collection_requests", float64(n), c.labels()+`,outcome="`+runner.Outcome(o).String()+`"`)
		}
	}
	p.family("hgrun_collection_flaky_requests", "Requests of the collection that passed after an attempt that did not.")
	for _, c := range p.collections {
		p.sample("hgrun_collection_flaky_requests", float64(c.flaky), c.labels())
	}
}

// each writes a metric of the requests that have it.
func (p *prometheus) each(name, help string, value func(*promResult) (v float64, has bool)) {
	begun := false
	for _, r := range p.order {
		v, has := value(r)
		if !has {
			continue
		}
		if !begun {
			p.family(name, help)
			begun = true
		}
		p.sample(name, v, r.labels())
	}
}

func (p *prometheus) ofRequests() {
	p.each("hgrun_request_success", "Whether the request passed, in every row; one that is skipped after a failure has not.",
		func(r *promResult) (float64, bool) { return truth(!r.bad), r.known })
	p.each("hgrun_request_duration_seconds", "How long the request took with all its attempts, the longest of its rows.",
		func(r *promResult) (float64, bool) { return r.duration.Seconds(), r.attempts > 0 })
	p.each("hgrun_request_attempts", "How many attempts the request took, the most of its rows.",
		func(r *promResult) (float64, bool) { return float64(r.attempts), r.attempts > 0 })
	p.each("hgrun_request_response_status_code", "The status of the response, 0 for none.",
		func(r *promResult) (float64, bool) { return float64(r.status), r.attempts > 0 })
	begun := false
	for _, r := range p.order {
		for i, d := range r.phases {
			if d <= 0 {
				continue
			}
			if !begun {
				p.family("hgrun_request_phase_duration_seconds", "How long a phase of the exchange took, the longest of the rows of the request.")
				begun = true
			}
			p.sample("hgrun_request_phase_duration_seconds", d.Seconds(), r.labels()+`,phase="`+promPhases[i]+`"`)
		}
	}
}
