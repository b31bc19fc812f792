package expect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/jsonpath"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

func TestAPassingJSONPathCostsNoMemory(t *testing.T) {
	e := readExpectations(t, `{jsonpath: {$.resourceType: Patient, "$.name[0].family": {matches: "^[A-Z]"}, $.count: {at_least: 12.0}, $.nobody: {exists: false}}}`)
	a, s := NewAnswer(patient()), vars.NewScope(nil)
	allocations := testing.AllocsPerRun(100, func() {
		if failures, err := e.Judge(a, s); len(failures) > 0 || err != nil {
			t.Fatal(failures, err)
		}
	})
	if allocations != 0 {
		t.Errorf("got %v allocations, want none", allocations)
	}
}

func TestAJSONPathThatLeadsToTooMuchSaysSo(t *testing.T) {
	t.Parallel()
	e := readExpectations(t, `{jsonpath: {"$..*..*": {length: 1}}}`)
	x := &wire.Exchange{Response: &wire.Response{Body: []byte(strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000))}}
	failures, err := e.Judge(NewAnswer(x), vars.NewScope(nil))
	if err != nil || len(failures) != 1 || failures[0].Message != "jsonpath: the path leads to too many values of the document" {
		t.Errorf("got %v, %v", failures, err)
	}
}

func TestJSONPathAndGJSONFindTheSame(t *testing.T) {
	t.Parallel()
	doc := bundle()
	for path, other := range sameValues() {
		p, err := jsonpath.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := p.One(doc)
		if want := gjson.Get(doc, other).Raw; n.Raw != want || want == "" {
			t.Errorf("%s: got %s, want %s of %s", path, n.Raw, want, other)
		}
	}
}

// sameValues are paths of JSONPath, and of gjson.
func sameValues() map[string]string {
	return map[string]string{
		"$.resourceType":                       "resourceType",
		"$.last":                               "last",
		"$.entry[0].resource.id":               "entry.0.resource.id",
		"$.entry[1999].resource.name[0].given": "entry.1999.resource.name.0.given",
	}
}

// BenchmarkJSONPathBesideGJSON finds the same values both ways, in a bundle that is known to be JSON.
func BenchmarkJSONPathBesideGJSON(b *testing.B) {
	doc := bundle()
	for path, other := range sameValues() {
		p, err := jsonpath.Parse(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(path+"/jsonpath", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := p.One(doc); !ok {
					b.Fatal("nothing there")
				}
			}
		})
		b.Run(path+"/gjson", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !gjson.Get(doc, other).Exists() {
					b.Fatal("nothing there")
				}
			}
		})
	}
}

// bundle is a FHIR Bundle of about 1 MB.
func bundle() string {
	var b strings.Builder
	b.WriteString(`{"resourceType": "Bundle", "type": "searchset", "entry": [`)
	for i := range 2000 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"fullUrl": "https://fhir.test/Patient/%d", "resource": {"resourceType": "Patient", "id": "%d", "meta": {"versionId": "7", "lastUpdated": "2024-05-31T12:00:00Z"}, `+
			`"identifier": [{"system": "urn:oid:1.2.36.146", "value": "%07d"}], "name": [{"use": "official", "family": "Smith %d", "given": ["Jane", "Ann"]}], `+
			`"text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">%s</div>"}, "gender": "female"}}`, i, i, i, i, strings.Repeat("x", 120))
	}
	b.WriteString(`], "last": 1}`)
	return b.String()
}
