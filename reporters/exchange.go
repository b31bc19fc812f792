package reporters

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/runner"
)

// wholeBody is how many bytes of a body a Detail holds at most; one of nearly that length was probably shortened.
const wholeBody = 64<<10 - 512

// headline says in one line what is wrong with a request that failed.
func headline(r *runner.Result) string {
	if len(r.Problems) == 0 {
		return r.Outcome.String()
	}
	text := shortLine(r.Problems[0].Message)
	if text == "" {
		text = r.Outcome.String()
	}
	if more := len(r.Problems) - 1; more > 0 {
		text += " (+" + strconv.Itoa(more) + " more)"
	}
	return text
}

// place returns "file:line:col: ", or nothing where the place is unknown.
func place(p runner.Problem) string {
	if at := oneLine(p.Pos.String()); at != "" {
		return at + ": "
	}
	return ""
}

// answer says how an attempt ended: "401 Unauthorized", "401", or "no answer".
func answer(a *runner.Attempt) string {
	if a.Status == 0 {
		return "no answer"
	}
	return strings.TrimSpace(strconv.Itoa(a.Status) + " " + oneLine(a.Reason))
}

// traceLine names the span of an exchange, by which servers find what they did for it. It is empty where it has none.
func traceLine(a *runner.Attempt) string {
	of, ok := spanOf(a)
	if !ok {
		return ""
	}
	return "trace " + of.TraceID + ", span " + of.SpanID
}

// spanOf is the span that an exchange was sent as: the one that hgrun gave it, or the one that the collection did, where that is known.
func spanOf(a *runner.Attempt) (runner.SpanContext, bool) {
	parent := a.Trace
	if parent == "" && a.Detail != nil {
		parent = a.Detail.RequestHeader.Get("Traceparent")
	}
	if parent == "" {
		return runner.SpanContext{}, false
	}
	of, err := runner.ParseTraceparent(parent)
	return of, err == nil
}

// transcript shows an attempt as it went over the wire, its bodies cut at limit bytes each.
func transcript(a *runner.Attempt, limit int) string { return transcriptAs(a, limit, whole) }

// transcriptAs is transcript with each body in another shape.
func transcriptAs(a *runner.Attempt, limit int, shape func(body string) string) string {
	return sentAs(a, limit, shape) + "\n" + receivedAs(a, limit, shape)
}

func whole(body string) string { return body }

// sent is the first half of a transcript.
func sent(a *runner.Attempt, limit int) string { return sentAs(a, limit, whole) }

func sentAs(a *runner.Attempt, limit int, shape func(string) string) string {
	var out strings.Builder
	out.WriteString("> " + a.Method + " " + oneLine(a.URL) + "\n")
	if d := a.Detail; d != nil {
		head(&out, "> ", d.RequestHeader)
		content(&out, shape(excerpt(d.RequestBody, a.Sent, "", limit)))
	}
	return out.String()
}

// received is the second half.
func received(a *runner.Attempt, limit int) string { return receivedAs(a, limit, whole) }

func receivedAs(a *runner.Attempt, limit int, shape func(string) string) string {
	d := a.Detail
	if d == nil {
		return "< " + answer(a) + " after " + timeText(a.Timings.Total) + "\n"
	}
	var out strings.Builder
	method := a.Method
	for i, hop := range d.Hops {
		out.WriteString("< " + strconv.Itoa(hop.Status) + " from " + oneLine(hop.URL) + ", followed\n")
		head(&out, "< ", hop.Header)
		method, _ = redirected(method, hop.Status)
		if len(hop.Next) > 0 {
			out.WriteString("> " + method + " " + oneLine(hopTo(d, i)) + "\n")
			head(&out, "> ", hop.Next)
			out.WriteString("\n")
		}
	}
	out.WriteString("< " + oneLine(d.Proto+" "+answer(a)) + " after " + timeText(a.Timings.Total) + "\n")
	head(&out, "< ", d.ResponseHeader)
	content(&out, shape(excerpt(d.ResponseBody, a.Received, d.ResponseSHA256, limit)))
	return out.String()
}

func head(out *strings.Builder, prefix string, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			out.WriteString(prefix + oneLine(name) + ": " + oneLine(value) + "\n")
		}
	}
}

func content(out *strings.Builder, body string) {
	if body != "" {
		out.WriteString("\n" + body + "\n")
	}
}

// excerpt returns a body for reading: JSON with a line for each member, something that is not text as its size alone,
// and at most limit bytes, with a note of the size where more was there. Size is the body's own, before it was shortened and masked;
// sum is the SHA-256 digest of a body that was shortened, empty where it is not known.
func excerpt(body string, size int, sum string, limit int) string {
	if sum != "" {
		sum = ", sha256 " + sum
	}
	switch {
	case body == "":
		return ""
	case binary(body) && size == 1:
		return "(1 byte that is not text)"
	case binary(body):
		return "(" + inBytes(size) + " that are not text" + sum + ")"
	}
	text := strings.TrimRight(clean(indented(body)), "\n")
	if len(text) > limit || sum != "" || len(body) >= wholeBody && size > len(body) {
		return cut(text, limit) + "\n… cut here, the whole body has " + inBytes(size) + sum
	}
	return text
}

// indented returns a JSON document with a line for each member, and everything else as it is.
func indented(body string) string {
	if body == "" || body[0] != '{' && body[0] != '[' {
		return body
	}
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", "  ") != nil {
		return body
	}
	return out.String()
}

// binary reports whether a body is not meant to be read: more than one in eight of its first characters is none.
func binary(body string) bool {
	start := cut(body, 512)
	odd, all := 0, 0
	for _, r := range start {
		all++
		if r == utf8.RuneError || r < ' ' && !strings.ContainsRune("\t\n\r\x1b", r) {
			odd++
		}
	}
	return odd*8 > all
}

// failureText is what reports without a layout of their own say of a request that failed: each problem with its place and details,
// what earlier attempts met, and the exchange that decided.
func failureText(r *runner.Result) string { return failureWithin(r, 24<<10) }

// failureWithin is failureText whose bodies are cut at limit bytes each.
func failureWithin(r *runner.Result, limit int) string {
	var out strings.Builder
	out.WriteString(explained(r))
	if last := r.Last(); last != nil {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(transcript(last, limit))
	}
	if out.Len() == 0 {
		out.WriteString(headline(r))
	}
	return strings.TrimRight(out.String(), "\n")
}

// explained is what is known of a failure but for the exchange.
func explained(r *runner.Result) string {
	var out strings.Builder
	for i := range r.Problems {
		p := &r.Problems[i]
		out.WriteString(place(*p) + clean(p.Message) + "\n")
		for _, line := range p.Details {
			out.WriteString("  " + strings.ReplaceAll(clean(line), "\n", "\n  ") + "\n")
		}
	}
	return out.String() + background(r)
}

// background is what is known of a failure besides its problems: what explains it, what earlier attempts met, and the trace.
func background(r *runner.Result) string {
	var out strings.Builder
	if text := explanation(r.Findings); text != "" {
		out.WriteString(text + "\n")
	}
	earlier(&out, r)
	if last := r.Last(); last != nil {
		if line := traceLine(last); line != "" {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// earlier writes why the attempts before the last one did not do, the first ones of many.
func earlier(out *strings.Builder, r *runner.Result) {
	for i := range max(len(r.Attempts)-1, 0) {
		a := &r.Attempts[i]
		if i == 10 && len(r.Attempts) > 12 {
			out.WriteString("… and " + plural(len(r.Attempts)-1-i, "earlier attempt") + " more\n")
			return
		}
		out.WriteString("attempt " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(r.Attempts)) + ": " + attemptLine(a) + "\n")
	}
}

// attemptLine says why an attempt did not do.
func attemptLine(a *runner.Attempt) string {
	if text := shortLine(strings.Join(a.Problems, "; ")); text != "" {
		return text
	}
	return answer(a)
}
