package specs_test

import (
	"regexp"
	"testing"
)

// verdicts are what specs must say and what must be sent, by suite and flags.
type verdicts struct {
	name, suite string
	flags       []string
	passed      bool
	want, sent  string
}

func (v verdicts) check(t *testing.T) {
	t.Helper()
	got := run(t, v.suite, v.flags...)
	equal(t, "verdicts", got.verdicts, v.want)
	equal(t, "sent", got.sent, v.sent)
	if got.passed != v.passed {
		t.Errorf("got a suite that passed: %v, want %v", got.passed, v.passed)
	}
}

func checkAll(t *testing.T, all []verdicts) {
	for _, v := range all {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			v.check(t)
		})
	}
}

func TestFailuresAreToldOnceAndTeardownRuns(t *testing.T) {
	t.Parallel()
	checkAll(t, []verdicts{
		{
			name: "a root cause and what needs it", suite: "failing",
			want: `
failed Failing First api.yaml:4
    api.yaml:8:15: status: got 500, want 200
skipped Failing Needs it api.yaml:10
    "First" failed and captured no thing
passed Failing Does not api.yaml:13 [apart]
skipped Failing Never api.yaml:17
    when mode: got "fast", want "slow"
failed Failing teardown Clean api.yaml:22
    api.yaml:24:22: status: got 500, want 200
`,
			sent: `
GET /fail
GET /other
GET /fail/clean
`,
		},
		{
			name: "what is apart, and teardown", suite: "failing", flags: []string{"-ginkgo.label-filter=apart"},
			want: `
skipped Failing First api.yaml:4
skipped Failing Needs it api.yaml:10
failed Failing Does not api.yaml:13 [apart]
    teardown "Clean" failed:
    api.yaml:24:22: status: got 500, want 200
skipped Failing Never api.yaml:17
skipped Failing teardown Clean api.yaml:22
`,
			sent: `
GET /other
GET /fail/clean
`,
		},
		{
			name: "what needs what failed", suite: "failing", flags: []string{"-ginkgo.focus=Needs"},
			want: `
skipped Failing First api.yaml:4
failed Failing Needs it api.yaml:10
    "First" failed:
    api.yaml:8:15: status: got 500, want 200
skipped Failing Does not api.yaml:13 [apart]
skipped Failing Never api.yaml:17
skipped Failing teardown Clean api.yaml:22
`,
			sent: `
GET /fail
GET /fail/clean
`,
		},
		{
			name: "the first failure ends it", suite: "failing", flags: []string{"-ginkgo.fail-fast"},
			want: `
failed Failing First api.yaml:4
    api.yaml:8:15: status: got 500, want 200
skipped Failing Needs it api.yaml:10
skipped Failing Does not api.yaml:13 [apart]
skipped Failing Never api.yaml:17
failed Failing teardown Clean api.yaml:22
    teardown "Clean" failed:
    api.yaml:24:22: status: got 500, want 200
`,
			sent: `
GET /fail
GET /fail/clean
`,
		},
		{
			name: "one time of several", suite: "repeated",
			want: `
passed Repeated A api.yaml:4
failed Repeated Loop B api.yaml:10
    "B [row 2]" in Loop [r] failed:
    api.yaml:12:45: json path: got "/two/r", want anything but "/two/r"
passed Repeated Loop C api.yaml:13
`,
			sent: `
GET /one/a
GET /one/r
GET /one/r/c
GET /one/s
GET /one/s/c
GET /two/a
GET /two/r
GET /two/r/c
GET /two/s
GET /two/s/c
`,
		},
		{
			name: "a time limit", suite: "slow", flags: []string{"-ginkgo.timeout=1s"},
			want: `
timedout Slow Waits api.yaml:3
    A suite timeout occurred
skipped Slow After api.yaml:6
skipped Slow teardown Clean api.yaml:10
`,
			sent: `
GET /slow
GET /clean
`,
		},
	})
}

func TestWhatDoesNotLoadIsASpecThatFailsAtItsPlace(t *testing.T) {
	t.Parallel()
	checkAll(t, []verdicts{
		{
			name: "collections", suite: "broken",
			want: `
failed api.yaml loads api.yaml:3
    api.yaml does not load:
    api.yaml:3:5: unknown key "reqest"; did you mean "request"?
passed Else holds [smoke]
failed Else api.yaml loads api.yaml:2
    api.yaml does not load:
    api.yaml:2:26: variable "nothing" is not defined
`,
		},
		{
			name: "whatever the filter", suite: "broken", flags: []string{"-ginkgo.label-filter=smoke"},
			want: `
failed api.yaml loads api.yaml:3
    api.yaml does not load:
    api.yaml:3:5: unknown key "reqest"; did you mean "request"?
passed Else holds [smoke]
failed Else api.yaml loads api.yaml:2
    api.yaml does not load:
    api.yaml:2:26: variable "nothing" is not defined
`,
		},
		{
			name: "in a rehearsal it is no failure", suite: "broken", flags: []string{"-ginkgo.dry-run"}, passed: true,
			want: `
passed api.yaml loads api.yaml:3
passed Else holds [smoke]
passed Else api.yaml loads api.yaml:2
`,
		},
		{
			name: "an environment", suite: "no environment",
			want: `
failed api.yaml loads api.yaml:0
    api.yaml does not load:
    api.yaml: no environment "loca": looked for loca.yaml and .yml in environments; did you mean "local"? there are environments/local.yaml
`,
		},
		{
			name: "a secret", suite: "no secret",
			want: `
failed Failing First api.yaml:4
    environments/local.yaml:1:22: secret key: environment variable SPECS_NO_KEY is not set; export SPECS_NO_KEY=… or write key: {file: path}; did you mean "SPECS_KEY"?
skipped Failing Needs it api.yaml:10
    nothing of api.yaml can run: "First" says why
skipped Failing Does not api.yaml:13 [apart]
    nothing of api.yaml can run: "First" says why
skipped Failing Never api.yaml:17
    nothing of api.yaml can run: "First" says why
skipped Failing teardown Clean api.yaml:22
    nothing of api.yaml can run: "First" says why
`,
		},
	})
}

func TestIncludesAndFurtherAttempts(t *testing.T) {
	t.Parallel()
	checkAll(t, []verdicts{
		{
			name: "includes", suite: "including", passed: true,
			want: `
passed Including Twice Inner part.yaml:3
passed Including Again Inner part.yaml:3
`,
			sent: `
GET /inner/first
GET /inner/second
`,
		},
		{
			name: "another attempt", suite: "flaky", passed: true,
			want: `
passed Flaky At the second time api.yaml:3
`,
			sent: `
GET /flaky
GET /flaky
`,
		},
	})
}

func TestSetupFocusAndARunnerOfSeveralTargets(t *testing.T) {
	t.Parallel()
	checkAll(t, []verdicts{
		{
			name: "setup that fails", suite: "barred",
			want: `
failed Barred setup Log in api.yaml:3
    api.yaml:5:22: status: got 500, want 200
skipped Barred First api.yaml:7
    setup "Log in" failed
skipped Barred Second api.yaml:10 [smoke]
    setup "Log in" failed
`,
			sent: `
POST /fail
`,
		},
		{
			name: "setup that fails and is no spec", suite: "barred", flags: []string{"-ginkgo.label-filter=smoke"},
			want: `
skipped Barred setup Log in api.yaml:3
skipped Barred First api.yaml:7
failed Barred Second api.yaml:10 [smoke]
    setup "Log in" failed:
    api.yaml:5:22: status: got 500, want 200
`,
			sent: `
POST /fail
`,
		},
		{
			name: "focus in the code", suite: "focused", passed: true,
			want: `
passed Outer Things setup Log in api.yaml:4 [api]
passed Outer Things List api.yaml:9 [api smoke]
passed Outer Things Unrelated api.yaml:14 [api]
passed Outer Things One setup Prepare api.yaml:20 [api detail]
passed Outer Things One Read api.yaml:24 [api detail smoke]
passed Outer Things One teardown Tidy api.yaml:29 [api detail]
passed Outer Things teardown Log out api.yaml:33 [api]
skipped Flaky At the second time api.yaml:3
`,
			sent: `
POST /login
GET /things?of=7
DELETE /other
PUT /prepare
GET /things/7
PUT /tidy
POST /logout
`,
		},
		{
			name: "a runner that targets share", suite: "shared", passed: true,
			want: `
passed One Read api.yaml:5
passed Two Read api.yaml:5
`,
			sent: `
POST /token
GET /read
GET /read
`,
		},
	})
}

func TestATokenThatIsRefusedFailsTheSpecThatNeedsItAndSaysWhy(t *testing.T) {
	t.Parallel()
	got := run(t, "stranger")
	equal(t, "verdicts", regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(got.verdicts, "HOST"), `
passed Health Gorilla setup Discover the server collection.yaml:18
failed Health Gorilla Read the patient collection.yaml:26
    token exchange (jwt-bearer) errored:
    ../examples/health-gorilla/collection.yaml:9:5: the token endpoint answered 400 Bad Request with the error invalid_client: improper client id
      check: the assertion has aud "http://HOST/oauth/token", iss "nobody", sub "nobody" and lives 60 s; then the key that the server knows (alg HS256) and the clocks
    HG039 possible: nothing is wrong with what was sent; the server may not know the key or the secret
      shape, claims, times and audience of the assertion are right; the secret may be another one, or the client may not be enabled here
      fix: compare the secret with the one of the registration, in this environment
skipped Health Gorilla Search By family collection.yaml:42 [search]
    no token: token exchange (jwt-bearer) failed
skipped Health Gorilla Search First page collection.yaml:53 [search]
    no token: token exchange (jwt-bearer) failed
skipped Health Gorilla Search Second page collection.yaml:62 [search]
    no token: token exchange (jwt-bearer) failed
skipped Health Gorilla Observations of the patient collection.yaml:69
    no token: token exchange (jwt-bearer) failed
skipped Health Gorilla A patient that does not exist collection.yaml:77
    no token: token exchange (jwt-bearer) failed
`)
}
