package diagnosis

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func wrongAccept() Rule {
	return Rule{
		Code: "HG072", Title: "the server cannot answer in the format that was asked for", Rank: 6,
		Answers: WrongType | Answered, Words: []string{"accept"}, Explain: explainAccept,
		Page: Page{
			Symptom:   "406, or XML where JSON is expected.",
			Cause:     "Accept names a format that the server does not have, or none, so that it chose another.",
			Detection: "Accept against the Content-Type of the answer.",
			Evidence:  "Both.",
			Fix:       "headers: {Accept: application/fhir+json}.",
			Sources:   "FHIR R4, section 3.1.0.1.11; Pattern Health wants Accept: application/json.",
		},
	}
}

func explainAccept(c *Case) []Finding {
	r := c.response()
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	accept := c.header("Accept")
	f := Finding{Pos: c.at("header Accept", "request"), Fix: "headers: {Accept: application/json}"}
	if strings.Contains(c.request().URL, "/fhir") {
		f.Fix = "headers: {Accept: application/fhir+json}"
	}
	f.Evidence = []Evidence{line(Sent, "Accept %s", quote(accept)), line(Server, "%d, Content-Type %s", r.Status, quote(clip(kind, 60)))}
	switch {
	case r.Status == 406:
		f.Confidence = Certain
		f.Cause = "the server cannot answer in the format that Accept asks for"
	case r.Status == 415 && c.role() != TokenRequest:
		f.Confidence = Likely
		f.Pos = c.at("header Content-Type", "body", "request")
		f.Cause = "the server does not take a body of this Content-Type"
		f.Evidence[0] = line(Sent, "Content-Type %s", quote(c.header("Content-Type")))
		f.Fix = "send the Content-Type that the server documents"
	case r.Status/100 == 2 && strings.Contains(kind, "xml") && strings.Contains(c.request().URL, "/fhir") && !strings.Contains(accept, "xml"):
		f.Confidence = Likely
		f.Cause = "the FHIR server answered in XML, because Accept did not ask for JSON"
	default:
		return nil
	}
	return one(f)
}

func ignoredSearch() Rule {
	return Rule{
		Code: "HG073", Title: "the server ignored a search parameter", Rank: 6,
		Answers: Answered, Explain: explainIgnored,
		Page: Page{
			Symptom:   "A search succeeds, and finds everything, or nothing.",
			Cause:     "The server does not know the parameter. FHIR lets it search without, and say so in the self link alone.",
			Detection: "The parameters of the request against those of the self link.",
			Evidence:  "The names that are missing.",
			Fix:       "headers: {Prefer: handling=strict} makes it an error; check the name and its capitals.",
			Sources:   "FHIR R4, section 3.1.1.6; measured: some servers ignore, others find nothing.",
		},
	}
}

// selfLink returns the self link of a searchset, without reading the resources in it.
func selfLink(body []byte) string {
	at := bytes.Index(body, []byte(`"link"`))
	if at < 0 || !bytes.Contains(body, []byte(`"searchset"`)) {
		return ""
	}
	rest := body[at+len(`"link"`):]
	colon := bytes.IndexByte(rest, ':')
	if colon < 0 {
		return ""
	}
	var links []struct{ Relation, URL string }
	if json.NewDecoder(bytes.NewReader(rest[colon+1:])).Decode(&links) != nil {
		return ""
	}
	for _, l := range links {
		if l.Relation == "self" {
			return l.URL
		}
	}
	return ""
}

// ourOwn are parameters that are no search: a server may leave them out of the self link.
func ourOwn(name string) bool {
	switch name {
	case "_count", "_offset", "_cursor", "_format", "_pretty", "_total", "_summary", "_elements", "_sort", "_include", "_revinclude",
		"_getpages", "_getpagesoffset", "_page", "page", "access_token":
		return true
	}
	return strings.HasPrefix(name, "_include:") || strings.HasPrefix(name, "_revinclude:")
}

func explainIgnored(c *Case) []Finding {
	_, query, ok := strings.Cut(c.request().URL, "?")
	if !ok || c.request().Method != http.MethodGet || c.response().Status != 200 {
		return nil
	}
	self := selfLink(c.response().Body)
	if self == "" {
		return nil
	}
	sent, errS := url.ParseQuery(query)
	u, errU := url.Parse(self)
	if errS != nil || errU != nil {
		return nil
	}
	used := u.Query()
	var lost []string
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !used.Has(name) && !ourOwn(name) && len(lost) < 8 {
			lost = append(lost, clip(printable(name), 40))
		}
	}
	if lost == nil {
		return nil
	}
	return one(Finding{
		Confidence: Likely, Pos: c.at("query "+lost[0], "url", "request"),
		Cause:    "the server searched without " + strings.Join(lost, ", ") + ": its self link does not have it",
		Evidence: []Evidence{line(Sent, "%s", shownURL(c.request().URL)), line(Server, "self link %s", shownURL(self))},
		Fix:      "check the parameter's name, capitals included; headers: {Prefer: handling=strict} makes the server refuse instead",
	})
}
