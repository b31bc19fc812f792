package sandbox

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
)

const (
	defaultCount = 20
	maxCount     = 100
)

// A page is which part of the found resources is wanted.
type page struct{ count, offset int }

// readPage reads _count, which is cut to maxCount, and _offset; bad says what is wrong with them.
func readPage(query url.Values) (p page, bad string) {
	p.count = defaultCount
	for name, target := range map[string]*int{"_count": &p.count, "_offset": &p.offset} {
		if !query.Has(name) {
			continue
		}
		n, err := strconv.Atoi(query.Get(name))
		if err != nil || n < 0 {
			return page{}, name + ": want a whole number that is not negative"
		}
		*target = n
	}
	p.count, p.offset = min(p.count, maxCount), min(p.offset, math.MaxInt32) // sums must not overflow
	return p, ""
}

type link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

// bundle is a page of a search at a path below the base. The links repeat the parameters that were used.
func (s *fhirServer) bundle(path string, used url.Values, p page, found []*record) answer {
	from := min(p.offset, len(found))
	body := fmt.Appendf(nil, `{"resourceType":"Bundle","type":"searchset","total":%d,"link":%s`,
		len(found), encode(s.links(path, used, p, len(found))))
	separator := `,"entry":[`
	for _, r := range found[from:min(from+p.count, len(found))] { // by hand: the resources are encoded already
		body = fmt.Appendf(body, `%s{"fullUrl":"%s/%s/%s","resource":%s,"search":{"mode":"match"}}`,
			separator, s.base, r.kind, r.id, r.body)
		separator = ","
	}
	if separator == "," {
		body = append(body, ']')
	}
	return fhirAnswer(http.StatusOK, append(body, '}'))
}

// links are self, first, last and, where there is such a page, previous and next.
func (s *fhirServer) links(path string, used url.Values, p page, total int) []link {
	at := func(relation string, offset int) link {
		return link{relation, s.at(path, used, p.count, offset)}
	}
	links := []link{at("self", p.offset)}
	if p.count == 0 { // only the total was wanted
		return links
	}
	links = append(links, at("first", 0))
	if p.offset > 0 {
		links = append(links, at("previous", max(0, p.offset-p.count)))
	}
	if p.offset+p.count < total {
		links = append(links, at("next", p.offset+p.count))
	}
	return append(links, at("last", max(0, total-1)/p.count*p.count))
}
