package phi

import (
	"regexp"
	"strings"
	"testing"
)

// plainMasks takes the fingerprints out of masks, which are others in every run.
func plainMasks(text string) string {
	return regexp.MustCompile(` sha256:[0-9a-f]{8}›`).ReplaceAllString(text, "›")
}

func TestBodiesAreMaskedByTypeAndName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, contentType, body, want string }{
		{"a patient", "application/fhir+json",
			`{"resourceType":"Patient","id":"1001","meta":{"versionId":"1","lastUpdated":"2026-01-02T03:04:05Z"},"text":{"status":"generated","div":"<div>Jane</div>"},"active":true,"name":[{"use":"official","family":"Anders","given":["Jane","Q"]}],"gender":"female","birthDate":"1970-05-06","telecom":[{"system":"phone","value":"555-0100"}],"address":[{"use":"home","line":["1 Main St"],"city":"Miami","state":"FL","postalCode":"33101","country":"US"}],"identifier":[{"system":"urn:mrn","value":"M-77"}],"managingOrganization":{"reference":"Organization/7","display":"Clinic of Jane"},"generalPractitioner":[{"reference":"Practitioner/12"}],"multipleBirthInteger":2}`,
			`{"resourceType":"Patient","id":"‹id›","meta":{"versionId":"1","lastUpdated":"2026-‹meta.lastUpdated›"},"text":{"status":"generated","div":"‹Narrative.div›"},"active":true,"name":[{"use":"official","family":"‹HumanName.family›","given":["‹HumanName.given›","‹HumanName.given›"]}],"gender":"female","birthDate":"1970-‹Patient.birthDate›","telecom":[{"system":"phone","value":"‹ContactPoint.value›"}],"address":[{"use":"home","line":["‹Address.line›"],"city":"‹Address.city›","state":"FL","postalCode":"‹Address.postalCode›","country":"US"}],"identifier":[{"system":"urn:mrn","value":"‹Identifier.value›"}],"managingOrganization":{"reference":"Organization/7","display":"‹managingOrganization.display›"},"generalPractitioner":[{"reference":"Practitioner/‹id›"}],"multipleBirthInteger":"‹Patient.multipleBirthInteger›"}`},
		{"a bundle whose resources say their type last", "application/json",
			`{"type":"searchset","total":1,"link":[{"relation":"self","url":"https://h/Patient?name=Jane"}],"entry":[{"fullUrl":"https://h/Patient/1001","resource":{"id":"1001","name":[{"text":"Jane"}],"resourceType":"Patient"}}],"resourceType":"Bundle"}`,
			`{"type":"searchset","total":1,"link":[{"relation":"self","url":"https://h/Patient?name=‹name›"}],"entry":[{"fullUrl":"https://h/Patient/‹id›","resource":{"id":"‹id›","name":[{"text":"‹HumanName.text›"}],"resourceType":"Patient"}}],"resourceType":"Bundle"}`},
		{"an observation", "application/fhir+json",
			`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"pulse of Jane"},"subject":{"reference":"Patient/1001","display":"Jane"},"effectiveDateTime":"2026-03-04","valueQuantity":{"value":72,"unit":"/min"},"note":[{"text":"called her mother"}]}`,
			`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"‹code.text›"},"subject":{"reference":"Patient/‹id›","display":"‹Reference.display›"},"effectiveDateTime":"2026-‹Observation.effectiveDateTime›","valueQuantity":{"value":72,"unit":"/min"},"note":[{"text":"‹Annotation.text›"}]}`},
		{"answers and extensions", "application/fhir+json",
			`{"resourceType":"QuestionnaireResponse","item":[{"linkId":"1","text":"How old?","answer":[{"valueInteger":93}]}],"extension":[{"url":"http://x/geo","valueDecimal":25.7}]}`,
			`{"resourceType":"QuestionnaireResponse","item":[{"linkId":"1","text":"How old?","answer":[{"valueInteger":"‹answer.valueInteger›"}]}],"extension":[{"url":"http://x/geo","valueDecimal":"‹Extension.valueDecimal›"}]}`},
		{"what describes a server", "application/fhir+json", `{"resourceType":"CapabilityStatement","name":"x","date":"2026-01-01"}`, `{"resourceType":"CapabilityStatement","name":"x","date":"2026-01-01"}`},
		{"the words of a server", "application/fhir+json",
			`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","diagnostics":"Patient/1001 born 1970-05-06, jane@example.org, is gone","expression":["Patient.name"]}]}`,
			`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","diagnostics":"Patient/‹id› born 1970-‹date›, ‹email›, is gone","expression":["Patient.name"]}]}`},
		{"members of an API that is no FHIR", "application/json",
			`{"href":"https://h/api/members/M12","title":"Jane Anders","group":{"href":"https://h/api/groups/7","title":"Study A"},"firstName":"Jane","date_of_birth":"1970-05-06","phone":5550100,"status":"active"}`,
			`{"href":"https://h/api/members/‹id›","title":"‹title›","group":{"href":"https://h/api/groups/7","title":"Study A"},"firstName":"‹firstName›","date_of_birth":"1970-‹date_of_birth›","phone":"‹phone›","status":"active"}`},
		{"FHIR within another document", "application/json", `{"data":{"resourceType":"Patient","birthDate":"1970-05-06"}}`, `{"data":{"resourceType":"Patient","birthDate":"1970-‹Patient.birthDate›"}}`},
		{"XML of FHIR", "application/fhir+xml",
			`<Patient xmlns="http://hl7.org/fhir"><id value="1001"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">Jane <div>A</div></div></text><name><use value="official"/><family value="O&apos;Hara"/></name><birthDate value="1970-05-06"/></Patient>`,
			`<Patient xmlns="http://hl7.org/fhir"><id value="‹id›"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">‹Narrative.div›</div></text><name><use value="official"/><family value="‹HumanName.family›"/></name><birthDate value="1970-‹Patient.birthDate›"/></Patient>`},
		{"XML of another kind", "text/xml", `<r><given>Jane</given><birthTime value="19700506"/><code>7</code></r>`, `<r><given>‹given›</given><birthTime value="‹birthTime›"/><code>7</code></r>`},
		{"a form", "application/x-www-form-urlencoded", "family=Anders&_count=2&birthdate=ge1970-05-06&identifier=urn:mrn%7CM-77", "family=‹family›&_count=2&birthdate=ge1970-‹birthdate›&identifier=urn:mrn|‹identifier›"},
		{"a table", "text/csv; charset=utf-8", "\ufeffLast Name;status;Name;birth_date;seen\r\n\"O;Hara\";active;Jane;1970-05-06;2026-01-02\r\nAnders;gone;;;\"a \"\"b\"\"\"\r\n",
			"\ufeffLast Name;status;Name;birth_date;seen\r\n‹Last Name›;active;‹Name›;1970-‹birth_date›;2026-‹date›\r\n‹Last Name›;gone;;;\"a \"\"b\"\"\"\r\n"},
		{"a table of nobody", "text/csv", "name,code\nAspirin,7\n", "name,code\nAspirin,7\n"},
		{"a table that was cut", "text/csv", "mrn,city\nM-77,Mia", "mrn,city\n‹mrn›,‹city›"},
		{"a form in parts", "multipart/form-data; boundary=x",
			"--x\r\nContent-Disposition: form-data; name=\"family\"\r\n\r\nAnders\r\n--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nfine\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"p.json\"\r\nContent-Type: application/json\r\n\r\n{\"resourceType\":\"Patient\",\"id\":\"7\"}\r\n--x--\r\n",
			"--x\r\nContent-Disposition: form-data; name=\"family\"\r\n\r\n‹family›\r\n--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nfine\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"p.json\"\r\nContent-Type: application/json\r\n\r\n{\"resourceType\":\"Patient\",\"id\":\"‹id›\"}\r\n--x--\r\n"},
		{"text", "text/plain", "no Patient/1001 for jane@example.org (555-010-0199)", "no Patient/‹id› for ‹email› (‹number›)"},
		{"the mask of a secret stays", "application/json", `{"resourceType":"Patient","x":"‹key sha256:00000000›","y":"a ‹key sha256:00000000› b"}`, `{"resourceType":"Patient","x":"‹key›","y":"‹Patient.y›"}`},
		{"a JWT is left to those who mask secrets", "application/json", `{"t":"eyJhbGciOiJub25lIn0.eyJuYW1lIjoiSmFuZSBBbmRlcnMifQ.x"}`, `{"t":"eyJhbGciOiJub25lIn0.eyJuYW1lIjoiSmFuZSBBbmRlcnMifQ.x"}`},
		{"a document that was cut", "application/json", `{"resourceType":"Patient","name":[{"family":"And`, `{"resourceType":"Patient","name":[{"family":"‹HumanName.family›"`},
		{"no JSON", "application/json", `{"a": }, "family": "Anders", x`, `{"a": }, "family": "Anders", x`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var m Masks
			got := plainMasks(string(m.Body(tt.contentType, []byte(tt.body), []byte(tt.body), nil)))
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestClaimsOfAJWTAreKnown(t *testing.T) {
	t.Parallel()
	var m Masks
	var got []string
	m.Look("application/json", []byte(`{"t":"eyJhbGciOiJub25lIn0.eyJuYW1lIjoiSmFuZSBBbmRlcnMifQ.x"}`), func(label, text string) { got = append(got, label+" "+text) })
	if want := "name Jane Anders"; strings.Join(got, ",") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

func TestURLsKeepTheirShape(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ url, want string }{
		{"https://h/fhir/Patient/1001", "https://h/fhir/Patient/‹id›"},
		{"https://h/fhir/Patient/1001/_history/2", "https://h/fhir/Patient/‹id›/_history/2"},
		{"https://h/fhir/Patient/$match", "https://h/fhir/Patient/$match"},
		{"https://h/fhir/Patient?family:exact=Anders&_count=2", "https://h/fhir/Patient?family:exact=‹family:exact›&_count=2"},
		{"https://h/fhir/Observation?subject:Patient.name=Jane&code=8867-4", "https://h/fhir/Observation?subject:Patient.name=‹subject:Patient.name›&code=8867-4"},
		{"https://h/fhir/Observation?patient=Patient/1001&date=ge2026-01-02", "https://h/fhir/Observation?patient=Patient/‹id›&date=ge2026-‹date›"},
		{"https://h/fhir/ValueSet/x?name=diabetes", "https://h/fhir/ValueSet/x?name=diabetes"},
		{"https://h/api/members/M12/tasks", "https://h/api/members/‹id›/tasks"},
		{"https://h/api/members/search", "https://h/api/members/search"},
		{"https://h/fhir/metadata?_format=json", "https://h/fhir/metadata?_format=json"},
		{"https://h/login?redirect=https%3A%2F%2Fh%2FPatient%2F1001", "https://h/login?redirect=https://h/Patient/‹id›"},
	} {
		var m Masks
		if got := plainMasks(m.URL(tt.url, nil)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.url, got, tt.want)
		}
	}
}

func TestEqualValuesHaveEqualMasksInARunAndOthersInAnother(t *testing.T) {
	t.Parallel()
	var one, other Masks
	if a, b := one.Mask("x", "1970-05-06"), one.Mask("x", "1970-05-06"); a != b || a == one.Mask("x", "1970-05-07") {
		t.Errorf("got %s and %s for equal values", a, b)
	}
	if a, b := one.Mask("x", "1970-05-06"), other.Mask("x", "1970-05-06"); a == b {
		t.Errorf("got %s in two runs, so that it can be found by guessing", a)
	}
}

func TestKnownValuesAreFoundAgain(t *testing.T) {
	t.Parallel()
	var k Known
	for _, text := range []string{"Anders", "O'Hara & Söhne", "Al", "1001", "jane@example.org", "12 Main Street, Apt 4"} {
		k.See("v", text)
	}
	for _, tt := range []struct{ name, text, want string }{
		{"a word", `got "Anders", want "x"`, `got "‹v›", want "x"`},
		{"other letters", "ANDERS was not found", "‹v› was not found"},
		{"a part of a word", "Anderson, Landers", "Anderson, Landers"},
		{"behind an escape", `a%20Anders b\nAnders`, `a%20‹v› b\n‹v›`},
		{"escaped in a URL", "?q=O%27Hara+%26+S%C3%B6hne", "?q=‹v›"},
		{"escaped in JSON", `{"q":"O'Hara \u0026 Söhne"}`, `{"q":"‹v›"}`},
		{"escaped in HTML", "<p>O&#39;Hara &amp; Söhne", "<p>‹v›"},
		{"base64", "X-Note: bmFtZT1BbmRlcnM=", "X-Note: ‹v›"},
		{"hexadecimal", "416e64657273", "‹v›"},
		{"a short one alone in quotes", `Al said "Al"`, `Al said "‹v›"`},
		{"a number alone in quotes", `1001 bytes, id "1001"`, `1001 bytes, id "‹v›"`},
		{"cut", `got "12 Main Str…", want`, `got "‹v›…", want`},
		{"in a mask", "‹Anders sha256:00000000›", "‹Anders›"},
	} {
		if got := plainMasks(k.Redact(tt.text)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if _, found := k.Holds("Anders and 1001"); found {
		t.Error("a word that may be anything is taken for a leak")
	}
	if _, found := k.Holds("mail to jane@example.org"); !found {
		t.Error("a mail address is not taken for a leak")
	}
}

func TestKnownForgetsTheOldest(t *testing.T) {
	t.Parallel()
	var k Known
	for i := range 3 * generationSize {
		k.See("v", "value-"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i/1000)+string(rune('A'+i%25))+strings.Repeat("z", i%997))
	}
	k.See("v", "Anders")
	if n := len(k.young.texts) + len(k.old.texts); n > 2*generationSize {
		t.Errorf("got %d values, want no more than %d", n, 2*generationSize)
	}
	if got := plainMasks(k.Redact("Anders")); got != "‹v›" {
		t.Errorf("the newest is not known: %s", got)
	}
}

func FuzzBodyNeverPanicsAndKeepsWhatIsNoPatientData(f *testing.F) {
	for _, seed := range []string{`{"resourceType":"Patient","name":[{"family":"A\"B"}]}`, `<Patient xmlns="http://hl7.org/fhir"><name><family value="A"/>`, `[[[{"a":1`, `<!--`, `{"t":"eyJhbGciOiJub25lIn0.eyJuYW1lIjoiSmFuZSBBbmRlcnMifQ.x"}`, `"\`, `{"a":"\\`, "a=b&c"} {
		f.Add(seed, 20)
	}
	f.Fuzz(func(t *testing.T, body string, cut int) {
		var m Masks
		cut = min(max(0, cut), len(body))
		for _, contentType := range []string{"application/json", "application/x-www-form-urlencoded"} {
			m.Body(contentType, []byte(body[:cut]), []byte(body), func(string, string) {})
		}
		var k Known
		k.See("v", body)
		k.Redact(body)
	})
}
