package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A found is what a Bundle says.
type found struct {
	ResourceType, Type string
	Total              int
	Link               []struct{ Relation, URL string }
	Entry              []struct {
		FullURL  string
		Resource struct{ ResourceType, ID string }
	}
}

func (r reply) found(t *testing.T) found {
	t.Helper()
	var f found
	if err := json.Unmarshal([]byte(r.body), &f); err != nil || f.Type != "searchset" {
		t.Fatal(err, r.status, r.body)
	}
	return f
}

func (f found) link(relation string) string {
	for _, l := range f.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

// issue returns the code of the issue of an OperationOutcome, or "".
func (r reply) issue() string {
	var o struct {
		ResourceType string
		Issue        []struct{ Severity, Code string }
	}
	if json.Unmarshal([]byte(r.body), &o) != nil || o.ResourceType != "OperationOutcome" || len(o.Issue) != 1 {
		return ""
	}
	return o.Issue[0].Code
}

func TestPatientsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	for query, want := range map[string]int{
		"":                           45,
		"family=Quillon":             3,
		"family=quil":                3,
		"family:exact=Quil":          0,
		"family:contains=UILLO":      3,
		"family=Quillon,Corvanth":    6,
		"family=Quillon&given=Maren": 1,
		"given=isolde":               9,
		"name=quil":                  3,
		"name=Isolde":                9,
		"birthdate=1984-03-09":       1,
		"birthdate=ge1900":           45,
		"birthdate=lt1900":           0,
		"birthdate=xx1984":           0,
		"identifier=MRN-1001":        1,
		"identifier=MRN-100":         0,
		"_id=1001,1002":              2,
		"_id=1001&family=Corvanth":   0,
		"gender=other":               9,
		"colour=red":                 45,
		"identifier=" + url.QueryEscape(seedSystem+"|MRN-1002"):     1,
		"identifier=" + url.QueryEscape("urn:other|MRN-1002"):       0,
		"birthdate=ge1984&birthdate=le1984&family=Quillon&_id=1001": 1,
	} {
		if got := b.get(token, "/Patient?"+query).found(t); got.Total != want {
			t.Errorf("%s: got %d, want %d", query, got.Total, want)
		}
	}
	form := b.send("POST", b.vars["fhir_url"]+"/Patient/_search", "family=Quillon", "Content-Type", formType,
		"Authorization", "Bearer "+token)
	if got := form.found(t); got.Total != 3 {
		t.Errorf("got %d by a form, want 3", got.Total)
	}
}

func TestASearchLinksItsPages(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	at := b.vars["fhir_url"] + "/Patient?_count=%d&_offset=%d"
	cases := []struct {
		query                             string
		entries                           int
		self, first, previous, next, last string
	}{
		{"", 20, fmt.Sprintf(at, 20, 0), fmt.Sprintf(at, 20, 0), "", fmt.Sprintf(at, 20, 20), fmt.Sprintf(at, 20, 40)},
		{"?_offset=20", 20, fmt.Sprintf(at, 20, 20), fmt.Sprintf(at, 20, 0), fmt.Sprintf(at, 20, 0), fmt.Sprintf(at, 20, 40),
			fmt.Sprintf(at, 20, 40)},
		{"?_offset=40", 5, fmt.Sprintf(at, 20, 40), fmt.Sprintf(at, 20, 0), fmt.Sprintf(at, 20, 20), "", fmt.Sprintf(at, 20, 40)},
		{"?_count=500", 45, fmt.Sprintf(at, 100, 0), fmt.Sprintf(at, 100, 0), "", "", fmt.Sprintf(at, 100, 0)},
		{"?_count=15&_offset=30", 15, fmt.Sprintf(at, 15, 30), fmt.Sprintf(at, 15, 0), fmt.Sprintf(at, 15, 15), "",
			fmt.Sprintf(at, 15, 30)},
		{"?_count=0", 0, fmt.Sprintf(at, 0, 0), "", "", "", ""},
		{"?colour=red", 20, fmt.Sprintf(at, 20, 0), fmt.Sprintf(at, 20, 0), "", fmt.Sprintf(at, 20, 20), fmt.Sprintf(at, 20, 40)},
	}
	for _, c := range cases {
		got := b.get(token, "/Patient"+c.query).found(t)
		if len(got.Entry) != c.entries || got.link("self") != c.self || got.link("first") != c.first ||
			got.link("previous") != c.previous || got.link("next") != c.next || got.link("last") != c.last {
			t.Errorf("%s: got %d entries, links %v", c.query, len(got.Entry), got.Link)
		}
	}
	seen := map[string]bool{}
	for next := b.vars["fhir_url"] + "/Patient?_count=7"; next != ""; {
		page := b.send("GET", next, "", "Authorization", "Bearer "+token).found(t)
		for _, e := range page.Entry {
			seen[e.FullURL] = true
		}
		next = page.link("next")
	}
	if len(seen) != 45 {
		t.Errorf("got %d patients over all pages, want 45", len(seen))
	}
	for _, query := range []string{"?_count=many", "?_count=-1", "?_offset=x"} {
		b.get(token, "/Patient"+query).is(t, 400, "", WrongParameter)
	}
	if got := b.get(token, "/Patient?_offset=9223372036854775807").found(t); len(got.Entry) != 0 || got.link("next") != "" {
		t.Errorf("got %v", got)
	}
	b.get(token, "/Patient?colour=red", "Prefer", "handling=strict").is(t, 400, "", WrongParameter)
}

func TestTheRecordsOfAPatientAreFound(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	for path, want := range map[string]int{
		"/Observation?patient=1001":                    2,
		"/Observation?subject=Patient/1001":            2,
		"/Observation?patient=1001&code=29463-7":       1,
		"/Observation?date=2025-01-15&code=8867-4":     45,
		"/Observation?date=gt2025-01-15T08:30":         28, // two of each of the last fourteen
		"/DocumentReference?patient=Patient/1001":      1,
		"/DocumentReference?type=34133-9&patient=1001": 1,
		"/Patient/1001/$everything":                    4,
	} {
		if got := b.get(token, path).found(t); got.Total != want {
			t.Errorf("%s: got %d, want %d", path, got.Total, want)
		}
	}
	for _, path := range []string{"/Observation/o-1001-1", "/DocumentReference/d-1001"} {
		if got := b.get(token, path); got.status != 200 || got.member("resourceType")+"/"+got.member("id") != path[1:] {
			t.Errorf("%s: got %d %s", path, got.status, got.body)
		}
	}
	all := b.get(token, "/Patient/1001/$everything").found(t).Entry
	if all[0].Resource.ResourceType != "Patient" || all[3].FullURL != b.vars["fhir_url"]+"/DocumentReference/d-1001" {
		t.Errorf("got %v", all)
	}
	b.get(token, "/Patient/0/$everything").is(t, 404, "", UnknownResource)
	b.get(token, "/Patient/1001/$everything?_count=x").is(t, 400, "", WrongParameter)
	b.get(token, "/Observation/o-1001-1/$everything").is(t, 404, "", UnknownPath)
}

func TestAFailureIsAnOperationOutcome(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	cases := []struct {
		method, path, body string
		status             int
		issue              string
		reason             Reason
	}{
		{"GET", "/Patient/9999", "", 404, "not-found", UnknownResource},
		{"GET", "/Colour", "", 404, "not-supported", UnknownResource},
		{"GET", "/Patient/1001/_history/1", "", 404, "not-found", UnknownPath},
		{"GET", "", "", 404, "not-supported", UnknownResource},
		{"DELETE", "/Patient/1001", "", 405, "not-supported", WrongMethod},
		{"POST", "/Patient", "{", 400, "structure", UnreadableBody},
		{"POST", "/Patient", "null", 400, "structure", UnreadableBody},
		{"POST", "/Patient", `{"resourceType":"Observation"}`, 400, "invalid", UnreadableBody},
		{"POST", "/Patient", strings.Repeat(" ", maxBody+1), 400, "invalid", UnreadableBody},
		{"POST", "/Patient", `{"resourceType":"Patient"}`, 422, "invariant", InvalidResource},
		{"POST", "/Patient", `{"resourceType":"Patient","name":"Vesper"}`, 422, "invariant", InvalidResource},
		{"POST", "/Patient", `{"resourceType":"Patient","name":[{"family":"Vesper"}],"birthDate":"9 March"}`, 422,
			"invariant", InvalidResource},
		{"POST", "/Patient", `{"resourceType":"Patient","name":[{"family":"Vesper"}],"gender":"f"}`, 422, "invariant",
			InvalidResource},
		{"POST", "/Patient", `{"resourceType":"Patient","name":[{"family":"Vesper"}],"meta":7}`, 422, "invariant",
			InvalidResource},
		{"POST", "/Observation", `{"resourceType":"Observation"}`, 422, "invariant", InvalidResource},
		{"POST", "/Patient", `{"resourceType":"Patient","name":[{"family":"Vesper"}],"identifier":[{"system":"` + seedSystem +
			`","value":"MRN-1001"}]}`, 409, "duplicate", DuplicateRecord},
	}
	for _, c := range cases {
		got := b.send(c.method, b.vars["fhir_url"]+c.path, c.body, "Content-Type", fhirType, "Authorization", "Bearer "+token)
		if got.status != c.status || got.issue() != c.issue || got.reason != c.reason || got.header.Get("Content-Type") != fhirType {
			t.Errorf("%s %s %.60s: got %d (%s) %s", c.method, c.path, c.body, got.status, got.reason, got.body)
		}
	}
	if got := b.send("DELETE", b.vars["fhir_url"]+"/Patient/1001", "", "Authorization", "Bearer "+token); got.header.Get("Allow") != "GET, PUT" {
		t.Errorf("got Allow %q", got.header.Get("Allow"))
	}
	b.send("POST", b.vars["fhir_url"]+"/Patient", "a=b", "Content-Type", formType, "Authorization", "Bearer "+token).
		is(t, 415, "", WrongContentType)
	b.get(token, "/Patient/1001", "Accept", "application/fhir+xml").is(t, 406, "", WrongAccept)
	b.get(token, "/Patient/1001", "Accept", "text/html, application/fhir+json;q=0.5").is(t, 200, "", OK)
	b.send("GET", b.vars["fhir_url"]+"/Patient", "", "Authorization", "Bearer a", "Authorization", "Bearer b").
		is(t, 400, "", SeveralCredentials)
}

func TestTwoSlashesGetAnEmptyAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	b.get(b.token(""), "//Patient/1001").isSilent(t, DoubleSlash)
	b.post(b.vars["base_url"]+"//oauth/token", "grant_type", clientCredentials).isSilent(t, DoubleSlash)
}

func TestAPatientIsCreatedReadAndUpdated(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	write := func(method, path, body string, headers ...string) reply {
		return b.send(method, b.vars["fhir_url"]+path, body,
			append(headers, "Content-Type", fhirType, "Authorization", "Bearer "+token)...)
	}
	made := write("POST", "/Patient", `{"resourceType":"Patient","id":"mine","name":[{"family":"Vesper"}],"birthDate":"1990-02"}`)
	if made.status != 201 || made.member("id") != "1046" || made.header.Get("Etag") != `W/"1"` ||
		made.header.Get("Location") != b.vars["fhir_url"]+"/Patient/1046/_history/1" {
		t.Fatalf("got %d %v %s", made.status, made.header, made.body)
	}
	if got := b.get(token, "/Patient/1046"); got.body != made.body {
		t.Errorf("got %s, want %s", got.body, made.body)
	}
	changed := `{"resourceType":"Patient","id":"1046","name":[{"family":"Vespers"}]}`
	write("PUT", "/Patient/1046", changed, "If-Match", `W/"7"`).is(t, 412, "", StaleVersion)
	done := write("PUT", "/Patient/1046", changed, "If-Match", `W/"1"`)
	if done.status != 200 || done.header.Get("Etag") != `W/"2"` || !strings.Contains(done.body, `"versionId":"2"`) {
		t.Errorf("got %d %v %s", done.status, done.header, done.body)
	}
	write("PUT", "/Patient/1046", changed, "If-Match", `W/"1"`).is(t, 412, "", StaleVersion)
	stale := strings.Replace(changed, `"name"`, `"meta":{"versionId":"1"},"name"`, 1)
	write("PUT", "/Patient/1046", stale).is(t, 409, "", StaleVersion)
	write("PUT", "/Patient/1046", changed).is(t, 200, "", OK)
	write("PUT", "/Patient/1046", `{"resourceType":"Patient","id":"1046"}`).is(t, 422, "", InvalidResource)
	write("PUT", "/Patient/1045", changed).is(t, 400, "", UnreadableBody)
	write("PUT", "/Patient/9999", strings.Replace(changed, "1046", "9999", 1)).is(t, 404, "", UnknownResource)
	b.get(token, "/Patient/1046", "If-None-Match", `W/"3"`).is(t, 304, "", OK)
	if got := b.get(token, "/Patient?family=Vespers").found(t); got.Total != 1 {
		t.Errorf("got %d, want the changed patient", got.Total)
	}
	if got := benchOn(t, New(Options{}), "sandbox"); got.get(got.token(""), "/Patient/1046").status != 404 {
		t.Error("what one sandbox was told, another knows")
	}
}

func TestAResultIsFetchedWhenItIsReady(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	now := b.get(token, "/Patient?family=Quillon")
	begun := b.get(token, "/Patient?family=Quillon", "Prefer", "return=minimal, respond-async")
	at := begun.header.Get("Content-Location")
	if begun.status != 202 || begun.body != "" || at != b.vars["fhir_url"]+"/RequestResult/rr-1" {
		t.Fatalf("got %d %v %s", begun.status, begun.header, begun.body)
	}
	path := strings.TrimPrefix(at, b.vars["fhir_url"])
	for range 2 {
		got := b.get(token, path)
		got.is(t, 202, "", StillInProgress)
		if got.header.Get("X-Progress") != "in progress" {
			t.Errorf("got %v", got.header)
		}
	}
	for range 2 {
		if got := b.get(token, path); got.status != 200 || got.body != now.body {
			t.Errorf("got %d %s, want %s", got.status, got.body, now.body)
		}
	}
	b.get(token, "/Patient/9999", "Prefer", "respond-async").is(t, 404, "", UnknownResource)
	b.get(token, "/RequestResult/rr-2").is(t, 404, "", UnknownResource)
	stranger := b.refresh(b.vars["refresh_token"]).member("access_token")
	b.get(stranger, path).is(t, 404, "", UnknownResource)
	b.send("DELETE", at, "", "Authorization", "Bearer "+token).is(t, 405, "", WrongMethod)
	for range maxResults {
		b.get(token, "/Patient/1001", "Prefer", "respond-async")
	}
	b.get(token, path).is(t, 404, "", UnknownResource)
}

func TestDiscoveryNeedsNoToken(t *testing.T) {
	t.Parallel()
	for _, environment := range []string{"sandbox", "production"} {
		b := newBench(t, environment)
		for _, address := range []string{
			b.vars["fhir_url"] + "/.well-known/smart-configuration", b.vars["base_url"] + "/.well-known/smart-configuration",
			b.vars["base_url"] + "/.well-known/openid-configuration",
		} {
			got := b.send("GET", address, "")
			if got.status != 200 || got.member("token_endpoint") != b.vars["token_url"] || got.member("issuer") != b.vars["base_url"] {
				t.Errorf("%s: got %d %s", address, got.status, got.body)
			}
			b.send("POST", address, "").is(t, 405, "", WrongMethod)
		}
		got := b.send("GET", b.vars["fhir_url"]+"/metadata", "")
		if got.member("resourceType") != "CapabilityStatement" || got.header.Get("Content-Type") != fhirType ||
			!strings.Contains(got.body, `"valueUri":"`+b.vars["token_url"]+`"`) {
			t.Errorf("got %d %s", got.status, got.body)
		}
		b.send("POST", b.vars["fhir_url"]+"/metadata", "").is(t, 405, "", WrongMethod)
		b.send("GET", b.vars["base_url"]+"/.well-known/oauth-authorization-server", "").is(t, 404, "not_found", UnknownPath)
	}
}
