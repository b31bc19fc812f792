package expect

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// instances are tried against every schema of TestSchemasAgreeWithAnotherLibrary.
func instances() []string {
	return []string{
		`null`, `true`, `0`, `1`, `-1.5`, `1.0`, `12345678901234567890`, `0.0075`, `""`, `"a"`, `"äöü"`, `"foo"`, `"2024-05-31"`, `"x@example.org"`,
		`[]`, `[1]`, `[1, 1.0]`, `[1, "1"]`, `[[1, 2], [2, 1]]`, `[{"a": 1, "b": 2}, {"b": 2, "a": 1.0}]`, `["a", "b", "c"]`, `[1, "a", true]`, `["a", 1]`, `[0, -0.0]`,
		`{}`, `{"a": 1}`, `{"a": "x"}`, `{"a": 1, "b": 2}`, `{"foo": "bar"}`, `{"foo": "bar", "baz": 1}`, `{"a": {"a": {"a": 1}}}`, `{"a": null}`, `{"data": 1, "children": [{"data": 2}]}`,
		`{"data": 1, "children": [{"daat": 2}]}`, `{"kind": "a", "x": 1}`, `{"kind": "b", "x": "y"}`, `{"a": [1, {"a": 2}]}`, `{"street": "s", "city": 5}`, `{"a": 1, "x-y": 2}`,
	}
}

func oracleSchemas() []string {
	return []string{
		`{"type": "integer"}`, `{"type": ["string", "null"]}`, `{"enum": [1, "a", null, {"a": 1}]}`, `{"const": 1}`, `{"const": {"a": 1}}`, `{"minimum": 0, "maximum": 1}`,
		`{"multipleOf": 0.0001}`, `{"multipleOf": 1.5}`, `{"minLength": 2, "maxLength": 3}`, `{"pattern": "^f.o$"}`, `{"minItems": 1, "maxItems": 2}`, `{"uniqueItems": true}`,
		`{"minProperties": 1, "maxProperties": 1}`, `{"required": ["a"]}`, `{"properties": {"a": {"type": "integer"}}, "additionalProperties": false}`,
		`{"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": {"type": "string"}}`, `{"items": {"type": "integer"}}`, `{"not": {"type": "object"}}`,
		`{"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]}`, `{"anyOf": [{"type": "string"}, {"minimum": 1}]}`, `{"oneOf": [{"type": "integer"}, {"minimum": 1}]}`,
		`{"properties": {"a": {"$ref": "#"}}, "additionalProperties": false}`, `{"$ref": "#/definitions/x", "definitions": {"x": {"type": "integer"}}}`, `true`, `false`, `{}`,
		`{"dependencies": {"a": ["b"]}}`, `{"dependencies": {"a": {"required": ["b"]}}}`, `{"items": [{"type": "integer"}, {"type": "string"}], "additionalItems": false}`,
	}
}

// newerSchemas are of 2019-09 on.
func newerSchemas() []string {
	return []string{
		`{"exclusiveMinimum": 0, "exclusiveMaximum": 1}`, `{"contains": {"type": "integer"}}`, `{"contains": {"type": "string"}, "minContains": 2, "maxContains": 2}`, `{"contains": true, "minContains": 0}`,
		`{"propertyNames": {"maxLength": 1}}`, `{"if": {"type": "integer"}, "then": {"minimum": 1}, "else": {"type": "string"}}`, `{"then": {"minimum": 1}}`,
		`{"dependentRequired": {"a": ["b"]}}`, `{"dependentSchemas": {"a": {"required": ["b"]}}}`, `{"$ref": "#/$defs/x", "minimum": 1, "$defs": {"x": {"type": "integer"}}}`,
		`{"properties": {"a": true}, "unevaluatedProperties": false}`, `{"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}`,
		`{"allOf": [{"properties": {"a": true}}, {"unevaluatedProperties": false}]}`, `{"anyOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"foo": true}}], "unevaluatedProperties": false}`,
		`{"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": true}}, "unevaluatedProperties": false}`, `{"not": {"not": {"properties": {"a": true}}}, "unevaluatedProperties": false}`,
		`{"unevaluatedItems": false}`, `{"allOf": [{"items": true}], "unevaluatedItems": false}`, `{"unevaluatedItems": {"type": "string"}}`, `{"unevaluatedProperties": {"type": "integer"}}`,
		`{"dependentSchemas": {"a": {"properties": {"b": true}}}, "properties": {"a": true}, "unevaluatedProperties": false}`,
		`{"$defs": {"x": {"$anchor": "here", "type": "integer"}}, "$ref": "#here"}`, `{"$id": "http://a.test/root", "$ref": "item", "$defs": {"i": {"$id": "item", "$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}}}`,
		`{"properties": {"a": {"$ref": "#/properties/b"}, "b": {"type": "integer"}}}`, `{"properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}, "required": ["kind", "x"]}`,
	}
}

func newestSchemas() []string {
	return []string{
		`{"prefixItems": [{"type": "integer"}, {"type": "string"}]}`, `{"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}`, `{"prefixItems": [true], "unevaluatedItems": false}`,
		`{"prefixItems": [{"type": "string"}], "contains": {"type": "integer"}, "unevaluatedItems": false}`, `{"allOf": [{"prefixItems": [true, true]}], "unevaluatedItems": {"type": "boolean"}}`,
		`{"$id": "http://a.test/strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": false, "$defs": {"t": {"$id": "tree", "$dynamicAnchor": "node", "type": "object", "properties": {"data": true, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}}}}}`,
		`{"$id": "http://a.test/r", "$dynamicAnchor": "n", "properties": {"a": {"$dynamicRef": "#n"}}, "additionalProperties": false}`, `{"$dynamicRef": "#/$defs/x", "$defs": {"x": {"type": "integer"}}}`,
	}
}

func TestSchemasAgreeWithAnotherLibrary(t *testing.T) {
	t.Parallel()
	recursive := []string{
		`{"$id": "http://a.test/strict", "$recursiveAnchor": true, "$ref": "tree", "unevaluatedProperties": false, "$defs": {"t": {"$id": "tree", "$recursiveAnchor": true, "type": "object", "properties": {"data": true, "children": {"type": "array", "items": {"$recursiveRef": "#"}}}}}}`,
		`{"properties": {"a": {"$recursiveRef": "#"}}, "additionalProperties": false}`,
	}
	middle := []string{`{"exclusiveMinimum": 0}`, `{"contains": {"type": "integer"}}`, `{"propertyNames": {"maxLength": 1}}`, `{"const": null}`, `{"$ref": "#/definitions/x", "minimum": 5, "definitions": {"x": {"type": "integer"}}}`}
	for _, tt := range []struct {
		name    string
		dialect dialect
		other   *jsonschema.Draft
		schemas []string
	}{
		{"draft-04", draft4, jsonschema.Draft4, append(oracleSchemas(), `{"minimum": 0, "exclusiveMinimum": true}`, `{"maximum": 1, "exclusiveMaximum": true}`)},
		{"draft-06", draft6, jsonschema.Draft6, append(oracleSchemas(), middle...)},
		{"draft-07", draft7, jsonschema.Draft7, append(oracleSchemas(), append(middle, `{"if": {"type": "integer"}, "then": {"minimum": 1}, "else": {"type": "string"}}`)...)},
		{"2019-09", draft2019, jsonschema.Draft2019, append(append(oracleSchemas(), newerSchemas()...), recursive...)},
		{"2020-12", draft2020, jsonschema.Draft2020, append(append(oracleSchemas(), newerSchemas()...), newestSchemas()...)},
	} {
		for _, text := range tt.schemas {
			agree(t, tt.name, text, tt.dialect, tt.other)
		}
	}
}

func agree(t *testing.T, name, text string, d dialect, draft *jsonschema.Draft) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(draft)
	if err := c.AddResource("file:///x.json", doc); err != nil {
		t.Fatal(err)
	}
	other, err := c.Compile("file:///x.json")
	if err != nil {
		return // true and false in draft-04, a list of items in 2020-12: not of that draft
	}
	set := newSchemaSet(nil)
	set.dialect = d
	r := set.add("file:///x.json", fromJSON(text))
	root := set.compile(schemaPlace{r, r.node, ""})
	set.finish()
	if len(set.problems) > 0 {
		t.Errorf("%s %s: %s", name, text, set.problems[0].text)
		return
	}
	for _, instance := range instances() {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(instance))
		if err != nil {
			t.Fatal(err)
		}
		want := other.Validate(v)
		got := fits{set, root, "it"}.differences(valueOf(fromJSON(instance)))
		if (want == nil) != (len(got) == 0) {
			t.Errorf("%s: %s of %s: got %q; the other library says %v", name, text, instance, got, want)
		}
	}
}
