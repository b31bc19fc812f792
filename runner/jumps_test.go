package runner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

func TestScriptsChooseWhatRunsNext(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, want string }{
		{"back, until it is done", `
requests:
  - name: Start
    request: GET http://api.test/start
    script: {test: "pm.globals.set('n', 0)"}
  - name: Folder
    requests:
      - name: Poll
        request: GET http://api.test/poll
        script:
          test: |
            pm.globals.set("n", pm.globals.get("n") + 1);
            if (pm.globals.get("n") < 3) pm.execution.setNextRequest("Poll");
      - name: Rest
        request: GET http://api.test/rest
  - name: End
    request: GET http://api.test/end
`, `
Start: passed
Poll: passed
Poll [2]: passed
Poll [3]: passed
Rest: passed
End: passed`},
		{"over what is between", `
requests:
  - {name: A, request: GET http://api.test/a, script: {prerequest: "postman.setNextRequest('D')"}}
  - {name: B, request: GET http://api.test/b}
  - {name: F, requests: [{name: C, request: GET http://api.test/c}, {name: D, request: GET http://api.test/d}]}
`, `
A: passed
B: skipped (the scripts of "A" go on with "D")
C: skipped (the scripts of "A" go on with "D")
D: passed`},
		{"the last of a name, and back over it", `
requests:
  - {name: A, request: GET http://api.test/a, script: {test: "if (!pm.globals.has('x')) { pm.globals.set('x', 1); pm.execution.setNextRequest('B') }"}}
  - {name: B, request: GET http://api.test/b1}
  - {name: B, request: GET http://api.test/b2, script: {test: "if (pm.globals.get('x') === 1) { pm.globals.set('x', 2); pm.execution.setNextRequest('A') }"}}
`, `
A: passed
B: skipped (the scripts of "A" go on with "B #2")
B #2: passed
A [2]: passed
B: passed
B #2 [2]: passed`},
		{"nothing", `
requests:
  - {name: A, request: GET http://api.test/a, script: {test: "pm.execution.setNextRequest(null)"}}
  - {name: F, setup: [{name: S, request: GET http://api.test/s}], requests: [{name: B, request: GET http://api.test/b}]}
teardown:
  - {name: Z, request: GET http://api.test/z}
`, `
A: passed
S: skipped (the scripts of "A" end the iteration)
B: skipped (the scripts of "A" end the iteration)
Z: passed`},
		{"no such request", `
requests:
  - {name: Read it, request: GET http://api.test/a, script: {test: "pm.execution.setNextRequest('Raed it')"}}
  - {name: B, request: GET http://api.test/b}
`, `
Read it: errored
  chain.yaml:3:68 ScriptError setNextRequest: there is no request "Raed it" in this run; did you mean "Read it"?
B: skipped (the scripts of "Read it" end the iteration)`},
		{"from where there is no next", `
setup:
  - {name: S, request: GET http://api.test/s, script: {test: "pm.execution.setNextRequest('B')"}}
requests:
  - {name: B, request: GET http://api.test/b}
`, `
S: errored
  chain.yaml:3:62 ScriptError setNextRequest: goes on among the requests of the collection itself, not in setup, in teardown, in a loop or in an include
B: skipped (setup "S" errored)`},
		{"without itself", `
requests:
  - {name: A, request: GET http://api.test/a, script: {prerequest: "pm.execution.skipRequest()", test: "pm.test('never', () => {})"}}
  - {name: B, request: GET http://api.test/b}
`, `
A: skipped (pm.execution.skipRequest() in the prerequest script)
B: passed`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all, _ := play(t, &runner.Runner{}, tt.yaml, nil)
			same(t, all.story(), tt.want)
		})
	}
}

func TestScriptsThatGoInCirclesAreStopped(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{}, `
requests:
  - {name: A, request: GET http://api.test/a, script: {test: "pm.execution.setNextRequest('A')"}}
teardown:
  - {name: Z, request: GET http://api.test/z}
`, nil)
	n := len(all.results)
	last := told{results: all.results[n-2:]}
	same(t, last.story(), `
A: errored
  chain.yaml:3:5 ScriptError setNextRequest: "A [10001]" has sent the iteration back 10000 times; it ends here, because it would never end
Z: passed`)
	if got := len(srv.lines()); got != 10_002 {
		t.Errorf("got %d requests, want 10002", got)
	}
}

func TestNewmanEndsAnIterationAtANameThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	all, _ := play(t, &runner.Runner{Scripts: runner.Scripts{Compat: runner.CompatNewman}}, `
requests:
  - {name: A, request: GET http://api.test/missing, script: {test: "pm.execution.setNextRequest('nobody')"}}
  - {name: B, request: GET http://api.test/b}
`, nil)
	same(t, all.story(), `
A: passed
B: skipped (the scripts of "A" end the iteration)`)
}

func TestWhatScriptsSetIsSeenByTheRowsAfter(t *testing.T) {
	t.Parallel()
	yaml := `
data: {rows: [{id: 1}, {id: 2}, {id: 3}]}
setup:
  - {name: S, request: GET http://api.test/s, script: {test: "pm.environment.set('seen', 'setup')"}}
requests:
  - name: R
    request: GET http://api.test/{{id}}/{{seen}}
    script:
      test: |
        pm.test("row", () => pm.expect([pm.info.iteration, pm.info.iterationCount, pm.iterationData.get("id")]).to.eql([pm.variables.get("id") - 1, 3, pm.info.iteration + 1]));
        pm.environment.set("seen", "row" + pm.iterationData.get("id"));
        if (pm.iterationData.get("id") === 2) pm.execution.setNextRequest(null);
  - {name: T, request: GET http://api.test/t}
`
	_, srv := play(t, &runner.Runner{}, yaml, nil)
	same(t, strings.Join(srv.lines(), "\n"), `
GET http://api.test/s
GET http://api.test/1/setup
GET http://api.test/t
GET http://api.test/2/row1
GET http://api.test/3/row2
GET http://api.test/t`)
	all, beside := play(t, &runner.Runner{Jobs: 3}, yaml, nil)
	same(t, all.story(), `
S: passed
R [row 1]: passed
T [row 1]: passed
R [row 2]: passed
T [row 2]: skipped (the scripts of "R [row 2]" end the iteration)
R [row 3]: passed
T [row 3]: passed`)
	for i := range 3 {
		if want := fmt.Sprintf("GET http://api.test/%d/setup", i+1); !strings.Contains(strings.Join(beside.lines(), "\n"), want) {
			t.Errorf("rows that run beside each other saw what others set: got\n%s\nwant %s", strings.Join(beside.lines(), "\n"), want)
		}
	}
}

func TestARetryRunsTheScriptsAgain(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{}, `
requests:
  - name: Flaky
    request: GET http://api.test/{{n}}
    retry: {times: 3}
    script:
      prerequest: pm.globals.set("n", (pm.globals.get("n") ?? 0) + 1)
      test: pm.test("third", () => pm.expect(pm.globals.get("n")).to.equal(3))
`, nil)
	same(t, all.story(), "Flaky: passed")
	same(t, strings.Join(srv.lines(), " "), "GET http://api.test/1 GET http://api.test/2 GET http://api.test/3")
	same(t, all.tests(), "Flaky | chain.yaml:8:13 | third | skipped false |")
	same(t, strings.Join(all.results[0].Attempts[0].Problems, " "), "chain.yaml:8:13: third: expected 1 to equal 3")
}

func TestAnAnswerThatNoTestJudgesIsNotGreenFrom400On(t *testing.T) {
	t.Parallel()
	all, _ := play(t, &runner.Runner{}, `
requests:
  - {name: Sets, request: GET http://api.test/missing, script: {test: "pm.environment.set('a', 1)"}}
  - {name: Judges, request: GET http://api.test/missing, script: {test: "pm.test('404', () => pm.response.to.have.status(404))"}}
  - {name: Expects, request: GET http://api.test/missing, expect: {status: 404}, script: {test: "pm.environment.set('a', 1)"}}
`, nil)
	same(t, all.story(), `
Sets: failed
  chain.yaml:3:5 AssertionFailure status: got 404, want below 400 (no expectation says otherwise, and no script has tested anything)
Judges: passed
Expects: passed`)
}

func TestCapturesAndScriptsSeeEachOther(t *testing.T) {
	t.Parallel()
	all, srv := play(t, &runner.Runner{}, `
requests:
  - name: Captures
    request: GET http://api.test/a
    capture: {id: id, name: name}
    script:
      test: |
        pm.test("captured", () => pm.expect([pm.variables.get("id"), pm.environment.get("id"), pm.globals.get("id")]).to.eql([7, 7, 7]));
        pm.test("all", () => pm.expect(pm.environment.toObject()).to.eql({id: 7, name: "Ann"}));
        pm.variables.set("id", 8);
        pm.environment.set("name", "newer than the capture");
  - {name: Uses, request: "GET http://api.test/{{id}}/{{name}}"}
  - {name: Sets, request: "GET http://api.test/missing", expect: {status: 200}, script: {test: "if (pm.response.code === 200) pm.environment.set('late', 1)"}}
  - {name: Needs, request: "GET http://api.test/{{late}}"}
`, nil)
	same(t, all.story(), `
Captures: passed
Uses: passed
Sets: failed
  chain.yaml:13:75 AssertionFailure status: got 404, want 200
Needs: skipped ("Sets" failed and captured no late)`)
	same(t, srv.lines()[1], "GET http://api.test/8/newer%20than%20the%20capture")
}
