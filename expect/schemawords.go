package expect

import (
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// keyword is one word of a schema while it is compiled.
type keyword struct {
	set    *schemaSet
	at     schemaPlace // of the schema
	name   string
	value  any
	beside map[string]any // all words of the schema
}

// fail records what is wrong with the keyword.
func (k keyword) fail(text string) rule {
	k.set.problem(k.at.down(k.value, k.name), k.name+": "+text)
	return nil
}

// sub compiles a schema within the keyword.
func (k keyword) sub(node any, steps ...string) *schema {
	return k.set.compile(k.at.down(node, append([]string{k.name}, steps...)...))
}

// word is a keyword of JSON Schema: who reads it, and in which dialects it is one.
type word struct {
	read        func(keyword) rule
	since, till dialect // draft2020 is the newest, so that since is the greater of the two
}

func (w word) dialects() []dialect {
	var all []dialect
	for d := w.till; d <= w.since; d++ {
		all = append(all, d)
	}
	if w.since >= draft4 {
		all = append(all, openAPI30)
	}
	return all
}

// schemaKeywords is the table of the words that demand something.
func schemaKeywords() map[string]word {
	always := func(read func(keyword) rule) word { return word{read, draft4, draft2020} }
	since := func(d dialect, read func(keyword) rule) word { return word{read, d, draft2020} }
	return map[string]word{
		"$ref":                  always(readRef),
		"$dynamicRef":           since(draft2020, readDynamicRef),
		"$recursiveRef":         {readRecursiveRef, draft2019, draft2019},
		"allOf":                 always(readAllOf),
		"anyOf":                 always(readAnyOf),
		"oneOf":                 always(readOneOfSchemas),
		"not":                   always(readNotSchema),
		"if":                    since(draft7, readIf),
		"type":                  always(readSchemaType),
		"enum":                  always(readEnum),
		"const":                 since(draft6, readConst),
		"minimum":               always(readMinimum),
		"maximum":               always(readMaximum),
		"exclusiveMinimum":      since(draft6, readExclusiveMinimum),
		"exclusiveMaximum":      since(draft6, readExclusiveMaximum),
		"multipleOf":            always(readMultipleOf),
		"minLength":             always(readMinLength),
		"maxLength":             always(readMaxLength),
		"pattern":               always(readPattern),
		"format":                always(readFormat),
		"items":                 always(readItems),
		"prefixItems":           since(draft2020, readPrefixItems),
		"minItems":              always(readMinItems),
		"maxItems":              always(readMaxItems),
		"uniqueItems":           always(readUniqueItems),
		"contains":              since(draft6, readSchemaContains),
		"properties":            always(readProperties),
		"additionalProperties":  always(readAdditionalProperties),
		"required":              always(readRequired),
		"minProperties":         always(readMinProperties),
		"maxProperties":         always(readMaxProperties),
		"propertyNames":         since(draft6, readPropertyNames),
		"dependencies":          always(readDependencies),
		"dependentRequired":     since(draft2019, readDependencies),
		"dependentSchemas":      since(draft2019, readDependencies),
		"unevaluatedProperties": since(draft2019, readUnevaluatedProperties),
		"unevaluatedItems":      since(draft2019, readUnevaluatedItems),
		"patternProperties":     always(readPatternProperties),
	}
}

// Where schemas stand within the value of a keyword.
const (
	noSchema = iota
	oneSchema
	listOfSchemas
	mapOfSchemas
)

func subschemas(word string) int {
	switch word {
	case "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties":
		return oneSchema
	case "allOf", "anyOf", "oneOf", "prefixItems":
		return listOfSchemas
	case "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties":
		return mapOfSchemas
	}
	return noSchema
}

// annotations are the words that demand nothing by themselves.
func annotations() []string {
	return []string{"$anchor", "$comment", "$defs", "$dynamicAnchor", "$id", "$recursiveAnchor", "$schema", "$vocabulary", "additionalItems", "contentEncoding", "contentMediaType",
		"contentSchema", "default", "definitions", "deprecated", "description", "discriminator", "else", "example", "examples", "externalDocs", "id", "maxContains", "minContains",
		"nullable", "readOnly", "then", "title", "writeOnly", "xml"}
}

func readSchemaType(k keyword) rule {
	var names []string
	for _, v := range listOf(k.value) {
		name, ok := v.(string)
		if !ok || schemaTypes()[name] == nil {
			return k.fail("unknown type " + described(v) + similar(name, sortedNames(schemaTypes())))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return k.fail("names no type")
	}
	nullable := k.at.in.dialect == openAPI30 && k.beside["nullable"] == true
	wants := make([]string, len(names))
	for i, name := range names {
		wants[i] = typeName(name)
	}
	want := strings.Join(wants, " or ")
	table := schemaTypes()
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		if v == nil && nullable {
			return
		}
		for _, name := range names {
			if table[name](v) {
				return
			}
		}
		w.fail(at, "got "+renderKind(v)+", want "+want)
	}
}

// listOf returns the elements of a list, or the value as a list of one.
func listOf(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func typeName(name string) string {
	switch name {
	case "integer":
		return "a whole number"
	case "string":
		return "text"
	case "array":
		return "a list"
	case "null":
		return "null"
	case "object":
		return "an object"
	}
	return "a " + name
}

// schemaTypes is the table of the types of JSON Schema.
func schemaTypes() map[string]func(any) bool {
	return map[string]func(any) bool{
		"array":   func(v any) bool { _, ok := v.([]any); return ok },
		"boolean": func(v any) bool { _, ok := v.(bool); return ok },
		"integer": func(v any) bool { n, ok := v.(json.Number); return ok && isInteger(string(n)) },
		"null":    func(v any) bool { return v == nil },
		"number":  func(v any) bool { _, ok := v.(json.Number); return ok },
		"object":  func(v any) bool { _, ok := v.(map[string]any); return ok },
		"string":  func(v any) bool { _, ok := v.(string); return ok },
	}
}

func readEnum(k keyword) rule {
	wanted, ok := k.value.([]any)
	if !ok || len(wanted) == 0 {
		return k.fail("want a list of values, got " + described(k.value))
	}
	nullable := k.at.in.dialect == openAPI30 && k.beside["nullable"] == true
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		if v == nil && nullable {
			return
		}
		for _, one := range wanted {
			if same(v, one) {
				return
			}
		}
		w.mismatch(at, "got "+renderOf(v)+", want one of "+renderOf(wanted))
	}
}

func readConst(k keyword) rule {
	wanted := k.value
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		if !same(v, wanted) {
			w.mismatch(at, "got "+renderOf(v)+", want "+renderOf(wanted))
		}
	}
}

// limit reads a number that others are compared with.
func (k keyword) limit(words string, lowest, highest int) rule {
	n, ok := k.value.(json.Number)
	if !ok {
		return k.fail("want a number, got " + described(k.value))
	}
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		got, ok := v.(json.Number)
		if !ok {
			return
		}
		if c := compareNumbers(string(got), string(n)); c < lowest || c > highest {
			w.fail(at, "got "+renderOf(v)+", want "+words+" "+string(n))
		}
	}
}

// readMinimum reads minimum, which exclusiveMinimum: true made exclusive in draft-04.
func readMinimum(k keyword) rule {
	if k.at.in.dialect >= draft4 && k.beside["exclusiveMinimum"] == true {
		return k.limit("above", 1, 1)
	}
	return k.limit("at least", 0, 1)
}

func readMaximum(k keyword) rule {
	if k.at.in.dialect >= draft4 && k.beside["exclusiveMaximum"] == true {
		return k.limit("below", -1, -1)
	}
	return k.limit("at most", -1, 0)
}

func readExclusiveMinimum(k keyword) rule { return k.limit("above", 1, 1) }
func readExclusiveMaximum(k keyword) rule { return k.limit("below", -1, -1) }

func readMultipleOf(k keyword) rule {
	n, ok := k.value.(json.Number)
	if !ok || compareNumbers(string(n), "0") <= 0 {
		return k.fail("want a number above 0, got " + described(k.value))
	}
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		if got, ok := v.(json.Number); ok && !isMultiple(string(got), string(n)) {
			w.fail(at, "got "+renderOf(v)+", want a multiple of "+string(n))
		}
	}
}

// isMultiple is exact for numbers of a few hundred digits.
func isMultiple(v, of string) bool {
	if parseDecimal(v).magnitude < 400 && parseDecimal(v).magnitude > -400 && len(v) < 400 && parseDecimal(of).magnitude > -400 && len(of) < 400 {
		a, okA := new(big.Rat).SetString(v)
		b, okB := new(big.Rat).SetString(of)
		if okA && okB && b.Sign() != 0 {
			return a.Quo(a, b).IsInt()
		}
	}
	a, _ := strconv.ParseFloat(v, 64)
	b, _ := strconv.ParseFloat(of, 64)
	return math.Mod(a, b) == 0
}

// count reads a number of characters, elements or members, and compares with it.
func (k keyword) count(noun string, least bool, of func(any) (int, bool)) rule {
	n, ok := k.value.(json.Number)
	limit, err := strconv.Atoi(strings.TrimSuffix(string(n), ".0"))
	if !ok || err != nil || limit < 0 {
		return k.fail("want a whole number of at least 0, got " + described(k.value))
	}
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		got, ok := of(v)
		switch {
		case !ok || least && got >= limit || !least && got <= limit:
		case least:
			w.fail(at, "got "+strconv.Itoa(got)+" "+noun+", want at least "+strconv.Itoa(limit))
		default:
			w.fail(at, "got "+strconv.Itoa(got)+" "+noun+", want at most "+strconv.Itoa(limit))
		}
	}
}

func characters(v any) (int, bool) {
	s, ok := v.(string)
	if !ok {
		return 0, false
	}
	return value{kind: text, text: s}.length()
}

func elementCount(v any) (int, bool) { l, ok := v.([]any); return len(l), ok }

func memberCount(v any) (int, bool) { o, ok := v.(map[string]any); return len(o), ok }

func readMinLength(k keyword) rule     { return k.count("characters", true, characters) }
func readMaxLength(k keyword) rule     { return k.count("characters", false, characters) }
func readMinItems(k keyword) rule      { return k.count("elements", true, elementCount) }
func readMaxItems(k keyword) rule      { return k.count("elements", false, elementCount) }
func readMinProperties(k keyword) rule { return k.count("members", true, memberCount) }
func readMaxProperties(k keyword) rule { return k.count("members", false, memberCount) }

// expression reads a regular expression of ECMAScript, as far as RE2 has the same.
func (k keyword) expression(v any) *regexp.Regexp {
	s, ok := v.(string)
	if !ok {
		k.fail("want a regular expression, got " + described(v))
		return nil
	}
	re, err := regexp.Compile(s)
	if err != nil {
		if re, err = regexp.Compile(ecmaScript(s)); err != nil {
			k.fail(strings.TrimPrefix(err.Error(), "error parsing regexp: ") + " is not understood here (RE2)")
		}
	}
	return re
}

// ecmaScript writes what ECMAScript has and RE2 writes otherwise.
func ecmaScript(s string) string {
	s = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`).ReplaceAllString(s, `\x{$1}`)
	s = regexp.MustCompile(`\\c([A-Za-z])`).ReplaceAllStringFunc(s, func(m string) string { return `\x` + strconv.FormatInt(int64(m[2]&0x1f)+0x100, 16)[1:] })
	return strings.NewReplacer(`\/`, `/`, `\-`, `\-`, `(?<`, `(?P<`, `(?<=`, `(?<=`, `(?<!`, `(?<!`).Replace(s)
}

func readPattern(k keyword) rule {
	re := k.expression(k.value)
	if re == nil {
		return nil
	}
	return func(w *schemaWalk, v any, at *spot, _ *evaluated) {
		if s, ok := v.(string); ok && !re.MatchString(s) {
			w.fail(at, "got "+renderOf(v)+", want it to match "+re.String())
		}
	}
}
