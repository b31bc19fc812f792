package expect

import (
	"strings"
)

// discriminator reads which alternative a member of the value names (OpenAPI, discriminator object); nil where no member
// does. Only that alternative is judged, so that a failure is about what was meant.
func (k keyword) discriminator(all []*schema) rule {
	words := mapping(k.beside["discriminator"])
	member, ok := words["propertyName"].(string)
	if !k.set.described || !ok {
		return nil
	}
	of := map[string]*schema{}
	places := map[string]*schema{} // by what a reference leads to
	for i, node := range listOf(k.value) {
		ref, ok := mapping(node)["$ref"].(string)
		if !ok || i >= len(all) {
			return nil // the names of alternatives are those of their schemas
		}
		to, err := k.set.resolve(k.at, ref)
		if err != nil {
			return nil // it is a problem of $ref
		}
		places[to.key()] = all[i]
		of[ref[strings.LastIndexAny(ref, "/")+1:]] = all[i]
	}
	for name, target := range mapping(words["mapping"]) {
		if s := k.mapped(target, places, of); s != nil {
			of[name] = s
			continue
		}
		k.set.problem(k.at.down(target, "discriminator", "mapping", name), "discriminator: "+described(target)+" is none of the alternatives")
	}
	names := sortedNames(of)
	return func(w *schemaWalk, v any, at *spot, seen *evaluated) {
		o, isObject := v.(map[string]any)
		name, there := o[member].(string)
		switch chosen := of[name]; {
		case !isObject:
			w.fail(at, "got "+renderKind(v)+", want an object")
		case !there && o[member] == nil:
			w.fail(at.down(member), "missing, and required to tell one of "+strings.Join(names, ", "))
		case chosen == nil:
			w.mismatch(at.down(member), "got "+renderOf(o[member])+", want one of "+strings.Join(names, ", "))
		default:
			w.check(chosen, v, at, seen)
		}
	}
}

// mapped returns the alternative that an entry of a mapping means: the name of a schema, or a reference to one.
func (k keyword) mapped(target any, places, names map[string]*schema) *schema {
	ref, _ := target.(string)
	if s, ok := names[ref]; ok {
		return s
	}
	if to, err := k.set.resolve(k.at, ref); err == nil {
		return places[to.key()]
	}
	return nil
}
