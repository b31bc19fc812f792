package collections

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// DefaultPages is the number of pages that are read at most where nothing says otherwise; one more is an error.
const DefaultPages = 1000

// Pages say how one request reads all pages of an answer.
type Pages struct {
	Max     int  // pages at most
	Given   bool // Max is what the collection wants, and no guard against a server without an end
	Offset  *Offset
	Link    bool         // the Link header tells the next page (RFC 8288)
	Next    expect.Query // where the body tells its URL; nil for Link and Offset
	Collect []Collected  // lists over all pages
}

// Offset counts pages in a parameter of the query.
type Offset struct {
	Param string
	Start int
	Size  int          // that is added for each page
	Total expect.Query // how many there are; nil where Items tells the end
	Items expect.Query // the list of a page, or its length; an empty one is the end
}

// Job says how to wait for an answer that a server gives later (202, then the status URL; FHIR asynchronous interactions).
type Job struct {
	Every time.Duration // between an answer and the next look, where the server asks for no other
	For   time.Duration // from the first request, after which no look begins
}

// DefaultJob is how long a job may take where nothing says otherwise.
const DefaultJob = 10 * time.Minute

func jobKeys(j *Job) source.Keys {
	return source.Keys{
		"every": func(n source.Node) { readSpan(n, "every", &j.Every) },
		"for":   func(n source.Node) { readSpan(n, "for", &j.For) },
	}
}

func (f *Flow) readJob(n source.Node) {
	j := &Job{Every: DefaultEvery, For: DefaultJob}
	if n.IsMap() {
		n.Map(jobKeys(j))
		f.Job = j
		return
	}
	on := false
	if source.Bool(&on)(n); on {
		f.Job = j
	}
}

func pagesKeys(p *Pages) source.Keys {
	return source.Keys{
		"next":   p.readNext,
		"offset": p.readOffset,
		"max":    func(n source.Node) { p.Given = true; source.Int(&p.Max, 1)(n) },
	}
}

func (f *Flow) readPages(n source.Node) {
	p := &Pages{Max: DefaultPages}
	f.Pages = p
	if n.IsScalar() {
		p.readNext(n)
		return
	}
	keys := pagesKeys(p)
	n.Map(keys)
	switch {
	case !n.IsMap() || unknown(n, keys):
	case n.Has("next") == n.Has("offset"):
		n.Errorf("paginate: want next: fhir, link or a path to the URL of the next page, or else offset:")
	}
}

// readNext reads where the next page is told: fhir, link, or a path in the body.
func (p *Pages) readNext(n source.Node) {
	switch n.Text() {
	case "link":
		p.Link = true
	case "fhir":
		p.Next = pathIn(n.Scalar(`link.#(relation=="next").url`))
	default:
		p.Next = pathIn(n)
	}
}

// pathIn returns the query of a path in the JSON body.
func pathIn(n source.Node) expect.Query {
	if strings.Contains(n.Text(), "{{") {
		n.Errorf("%q: want a path without variables", n.Text())
		return nil
	}
	return expect.Queries()["json"](n)
}

func offsetKeys(o *Offset) source.Keys {
	return source.Keys{
		"param": source.String(&o.Param),
		"start": source.Int(&o.Start, 0),
		"size":  source.Int(&o.Size, 1),
		"total": func(n source.Node) { o.Total = pathIn(n) },
		"items": func(n source.Node) { o.Items = pathIn(n) },
	}
}

func (p *Pages) readOffset(n source.Node) {
	o := &Offset{}
	p.Offset = o
	keys := offsetKeys(o)
	n.Map(keys)
	if !n.IsMap() || unknown(n, keys) {
		return
	}
	if !n.Has("param") || !n.Has("size") {
		n.Errorf("offset: want param:, the name in the query, and size:, what is added for each page")
	}
	if n.Has("total") == n.Has("items") {
		n.Errorf("offset: want total:, the path of how many there are, or else items:, the path of what a page holds")
	}
}

// Last reports whether no page comes after the one that begins at offset and brought an answer.
func (o *Offset) Last(a *expect.Answer, offset int) (bool, error) {
	query, of := o.Total, offset+o.Size
	if query == nil {
		query, of = o.Items, 1
	}
	found, err := query.Find(a)
	if err != nil {
		return false, err
	}
	if _, none := found.(expect.Absent); none {
		return false, fmt.Errorf("%s: nothing there, want how many there are", query)
	}
	n, ok := quantity(found)
	if !ok {
		return false, fmt.Errorf("%s: got %s, want how many there are", query, vars.Of(found).Literal())
	}
	return n < of || o.Total != nil && n == of, nil
}

// quantity is a number, or the length of a list.
func quantity(v any) (int, bool) {
	switch v := v.(type) {
	case []any:
		return len(v), true
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	}
	return 0, false
}

// checkWays refuses a request that goes several ways at once.
func (f *Flow) checkWays(n source.Node) {
	ways := slices.DeleteFunc([]string{"until", "paginate", "async"}, func(way string) bool { return !n.Has(way) })
	if len(ways) > 1 {
		n.Errorf("%s: and %s: stand in one request; write two", ways[0], ways[1])
	}
	if f.Pages != nil && f.Loop != nil {
		f.Pages.Collect = f.Loop.Collect
		if f.Loop.Collect = nil; f.Loop.key == "" {
			f.Loop = nil
		}
	}
}
