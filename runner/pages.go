package runner

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// pages turns the pages of an answer. Each is judged by itself.
type pages struct {
	*collections.Pages
	course *course
	count  int
	offset int
	seen   map[string]bool // URLs of pages
	lists  *lists
	answer *expect.Answer // the last
}

func newPages(c *course) *pages {
	p := &pages{Pages: c.req.Flow.Pages, course: c, seen: map[string]bool{}, lists: newLists(c.req.Flow.Pages.Collect)}
	if o := p.Offset; o != nil {
		p.offset = o.Start
	}
	p.lists.forget(c.round.scope)
	return p
}

// pending implements guide: every page is judged.
func (p *pages) pending(a *expect.Answer, _ *wire.Exchange) ([]expect.Failure, error) {
	p.answer = a
	return nil, nil
}

// next implements guide.
func (p *pages) next(t *try) (leg, bool) {
	p.count++
	if t.outcome != Passed {
		if p.count > 1 && len(t.problems) > 0 {
			t.problems[0].Message = fmt.Sprintf("page %d: %s", p.count, t.problems[0].Message)
		}
		return p.end()
	}
	p.lists.takePage(p.course.round.scope)
	next, err := p.after(t.exchange)
	if err == nil && next != nil && p.count == p.Max && !p.Given {
		err = fmt.Errorf("there is one more page after %d; set max: to read fewer or more", p.count)
	}
	if err != nil {
		t.outcome = Failed
		t.problems = p.course.problems(AssertionFailure, fmt.Errorf("paginate: page %d: %w", p.count, err), p.course.req.Pos)
		return p.end()
	}
	if next == nil || p.count == p.Max {
		return p.end()
	}
	p.lists.forget(p.course.round.scope)
	return *next, true
}

func (p *pages) end() (leg, bool) {
	p.lists.set(p.course.round.scope)
	return leg{}, false
}

// after returns the way to the page after one, nil where there is none.
func (p *pages) after(x *wire.Exchange) (*leg, error) {
	if o := p.Offset; o != nil {
		last, err := o.Last(p.answer, p.offset)
		if err != nil || last {
			return nil, err
		}
		p.offset += o.Size
		l := &leg{step: StepPage}
		l.parameter(o.Param, p.offset)
		return l, nil
	}
	link, err := p.link(x)
	if err != nil || link == "" {
		return nil, err
	}
	p.seen[x.Request.URL] = true
	to, err := p.course.follow(x, link)
	if err != nil {
		return nil, err
	}
	if p.seen[to] {
		return nil, fmt.Errorf("the next page is one that was read already: %s", to)
	}
	return &leg{step: StepPage, url: to, read: true}, nil
}

// link returns the URL of the next page as the answer has it, empty for none.
func (p *pages) link(x *wire.Exchange) (string, error) {
	if p.Link {
		return nextLink(x.Response.Header), nil
	}
	found, err := p.Next.Find(p.answer)
	if err != nil {
		return "", err
	}
	switch link := found.(type) {
	case string:
		return link, nil
	case nil, expect.Absent:
		return "", nil
	}
	return "", fmt.Errorf("%s: got %s, want the URL of the next page", p.Next, vars.Of(found).Literal())
}

// nextLink returns the target of the Link header with the relation next (RFC 8288, section 3).
func nextLink(h http.Header) string {
	for _, value := range h.Values("Link") {
		for value != "" {
			open := strings.IndexByte(value, '<')
			end := strings.IndexByte(value, '>')
			if open < 0 || end < open {
				break
			}
			target, rest := value[open+1:end], value[end+1:]
			parameters := rest
			if comma := nextComma(rest); comma >= 0 {
				parameters, rest = rest[:comma], rest[comma+1:]
			} else {
				rest = ""
			}
			if isNext(parameters) {
				return target
			}
			value = rest
		}
	}
	return ""
}

// nextComma returns where the next comma outside quotes stands, or -1.
func nextComma(text string) int {
	quoted := false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return i
		}
	}
	return -1
}

// isNext reports whether the parameters of a link have next among their relations.
func isNext(parameters string) bool {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for relation := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(relation, "next") {
				return true
			}
		}
		return false // a second rel does not count (RFC 8288, section 3.3)
	}
	return false
}

// follow returns the absolute URL of a link in an answer. Credentials go along, so it must lead to where the answer came from, or to
// a host that the environment names.
func (c *course) follow(x *wire.Exchange, link string) (string, error) {
	base, err := url.Parse(x.Response.URL)
	if err != nil {
		return "", err
	}
	to, err := base.Parse(link)
	if err != nil {
		return "", fmt.Errorf("%q is no URL", link)
	}
	to.Fragment, to.RawFragment = "", ""
	target := to.String()
	if to.Scheme == base.Scheme && to.Host == base.Host {
		return target, nil
	}
	if len(c.job.Environment.Hosts) > 0 {
		return target, c.client.guard.Host(target)
	}
	return "", errors.New("leads to " + to.Scheme + "://" + to.Host + ", and credentials stay at " + base.Scheme + "://" + base.Host + "; name both in the environment's hosts: to allow it")
}

// parameter sets a parameter of the query in the place of the one that the request has.
func (l *leg) parameter(name string, value int) {
	l.query = [2]string{name, strconv.Itoa(value)}
}

// withParameter returns a URL whose query has one value for a name; the others stay as they are.
func withParameter(target, name, value string) string {
	before, query, _ := strings.Cut(target, "?")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(key); pair != "" && (err != nil || plain != name) {
			kept = append(kept, pair)
		}
	}
	return before + "?" + strings.Join(append(kept, url.QueryEscape(name)+"="+url.QueryEscape(value)), "&")
}
