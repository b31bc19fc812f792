package hgrun_test

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// TestEveryFieldOfEveryEventIsRecorded fails with the name of the field that is not: a line of reporters/recordlines.go is missing, and one of the schema and of docs/record.md.
func TestEveryFieldOfEveryEventIsRecorded(t *testing.T) {
	t.Parallel()
	schema := closedSchema(t)
	for _, ev := range []runner.Event{runner.Started{}, runner.RequestStarted{}, runner.RequestFinished{}, runner.Finished{}} {
		kind := reflect.TypeOf(ev)
		for _, at := range fieldsOf(kind, nil) {
			full := reflect.New(kind).Elem()
			path := fill(full, at)
			lines := []runner.Event{full.Interface().(runner.Event)}
			text, got := recordedAndRead(t, lines)
			for line := range strings.Lines(text) {
				v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(v); err != nil {
					t.Errorf("%s.%s is not in the schema: %v", kind.Name(), path, err)
				}
			}
			if diff := cmp.Diff(lines, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s.%s is not in the record, or does not come back:\n%s", kind.Name(), path, diff)
			}
		}
	}
}

// fieldsOf returns the way to each field of a type that holds no struct: indexes of fields, lists and pointers passed through.
func fieldsOf(t reflect.Type, way []int) [][]int {
	switch {
	case t == reflect.TypeFor[time.Time]():
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct, t.Kind() == reflect.Pointer:
		return fieldsOf(t.Elem(), way)
	case t.Kind() == reflect.Struct:
		var all [][]int
		for i := range t.NumField() {
			all = append(all, fieldsOf(t.Field(i).Type, append(slices.Clone(way), i))...)
		}
		return all
	}
	return [][]int{way}
}

// fill sets the field at the end of the way, and returns its name.
func fill(v reflect.Value, way []int) string {
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), way)
	case v.Kind() == reflect.Slice && len(way) > 0:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		return fill(v.Index(0), way)
	case len(way) > 0:
		return strings.TrimSuffix(v.Type().Field(way[0]).Name+"."+fill(v.Field(way[0]), way[1:]), ".")
	}
	set(v)
	return ""
}

func set(v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 22, 14, 30, 0, 123456789, time.UTC)))
		return
	case runner.Outcome:
		v.SetInt(int64(runner.Skipped))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("some text")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		element := reflect.New(v.Type().Elem()).Elem()
		set(element)
		v.SetMapIndex(reflect.ValueOf("Some-Key"), element)
	default:
		panic("a record has no " + v.Kind().String() + " yet: " + v.Type().String())
	}
}

// closedSchema is the schema, with no room for members that it does not name.
func closedSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	src, err := os.ReadFile("docs/schema/record.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	for name, def := range schema.(map[string]any)["$defs"].(map[string]any) {
		if def := def.(map[string]any); def["properties"] == nil {
			t.Errorf("%s has no properties", name)
		} else {
			def["additionalProperties"] = false
		}
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("record.json", schema); err != nil {
		t.Fatal(err)
	}
	closed, err := c.Compile("record.json")
	if err != nil {
		t.Fatal(err)
	}
	return closed
}

// recordedAndRead is the record of events, and what comes back from it.
func recordedAndRead(t *testing.T, events []runner.Event) (string, []runner.Event) {
	t.Helper()
	var text bytes.Buffer
	r, err := reporters.Open("ndjson", "-", reporters.Options{Out: &text})
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range events {
		if err := r.Report(ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	record, err := reporters.ReadRecord("run.ndjson", strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	var back []runner.Event
	for ev, err := range record.Events() {
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, ev)
	}
	return text.String(), back
}
