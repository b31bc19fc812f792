package runner_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/runner"
)

// unkeyed takes the fingerprints out of masks.
func unkeyed(text string) string {
	return regexp.MustCompile(` sha256:[0-9a-f]{8}›`).ReplaceAllString(text, "›")
}

func aPatient(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		if strings.HasSuffix(r.URL.Path, "/gone") {
			w.WriteHeader(404)
			fmt.Fprintf(w, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","diagnostics":"nobody is called %s"}]}`, r.URL.Query().Get("family"))
			return
		}
		fmt.Fprint(w, `{"resourceType":"Patient","id":"1001","name":[{"use":"official","family":"Anders","given":["Al"]}],"birthDate":"1970-05-06","gender":"female"}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const patientChain = `
variables: {city: Springfield}
requests:
  - name: Read
    request: GET %[1]s/Patient/1001
    expect: {json: {name.0.family: {matches: "^[0-9]"}, name.0.given.0: x, birthDate: "2000-01-01", gender: male, id: "7"}}
  - name: Capture
    request: GET %[1]s/Patient/1001
    expect: {status: 200}
    capture: {who: name.0.family}
  - name: Search
    request: GET %[1]s/gone?family={{who}}&birthdate=1970-05-06&_count=2
    expect: {status: 200, json: {issue.0.diagnostics: x}, text: {contains: "{{city}}"}}
`

func TestAFailureShowsNoPatientDataAndStillExplainsItself(t *testing.T) {
	t.Parallel()
	base := aPatient(t)
	got := run(t.Context(), &runner.Runner{}, load(t, fmt.Sprintf(patientChain, base)), environment(nil, nil))
	same(t, unkeyed(got.story()), `Read: failed
  chain.yaml:6:37 AssertionFailure json name.0.family: got "‹HumanName.family›", want it to match ^[0-9]
  chain.yaml:6:73 AssertionFailure json name.0.given.0: got "‹HumanName.given›", want "x"
  chain.yaml:6:87 AssertionFailure json birthDate: got "1970-‹Patient.birthDate›", want "‹wanted›"
  chain.yaml:6:109 AssertionFailure json gender: got "female", want "male"
  chain.yaml:6:119 AssertionFailure json id: got "‹id›", want "7"
Capture: passed
Search: failed
  chain.yaml:13:22 AssertionFailure status: got 404, want 200
  chain.yaml:13:55 AssertionFailure json issue.0.diagnostics: got "nobody is called ‹family›", want "x"
  chain.yaml:13:66 AssertionFailure text: got "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"not-found\",\"diagnostics\":\"nobody is called ‹family›\"}]}", want it to contain "‹city›"
`)
	last := got.results[0].Last()
	same(t, unkeyed(last.URL), base+"/Patient/‹id›")
	same(t, unkeyed(last.Detail.ResponseBody), `{"resourceType":"Patient","id":"‹id›","name":[{"use":"official","family":"‹HumanName.family›","given":["‹HumanName.given›"]}],"birthDate":"1970-‹Patient.birthDate›","gender":"female"}`)
}

func TestPatientDataAreShownWhereTheEnvironmentSaysSo(t *testing.T) {
	t.Parallel()
	env := environment(nil, nil)
	env.PHI = environments.ShowPHI
	got := run(t.Context(), &runner.Runner{}, load(t, fmt.Sprintf(patientChain, aPatient(t))), env)
	if story := got.story(); !strings.Contains(story, `got "Anders"`) || !strings.Contains(story, `"1970-05-06"`) {
		t.Errorf("got\n%s", story)
	}
}

func TestOneDatumHasOneMaskThroughoutARun(t *testing.T) {
	t.Parallel()
	got := run(t.Context(), &runner.Runner{}, load(t, fmt.Sprintf(patientChain, aPatient(t))), environment(nil, nil))
	mask := regexp.MustCompile(`sha256:[0-9a-f]{8}`)
	family := mask.FindString(got.results[0].Problems[0].Message)
	if url := got.results[2].Last().URL; !strings.Contains(url, family) {
		t.Errorf("got %s, want the mask %s of the family in it", url, family)
	}
}

func TestANameOfATestThatWasMadeOfAnAnswerShowsNoPatientData(t *testing.T) {
	t.Parallel()
	base := aPatient(t)
	env := environment(nil, map[string]string{"key": "hush-hush-1"})
	got := run(t.Context(), &runner.Runner{}, load(t, fmt.Sprintf(`
requests:
  - name: Read
    request: GET %s/Patient/1001
    expect: {status: 200}
    script:
      test: |
        const made = pm.response.json().name[0].family;
        pm.test("the family", () => {});
        pm.test("family " + made, () => {});
        pm.test("with " + pm.environment.get("key"), () => {});
        pm.test("hush-hush-1", () => {});
`, base)), env)
	same(t, unkeyed(got.tests()), `Read | chain.yaml:7:13 | the family | skipped false | 
Read | chain.yaml:7:13 | family ‹HumanName.family› | skipped false | 
Read | chain.yaml:7:13 | with ‹key› | skipped false | 
Read | chain.yaml:7:13 | ‹key› | skipped false | 
`)
}
