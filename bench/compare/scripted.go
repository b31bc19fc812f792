package main

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// scriptedRequests are those of one iteration of the collection with scripts.
const scriptedRequests = 3

// iterations is how often the collection with scripts runs.
func (j job) iterations() string { return strconv.Itoa(j.requests / scriptedRequests) }

// scriptedCollection is a Postman collection as many have it: tests of the status and of the body, captures for the next request, a prerequest script that
// makes a header, and a test of the collection for all of them.
func scriptedCollection(j job) string {
	type object = map[string]any
	event := func(listen string, lines ...string) object {
		return object{"listen": listen, "script": object{"type": "text/javascript", "exec": lines}}
	}
	request := func(path string, headers ...object) object {
		return object{"method": "GET", "url": "{{base}}/fhir/R4/Patient/" + path,
			"header": append([]object{{"key": "Authorization", "value": "Bearer {{token}}"}}, headers...)}
	}
	read := []string{
		`const patient = pm.response.json();`,
		fmt.Sprintf(`pm.test("family", () => pm.expect(patient.name[0].family).to.eql(%q));`, j.family),
	}
	text, _ := json.Marshal(object{
		"info":  object{"name": "scripted", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
		"event": []object{event("test", `pm.test("status", () => pm.response.to.have.status(200));`)},
		"item": []object{
			{"name": "Read a patient", "request": request("1000"),
				"event": []object{event("test", append(read, `pm.environment.set("id", patient.id);`, `pm.environment.set("seen", { name: patient.name[0], at: Date.now() });`)...)}},
			{"name": "Read it again", "request": request("{{id}}", object{"key": "X-Trace", "value": "{{trace}}"}),
				"event": []object{event("prerequest", `pm.variables.set("trace", pm.environment.get("id") + "-" + pm.info.iteration);`),
					event("test", append(read, `pm.test("same", () => pm.expect(patient.id).to.equal(pm.environment.get("id")));`)...)}},
			{"name": "Read its members", "request": request("{{id}}"),
				"event": []object{event("test", append(read, `pm.test("members", () => {`, `    pm.expect(patient).to.have.property("resourceType", "Patient");`,
					`    pm.expect(patient.name).to.be.an("array").that.is.not.empty;`, `    patient.telecom.forEach((t) => pm.expect(t).to.include.keys("system", "value"));`, `});`)...)}},
		},
	})
	return string(text) // strings and maps always marshal
}
