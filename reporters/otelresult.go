package reporters

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// result writes the spans of a request, or of an exchange that one of them needed.
func (t *otel) result(s *otelSuite, r *runner.Result) {
	start := r.Start
	if start.IsZero() {
		start = s.last
	}
	end := later(start.Add(r.Duration), start)
	parent, id := s.id, s.close(r.Name)
	if !r.Name.Aside() {
		parent = t.enter(s, r.Name, start, end)
	} else if n := len(s.open); n > 0 { // it stands in the request that is under way
		parent = s.open[n-1].id
	}
	s.last = later(s.last, end)
	span := otelSpan{TraceID: s.run.TraceID, SpanID: id, Parent: parent, Name: oneLine(r.Name.Name), Kind: otelInternal, Start: nanos(start), End: nanos(end)}
	describe(&span, s, r)
	t.foreign(&span, s, r)
	t.write(&span, s.run)
	for i := range r.Attempts {
		t.attempt(s, &span, r, i)
	}
}

// close ends a request that began, and returns the ID of its span.
func (s *otelSuite) close(n runner.Name) string {
	at := slices.IndexFunc(s.open, func(o otelOpen) bool { return sameName(o.name, n) })
	if at < 0 {
		return s.next()
	}
	id := s.open[at].id
	s.open = slices.Delete(s.open, at, at+1)
	return id
}

// enter goes to the folder of a request: those that it does not stand in end, and those that it stands in reach as far as the request does. It
// returns the ID of the span that the request stands in.
func (t *otel) enter(s *otelSuite, n runner.Name, start, end time.Time) string {
	way := make([]otelFolder, 0, len(n.Folders)+1)
	if n.Row > 0 {
		way = append(way, otelFolder{key: "row " + strconv.Itoa(n.Row), name: "[" + oneLine(n.Label) + "]", row: n.Row})
	}
	for _, folder := range n.Folders {
		way = append(way, otelFolder{key: folder, name: oneLine(folder)})
	}
	same := 0
	for same < len(way) && same < len(s.folders) && s.folders[same].key == way[same].key {
		same++
	}
	t.leave(s, same)
	for _, f := range way[same:] {
		f.id, f.start = s.next(), start
		s.folders = append(s.folders, f)
	}
	id := s.id
	for i := range s.folders {
		f := &s.folders[i]
		if start.Before(f.start) {
			f.start = start
		}
		f.end, id = later(f.end, end), f.id
	}
	return id
}

// leave ends the folders beyond a depth, the innermost first.
func (t *otel) leave(s *otelSuite, depth int) {
	for n := len(s.folders); n > depth; n-- {
		f := &s.folders[n-1]
		span := otelSpan{TraceID: s.run.TraceID, SpanID: f.id, Parent: s.id, Name: f.name, Kind: otelInternal, Start: nanos(f.start), End: nanos(f.end)}
		if n > 1 {
			span.Parent = s.folders[n-2].id
		}
		if f.row > 0 {
			span.number("hgrun.row", f.row)
		}
		t.write(&span, s.run)
	}
	s.folders = s.folders[:depth]
}

// describe says what became of a request.
func describe(span *otelSpan, s *otelSuite, r *runner.Result) {
	span.text("test.case.name", trail(r.Name))
	switch r.Outcome {
	case runner.Passed:
		span.text("test.case.result.status", "pass")
	case runner.Failed, runner.Errored:
		span.text("test.case.result.status", "fail")
		span.text("error.type", problemKind(r, runner.AssertionFailure))
		span.Status = otelStatus{headline(r), otelError}
	}
	span.text("hgrun.outcome", r.Outcome.String())
	span.text("hgrun.phase", string(r.Name.Phase))
	span.text("hgrun.skip", string(r.Skip))
	span.text("hgrun.reason", oneLine(r.Reason))
	span.texts("hgrun.tags", r.Name.Tags)
	file := r.Name.Pos.File
	if file == "" {
		file = s.File
	}
	span.text("code.file.path", file)
	if r.Name.Pos.Line > 0 {
		span.number("code.line.number", r.Name.Pos.Line)
	}
	if n := r.Tries(); n > 1 {
		span.number("hgrun.attempts", n)
	}
	for i := range r.Problems {
		span.Events = append(span.Events, problemEvent(span.End, &r.Problems[i]))
	}
	for i := range r.Findings {
		span.Events = append(span.Events, findingEvent(span.End, &r.Findings[i]))
	}
}

// problemEvent is a problem as the semantic conventions have exceptions.
func problemEvent(at otelNanos, p *runner.Problem) otelEvent {
	e := otelEvent{At: at, Name: "exception"}
	e.Attributes.text("exception.type", string(p.Kind))
	e.Attributes.text("exception.message", shortLine(p.Message))
	e.Attributes.text("exception.stacktrace", capped(clean(strings.Join(append([]string{place(*p) + p.Message}, p.Details...), "\n")), 16<<10))
	return e
}

func findingEvent(at otelNanos, f *runner.Finding) otelEvent {
	e := otelEvent{At: at, Name: "hgrun.finding"}
	e.Attributes.text("hgrun.finding.code", f.Code)
	e.Attributes.text("hgrun.finding.title", oneLine(f.Title))
	e.Attributes.text("hgrun.finding.confidence", f.Confidence)
	e.Attributes.text("hgrun.finding.cause", clean(f.Cause))
	e.Attributes.text("hgrun.finding.fix", clean(f.Fix))
	return e
}

// foreign gives a request the trace of its exchanges where that is not the one of its collection: in records that were merged, each shard has a trace of its own.
// The span of the request begins that part of it, and links to where it stands.
func (t *otel) foreign(span *otelSpan, s *otelSuite, r *runner.Result) {
	last := r.Last()
	if last == nil {
		return
	}
	of, err := runner.ParseTraceparent(last.Trace)
	if err != nil || of.TraceID == s.run.TraceID {
		return
	}
	span.Links = []otelLink{{s.run.TraceID, span.Parent}}
	span.TraceID, span.Parent = of.TraceID, ""
}

// attempt writes the span of an exchange. The one that it carried as its traceparent is its own, so that what the server did stands below it.
func (t *otel) attempt(s *otelSuite, of *otelSpan, r *runner.Result, i int) {
	a := &r.Attempts[i]
	start := a.Timings.Start
	if start.IsZero() {
		start = r.Start
	}
	span := otelSpan{TraceID: of.TraceID, SpanID: s.next(), Parent: of.SpanID, Kind: otelClient, Start: nanos(start), End: nanos(start.Add(a.Timings.Total))}
	if own, err := runner.ParseTraceparent(a.Trace); err == nil && own.TraceID == of.TraceID {
		span.SpanID = own.SpanID
	}
	if own, ok := spanOf(a); ok && a.Trace == "" { // the collection's, which may be in other requests too
		span.Links = []otelLink{{own.TraceID, own.SpanID}}
	}
	span.method(a.Method)
	span.text("url.full", oneLine(a.URL))
	span.server(a.URL)
	if a.Status > 0 {
		span.number("http.response.status_code", a.Status)
	}
	if i > 0 {
		span.number("http.request.resend_count", i)
	}
	span.text("hgrun.step", string(a.Step))
	span.number("http.request.body.size", a.Sent)
	span.number("http.response.body.size", a.Received)
	if d := a.Detail; d != nil {
		span.wire(d)
	}
	span.phases(start, &a.Timings)
	passed := r.Outcome == runner.Passed && i == len(r.Attempts)-1 || a.Step != ""
	switch {
	case a.Status == 0:
		kind := problemKind(r, runner.TransportError)
		if i < len(r.Attempts)-1 {
			kind = string(runner.TransportError)
		}
		span.text("error.type", kind)
		span.Status = otelStatus{unanswered(r, i), otelError}
	case a.Status >= 400 && !passed: // one that was expected is no error
		span.text("error.type", strconv.Itoa(a.Status))
		span.Status = otelStatus{Code: otelError}
	}
	t.write(&span, s.run)
}

// method names the span by its method, which is one of few: a span of another is called HTTP.
func (s *otelSpan) method(m string) {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace, "QUERY":
		s.Name = m
		s.text("http.request.method", m)
	default:
		s.Name = "HTTP"
		s.text("http.request.method", "_OTHER")
		s.text("http.request.method_original", oneLine(m))
	}
}

// server says where the exchange went, by its URL.
func (s *otelSpan) server(target string) {
	u, err := url.Parse(escapedURL(target))
	if err != nil || u.Host == "" {
		return
	}
	s.text("server.address", u.Hostname())
	port, _ := strconv.Atoi(u.Port())
	switch {
	case port > 0:
	case u.Scheme == "https":
		port = 443
	case u.Scheme == "http":
		port = 80
	}
	if port > 0 {
		s.number("server.port", port)
	}
	s.text("url.scheme", u.Scheme)
}

// wire says what is known of the connection.
func (s *otelSpan) wire(d *runner.Detail) {
	if name, version, ok := strings.Cut(d.Proto, "/"); ok {
		s.text("network.protocol.name", strings.ToLower(name))
		s.text("network.protocol.version", strings.TrimSuffix(version, ".0"))
	}
	ip, port := harServer(d.Remote)
	s.text("network.peer.address", ip)
	if n, err := strconv.Atoi(port); err == nil {
		s.number("network.peer.port", n)
	}
	for _, hop := range d.Hops {
		e := otelEvent{At: nanos(hop.Timings.Start.Add(hop.Timings.Total)), Name: "http.redirect"}
		e.Attributes.number("http.response.status_code", hop.Status)
		e.Attributes.text("url.full", oneLine(hop.URL))
		if hop.Timings.Start.IsZero() {
			e.At = s.Start
		}
		s.Events = append(s.Events, e)
	}
}

// phases adds an event for the end of each phase. Those of several connections, one for each redirect, are summed up as if they were one.
func (s *otelSpan) phases(start time.Time, t *wire.Timings) {
	at := start
	for _, p := range []struct {
		name string
		took time.Duration
	}{
		{"dns.done", t.DNS}, {"connect.done", t.Connect}, {"tls.done", t.TLS}, {"request.sent", t.Send}, {"response.first_byte", t.FirstByte},
	} {
		if p.took <= 0 {
			continue
		}
		at = at.Add(p.took)
		e := otelEvent{At: nanos(at), Name: p.name}
		e.Attributes.seconds("hgrun.duration", p.took)
		s.Events = append(s.Events, e)
	}
	if t.Reused {
		s.Attributes.flag("hgrun.connection.reused", true)
	}
}
