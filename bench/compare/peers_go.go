package main

import (
	"fmt"
	"strings"
)

// k6 runs a script in which every iteration reads one patient. It has no JUnit.
func k6() peer {
	return peer{program: "k6", refuses: 99, parallel: true, rows: true,
		files: func(j job) map[string]string {
			login := "  return __ENV.TOKEN;\n"
			if j.exchange {
				login = "  return http.post(`${__ENV.BASE}/oauth/token`, '" + grant + "', {headers: {'Content-Type': 'application/x-www-form-urlencoded'}}).json().access_token;\n"
			}
			return map[string]string{"bench.js": fmt.Sprintf(`import http from 'k6/http';
import { check } from 'k6';
import exec from 'k6/execution';
export const options = {
  scenarios: {read: {executor: 'shared-iterations', vus: %d, iterations: %d, maxDuration: '10m'}},
  thresholds: {checks: ['rate==1']},
};
export function setup() {
%s}
export default function (token) {
  const id = String(%d + exec.scenario.iterationInTest);
  const res = http.get(__ENV.BASE + '/fhir/R4/Patient/' + id, {headers: {Authorization: 'Bearer ' + token}, tags: {name: 'patient'}});
  const body = res.json();
  check(res, {status: (r) => r.status === 200, id: () => body.id === id, family: () => body.name[0].family === '%s'});
}
`, max(j.workers, 1), j.requests, login, firstID, j.family)}
		},
		argv: func(p place, _ job) []string {
			return []string{"run", "--quiet", "--no-usage-report", "--address", "", "-e", "BASE=" + p.base, "-e", "TOKEN=" + bearer, p.dir + "/bench.js"}
		}}
}

// venom runs a test suite in YAML.
func venom() peer {
	return peer{program: "venom", refuses: 2, report: "test_results_bench.xml", marker: "<testcase ",
		files: func(j job) map[string]string {
			var b strings.Builder
			b.WriteString("name: bench\ntestcases:\n")
			token := "{{.token}}"
			if j.exchange {
				fmt.Fprintf(&b, "- name: login\n  steps:\n  - type: http\n    method: POST\n    url: \"{{.base}}/oauth/token\"\n    headers: {Content-Type: application/x-www-form-urlencoded}\n    body: %q\n"+
					"    assertions: [result.statuscode ShouldEqual 200]\n    vars: {token: {from: result.bodyjson.access_token}}\n", grant)
				token = "{{.login.token}}"
			}
			for _, id := range j.ids() {
				fmt.Fprintf(&b, "- name: patient%s\n  steps:\n  - type: http\n    method: GET\n    url: \"{{.base}}/fhir/R4/Patient/%s\"\n    headers: {Authorization: \"Bearer %s\"}\n    assertions:\n"+
					"    - result.statuscode ShouldEqual 200\n    - result.bodyjson.id ShouldEqual %q\n    - result.bodyjson.name.name0.family ShouldEqual %s\n", id, id, token, id, j.family)
			}
			return map[string]string{"bench.yml": b.String()}
		},
		argv: func(p place, _ job) []string {
			return []string{"run", "bench.yml", "--format=xml", "--output-dir=" + p.dir, "--var", "base=" + p.base, "--var", "token=" + bearer}
		}}
}
