package reporters

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// htmlAttempts bounds how many attempts of a request are shown whole.
const htmlAttempts = 12

// htmlExchanges adds what went over the wire. Room is how many bytes there are for bodies; what is used is taken from it.
func htmlExchanges(m *markup, o Options, r *runner.Result, room *int) {
	n := len(r.Attempts)
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if n > htmlAttempts && i >= htmlAttempts-1 && i < n-1 {
			if i == htmlAttempts-1 {
				m.raw(`<p class="note">… ` + thousands(n-htmlAttempts) + " more exchanges are not shown.</p>\n")
			}
			continue
		}
		m.raw(`<section class="exchange">`)
		m.raw("<p class=\"exchange-title\">")
		if n > 1 {
			what := "attempt"
			if a.Step != "" {
				what = string(a.Step)
			}
			m.raw("<b>")
			m.line(what + " " + strconv.Itoa(i+1) + " of " + strconv.Itoa(n))
			m.raw("</b> ")
		}
		m.el("code", "method", a.Method)
		m.raw(" ")
		m.el("code", "url", cut(a.URL, 8<<10))
		m.raw(" → ")
		m.el("b", "", answer(a))
		m.raw("</p>\n")
		for _, problem := range a.Problems {
			m.el("p", "why", shortLine(problem))
		}
		if line := traceLine(a); line != "" {
			m.el("p", "where", line)
		}
		htmlPhases(m, &a.Timings)
		htmlDetail(m, o, a, room)
		m.raw("</section>\n")
	}
}

// htmlPhase is a part of the time that an exchange takes.
type htmlPhase struct {
	class, name string
	took        time.Duration
}

// phases are the parts of an exchange, one after the other.
func phases(t *wire.Timings) []htmlPhase {
	all := []htmlPhase{
		{"dns", "DNS", t.DNS}, {"connect", "connect", t.Connect}, {"tls", "TLS", t.TLS}, {"wait", "first byte", t.FirstByte},
	}
	rest := t.Total
	for _, p := range all {
		rest -= p.took
	}
	all = append(all, htmlPhase{"body", "rest", max(rest, 0)})
	return slices.DeleteFunc(all, func(p htmlPhase) bool { return p.took <= 0 })
}

// htmlPhases adds the phases as a waterfall, and the same in words.
func htmlPhases(m *markup, t *wire.Timings) {
	if t.Total <= 0 {
		return
	}
	parts := phases(t)
	m.raw(`<div class="phases"><svg width="100%" height="12" aria-hidden="true">`)
	at := time.Duration(0)
	for _, p := range parts {
		m.raw(`<rect class="ph-` + p.class + `" x="`)
		m.percent(at, t.Total)
		m.raw(`" width="`)
		m.percent(p.took, t.Total)
		m.raw(`" height="12"/>`)
		at += p.took
	}
	m.raw("</svg><ul>")
	for _, p := range parts {
		m.raw(`<li><span class="key ph-` + p.class + `" aria-hidden="true"></span>` + p.name + " " + fineTime(p.took) + "</li>")
	}
	m.raw("<li>total " + fineTime(t.Total) + "</li>")
	if t.Reused {
		m.raw("<li>connection reused</li>")
	}
	m.raw("</ul></div>\n")
}

// fineTime is a time span with a decimal where it is short: a phase often takes less than a millisecond.
func fineTime(d time.Duration) string {
	if d >= 10*time.Millisecond {
		return timeText(d)
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 2, 64) + " ms"
}

func htmlDetail(m *markup, o Options, a *runner.Attempt, room *int) {
	d := a.Detail
	if d == nil {
		return
	}
	m.raw(`<details class="wire"><summary>Request and response</summary><div class="sides">` + "\n<div><p class=\"side\">Request</p>\n")
	m.raw(`<p class="first"><code>`)
	m.line(a.Method + " " + cut(a.URL, 8<<10))
	m.raw("</code></p>\n")
	htmlHeader(m, "Request headers", d.RequestHeader)
	htmlBody(m, excerpt(d.RequestBody, a.Sent, "", htmlMost), room)
	m.raw("</div>\n<div><p class=\"side\">Response</p>\n")
	method := a.Method
	for i, hop := range d.Hops {
		m.el("p", "why", strconv.Itoa(hop.Status)+" from "+hop.URL+", followed")
		htmlHeader(m, "Headers of the redirect", hop.Header)
		method, _ = redirected(method, hop.Status)
		if len(hop.Next) > 0 {
			m.el("p", "why", method+" "+cut(hopTo(d, i), 8<<10))
			htmlHeader(m, "Request headers behind the redirect", hop.Next)
		}
	}
	m.raw(`<p class="first"><code>`)
	m.line(d.Proto + " " + answer(a))
	m.raw("</code>")
	if a.Status != 0 {
		m.raw(" " + inBytes(a.Received))
	}
	m.raw("</p>\n")
	htmlHeader(m, "Response headers", d.ResponseHeader)
	htmlBody(m, excerpt(d.ResponseBody, a.Received, d.ResponseSHA256, htmlMost), room)
	m.raw("</div></div></details>\n")
	if o.Curl == nil || a.Method == "" {
		return
	}
	if command := o.Curl(a); command != "" && len(command) <= max(*room, htmlLeast) {
		*room -= len(command)
		m.raw(`<details class="curl"><summary>As curl</summary>` + "\n")
		m.pre("copy", command)
		m.raw("</details>\n")
	}
}

func htmlHeader(m *markup, caption string, header http.Header) {
	if len(header) == 0 {
		return
	}
	m.raw(`<div class="scroll" tabindex="0"><table class="header"><caption class="vh">` + caption + "</caption><tbody>\n")
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			m.raw(`<tr><th scope="row">`)
			m.line(name)
			m.raw("</th><td>")
			m.line(capped(value, 4<<10))
			m.raw("</td></tr>\n")
		}
	}
	m.raw("</tbody></table></div>\n")
}

// htmlBody adds a body, shorter where there is little room left.
func htmlBody(m *markup, body string, room *int) {
	if body == "" {
		return
	}
	if left := max(*room, htmlLeast); len(body) > left {
		body = cut(body, left) + "\n… cut here, to keep the page small; the record of the run (-r ndjson=FILE) has more"
	}
	*room -= len(body)
	m.pre("body", body)
}
