package hgrun_test

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/docs/schema"
)

// artist draws random files that fit a schema. It is fair: it goes first to where keys are that it has not drawn yet, and
// then takes those that it drew least often, so that every key of the language comes, the ones that nobody here has heard of too.
type artist struct {
	t       *testing.T
	r       *rand.Rand
	root    object
	drawn   map[string]int             // how often, by the keys of the mapping and the key
	missing map[string]bool            // not drawn yet
	reach   map[string]map[string]bool // the keys of definitions and all that they lead to
	regexps map[string]*regexp.Regexp
}

// member is a key of a mapping that was drawn, and its value: nil, bool, json.Number, string, []any or []member.
type member struct {
	key   string
	value any
}

func newArtist(t *testing.T, text []byte, seed uint64) *artist {
	t.Helper()
	a := &artist{t: t, r: rand.New(rand.NewPCG(seed, 1)), drawn: map[string]int{}, missing: map[string]bool{}, reach: map[string]map[string]bool{}, regexps: map[string]*regexp.Regexp{}} //nolint:gosec // not for secrets
	if err := json.Unmarshal(text, &a.root); err != nil {
		t.Fatal(err)
	}
	walkSchema(a.root, "", func(at string, s object) {
		properties, _ := s["properties"].(object)
		for key := range properties {
			a.missing[mark(s)+key] = true
		}
	})
	return a
}

// hungry reports whether a schema leads to a key that was not drawn yet.
func (a *artist) hungry(s object) bool {
	found := false
	walkSchema(s, "", func(_ string, s object) {
		properties, _ := s["properties"].(object)
		for key := range properties {
			found = found || a.missing[mark(s)+key]
		}
		if name, ok := s["$ref"].(string); ok {
			for id := range a.reached(name) {
				found = found || a.missing[id]
			}
		}
	})
	return found
}

// reached are the keys that a definition leads to.
func (a *artist) reached(name string) map[string]bool {
	if known, ok := a.reach[name]; ok {
		return known
	}
	ids := map[string]bool{}
	a.reach[name] = ids
	seen := map[string]bool{}
	var follow func(name string)
	follow = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		walkSchema(a.root["definitions"].(object)[strings.TrimPrefix(name, "#/definitions/")], "", func(_ string, s object) {
			properties, _ := s["properties"].(object)
			for key := range properties {
				ids[mark(s)+key] = true
			}
			if to, ok := s["$ref"].(string); ok {
				follow(to)
			}
		})
	}
	follow(name)
	return ids
}

// hungriest returns the place of a schema that leads to what was not drawn yet, or of any.
func (a *artist) hungriest(all ...object) int {
	at := a.r.IntN(len(all))
	for i := range all {
		if len(a.missing) > 0 && a.hungry(all[(at+i)%len(all)]) && a.r.IntN(4) > 0 {
			return (at + i) % len(all)
		}
	}
	return at
}

// mark tells mappings of a schema apart: by their keys.
func mark(s object) string {
	properties, _ := s["properties"].(object)
	return strings.Join(names(properties), ",") + ": "
}

func (a *artist) regexp(pattern string) *regexp.Regexp {
	if a.regexps[pattern] == nil {
		a.regexps[pattern] = regexp.MustCompile(pattern)
	}
	return a.regexps[pattern]
}

// careless returns an artist that does not care for what it has not drawn yet, and draws small files therefore.
func careless(root object, seed uint64) *artist {
	return &artist{r: rand.New(rand.NewPCG(seed, 2)), root: root, drawn: map[string]int{}, regexps: map[string]*regexp.Regexp{}} //nolint:gosec // not for secrets
}

// file draws a whole file, not an empty one.
func (a *artist) file() any {
	for {
		if top := a.object(a.root, 0); count(top) > 0 {
			return top
		}
	}
}

// deep is the level from which on nothing is drawn that need not be.
const deep = 9

// samples are texts that some pattern of the schema wants, and texts that are hard to write.
func samples() []string {
	return []string{
		"a", "{{a}}", "GET http://localhost/{{a}}", "POST http://localhost/x?y=1", "2xx", "200", "1s", "500ms", "1m30s", "failure", "true", "3", "name.0.family", "Ada Halden",
		"", " ", "yes", "null", "~", "1.10", "0x1F", "007", "1e3", "2024-05-01", "12:30", "a: b", "a #b", "#", "- a", "it's", `say "hi"`, `back\slash`, "tab\there", "two\nlines", "ends\n", "\nstarts",
		"keep\n\n", " indented\n  more\n", "{a}", "[a]", "&a", "*a", "!a", "%a", "@a", "`a`", "|", ">", "?", ":", "a:", "é ü 漢字 😀", "\u00a0", "\u200b", "{{a | default: \"x\"}}", "Bearer {{token}}", "x, y", "a.json",
		strings.Repeat("long words ", 20), "last.url", "count", "0.status", "dns", "claims.sub", "header.alg", "smoke", "64MiB",
	}
}

// schema draws a value that fits.
func (a *artist) schema(s object, depth int) any {
	s = a.resolved(s)
	for _, word := range []string{"anyOf", "oneOf"} {
		if choices, ok := s[word].([]any); ok {
			all := make([]object, len(choices))
			for i, choice := range choices {
				all[i] = choice.(object)
			}
			choice := all[a.hungriest(all...)]
			return a.schema(with(less(s, word), a.resolved(choice)), depth)
		}
	}
	if condition, ok := s["if"].(object); ok {
		branch, cond := "then", condition
		then, _ := s["then"].(object)
		otherwise, _ := s["else"].(object)
		if depth > deep || a.hungriest(then, otherwise) == 1 {
			branch, cond = "else", object{}
		}
		more, _ := s[branch].(object)
		if branch == "else" && condition["type"] != nil && s["type"] == nil && more["type"] == nil && more["$ref"] == nil {
			more = with(more, object{"type": without([]string{"object", "array", "string", "null"}, typesOf(condition))})
		}
		return a.schema(with(with(less(s, "if", "then", "else"), cond), a.resolved(more)), depth)
	}
	if words, ok := s["enum"].([]any); ok {
		return plainValue(words[a.r.IntN(len(words))])
	}
	types := typesOf(s)
	if len(types) == 0 {
		return a.anything(depth)
	}
	if rest := without(types, []string{"object", "array"}); depth > deep && len(rest) > 0 { // it has to end
		types = rest
	}
	kind := types[a.r.IntN(len(types))]
	if slices.Contains(types, "object") && len(a.missing) > 0 && a.hungry(s) {
		kind = "object"
	}
	switch kind {
	case "object":
		return a.object(s, depth)
	case "array":
		return a.array(s, depth)
	case "null":
		return nil
	case "boolean":
		return a.r.IntN(2) == 0
	case "integer", "number":
		return a.number(s, kind)
	}
	return a.text(s)
}

func less(s object, words ...string) object {
	s = with(s, nil)
	for _, word := range words {
		delete(s, word)
	}
	return s
}

func typesOf(s object) []string {
	switch types := s["type"].(type) {
	case string:
		return []string{types}
	case []string:
		return types
	case []any:
		var list []string
		for _, kind := range types {
			list = append(list, kind.(string))
		}
		return list
	}
	if s["properties"] != nil {
		return []string{"object", "string"}
	}
	return nil
}

func plainValue(v any) any {
	if f, ok := v.(float64); ok {
		text, _ := json.Marshal(f)
		return json.Number(text)
	}
	return v
}

// resolved follows $ref and joins allOf.
func (a *artist) resolved(s object) object {
	if name, ok := s["$ref"].(string); ok {
		target := a.root["definitions"].(object)[strings.TrimPrefix(name, "#/definitions/")].(object)
		return a.resolved(with(target, less(s, "$ref", "description")))
	}
	if all, ok := s["allOf"].([]any); ok {
		s = less(s, "allOf")
		for _, each := range all {
			s = with(a.resolved(each.(object)), s)
		}
	}
	return s
}

func limit(s object, word string, otherwise int) int {
	if f, ok := s[word].(float64); ok {
		return int(f)
	}
	return otherwise
}

func (a *artist) number(s object, kind string) any {
	least, most := limit(s, "minimum", -5), limit(s, "maximum", 700)
	n := json.Number(json.Number(itoa(least + a.r.IntN(min(most-least+1, 600)))))
	if kind == "number" && s["minimum"] == nil && a.r.IntN(3) == 0 {
		n += []json.Number{".50", ".0", "e2", "0000000000000000001"}[a.r.IntN(4)]
	}
	return n
}

func itoa(n int) string { text, _ := json.Marshal(n); return string(text) }

func (a *artist) text(s object) string {
	fits := samples()
	if pattern, ok := s["pattern"].(string); ok {
		re := a.regexp(pattern)
		fits = slices.DeleteFunc(fits, func(text string) bool { return !re.MatchString(text) })
		if len(fits) == 0 {
			a.t.Fatalf("no sample fits the pattern %s: add one to samples() of draw_test.go", pattern)
		}
	}
	if not, ok := s["not"].(object); ok && not["pattern"] != nil {
		re := a.regexp(not["pattern"].(string))
		fits = slices.DeleteFunc(fits, re.MatchString)
	}
	return fits[a.r.IntN(len(fits))]
}

func (a *artist) array(s object, depth int) any {
	least, most := limit(s, "minItems", 0), limit(s, "maxItems", 3)
	list := []any{}
	items, ok := s["items"].(object)
	for range least + a.r.IntN(max(most-least, 0)+1) {
		if ok {
			list = append(list, a.schema(items, depth+1))
		} else {
			list = append(list, a.anything(depth+1))
		}
	}
	return list
}

// object draws a mapping: what it must have, then the keys that came least often so far.
func (a *artist) object(s object, depth int) any {
	properties, _ := s["properties"].(object)
	keys := names(properties)
	a.r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	id := mark(s)
	rank := map[string]int{}
	for _, key := range keys {
		rank[key] = a.drawn[id+key]
		if len(a.missing) > 0 && a.hungry(object{"properties": object{key: properties[key]}}) || a.missing[id+key] {
			rank[key] = -1
		}
	}
	slices.SortStableFunc(keys, func(k, l string) int { return rank[k] - rank[l] })
	var must []string
	required, _ := s["required"].([]any)
	for _, key := range required {
		must = append(must, key.(string))
	}
	count := max(limit(s, "minProperties", 0), a.r.IntN(4)+len(must))
	if depth > deep {
		count = max(limit(s, "minProperties", 0), len(must))
	}
	count = min(count, limit(s, "maxProperties", count))
	for _, key := range keys {
		if len(must) < count && !slices.Contains(must, key) {
			must = append(must, key)
		}
	}
	a.r.Shuffle(len(must), func(i, j int) { must[i], must[j] = must[j], must[i] })
	var all []member
	for _, key := range must {
		a.drawn[id+key]++
		delete(a.missing, id+key)
		all = append(all, member{key, a.schema(properties[key].(object), depth+1)})
	}
	return append(all, a.free(s, depth, count-len(all))...)
}

// free draws members whose names the file chooses.
func (a *artist) free(s object, depth, count int) []member {
	values, ok := s["additionalProperties"].(object)
	allowed := a.regexp(`^[a-zA-Z0-9][\w.-]*$`)
	if patterns, has := s["patternProperties"].(object); has {
		for pattern, of := range patterns {
			allowed, values, ok = a.regexp(pattern), of.(object), true
		}
	}
	choice := samples()
	if rule, has := s["propertyNames"].(object); has {
		if words, has := rule["enum"].([]any); has {
			choice = nil
			for _, word := range words {
				choice = append(choice, word.(string))
			}
		}
		if pattern, has := rule["pattern"].(string); has {
			re := a.regexp(pattern)
			choice = slices.DeleteFunc(choice, func(name string) bool { return !re.MatchString(name) })
		}
	}
	choice = slices.DeleteFunc(choice, func(name string) bool { return !allowed.MatchString(name) })
	var all []member
	for range count {
		if !ok || len(choice) == 0 {
			break
		}
		i := a.r.IntN(len(choice))
		all = append(all, member{choice[i], a.schema(values, depth+1)})
		choice = slices.Delete(choice, i, i+1)
	}
	return all
}

// anything draws a value of any kind.
func (a *artist) anything(depth int) any {
	kind := a.r.IntN(7)
	if depth > deep {
		kind = 0
	}
	switch kind {
	case 1:
		return a.array(object{}, depth+1)
	case 2:
		return a.object(object{"additionalProperties": object{}}, depth+1)
	case 3:
		return a.number(object{}, "number")
	case 4:
		return []any{nil, true, false}[a.r.IntN(3)]
	}
	return a.text(object{})
}

func TestADrawnFileFitsItsSchemaAndHasEveryKeyInTime(t *testing.T) {
	t.Parallel()
	for kind, text := range map[string][]byte{"collection": schema.Collection(), "environment": schema.Environment()} {
		a, judge := newArtist(t, text, 5), compiled(t)[kind]
		fits, all := 0, 250
		for range all {
			p := newPen(a.r)
			if err, ok := judged(t, judge, []byte(p.page(a.file()))); ok && err == nil {
				fits++
			}
		}
		if fits < all/2 {
			t.Errorf("%s: %d of %d drawn files fit, want half at least", kind, fits, all)
		}
		for key := range a.missing {
			t.Errorf("%s: a key was never drawn: %s; is there a way to it that draw_test.go does not know?", kind, key)
		}
	}
}
