package reporters

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// write puts the page together.
func (h *html) write(out *bufio.Writer) error {
	var m markup
	h.head(&m)
	h.verdict(&m)
	h.counts(&m)
	h.overview(&m)
	htmlTrend(&m, h.o.History, h.now())
	h.filters(&m)
	if h.failures.count > 0 {
		m.raw("<section id=\"failures\" aria-labelledby=\"h-failures\">\n<h2 id=\"h-failures\">Failures</h2>\n")
	}
	if _, err := out.Write(m.document); err != nil {
		return err
	}
	if err := h.failures.spool.copy(out, 0, h.failures.spool.size); err != nil {
		return err
	}
	m.document = m.document[:0]
	if h.failures.count > 0 {
		if more := h.tally.counts.Failed + h.tally.counts.Errored - h.failures.count; more > 0 {
			m.raw(`<p class="note">… and ` + thousands(more) + " more; they are in the list of all requests, with their first message. The record of the run (-r ndjson=FILE) has the rest.</p>\n")
		}
		m.raw("</section>\n")
	}
	m.raw("<section id=\"requests\" aria-labelledby=\"h-requests\">\n<h2 id=\"h-requests\">All requests</h2>\n<p class=\"none\" role=\"status\" hidden>No request fits.</p>\n")
	_, err := out.Write(m.document)
	for _, s := range h.suites {
		err = errors.Join(err, h.suite(out, s))
	}
	m.document = m.document[:0]
	m.raw("</section>\n")
	h.timeline.write(&m)
	h.foot(&m)
	_, last := out.Write(m.document)
	return errors.Join(err, last)
}

// head begins the page. Its policy lets nothing in from outside, and runs no script but its own.
func (h *html) head(m *markup) {
	m.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	m.raw(`<meta name="referrer" content="no-referrer">` + "\n" + `<meta name="generator" content="hgrun`)
	if h.o.Version != "" {
		m.raw(" ")
		m.escape(oneLine(h.o.Version), true)
	}
	m.raw("\">\n")
	style, script := policyHash(htmlStyle), policyHash(htmlScript)
	if h.o.folder {
		style, script = "'self'", "'self'"
	}
	m.raw(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ` + style + `; script-src ` + script + `; base-uri 'none'; form-action 'none'">` + "\n")
	m.raw("<title>")
	_, sentence := h.sentence()
	m.line(sentence)
	m.raw(" · hgrun</title>\n")
	if h.o.folder {
		m.raw(`<link rel="stylesheet" href="` + htmlStyleFile + `">` + "\n" + `<script src="` + htmlScriptFile + `" defer></script>` + "\n")
	} else {
		m.raw("<style>" + htmlStyle + "</style>\n")
	}
	m.raw("</head>\n<body>\n")
}

// policyHash names a text in a content security policy (CSP 3, section 2.3.1).
func policyHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// sentence says what the run came to, and the outcome that this is.
func (h *html) sentence() (class, text string) {
	c := &h.tally.counts
	class, total := "passed", c.Total()
	bad := c.Failed + c.Errored
	switch {
	case total == 0:
		class, text = "skipped", "Nothing was sent"
		if h.o.Shard != "" {
			text = "Nothing to run"
		}
	case c.Failed > 0 && c.Errored > 0:
		class, text = "failed", thousands(c.Failed)+" failed and "+thousands(c.Errored)+" errored, of "+plural(total, "request")
	case c.Failed > 0:
		class, text = "failed", thousands(bad)+" of "+plural(total, "request")+" failed"
	case c.Errored > 0:
		class, text = "failed", thousands(bad)+" of "+plural(total, "request")+" errored"
	case c.Passed == 0:
		class, text = "skipped", plural(total, "request")+" skipped, none sent"
	case c.Skipped > 0:
		text = thousands(c.Passed) + " of " + plural(total, "request") + " passed, " + thousands(c.Skipped) + " skipped"
	default:
		text = plural(total, "request") + " passed"
	}
	if h.tally.interrupted {
		if class == "passed" {
			class = "skipped"
		}
		text = "Interrupted: " + strings.ToLower(text[:1]) + text[1:]
	}
	return class, text
}

// verdict says what a reader looks for, and of which run it is.
func (h *html) verdict(m *markup) {
	class, text := h.sentence()
	sign := map[string]string{"passed": "✓", "failed": "✗", "skipped": "–"}[class]
	m.raw("<a class=\"skip\" href=\"#main\">To the results</a>\n<header class=\"top " + class + "\">\n")
	m.raw("<div class=\"brand\"><span>hgrun</span><button type=\"button\" id=\"theme\" hidden>Dark or light</button></div>\n")
	m.raw("<h1><span class=\"mark\" aria-hidden=\"true\">" + sign + "</span> ")
	m.line(text)
	m.raw("</h1>\n<ul class=\"meta\">\n")
	item := func(label, value string) {
		if value != "" {
			m.raw("<li><span class=\"label\">" + label + "</span> ")
			m.line(value)
			m.raw("</li>\n")
		}
	}
	item("Environment", h.environments())
	if !h.tally.first.IsZero() {
		m.raw("<li><span class=\"label\">Started</span> ")
		m.moment(h.tally.first)
		m.raw("</li>\n")
	}
	if !h.tally.last.IsZero() {
		item("Took", timeText(h.tally.last.Sub(h.tally.first)))
	}
	if h.tally.tokens > 0 {
		item("Of them", plural(h.tally.tokens, "token exchange"))
	}
	item("Shard", h.o.Shard)
	item("Machine", host(h.o))
	item("hgrun", h.o.Version)
	if len(h.o.Origin.Selection) > 0 {
		m.raw("<li class=\"wide\"><span class=\"label\">Ran</span> ")
		m.el("code", "", "hgrun run "+strings.Join(h.o.Origin.Selection, " "))
		m.raw("</li>\n")
	}
	m.raw("</ul>\n</header>\n<main id=\"main\">\n")
}

// environments are the names of those that the collections ran in.
func (h *html) environments() string {
	var names []string
	seen := map[string]bool{}
	for _, s := range h.suites {
		if s.Environment != "" && !seen[s.Environment] {
			seen[s.Environment] = true
			names = append(names, s.Environment)
		}
	}
	return strings.Join(names, ", ")
}

// counts adds how many ended how, in words and as one bar.
func (h *html) counts(m *markup) {
	c := &h.tally.counts
	total := c.Total()
	if total == 0 {
		return
	}
	parts := []struct {
		outcome runner.Outcome
		n       int
	}{{runner.Failed, c.Failed}, {runner.Errored, c.Errored}, {runner.Skipped, c.Skipped}, {runner.Passed, c.Passed}}
	m.raw("<svg class=\"share\" width=\"100%\" height=\"8\" aria-hidden=\"true\">")
	at := 0
	for _, p := range parts {
		if p.n == 0 {
			continue
		}
		m.raw(`<rect class="fill-` + p.outcome.String() + `" x="`)
		m.percent(time.Duration(at), time.Duration(total))
		m.raw(`" width="`)
		m.percent(time.Duration(p.n), time.Duration(total))
		m.raw(`" height="8"/>`)
		at += p.n
	}
	m.raw("</svg>\n")
}

// suite writes a collection: its heading and its rows.
func (h *html) suite(out *bufio.Writer, s *htmlSuite) error {
	var m markup
	m.raw("<section class=\"suite\">\n<h3>")
	m.line(s.name)
	m.raw("</h3>\n<p class=\"where\">")
	m.el("code", "", s.File)
	if s.Environment != "" {
		m.raw(" · ")
		m.line(s.Environment)
	}
	m.raw(" · " + countsText(s.counts))
	if s.duration > 0 {
		m.raw(" · ")
		m.line(timeText(s.duration))
	}
	if s.interrupted {
		m.raw(" · <b>interrupted</b>")
	}
	m.raw("</p>\n")
	if _, err := out.Write(m.document); err != nil {
		return err
	}
	if err := h.rows.spool.copy(out, s.from, s.to); err != nil {
		return err
	}
	_, err := out.WriteString("</section>\n")
	return err
}

// countsText says how many ended how: "2 failed, 39 passed".
func countsText(c runner.Counts) string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{c.Failed, "failed"}, {c.Errored, "errored"}, {c.Skipped, "skipped"}, {c.Passed, "passed"}} {
		if p.n > 0 {
			parts = append(parts, thousands(p.n)+" "+p.word)
		}
	}
	if len(parts) == 0 {
		return "nothing ran"
	}
	return strings.Join(parts, ", ")
}

func (h *html) foot(m *markup) {
	m.raw("</main>\n<footer><p>Written by hgrun")
	if h.o.Version != "" {
		m.raw(" ")
		m.line(h.o.Version)
	}
	m.raw(". Secrets and tokens are masked: equal fingerprints are equal values.</p>\n<p class=\"keys\" hidden><kbd>j</kbd> <kbd>k</kbd> next and previous · <kbd>/</kbd> search · <kbd>f</kbd> failures · <kbd>Esc</kbd> all again</p></footer>\n")
	if !h.o.folder {
		m.raw("<script>" + htmlScript + "</script>\n")
	}
	m.raw("</body>\n</html>\n")
}

// copy writes what stands between two offsets.
func (s *spool) copy(out io.Writer, from, to int64) error {
	section, err := s.section(from, to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, section)
	return err
}

// discard removes the file of the spool.
func (s *spool) discard() error { return errors.Join(s.close(), s.scratch.remove()) }
