package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A matcher compares what a resource has with what is sought; modifier is "exact", "contains" or "".
type matcher func(has, sought, modifier string) bool

// searchParameters returns how each parameter of a resource type is compared; false for a type that is not served.
// A parameter's values are those of the same name in record.values.
func searchParameters(kind string) (map[string]matcher, bool) {
	switch kind {
	case "Patient":
		return map[string]matcher{
			"_id": matchID, "family": matchText, "given": matchText, "name": matchText, "birthdate": matchDate,
			"identifier": matchCode, "gender": matchCode,
		}, true
	case "Observation", "DocumentReference":
		return map[string]matcher{
			"_id": matchID, "patient": matchReference, "subject": matchReference, "code": matchCode, "type": matchCode,
			"date": matchDate,
		}, true
	}
	return nil, false
}

func search(r fhirRequest) answer { return r.search(r.URL.Query()) }

// searchForm is POST [type]/_search, whose parameters come in the body and in the query.
func searchForm(r fhirRequest) answer {
	if err := r.ParseForm(); err != nil {
		return outcome(http.StatusBadRequest, "invalid", "the form cannot be read", UnreadableBody)
	}
	return r.search(r.Form)
}

// search answers with one page of the resources that match all parameters. Unknown parameters are left out of the self
// link, unless the client prefers strict handling.
func (r fhirRequest) search(query url.Values) answer {
	query, refused := r.server.follow(r.kind, query)
	if refused != nil {
		return *refused
	}
	p, bad := readPage(query)
	if bad != "" {
		return outcome(http.StatusBadRequest, "invalid", bad, WrongParameter)
	}
	query.Del("_count")
	query.Del("_offset")
	known, _ := searchParameters(r.kind)
	var terms []term
	for name, values := range query {
		plain, modifier, _ := strings.Cut(name, ":")
		match, ok := known[plain]
		if !ok || !slices.Contains([]string{"", "exact", "contains"}, modifier) {
			if prefers(r.Request, "handling=strict") {
				return outcome(http.StatusBadRequest, "not-supported", "unknown parameter "+name, WrongParameter)
			}
			query.Del(name)
			continue
		}
		for _, value := range values {
			terms = append(terms, term{plain, modifier, strings.Split(value, ","), match})
		}
	}
	found := r.server.records().all(r.kind, func(each *record) bool {
		return r.covers(each) && !slices.ContainsFunc(terms, func(t term) bool { return !t.holds(each) })
	})
	return r.server.bundle(r.kind, query, p, found)
}

// A term is one search parameter with its alternatives.
type term struct {
	name, modifier string
	sought         []string
	match          matcher
}

func (t term) holds(r *record) bool {
	return slices.ContainsFunc(t.sought, func(sought string) bool {
		return slices.ContainsFunc(r.values()[t.name], func(has string) bool { return t.match(has, sought, t.modifier) })
	})
}

func matchID(has, sought, _ string) bool { return has == sought }

// matchText compares without case from the start of the word; has is in lower case.
func matchText(has, sought, modifier string) bool {
	sought = strings.ToLower(sought)
	switch modifier {
	case "exact":
		return has == sought
	case "contains":
		return strings.Contains(has, sought)
	}
	return has != "" && strings.HasPrefix(has, sought)
}

// matchCode compares a code or an identifier, with its system or without.
func matchCode(has, sought, _ string) bool {
	if strings.Contains(sought, "|") {
		return has == sought
	}
	_, value, _ := strings.Cut(has, "|")
	return value != "" && value == sought
}

func matchReference(has, sought, _ string) bool {
	return has != "" && has == strings.TrimPrefix(sought, "Patient/")
}

// matchDate compares to the precision of what is sought: 1984 is any day of that year.
func matchDate(has, sought, _ string) bool {
	compare := "eq"
	if len(sought) > 2 && sought[0] > '9' {
		compare, sought = sought[:2], sought[2:]
	}
	if len(has) > len(sought) {
		has = has[:len(sought)]
	}
	if has == "" {
		return false
	}
	switch compare {
	case "eq":
		return has == sought
	case "ne":
		return has != sought
	case "ge":
		return has >= sought
	case "gt", "sa":
		return has > sought
	case "le":
		return has <= sought
	case "lt", "eb":
		return has < sought
	}
	return false
}
