package hgrun_test

import (
	"strings"

	"github.com/hgrun/hgrun/expect"
)

// The shapes of values. A text may be written as any scalar.

func text() object    { return object{"type": []string{"string", "number", "boolean"}} }
func boolean() object { return object{"type": "boolean"} }
func anything() object {
	return object{}
}

// orNull is a shape that null may stand for.
func orNull(shape object) object {
	types, ok := shape["type"].([]string)
	if !ok {
		types = []string{shape["type"].(string)}
	}
	return with(shape, object{"type": append(types[:len(types):len(types)], "null")})
}

// several is a scalar or a list of them.
func several(item object) object {
	types, ok := item["type"].([]string)
	if !ok {
		types = []string{item["type"].(string)}
	}
	return with(item, object{"type": append(types[:len(types):len(types)], "array"), "items": item})
}

// whole is a whole number, in quotes or without.
func whole(least int) object {
	return object{"type": []string{"integer", "string"}, "minimum": least, "pattern": "^\\+?[0-9]+$"}
}

// span is a time with its unit; 0 needs none.
func span() object {
	return object{"type": []string{"string", "integer"}, "pattern": `^\+?(0|([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`, "minimum": 0, "maximum": 0, "examples": []string{"500ms", "2s", "1m30s"}}
}

// size is a number of bytes with its unit.
func size() object {
	return object{"type": "string", "pattern": `^([0-9]+\.?[0-9]*|\.[0-9]+) ?([kKMG]?B|[KMG]iB)$`, "examples": []string{"500 KiB", "10 MiB", "1 GiB"}}
}

// template is a shape, or a text with {{…}} in it.
func template(shape object) object {
	return object{"anyOf": []object{shape, {"type": "string", "pattern": `\{\{`}}}
}

func oneOf(words ...string) object { return object{"type": "string", "enum": words} }

// variables are names that CheckName lets through, and what stands behind each.
func variables(of object) object {
	return object{"type": "object", "propertyNames": object{"pattern": `^[^\s${}|"'][^{}|"']*$`}, "additionalProperties": of}
}

func named(of object) object { return object{"type": "object", "additionalProperties": of} }

// fields are the parameters of a query or a form.
func fields() object {
	value := orNull(several(text()))
	return with(named(value), object{"propertyNames": object{"minLength": 1, "not": object{"pattern": `\{\{`}}})
}

// scalarOr is a mapping that a scalar may stand for.
func scalarOr(mapping object, types ...string) object {
	return with(mapping, object{"type": append([]string{"object"}, types...)})
}

func status() object {
	one := object{"type": []string{"integer", "string"}, "minimum": 100, "maximum": 599, "pattern": `^[1-5](xx|XX|[0-9][0-9])$|\{\{`, "examples": []any{200, "2xx"}}
	return with(several(one), object{"minItems": 1})
}

// notInSchemas are tables of the program that are no part of a file.
func notInSchemas() []string {
	return []string{"Command line/Command", "Command line/Flag", "Exit codes/Code", "One form/Of", "Prometheus/Metric", "Reports/Kind", "Templates/Name"}
}

func (g *grammar) collection() object {
	g.defs["item"] = object{"type": "object", "if": object{"required": []string{"include"}}, "then": ref("include"), "else": object{
		"if": object{"required": []string{"requests"}}, "then": ref("folder"), "else": ref("request"),
	}}
	g.defs["include"] = g.include()
	g.defs["folder"] = g.folder()
	g.defs["request"] = g.request()
	g.defs["auth"] = g.auth()
	g.defs["assertion"] = g.assertion()
	g.defs["expectations"] = g.expectations()
	g.defs["expected"] = g.expected()
	g.defs["when"] = with(variables(ref("expected")), object{"minProperties": 1})
	g.defs["values"] = g.values()
	g.defs["then"] = g.then()
	top := g.mapping(with(g.settings(), object{
		"name": text(), "description": text(), "sessions": with(named(orNull(with(g.mapping(object{"variables": variables(anything())}, "Sessions/Sessions"), object{"type": "object"}))), object{"propertyNames": object{"pattern": `^[\p{L}\p{N}._:-]+$`}}), "auths": with(named(with(ref("auth"), object{"type": "object"})), object{"propertyNames": object{"not": object{"const": "none"}}}),
		"setup": list(ref("item")), "requests": with(list(ref("item")), object{"minItems": 1}), "teardown": list(ref("item")),
		"data": g.data(),
	}), "Collection/Key", "Settings/Key")
	return with(top, object{"required": []string{"requests"}})
}

// data is the name of a file of rows, or a mapping.
func (g *grammar) data() object {
	mapping := g.mapping(object{
		"csv": text(), "json": text(), "ndjson": text(), "rows": with(list(variables(anything())), object{"minItems": 1}), "name": text(), "in_order": boolean(), "secrets": several(text()),
	}, "Data/Key")
	from := []object{{"required": []string{"csv"}}, {"required": []string{"json"}}, {"required": []string{"ndjson"}}, {"required": []string{"rows"}}}
	return with(scalarOr(mapping, "string"), object{"if": object{"type": "object"}, "then": object{"oneOf": from}, "else": object{"pattern": `(?i)\.(csv|json|ndjson|jsonl)$`}, "examples": []string{"rows.csv"}})
}

func list(of object) object { return object{"type": "array", "items": of} }

func (g *grammar) settings() object {
	return object{
		"variables": variables(anything()), "auth": ref("auth"), "headers": named(orNull(several(text()))), "tags": several(text()), "session": text(),
		"script":  with(g.mapping(object{"prerequest": several(text()), "test": several(text())}, "Scripts/Event"), object{"type": "object"}),
		"timeout": span(), "max_body": size(), "max_download": size(), "follow_redirects": object{"type": []string{"boolean", "integer", "string"}, "minimum": 0, "pattern": `^(true|false|[0-9]+)$`},
	}
}

// looping are the keys of what runs for several values.
func looping() object {
	values := object{
		"if":   object{"type": "object", "anyOf": []object{{"required": []string{"from"}}, {"required": []string{"to"}}, {"required": []string{"csv"}}, {"required": []string{"json"}}, {"required": []string{"ndjson"}}}},
		"then": ref("values"),
		"else": with(variables(ref("values")), object{"type": []string{"object", "array", "string"}, "minProperties": 1, "maxProperties": 1}),
	}
	return object{"for_each": values, "repeat": whole(1), "once": object{"type": []string{"boolean", "string"}, "pattern": `^[\p{L}\p{N}._:-]+$`}, "collect": variables(text()), "when": ref("when")}
}

func (g *grammar) folder() object {
	shapes := with(with(g.settings(), looping()), object{
		"name": text(), "description": text(), "setup": list(ref("item")), "requests": list(ref("item")), "teardown": list(ref("item")),
	})
	return with(g.mapping(shapes, "Folder/Key", "Settings/Key"), object{"type": "object", "required": []string{"name", "requests"}})
}

func (g *grammar) include() object {
	included := scalarOr(g.mapping(object{"file": text(), "only": several(text())}, "Include/Included"), "string")
	shapes := with(looping(), object{
		"name": text(), "description": text(), "tags": several(text()), "session": text(), "include": with(included, object{"required": []string{"file"}}), "with": variables(anything()),
		"returns": with(variables(text()), object{"type": []string{"object", "array", "string"}, "items": text()}),
	})
	return with(g.mapping(shapes, "Include/Item"), object{"type": "object", "required": []string{"include"}})
}

func (g *grammar) request() object {
	shapes := with(with(g.settings(), looping()), object{
		"name": text(), "description": text(), "query": fields(), "expect": ref("expectations"), "capture": variables(g.capture()),
		"request":   object{"type": "string", "pattern": `^\s*[A-Z][A-Z0-9!#$%&'*+.^_|~-]* +\S`, "examples": []string{"GET {{base_url}}/path"}},
		"assertion": object{"allOf": []object{ref("assertion")}, "required": []string{"key"}}, "set": variables(anything()), "delay": span(),
		"retry": g.retry(), "until": ref("expectations"), "every": span(), "for": span(), "paginate": g.paginate(),
		"async": scalarOr(g.mapping(object{"every": span(), "for": span()}, "Jobs/Async"), "boolean"),
		"json":  anything(), "form": fields(), "multipart": g.multipart(), "text": text(), "xml": text(), "graphql": g.graphql(), "file": text(),
	})
	return with(g.mapping(shapes, "Request/Key+Body/Key", "Settings/Key"), object{"type": "object", "required": []string{"request"}})
}

func (g *grammar) retry() object {
	on := object{"type": []string{"string", "integer"}, "pattern": `^(failure|error|[1-5](xx|[0-9][0-9]))$`, "minimum": 100, "maximum": 599, "examples": []any{"failure", "error", 429, "5xx"}}
	mapping := g.mapping(object{
		"times": whole(0), "delay": span(), "max_delay": span(), "backoff": oneOf("constant", "linear", "exponential"), "jitter": boolean(), "deadline": span(), "on": with(several(on), object{"minItems": 1}),
	}, "Retry/Key")
	return with(scalarOr(mapping, "integer", "string"), object{"required": []string{"times"}, "minimum": 0, "pattern": "^[0-9]+$"})
}

func (g *grammar) paginate() object {
	path := object{"type": "string", "not": object{"pattern": `\{\{`}}
	offset := with(g.mapping(object{"param": text(), "start": whole(0), "size": whole(1), "total": path, "items": path}, "Pages/Offset"), object{
		"type": "object", "required": []string{"param", "size"}, "oneOf": []object{{"required": []string{"total"}}, {"required": []string{"items"}}},
	})
	mapping := g.mapping(object{"next": path, "offset": offset, "max": whole(1)}, "Pages/Paginate")
	mapping["if"] = object{"type": "object"}
	mapping["then"] = object{"oneOf": []object{{"required": []string{"next"}}, {"required": []string{"offset"}}}}
	return with(scalarOr(mapping, "string"), object{"examples": []string{"fhir", "link", "meta.next"}})
}

func (g *grammar) multipart() object {
	part := scalarOr(g.mapping(object{"file": text(), "text": text(), "filename": text(), "content_type": text()}, "Multipart part/Key"), "string", "number", "boolean")
	part["if"] = object{"type": "object"}
	part["then"] = object{"oneOf": []object{{"required": []string{"file"}}, {"required": []string{"text"}}}}
	g.defs["part"] = part
	return named(object{"if": object{"type": "array"}, "then": object{"items": ref("part")}, "else": object{"if": object{"type": "null"}, "else": ref("part")}})
}

func (g *grammar) graphql() object {
	mapping := g.mapping(object{"query": text(), "operation": text(), "variables": object{"type": []string{"object", "string"}}}, "GraphQL/Key")
	return with(scalarOr(mapping, "string"), object{"required": []string{"query"}})
}

// values are those of a loop.
func (g *grammar) values() object {
	number := object{"type": []string{"integer", "string"}}
	mapping := g.mapping(object{"from": number, "to": number, "step": number, "csv": text(), "json": text(), "ndjson": text(), "label": text()}, "Loops/Values")
	return scalarOr(mapping, "array", "string")
}

// expectations are subjects and what is expected of each.
func (g *grammar) expectations() object {
	shapes := object{}
	for name, subject := range expect.Subjects() {
		if subject.Keyed != nil {
			shapes[name] = with(named(ref("expected")), object{"minProperties": 1})
		} else if subject.Whole != nil {
			shapes[name] = ref("expected")
		}
	}
	shapes["status"] = object{"if": object{"type": "object"}, "then": ref("expected"), "else": status()}
	shapes["bytes"] = g.bytes()
	shapes["schema"] = object{"type": []string{"object", "array"}, "minProperties": 1}
	shapes["fhir"] = g.fhir()
	shapes["redirects"] = object{"if": object{"type": "object"}, "then": object{
		"propertyNames": object{"pattern": `^(count|(last|[0-9]+)\.(status|url))$`}, "additionalProperties": ref("expected"), "minProperties": 1,
	}}
	shapes["jwt"] = g.jwt()
	shapes["openapi"] = g.openAPI()
	shapes["variables"] = with(named(ref("expected")), object{"minProperties": 1})
	for name, ask := range map[string]string{"phases": `expect: {phases: {"?": 1}}`, "certificate": `expect: {certificate: {"?": 1}}`} {
		shapes[name] = with(named(ref("expected")), object{"minProperties": 1, "propertyNames": object{"enum": knownTo(g.t, ask)}})
	}
	return with(g.mapping(shapes, "Subjects/Subject"), object{"type": "object", "minProperties": 1})
}

// bytes has predicates of its own.
func (g *grammar) bytes() object {
	digits := object{"type": []string{"string", "integer"}}
	properties := object{}
	for _, word := range knownTo(g.t, `expect: {bytes: {"?": 1, equals: "00"}}`) {
		properties[word] = g.described(digits, "Predicates/Predicate", word)
	}
	properties["length"] = g.described(ref("expected"), "Predicates/Predicate", "length")
	properties["not"] = g.described(anything(), "Predicates/Predicate", "not")
	return object{"type": []string{"object", "string", "integer"}, "properties": properties, "additionalProperties": false, "minProperties": 1}
}

// snapshot is the name of a file, or a mapping of it and what is not compared.
func snapshot() object {
	mapping := object{"properties": object{
		"file":   with(text(), object{"description": "The file, below the folder of the collection's snapshots."}),
		"ignore": with(object{"type": []string{"string", "array"}, "items": text()}, object{"description": "Paths that are not compared."}),
	}, "additionalProperties": false, "required": []string{"file"}}
	return with(scalarOr(mapping, "string"), object{"examples": []string{"patient.json"}})
}

// openAPI is a document, or a mapping of it and an operation.
func (g *grammar) openAPI() object {
	mapping := object{"properties": object{
		"file":      with(text(), object{"description": "The OpenAPI document."}),
		"operation": with(text(), object{"description": "The operationId of the operation."}),
	}, "additionalProperties": false, "required": []string{"file"}}
	return with(scalarOr(mapping, "string"), object{"examples": []string{"openapi.yaml"}})
}

// jwt has a place where the token stands, and parts of it.
func (g *grammar) jwt() object {
	properties := object{"verify": object{
		"type": []string{"string", "object"}, "additionalProperties": false, "description": "The key that must have signed it: PEM, JWK, JWKS or a shared secret.",
		"properties": object{
			"key": with(text(), object{"description": "The key, as a template."}), "file": with(text(), object{"description": "A file with the key."}),
			"encoding": with(oneOf("raw", "base64", "base64url", "hex"), object{"description": "How a shared secret is written; raw by default."}),
		},
	}}
	for place, said := range map[string]string{
		"value": "The token itself, such as a variable.", "cookie": "The cookie that holds the token.", "header": "The header that holds the token.",
		"json": "The path of the token in the JSON body.", "jsonpath": "The JSONPath of the token.", "regex": "A regular expression whose first group is the token.",
		"text": "true: the whole body is the token.", "xpath": "The XPath of the token.",
	} {
		properties[place] = with(text(), object{"description": said})
	}
	one := object{"type": "object", "properties": properties, "patternProperties": object{`^(header|claims)(\.|$)`: ref("expected")}, "additionalProperties": false, "minProperties": 2}
	return object{"if": object{"type": "array"}, "then": object{"items": one}, "else": one}
}

func (g *grammar) fhir() object {
	shapes := object{"links": named(ref("expected")), "no_errors": boolean()}
	for _, part := range g.tables["FHIR/Key of fhir"] {
		if shapes[part] == nil {
			shapes[part] = ref("expected")
		}
	}
	return with(scalarOr(g.mapping(shapes, "FHIR/Key of fhir"), "string", "array"), object{"minProperties": 1, "items": text()})
}

// expected is a value to be equal to, or predicates.
func (g *grammar) expected() object {
	number := object{"type": []string{"number", "string"}}
	several := template(object{"type": "array", "minItems": 1})
	moment := object{"type": []string{"string", "integer"}, "examples": []string{"now", "2024-05-01"}}
	kinds := g.words("Types/Word of type")
	return with(g.mapping(object{
		"equals": anything(), "equals_fold": text(), "not": ref("expected"), "one_of": several, "optional": ref("expected"), "exists": template(boolean()), "empty": template(boolean()),
		"type": object{"anyOf": []object{kinds, {"type": "null"}, {"type": "string", "pattern": `\{\{`}}}, "length": ref("expected"),
		"above": number, "at_least": number, "below": number, "at_most": number, "between": template(object{"type": "array", "minItems": 2, "maxItems": 2}),
		"contains": anything(), "starts_with": text(), "ends_with": text(), "matches": text(), "includes": anything(), "unordered": template(list(anything())),
		"each": ref("expected"), "any": ref("expected"), "none": ref("expected"), "before": moment, "after": moment, "within": template(span()), "file": text(), "snapshot": snapshot(), "then": ref("then"),
	}, "Predicates/Predicate"), object{"minProperties": 1})
}

func (g *grammar) capture() object {
	shapes := object{"then": ref("then"), "secret": boolean(), "optional": boolean(), "default": anything(), "when": ref("expectations")}
	subjects := expect.Subjects()
	for _, name := range g.tables["Capture/Key"] {
		if shapes[name] != nil {
			continue
		}
		shapes[name] = text()
		if s, ok := subjects[name]; ok && s.Whole != nil {
			shapes[name] = object{"enum": []any{true, "true"}}
		}
	}
	return scalarOr(g.mapping(shapes, "Capture/Key"), "string", "number", "boolean")
}

// then is a step or a list of them.
func (g *grammar) then() object {
	filters := g.words("Templates/Filter")
	properties := object{}
	for _, query := range []string{"json", "jsonpath", "jwt", "xpath"} {
		properties[query] = object{"type": "string", "description": g.said("Subjects/Subject", query)}
	}
	for _, name := range g.tables["Templates/Filter"] {
		if properties[name] == nil {
			properties[name] = g.described(several(text()), "Templates/Filter", name)
		}
	}
	step := object{
		"type": []string{"string", "object"}, "properties": properties, "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
		"if": object{"type": "string"}, "then": filters,
	}
	g.defs["step"] = step
	return object{"if": object{"type": "array"}, "then": object{"items": ref("step"), "minItems": 1}, "else": ref("step")}
}

func (g *grammar) auth() object {
	one := g.mapping(object{
		"none":      object{"type": "null"},
		"bearer":    scalarOr(with(g.mapping(object{"token": text(), "prefix": text()}, "bearer/Key"), object{"required": []string{"token"}}), "string"),
		"basic":     needs(g.mapping(object{"username": text(), "password": text(), "encoding": oneOf("raw", "rfc6749")}, "basic/Key"), "username", "password"),
		"api_key":   needs(g.mapping(object{"name": text(), "value": text(), "in": oneOf("header", "query", "cookie")}, "api_key/Key"), "name", "value"),
		"oauth2":    g.oauth2(),
		"digest":    g.texts("digest", object{"nonce_count": text()}, "username", "password"),
		"oauth1":    with(g.texts("oauth1", object{"in": oneOf("header", "body", "query"), "body_hash": boolean(), "empty_params": boolean()}, "consumer_key"), object{"anyOf": []object{{"required": []string{"consumer_secret"}}, {"required": []string{"private_key"}}}}),
		"aws_sigv4": g.texts("aws_sigv4", object{"in": oneOf("header", "query"), "unsigned_payload": boolean(), "expires": span()}, "access_key", "secret_key"),
		"jwt":       g.texts("jwt", object{"alg": algorithm(g), "key_encoding": oneOf("raw", "base64", "base64url", "hex"), "in": oneOf("header", "query"), "header": claims(), "claims": claims(), "lifetime": span()}, "key", "claims"),
		"asap":      g.texts("asap", object{"lifetime": span(), "claims": claims()}, "iss", "aud", "key"),
		"hawk":      g.texts("hawk", object{"algorithm": oneOf("sha256", "sha1"), "payload_hash": boolean()}, "id", "key"),
		"edgegrid":  g.texts("edgegrid", object{"headers": several(text()), "max_body": object{"type": "integer", "minimum": 0}}, "client_token", "client_secret", "access_token"),
		"ntlm":      g.texts("ntlm", object{}, "username", "password"),
	}, "Auth/Kind")
	return with(scalarOr(one, "string", "null"), object{"minProperties": 1, "maxProperties": 1, "examples": []string{"none"}})
}

// texts is a mapping of texts, but for the keys that have a shape of their own.
func (g *grammar) texts(kind string, shapes object, needed ...string) object {
	for _, key := range g.tables[kind+"/Key"] {
		if shapes[key] == nil {
			shapes[key] = text()
		}
	}
	return needs(g.mapping(shapes, kind+"/Key"), needed...)
}

// claims is a mapping of anything, or a text that is one in JSON.
func claims() object { return with(named(anything()), object{"type": []string{"object", "string"}}) }

func needs(mapping object, keys ...string) object {
	return with(mapping, object{"type": "object", "required": keys})
}

func (g *grammar) oauth2() object {
	token := object{"type": "string", "examples": []string{"access_token", "refresh_token", "id_token", "jwt", "saml1", "saml2"}}
	shapes := object{
		"profile": g.words("oauth2/Profile"), "grant": g.words("oauth2/Grant"), "client_auth": g.words("oauth2/Client auth"),
		"discover": object{"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false, "properties": object{
			"smart":  with(text(), object{"description": "The FHIR base of a SMART server."}),
			"issuer": with(text(), object{"description": "The issuer, for OpenID Connect."}),
			"oauth":  with(text(), object{"description": "The issuer, for RFC 8414."}),
		}},
		"basic_encoding": oneOf("rfc6749", "raw"), "scope": several(text()), "params": named(text()), "headers": named(text()), "authorization_params": named(text()),
		"assertion": ref("assertion"), "client_assertion": ref("assertion"), "par": boolean(),
		"subject_token_type": token, "actor_token_type": token, "requested_token_type": token,
		"dpop": object{"type": []string{"boolean", "object"}, "additionalProperties": false, "properties": object{
			"alg": with(algorithm(g), object{"description": "What the key signs with."}), "key": with(text(), object{"description": "A private key; without it one is made for the run."}),
		}},
		"context": with(variables(text()), object{"type": []string{"object", "array"}, "items": text()}), "expires_in_unit": oneOf("s", "ms"), "skew": span(),
	}
	for _, key := range g.tables["oauth2/Key"] {
		if shapes[key] == nil {
			shapes[key] = text()
		}
	}
	return with(g.mapping(shapes, "oauth2/Key"), object{"type": "object", "anyOf": []object{{"required": []string{"grant"}}, {"required": []string{"profile"}}}})
}

// algorithm is one of those that the page lists, or a variable.
func algorithm(g *grammar) object {
	var list []string
	for word := range strings.FieldsFuncSeq(g.said("Assertion/Key", "alg"), func(r rune) bool { return strings.ContainsRune(" ,.", r) }) {
		if word[len(word)-1] >= '0' && word[len(word)-1] <= '9' || word == "EdDSA" {
			list = append(list, word)
		}
	}
	return template(oneOf(list...))
}

func (g *grammar) assertion() object {
	return with(g.mapping(object{
		"alg": algorithm(g), "key": text(), "key_encoding": oneOf("raw", "base64", "base64url", "hex"), "passphrase": text(), "kid": orNull(text()), "typ": orNull(text()),
		"certificate": text(), "x5c": boolean(), "x5t": boolean(), "x5t#S256": boolean(), "jku": text(),
		"header": with(named(anything()), object{"propertyNames": object{"not": object{"enum": []string{"alg", "kid", "typ"}}}}), "claims": named(anything()),
		"aud": object{"type": []string{"string", "array", "null"}, "items": object{"type": "string"}, "minItems": 1, "examples": []string{"token_url", "issuer"}}, "lifetime": span(), "backdate": span(), "not_before": boolean(),
	}, "Assertion/Key"), object{"type": "object"})
}

func (g *grammar) environment() object {
	path := text()
	secret := with(g.mapping(object{
		"env": text(), "file": path, "dotenv": text(), "command": with(list(text()), object{"minItems": 1}), "name": text(), "ttl": span(), "secret": boolean(),
	}, "secrets/Key"), object{"type": "object", "oneOf": []object{{"required": []string{"env"}}, {"required": []string{"file"}}, {"required": []string{"dotenv"}}, {"required": []string{"command"}}}})
	g.defs["secret"] = secret
	tls := g.mapping(object{"ca": path, "certificate": path, "key": path, "insecure": boolean(), "server_name": text(), "min_version": object{"enum": []any{"1.2", "1.3", 1.2, 1.3}}}, "tls/Key")
	return g.mapping(object{
		"extends": several(path), "name": text(), "variables": variables(anything()), "secrets": variables(ref("secret")), "hosts": list(text()),
		"protected": boolean(), "phi": oneOf("mask", "show"), "tls": with(tls, object{"type": "object", "dependencies": object{"key": []string{"certificate"}}}), "proxy": text(),
	}, "Environment/Key")
}
