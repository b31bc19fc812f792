package jsonpath

import (
	"fmt"
	"strings"
	"testing"
)

// bundle is a FHIR Bundle of about 1 MB.
func bundle() string {
	var b strings.Builder
	b.WriteString(`{"resourceType": "Bundle", "type": "searchset", "total": 2000, "entry": [`)
	for i := range 2000 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"fullUrl": "https://fhir.test/Patient/%d", "resource": {"resourceType": "Patient", "id": "%d", "active": %v, "meta": {"versionId": "7", "lastUpdated": "2024-05-31T12:00:00Z"}, `+
			`"identifier": [{"system": "urn:oid:1.2.36.146", "value": "%07d"}], "name": [{"use": "official", "family": "Smith %d", "given": ["Jane", "Ann"]}], `+
			`"text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">%s</div>"}, "gender": "female", "birthDate": "1970-05-17"}}`, i, i, i%2 == 0, i, i, strings.Repeat("x", 80))
	}
	b.WriteString(`], "last": 1}`)
	return b.String()
}

func BenchmarkPathsInABundle(b *testing.B) {
	doc := bundle()
	for _, path := range []string{"$.resourceType", "$.entry[0].resource.id", "$.entry[1999].resource.id", "$.entry[-1].resource.id", "$.last",
		"$.entry[*].resource.id", "$..id", "$.entry[?@.resource.id == '1500'].fullUrl", "$.entry[?match(@.resource.id, '15..')].fullUrl"} {
		p, err := Parse(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				if nodes, err := p.FindValid(doc); err != nil || len(nodes) == 0 {
					b.Fatal(nodes, err)
				}
			}
		})
	}
}

func BenchmarkCheckingABundle(b *testing.B) {
	doc := bundle()
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if err := check(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("$.entry[?@.resource.id == '1500' && !(@.search.mode)].resource['name'][0].family"); err != nil {
			b.Fatal(err)
		}
	}
}
