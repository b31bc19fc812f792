package translate

import (
	"encoding/json"
)

// responseIs asks what pm.response.to.be asks.
func (c *chain) responseIs(name string) error {
	statuses := map[string]any{
		"ok": json.Number("200"), "accepted": json.Number("202"), "badRequest": json.Number("400"), "unauthorized": json.Number("401"), "unauthorised": json.Number("401"),
		"forbidden": json.Number("403"), "notFound": json.Number("404"), "notAcceptable": json.Number("406"), "rateLimited": json.Number("429"),
		"info": "1xx", "success": "2xx", "redirection": "3xx", "clientError": "4xx", "serverError": "5xx", "error": []any{"4xx", "5xx"}}
	status := found{subject: "status"}
	if want, ok := statuses[name]; ok {
		k := check{of: status, word: "equals", arg: want}
		if list, isList := want.([]any); isList {
			k = check{of: status, word: "one_of", arg: list}
		}
		if c.not && k.word == "one_of" {
			k.arg, k.word = []Entry{{Key: "one_of", Value: k.arg}}, "not"
		} else if c.not {
			k.word = "not"
		}
		return c.add(k)
	}
	switch {
	case name == "json" && !c.not:
		return c.add(isJSON())
	case name == "withBody" && !c.not:
		return c.add(check{of: found{subject: "text"}, word: "empty", arg: false})
	case name == "withBody":
		return c.add(check{of: found{subject: "text"}, word: "empty", arg: true})
	}
	return c.no("declarations have no word for " + name)
}

// responseHas asks what pm.response.to.have asks.
func (c *chain) responseHas(l link) error {
	args, err := c.arguments(l.call)
	if err != nil {
		return err
	}
	json := found{subject: "json", parsed: true}
	if len(args) == 0 {
		switch l.name {
		case "jsonBody":
			return c.responseIs("json")
		case "body":
			return c.responseIs("withBody")
		}
		return c.no("declarations have no word for " + l.name)
	}
	w, ok := wanted(args[0])
	if !ok {
		return c.no("two values of the response are compared")
	}
	s, isText := w.(string)
	switch {
	case l.name == "status" || l.name == "statusCode" || l.name == "statusReason":
		f := found{subject: "status"}
		if isText && s != "" && s[0] != '{' {
			f.subject = "reason"
		}
		return c.equal(f, w)
	case l.name == "header" && isText:
		return c.header(s, args)
	case l.name == "body" && isText:
		return c.equal(found{subject: "text"}, w)
	case l.name == "jsonBody" && isText:
		for _, step := range (&chain{nested: true}).steps(s) {
			json = json.at(step, true)
		}
		if len(args) == 1 {
			return c.exists(json, !c.not)
		}
		if w, ok = wanted(args[1]); !ok {
			return c.no("two values of the response are compared")
		}
		return c.equal(json, w)
	case l.name == "jsonBody" && composite(w):
		return c.equal(json, w)
	case l.name == "jsonSchema" && len(args) == 1 && isObject(w) && !c.not:
		return c.add(check{of: json, word: "schema", arg: draft7(entriesOf(w))})
	}
	return c.no("declarations have no word for " + l.name)
}

func (c *chain) header(name string, args []value) error {
	f := found{subject: "headers", path: []string{unescaped(name)}}
	if len(args) == 1 {
		return c.exists(f, !c.not)
	}
	w, ok := wanted(args[1])
	if !ok {
		return c.no("two values of the response are compared")
	}
	return c.equal(f, w)
}

// draft7 returns a schema that says which version it is of: scripts have Ajv 6, which reads them as draft-07.
func draft7(schema []Entry) []Entry {
	if find(schema, "$schema") >= 0 {
		return schema
	}
	return append([]Entry{{Key: "$schema", Value: "http://json-schema.org/draft-07/schema#"}}, schema...)
}
