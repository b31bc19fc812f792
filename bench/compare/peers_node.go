package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// newman runs a Postman collection. Its JUnit merges rows, so that it is not counted.
func newman() peer {
	return peer{program: "newman", refuses: 1, rows: true, scripted: true,
		files: func(j job) map[string]string {
			return map[string]string{"collection.json": postmanCollection(j), "rows.csv": "id\n" + strings.Join(j.ids(), "\n") + "\n"}
		},
		argv: func(p place, j job) []string {
			argv := []string{"run", p.dir + "/collection.json", "--env-var", "base=" + p.base, "--env-var", "token=" + bearer,
				"-r", "cli,junit", "--reporter-junit-export", p.dir + "/junit.xml"}
			if j.scripted {
				argv = append(argv, "-n", j.iterations())
			}
			if j.rows {
				argv = append(argv, "-d", p.dir+"/rows.csv")
			}
			return argv
		}}
}

func postmanCollection(j job) string {
	if j.scripted {
		return scriptedCollection(j)
	}
	type object = map[string]any
	script := func(lines ...string) []object {
		return []object{{"listen": "test", "script": object{"type": "text/javascript", "exec": lines}}}
	}
	var items []object
	if j.exchange {
		items = append(items, object{"name": "Token", "event": script(`pm.environment.set("token", pm.response.json().access_token);`),
			"request": object{"method": "POST", "url": "{{base}}/oauth/token", "auth": object{"type": "noauth"},
				"header": []object{{"key": "Content-Type", "value": "application/x-www-form-urlencoded"}},
				"body":   object{"mode": "raw", "raw": grant}}})
	}
	ids := j.ids()
	if j.rows {
		ids = []string{"{{id}}"}
	}
	for _, id := range ids {
		items = append(items, object{"name": "Read patient " + id, "request": object{"method": "GET", "url": "{{base}}/fhir/R4/Patient/" + id,
			"header": []object{{"key": "Authorization", "value": "Bearer {{token}}"}}},
			"event": script(`pm.test("patient", function () {`, `    pm.response.to.have.status(200);`, `    const body = pm.response.json();`,
				fmt.Sprintf(`    pm.expect(String(body.id)).to.eql(pm.variables.replaceIn(%q));`, id), fmt.Sprintf(`    pm.expect(body.name[0].family).to.eql(%q);`, j.family), `});`)})
	}
	text, _ := json.Marshal(object{"info": object{"name": "bench", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": items})
	return string(text) // strings and maps always marshal
}

// bruno runs a folder with a file for each request.
func bruno() peer {
	return peer{program: "bru", refuses: 1, report: "junit.xml", marker: "<testsuite ",
		files: func(j job) map[string]string {
			files := map[string]string{"bruno.json": `{"version": "1", "name": "bench", "type": "collection"}`}
			if j.exchange {
				files["token.bru"] = "meta {\n  name: Token\n  type: http\n  seq: 1\n}\n\npost {\n  url: {{base}}/oauth/token\n  body: text\n  auth: none\n}\n\n" +
					"headers {\n  Content-Type: application/x-www-form-urlencoded\n}\n\nbody:text {\n  " + grant + "\n}\n\nscript:post-response {\n  bru.setVar(\"token\", res.body.access_token);\n}\n"
			}
			for i, id := range j.ids() {
				files["patient-"+id+".bru"] = fmt.Sprintf("meta {\n  name: Read patient %s\n  type: http\n  seq: %d\n}\n\nget {\n  url: {{base}}/fhir/R4/Patient/%s\n  body: none\n  auth: none\n}\n\n"+
					"headers {\n  Authorization: Bearer {{token}}\n}\n\nassert {\n  res.status: eq 200\n  res.body.id: eq \"%s\"\n  res.body.name[0].family: eq %s\n}\n", id, i+2, id, id, j.family)
			}
			return files
		},
		argv: func(p place, j job) []string {
			argv := []string{"run", "--sandbox=developer", "--env-var", "base=" + p.base, "--reporter-junit", p.dir + "/junit.xml"}
			if !j.exchange {
				argv = append(argv, "--env-var", "token="+bearer)
			}
			return argv
		}}
}

// httpyac runs a .http file. Its JUnit stays off: its writer overflows the stack at 3,000 assertions.
func httpyac() peer {
	return peer{program: "httpyac", refuses: 20,
		files: func(j job) map[string]string {
			var b strings.Builder
			if j.exchange {
				fmt.Fprintf(&b, "# @name login\nPOST {{base}}/oauth/token\nContent-Type: application/x-www-form-urlencoded\n\n%s\n\n?? status == 200\n\n###\n", grant)
			}
			token := "{{token}}"
			if j.exchange {
				token = "{{login.access_token}}"
			}
			for _, id := range j.ids() {
				fmt.Fprintf(&b, "GET {{base}}/fhir/R4/Patient/%s\nAuthorization: Bearer %s\n\n?? status == 200\n?? js response.parsedBody.id == %s\n"+
					"?? js response.parsedBody.name[0].family == %s\n\n###\n", id, token, id, j.family)
			}
			return map[string]string{"bench.http": b.String()}
		},
		argv: func(p place, j job) []string {
			argv := []string{"send", "bench.http", "--all", "--silent", "--var", "base=" + p.base}
			if !j.exchange {
				argv = append(argv, "token="+bearer)
			}
			return argv
		}}
}
