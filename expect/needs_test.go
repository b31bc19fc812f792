package expect

import (
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

func TestOnlyTheContentIsNeededOfWhatLooksIntoIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		expect string
		want   Needs
	}{
		{"{status: 200, size: {above: 1}, duration: {below: 2s}, url: {exists: true}, protocol: HTTP/1.1}", 0},
		{"{headers: {ETag: x}, cookies: {a: b}, redirects: {count: 0}, phases: {dns: {below: 1s}}, certificate: {days_left: {above: 1}}}", 0},
		{"{sha256: " + strings.Repeat("a", 64) + "}", NeedsSHA256},
		{"{md5: " + strings.Repeat("a", 32) + "}", NeedsMD5},
		{"{status: 200, json: {id: 1}}", NeedsContent},
		{"{jsonpath: {$.id: 1}}", NeedsContent},
		{"{fhir: Patient}", NeedsContent},
		{"{schema: {type: object}}", NeedsContent},
		{"{xpath: {/a: b}}", NeedsContent},
		{"{regex: {a: b}}", NeedsContent},
		{"{text: {contains: a}, sha256: " + strings.Repeat("a", 64) + "}", NeedsContent | NeedsSHA256},
		{"{body: a}", NeedsContent},
		{"{jwt: [{json: id_token, claims.sub: a}, {header: X, claims.sub: a}]}", NeedsContent},
		{"{jwt: [{cookie: id, claims.sub: a, verify: secret}, {header: X, claims.sub: a}, {value: '{{x}}', claims.sub: a}]}", 0},
		{"{openapi: api.yaml}", NeedsContent},
		{"{body: {snapshot: a.json}}", NeedsContent},
		{"{bytes: {starts_with: 7b}}", NeedsContent},
	} {
		e := readExpectations(t, tt.expect)
		if got := e.Needs(); got != tt.want {
			t.Errorf("%s: got %b, want %b", tt.expect, got, tt.want)
		}
	}
}

func TestOnlyTheContentIsNeededOfWhatIsCapturedFromIt(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]Needs{
		"{tag: {header: ETag}, n: {size: true}}": 0,
		"{sum: {sha256: true}}":                  NeedsSHA256,
		"{tag: {header: ETag}, id: id}":          NeedsContent,
	} {
		var c Captures
		if err := source.Parse("x.yaml", []byte(yaml), c.Read); err != nil {
			t.Fatal(err)
		}
		if got := c.Needs(); got != want {
			t.Errorf("%s: got %b, want %b", yaml, got, want)
		}
	}
}

func TestNothingIsJudgedByTheHeadOfABodyAlone(t *testing.T) {
	t.Parallel()
	const head = `{"id":1}`
	const why = "the body has 5000 bytes, and no more than the first 8 were kept"
	for _, yaml := range []string{"{json: {id: 1}}", "{jsonpath: {$.id: 1}}", "{schema: {type: object}}", "{text: {contains: id}}", "{body: {contains: id}}",
		"{regex: {id: id}}", "{xpath: {/a: {exists: false}}}", "{bytes: {starts_with: 7b}}", "{fhir: {no_errors: true}}", "{json: {nothing: {exists: false}}}",
		"{md5: " + strings.Repeat("a", 32) + "}"} {
		x := &wire.Exchange{Response: &wire.Response{Body: []byte(head), Large: &wire.Large{Size: 5000, SHA256: make([]byte, 32)}}}
		failures, err := readExpectations(t, yaml).Judge(NewAnswer(x), vars.NewScope(nil))
		if len(failures) != 1 || err != nil || !strings.HasSuffix(failures[0].Message, why) {
			t.Errorf("%s: got %v, %v, want one failure: %s", yaml, failures, err, why)
		}
	}
	x := &wire.Exchange{Response: &wire.Response{Body: []byte(head), Large: &wire.Large{Size: 5000, SHA256: make([]byte, 32)}}}
	known := `{size: 5000, sha256: "` + strings.Repeat("0", 64) + `"}`
	if failures, err := readExpectations(t, known).Judge(NewAnswer(x), vars.NewScope(nil)); len(failures) > 0 || err != nil {
		t.Errorf("%s: got %v, %v, want both to hold", known, failures, err)
	}
}
