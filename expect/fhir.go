package expect

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/source"
)

// fhirQuery finds what a FHIR resource says of itself.
type fhirQuery struct {
	part string // "total", "links.next"
	path string // where it stands
}

// fhirParts is the table of what is asked of a resource, and the gjson path to it.
func fhirParts() map[string]string {
	return map[string]string{
		"entries":  "entry.#",
		"id":       "id",
		"profile":  "meta.profile",
		"resource": "resourceType",
		"total":    "total",
		"type":     "type",
		"version":  "meta.versionId",
	}
}

// readFHIRQuery reads resource, total, links.next and the like.
func readFHIRQuery(n source.Node) Query {
	name := n.Text()
	if relation, ok := strings.CutPrefix(name, "links."); ok && relation != "" {
		return linkQuery(relation)
	}
	parts := fhirParts()
	path, ok := parts[name]
	if !ok {
		n.Errorf("unknown part of a FHIR resource %q; %s", name, source.Suggest(name, append(sortedNames(parts), "links.next")))
		return nil
	}
	return fhirQuery{name, path}
}

func linkQuery(relation string) Query {
	return fhirQuery{"links." + relation, `link.#(relation==` + strconv.Quote(relation) + `).url`}
}

// readFHIR reads the type that a resource must be of, or a mapping of what it must say.
func readFHIR(n source.Node, t Terms) {
	if !n.IsMap() {
		readResourceType(n, t)
		return
	}
	if n.IsEmpty() {
		n.Errorf("expects nothing of fhir")
	}
	keys := source.Keys{"links": func(n source.Node) { readLinks(n, t) }, "no_errors": func(n source.Node) { readNoErrors(n, t) }}
	for part, path := range fhirParts() {
		keys[part] = func(n source.Node) { t.expect(fhirQuery{part, path}, n) }
	}
	keys["profile"] = func(n source.Node) { readProfile(n, t) }
	keys["resource"] = func(n source.Node) { readResourceType(n, t) }
	n.Map(keys)
}

// readResourceType reads a type, several of which one must be right, or predicates.
func readResourceType(n source.Node, t Terms) {
	q := fhirQuery{"resource", "resourceType"}
	switch {
	case n.IsList():
		t.into.expect(q, t.valid(readOneOf(n, t.about(q))))
	case n.IsScalar() && !n.IsText():
		n.Errorf("want a type of resource such as Patient, got %s", described(n.Value()))
	default:
		t.expect(q, n)
	}
}

func readLinks(n source.Node, t Terms) {
	for _, e := range n.Entries() {
		t.expect(linkQuery(e.Name()), e.Value)
	}
}

// readProfile reads the address of a profile that the resource claims to follow, or predicates on all of them.
func readProfile(n source.Node, t Terms) {
	q := fhirQuery{"profile", "meta.profile"}
	if !n.IsScalar() {
		t.expect(q, n)
		return
	}
	p := raw(n, func(v any) (matcher, error) {
		url, ok := v.(string)
		if !ok || url == "" {
			return nil, errors.New("want the address of a profile, got " + described(v))
		}
		return claims(url), nil
	})
	t.into.expect(q, t.valid(p))
}

// claims holds for a list of profiles with a certain one in it, of any version unless it names one.
type claims string

func (c claims) judge(v value) verdict {
	if v.kind != list {
		return unfit
	}
	return of(slices.ContainsFunc(v.list(), func(e any) bool {
		url, _ := e.(string)
		return url == string(c) || strings.HasPrefix(url, string(c)+"|")
	}))
}

func (c claims) want(what string, not bool) string { return to(what, "include "+quote(string(c)), not) }

func (q fhirQuery) String() string {
	if relation, ok := strings.CutPrefix(q.part, "links."); ok {
		return "fhir link " + relation
	}
	return "fhir " + q.part
}

// Find returns any value of JSON, or Absent. The error says that the body is not JSON.
func (q fhirQuery) Find(a *Answer) (any, error) { v, err := q.look(a); return v.box(), err }

func (q fhirQuery) look(a *Answer) (value, error) {
	doc, err := a.resource()
	if err != nil {
		return value{}, err
	}
	r := gjson.Get(doc, q.path)
	if q.part == "entries" && !r.Exists() && gjson.Get(doc, "resourceType").Str == "Bundle" {
		return value{kind: number, text: "0"}, nil
	}
	return valueOfJSON(r), nil
}

// resource returns the body, which is JSON.
func (a *Answer) resource() (string, error) {
	doc, err := a.document()
	if err != nil && strings.Contains(a.response.Header.Get("Content-Type"), "xml") {
		err = errors.New(err.Error() + "; ask for JSON with Accept: application/fhir+json")
	}
	return doc, err
}

func (q fhirQuery) hint(a *Answer) string {
	doc, err := a.resource()
	if err != nil {
		return ""
	}
	kind := gjson.Get(doc, "resourceType")
	switch {
	case kind.Type != gjson.String:
		return "the body has no resourceType, so it is no FHIR resource"
	case strings.HasPrefix(q.part, "links.") && gjson.Get(doc, "link").Exists():
		var relations []string
		for _, r := range gjson.Get(doc, "link.#.relation").Array() {
			relations = append(relations, r.String())
		}
		return "links of the Bundle: " + some(relations)
	}
	return "the resource is of type " + quote(kind.Str)
}

// details are the issues of an OperationOutcome that came in place of the resource.
func (q fhirQuery) details(a *Answer) []string {
	doc, err := a.resource()
	if err != nil || q.part != "resource" || gjson.Get(doc, "resourceType").Str != "OperationOutcome" {
		return nil
	}
	return issues(doc, "", false)
}

// readNoErrors reads true: no part of the answer is an OperationOutcome that tells of an error.
func readNoErrors(n source.Node, t Terms) {
	var yes bool
	source.Bool(&yes)(n)
	if !yes {
		if n.IsScalar() && n.Text() == "false" {
			n.Errorf("no_errors is true or not there; an error that is wanted is judged with json:")
		}
		return
	}
	t.into.expect(fhirErrors{}, []Predicate{{pos: n.Pos(), matcher: noIssues{}}})
}

// fhirErrors finds the errors that a response tells of: in an OperationOutcome that is the resource, or an entry of a
// Bundle, or the outcome of one, and as the status of an entry.
type fhirErrors struct{}

func (fhirErrors) String() string { return "fhir errors" }

// Find returns a []any of strings, each with its path.
func (fhirErrors) Find(a *Answer) (any, error) {
	doc, err := a.resource()
	if err != nil {
		return nil, err
	}
	found := []any{}
	add := func(lines []string) {
		for _, line := range lines {
			found = append(found, line)
		}
	}
	switch gjson.Get(doc, "resourceType").Str {
	case "OperationOutcome":
		add(issues(doc, "", true))
	case "Bundle":
		at := 0
		gjson.Get(doc, "entry").ForEach(func(_, entry gjson.Result) bool {
			add(entryErrors(entry, "entry."+strconv.Itoa(at)))
			at++
			return true
		})
	case "":
		return nil, errors.New("the body has no resourceType, so it is no FHIR resource")
	}
	return found, nil
}

func entryErrors(entry gjson.Result, path string) []string {
	var lines []string
	for _, place := range []string{"resource", "response.outcome"} {
		if outcome := entry.Get(place); outcome.Get("resourceType").Str == "OperationOutcome" {
			lines = append(lines, issues(outcome.Raw, path+"."+place+".", true)...)
		}
	}
	if status := entry.Get("response.status").String(); len(lines) == 0 && len(status) >= 3 && status >= "4" && status < "6" {
		lines = append(lines, path+".response.status: "+status)
	}
	return lines
}

// issues words the issues of an OperationOutcome, one a line; errors leaves out warnings and information.
func issues(outcome, prefix string, errors bool) []string {
	var lines []string
	at := 0
	gjson.Get(outcome, "issue").ForEach(func(_, issue gjson.Result) bool {
		severity := issue.Get("severity").Str
		if !errors || severity == "error" || severity == "fatal" {
			lines = append(lines, prefix+"issue."+strconv.Itoa(at)+": "+issueText(issue))
		}
		at++
		return true
	})
	return lines
}

// issueText says severity, code, the words of the server, and what they are about.
func issueText(issue gjson.Result) string {
	text := strings.TrimSpace(issue.Get("severity").Str + " " + issue.Get("code").Str)
	for _, path := range []string{"diagnostics", "details.text", "details.coding.0.display", "details.coding.0.code"} {
		if words := issue.Get(path).Str; words != "" {
			text += ": " + cut(strings.Join(strings.Fields(words), " "))
			break
		}
	}
	for _, path := range []string{"expression.0", "location.0"} {
		if place := issue.Get(path).Str; place != "" {
			return text + " (at " + cut(place) + ")"
		}
	}
	return text
}

// noIssues holds for a list of errors with nothing in it.
type noIssues struct{}

func (noIssues) judge(v value) verdict {
	if v.kind != list {
		return unfit
	}
	return of(len(v.list()) == 0)
}

func (noIssues) want(string, bool) string { return "none" }

func (i noIssues) explain(v value, _ bool) string {
	switch lines := i.differences(v); len(lines) {
	case 0:
		return ""
	case 1:
		return "got one, want none: " + lines[0]
	default:
		return "got " + strconv.Itoa(len(v.list())) + ", want none"
	}
}

func (noIssues) differences(v value) []string {
	var lines []string
	for _, e := range v.list() {
		lines = append(lines, e.(string))
	}
	return atMost(lines)
}
