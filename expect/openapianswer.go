package expect

import (
	"encoding/json"
	"mime"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// openAPIAnswer is what a document says of one status of an action.
type openAPIAnswer struct {
	set     *schemaSet
	headers []openAPIHeader
	media   []openAPIMedia // none where there is no body
}

// openAPIHeader is a header of an answer.
type openAPIHeader struct {
	name     string
	required bool
	schema   *schema // nil for any text
	node     any     // the schema as it is written, which says what the text of a header stands for
}

// openAPIMedia is one of the types that the body of an answer may be of.
type openAPIMedia struct {
	of     string  // application/json, text/*, */*
	schema *schema // nil for anything
}

// compile reads what answers to the actions must be. What is wrong is added to the problems of the set.
func (d *openAPI) compile(actions ...*openAPIAction) {
	for _, a := range actions {
		if a.answers != nil {
			continue
		}
		a.answers = map[string]*openAPIAnswer{}
		responses := d.part(a.at, "responses")
		for _, status := range sortedNames(mapping(responses.node)) {
			if strings.HasPrefix(status, "x-") {
				continue
			}
			at := responses.down(mapping(responses.node)[status], status)
			if !isStatusKey(status) {
				d.set.problem(at, "responses: "+quote(status)+" is no status; want one such as 200, a class such as 4XX, or default")
				continue
			}
			a.answers[strings.ToUpper(status)] = d.answer(d.follow(at))
		}
	}
	d.set.finish()
}

func isStatusKey(s string) bool {
	if s == "default" {
		return true
	}
	return len(s) == 3 && s[0] >= '1' && s[0] <= '5' && (digits(s) == 3 || strings.EqualFold(s[1:], "xx"))
}

func (d *openAPI) answer(at schemaPlace) *openAPIAnswer {
	out := &openAPIAnswer{set: d.set}
	headers := d.part(at, "headers")
	for _, name := range sortedNames(mapping(headers.node)) {
		if strings.EqualFold(name, "Content-Type") {
			continue // it is described by content (OpenAPI 3.1, section 4.8.17.1)
		}
		header := d.part(headers, name)
		h := openAPIHeader{name: name, required: mapping(header.node)["required"] == true}
		if node, ok := mapping(header.node)["schema"]; ok {
			h.schema = d.set.compile(header.down(node, "schema"))
			h.node = d.follow(header.down(node, "schema")).node
		}
		out.headers = append(out.headers, h)
	}
	content := d.part(at, "content")
	for _, media := range sortedNames(mapping(content.node)) {
		one := openAPIMedia{of: strings.ToLower(media)}
		described := d.part(content, media)
		if node, ok := mapping(described.node)["schema"]; ok {
			one.schema = d.set.compile(described.down(node, "schema"))
		}
		out.media = append(out.media, one)
	}
	return out
}

// deviations lists where an answer is not as the action describes it.
func (a *openAPIAction) deviations(got *Answer) []string {
	status := strconv.Itoa(got.response.Status)
	answer := a.answers[status]
	if answer == nil {
		answer = a.answers[status[:1]+"XX"]
	}
	if answer == nil {
		answer = a.answers["DEFAULT"]
	}
	if answer == nil {
		return []string{"status " + status + ": not described, only " + some(lowered(sortedNames(a.answers)))}
	}
	lines := answer.headerDeviations(got)
	return append(lines, answer.bodyDeviations(a.method, got)...)
}

// lowered writes default as documents do.
func lowered(names []string) []string {
	for i, n := range names {
		if n == "DEFAULT" {
			names[i] = "default"
		}
	}
	return names
}

func (o *openAPIAnswer) headerDeviations(got *Answer) []string {
	var lines []string
	for _, h := range o.headers {
		found := got.response.Header[textproto.CanonicalMIMEHeaderKey(h.name)]
		switch {
		case len(found) == 0 && h.required:
			lines = append(lines, "header "+h.name+": missing, and required")
		case len(found) > 0 && h.schema != nil:
			lines = append(lines, o.check(h.schema, headerValue(h.node, strings.Join(found, ",")), "header "+h.name)...)
		}
	}
	return lines
}

// check lists where a value does not fit a schema.
func (o *openAPIAnswer) check(s *schema, v any, what string) []string {
	w := &schemaWalk{set: o.set}
	w.check(s, v, nil, nil)
	lines := make([]string, len(w.violations))
	for i, found := range w.violations {
		separator := " "
		if found.at == nil {
			separator = ": "
		}
		lines[i] = what + separator + found.String()
	}
	return lines
}

// headerValue reads the text of a header as its schema means it (style simple, OpenAPI 3.1, section 4.8.12.3).
func headerValue(schema any, text string) any {
	types := listOf(mapping(schema)["type"])
	has := func(name string) bool { return slices.Contains(types, any(name)) }
	switch {
	case has("array"):
		elements := []any{}
		for part := range strings.SplitSeq(text, ",") {
			elements = append(elements, headerValue(mapping(schema)["items"], strings.TrimSpace(part)))
		}
		return elements
	case (has("integer") || has("number")) && isNumber(text):
		return json.Number(text)
	case has("boolean") && (text == "true" || text == "false"):
		return text == "true"
	}
	return text
}

func (o *openAPIAnswer) bodyDeviations(method string, got *Answer) []string {
	contentType := got.response.Header.Get("Content-Type")
	bodiless := method == "HEAD" || got.response.Status == 204 || got.response.Status == 304
	switch {
	case bodiless:
		return nil
	case got.body == "" && len(o.media) == 0:
		return nil
	case got.body == "":
		return []string{"body: empty, want " + o.types()}
	case len(o.media) == 0:
		return []string{"body: got " + strconv.Itoa(len(got.body)) + " bytes of " + orNone(contentType) + ", and none is described"}
	}
	media, ok := o.choose(contentType)
	if !ok {
		return []string{"header Content-Type: got " + orNone(contentType) + ", want " + o.types()}
	}
	if media.schema == nil {
		return nil
	}
	name, _, _ := mime.ParseMediaType(contentType)
	switch {
	case name == "application/json" || strings.HasSuffix(name, "+json"):
		doc, err := got.document()
		if err != nil {
			return []string{"body: " + strings.TrimPrefix(err.Error(), "the body ")}
		}
		return o.check(media.schema, fromJSON(doc), "body")
	case strings.HasPrefix(name, "text/") && name != "text/xml":
		text, err := got.text()
		if err != nil {
			return []string{"body: " + err.Error()}
		}
		return o.check(media.schema, text, "body")
	}
	return nil // XML, forms and bytes have no value that a schema could judge
}

func orNone(contentType string) string {
	if contentType == "" {
		return "no Content-Type"
	}
	return contentType
}

// types lists the media types that are described.
func (o *openAPIAnswer) types() string {
	names := make([]string, len(o.media))
	for i, m := range o.media {
		names[i] = m.of
	}
	return strings.Join(names, " or ")
}

// choose returns the most concrete of the media types that a Content-Type fits.
func (o *openAPIAnswer) choose(contentType string) (openAPIMedia, bool) {
	name, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		name = ""
	}
	kind, _, _ := strings.Cut(name, "/")
	best, rank := openAPIMedia{}, 0
	for _, m := range o.media {
		r := 0
		of, wanted, err := mime.ParseMediaType(m.of)
		switch {
		case err != nil:
		case of == name && len(wanted) > 0 && includesAll(params, wanted):
			r = 4
		case of == name && len(wanted) == 0:
			r = 3
		case of == kind+"/*":
			r = 2
		case of == "*/*":
			r = 1
		}
		if r > rank {
			best, rank = m, r
		}
	}
	return best, rank > 0
}

func includesAll(params, wanted map[string]string) bool {
	for name, v := range wanted {
		if !strings.EqualFold(params[name], v) {
			return false
		}
	}
	return true
}
