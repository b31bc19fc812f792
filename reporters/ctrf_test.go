package reporters

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hgrun/hgrun/runner"
)

// ctrfDocument is the schema of what is used of CTRF, by its specification (ctrf.io/docs/specification): no member that it does not name.
const ctrfDocument = `{
  "type": "object", "additionalProperties": false, "required": ["reportFormat", "specVersion", "results"],
  "properties": {
    "reportFormat": {"const": "CTRF"}, "specVersion": {"pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"}, "generatedBy": {"type": "string"},
    "results": {
      "type": "object", "additionalProperties": false, "required": ["tool", "summary", "tests"],
      "properties": {
        "tool": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {"name": {"const": "hgrun"}, "version": {"type": "string"}}},
        "summary": {"type": "object", "additionalProperties": false, "required": ["tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"],
          "properties": {"tests": {"$ref": "#/$defs/n"}, "passed": {"$ref": "#/$defs/n"}, "failed": {"$ref": "#/$defs/n"}, "skipped": {"$ref": "#/$defs/n"}, "pending": {"const": 0},
            "other": {"const": 0}, "flaky": {"$ref": "#/$defs/n"}, "suites": {"$ref": "#/$defs/n"}, "start": {"$ref": "#/$defs/n"}, "stop": {"$ref": "#/$defs/n"}, "extra": {"type": "object"}}},
        "tests": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["name", "status", "duration", "suite"],
          "properties": {
            "name": {"type": "string", "minLength": 1}, "status": {"$ref": "#/$defs/status"}, "duration": {"$ref": "#/$defs/n"}, "start": {"$ref": "#/$defs/n"}, "stop": {"$ref": "#/$defs/n"},
            "suite": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}, "message": {"type": "string"}, "trace": {"type": "string", "maxLength": 65536},
            "line": {"type": "integer", "minimum": 1}, "rawStatus": {"enum": ["passed", "failed", "errored", "skipped"]}, "type": {"const": "api"}, "filePath": {"type": "string"},
            "retries": {"type": "integer", "minimum": 1}, "flaky": {"const": true}, "extra": {"type": "object"}, "parameters": {"type": "object"},
            "retryAttempts": {"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": false, "required": ["attempt", "status"],
              "properties": {"attempt": {"type": "integer", "minimum": 1}, "status": {"$ref": "#/$defs/status"}, "duration": {"$ref": "#/$defs/n"}, "message": {"type": "string"}}}},
            "steps": {"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": false, "required": ["name", "status"],
              "properties": {"name": {"type": "string"}, "status": {"$ref": "#/$defs/status"}}}}}}},
        "environment": {"type": "object", "additionalProperties": false, "properties": {"testEnvironment": {"type": "string"}}},
        "extra": {"type": "object"}}}},
  "$defs": {"n": {"type": "integer", "minimum": 0}, "status": {"enum": ["passed", "failed", "skipped"]}}}`

func TestCTRFKeepsItsSpecification(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(ctrfDocument))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("ctrf.json", schema); err != nil {
		t.Fatal(err)
	}
	valid, err := c.Compile("ctrf.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, events := range corpus() {
		text := render(t, "ctrf", Options{Version: "1.0.0", Shard: "2/5"}, events)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, cut(text, 2000))
		}
		if err := valid.Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", name, err, cut(text, 3000))
			continue
		}
		ctrfAddsUp(t, name, v.(map[string]any)["results"].(map[string]any))
	}
}

// ctrfAddsUp compares the summary with the tests, and the retries of each with its attempts.
func ctrfAddsUp(t *testing.T, name string, results map[string]any) {
	t.Helper()
	counts, keys := map[string]int{}, map[string]bool{}
	for _, v := range results["tests"].([]any) {
		test := v.(map[string]any)
		counts["tests"]++
		counts[test["status"].(string)]++
		if test["flaky"] == true {
			counts["flaky"]++
		}
		key := test["name"].(string)
		for _, s := range test["suite"].([]any) {
			key = s.(string) + "|" + key
		}
		if keys[key] {
			t.Errorf("%s: two tests %s", name, key)
		}
		keys[key] = true
		if attempts, ok := test["retryAttempts"].([]any); ok && fmt.Sprint(test["retries"]) != fmt.Sprint(len(attempts)) {
			t.Errorf("%s: got %d attempts before the last, retries are %v", name, len(attempts), test["retries"])
		}
	}
	for _, what := range []string{"tests", "passed", "failed", "skipped", "flaky"} {
		if got := fmt.Sprint(results["summary"].(map[string]any)[what]); got != fmt.Sprint(counts[what]) {
			t.Errorf("%s: the summary has %s %s, the tests %d", name, got, what, counts[what])
		}
	}
}

func TestCTRFOfARunThatWasCutOffSaysSo(t *testing.T) {
	t.Parallel()
	events := runOf(passed("One", 7, time.Second))
	got := render(t, "ctrf", Options{}, events[:len(events)-1])
	if !strings.Contains(got, `"extra":{"errored":0,"interrupted":true}`) || !strings.Contains(got, `"name":"One","status":"passed"`) {
		t.Errorf("got %s", got)
	}
	const nothing = `"tests":1,"passed":0,"failed":1,`
	if got := render(t, "ctrf", Options{}, []runner.Event{runner.Started{Suite: runner.Suite{Name: "Cut"}, Time: time.Unix(1, 0)}}); !strings.Contains(got, nothing) {
		t.Errorf("got %s, want a test that says so", got)
	}
}
