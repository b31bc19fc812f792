package expect

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// patient is a FHIR Patient of about 1 KB.
func patient() *wire.Exchange {
	body := `{"resourceType":"Patient","meta":{"versionId":"7","lastUpdated":"2024-05-31T12:00:00Z"},` +
		`"text":{"status":"generated","div":"` + strings.Repeat("x", 600) + `"},"identifier":[{"system":"urn:oid:1.2.36.146","value":"12345"}],` +
		`"active":true,"name":[{"use":"official","family":"Smith","given":["Jane","Ann"]}],"gender":"female","birthDate":"1970-05-17","count":12,"id":"1001"}`
	return &wire.Exchange{
		Response: &wire.Response{Status: 200, Header: http.Header{"Content-Type": {"application/fhir+json"}}, Body: []byte(body), URL: "https://fhir.test/Patient/1001"},
		Timings:  wire.Timings{Total: 15 * time.Millisecond},
	}
}

func readExpectations(tb testing.TB, yaml string) *Expectations {
	tb.Helper()
	var e Expectations
	if err := source.Parse("x.yaml", []byte(yaml), e.Read); err != nil {
		tb.Fatal(err)
	}
	return &e
}

func BenchmarkStatusAndTwoJSONPathsOfAPatient(b *testing.B) {
	e := readExpectations(b, `{status: 200, json: {resourceType: Patient, name.0.family: {matches: "^[A-Z]"}}}`)
	judge(b, e)
}

func BenchmarkEqualsOfAPatient(b *testing.B) {
	judge(b, readExpectations(b, `{status: 2xx, json: {id: "1001", count: {at_least: 1}}}`))
}

func BenchmarkEverySubjectButJSON(b *testing.B) {
	judge(b, readExpectations(b, `{status: 200, headers: {Content-Type: {contains: fhir}}, duration: {below: 2s}, size: {above: 100}, url: {ends_with: /1001}}`))
}

func judge(b *testing.B, e *Expectations) {
	b.Helper()
	b.ReportAllocs()
	x, s := patient(), vars.NewScope(nil)
	for b.Loop() {
		if failures, err := e.Judge(NewAnswer(x), s); len(failures) > 0 || err != nil {
			b.Fatal(failures, err)
		}
	}
}

// BenchmarkJudgedAgain leaves out what is done once for an answer: the check that the body is JSON.
func BenchmarkJudgedAgain(b *testing.B) {
	e := readExpectations(b, `{status: 200, json: {resourceType: Patient, count: 12}}`)
	b.ReportAllocs()
	a, s := NewAnswer(patient()), vars.NewScope(nil)
	for b.Loop() {
		if failures, err := e.Judge(a, s); len(failures) > 0 || err != nil {
			b.Fatal(failures, err)
		}
	}
}

func BenchmarkReadingAnExpect(b *testing.B) {
	yaml := []byte(`{status: 200, headers: {Content-Type: {contains: fhir}}, json: {resourceType: Patient, name.0.family: {matches: "^[A-Z]"}}, duration: {below: 2s}}`)
	b.ReportAllocs()
	for b.Loop() {
		var e Expectations
		if err := source.Parse("x.yaml", yaml, e.Read); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareGJSON is the yardstick: what gjson alone costs for the first benchmark.
func BenchmarkBareGJSON(b *testing.B) {
	body := string(patient().Response.Body)
	b.ReportAllocs()
	for b.Loop() {
		if !gjson.Valid(body) || gjson.Get(body, "resourceType").Str != "Patient" || gjson.Get(body, "name.0.family").Str != "Smith" {
			b.Fatal("not the patient")
		}
	}
}
