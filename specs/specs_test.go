package specs_test

import (
	"testing/fstest"

	"github.com/onsi/ginkgo/v2"

	"github.com/hgrun/hgrun/specs"
)

const part = `
requests:
  - name: Inner
    request: GET {{url}}/inner/{{which}}
    expect: {status: 200}
`

const chain = `name: Things
tags: [api]
setup:
  - name: Log in
    request: POST {{url}}/login
    expect: {status: 200}
    capture: {me: id}
requests:
  - name: List
    tags: [smoke]
    request: GET {{url}}/things?of={{me}}
    expect: {status: 200}
    capture: {thing: id}
  - name: Unrelated
    request: DELETE {{url}}/other
    expect: {status: 200}
  - name: One
    tags: [detail]
    setup:
      - name: Prepare
        request: PUT {{url}}/prepare
        expect: {status: 200}
    requests:
      - name: Read
        tags: [smoke]
        request: GET {{url}}/things/{{thing}}
        expect: {status: 200}
    teardown:
      - name: Tidy
        request: PUT {{url}}/tidy
        expect: {status: 200}
teardown:
  - name: Log out
    request: POST {{url}}/logout
    expect: {status: 200}
`

const failing = `name: Failing
variables: {mode: fast}
requests:
  - name: First
    request: GET {{url}}/fail
    headers: {Authorization: "Bearer {{key}}"}
    expect:
      status: 200
    capture: {thing: id}
  - name: Needs it
    request: GET {{url}}/things/{{thing}}
    expect: {status: 200}
  - name: Does not
    tags: [apart]
    request: GET {{url}}/other
    expect: {status: 200}
  - name: Never
    when: {mode: slow}
    request: GET {{url}}/never
    expect: {status: 200}
teardown:
  - name: Clean
    request: GET {{url}}/fail/clean
    expect: {status: 200}
`

const barred = `name: Barred
setup:
  - name: Log in
    request: POST {{url}}/fail
    expect: {status: 200}
requests:
  - name: First
    request: GET {{url}}/first
    expect: {status: 200}
  - name: Second
    tags: [smoke]
    request: GET {{url}}/second
    expect: {status: 200}
`

const repeated = `name: Repeated
data: {rows: [{row: one}, {row: two}]}
requests:
  - name: A
    request: GET {{url}}/{{row}}/a
    expect: {status: 200}
  - name: Loop
    for_each: {x: [r, s]}
    requests:
      - name: B
        request: GET {{url}}/{{row}}/{{x}}
        expect: {status: 200, json: {path: {not: /two/r}}}
      - name: C
        request: GET {{url}}/{{row}}/{{x}}/c
        expect: {status: 200}
`

const tokens = `
auth:
  oauth2: {grant: client-credentials, token_url: "{{url}}/token", client_id: me, client_secret: "{{key}}"}
requests:
  - name: Read
    request: GET {{url}}/read
    expect: {status: 200}
`

const including = `name: Including
requests:
  - name: Twice
    include: part.yaml
    with: {which: first}
  - name: Again
    include: part.yaml
    with: {which: second}
`

const flaky = `name: Flaky
requests:
  - name: At the second time
    request: GET {{url}}/flaky
    expect: {status: 200}
`

const slow = `name: Slow
requests:
  - name: Waits
    request: GET {{url}}/slow
    expect: {status: 200}
  - name: After
    request: GET {{url}}/after
    expect: {status: 200}
teardown:
  - name: Clean
    request: GET {{url}}/clean
    expect: {status: 200}
`

// suites are what TestSuite can run.
func suites() map[string]func(target) {
	return map[string]func(target){
		"chain": func(t target) { t.of(chain).Describe(ginkgo.Label("mine")) },
		"failing": func(t target) {
			with := t.of(failing)
			with.Environment = "local"
			with.Describe()
		},
		"barred":    func(t target) { t.of(barred).Describe() },
		"repeated":  func(t target) { t.of(repeated).Describe() },
		"including": func(t target) { t.of(including).Describe() },
		"flaky":     func(t target) { t.of(flaky).Describe(ginkgo.FlakeAttempts(2)) },
		"slow":      func(t target) { t.of(slow).Describe() },
		"broken": func(t target) {
			t.of("requests:\n  - name: Typo\n    reqest: GET {{url}}/\n").Describe()
			ginkgo.Describe("Else", func() {
				ginkgo.It("holds", ginkgo.Label("smoke"), func() {})
				t.of("requests:\n  - request: GET {{url}}/{{nothing}}\n    expect: {status: 200}\n").Describe()
			})
		},
		"stranger": func(target) {
			nobody := map[string]func() string{"client_id": func() string { return "nobody" }}
			specs.Target{Collection: "../examples/health-gorilla/collection.yaml", Environment: "embedded", Variables: nobody}.Describe()
		},
		"focused": func(t target) {
			ginkgo.FDescribe("Outer", func() { t.of(chain).Describe() })
			t.of(flaky).Describe()
		},
		"shared": func(t target) {
			for _, name := range []string{"One", "Two"} {
				with := t.of("name: " + name + tokens)
				with.Runner, with.Environment = t.runner, "local"
				with.Describe()
			}
		},
		"embedded": func(target) {
			specs.Describe(nil, "../examples/health-gorilla/collection.yaml", "embedded")
		},
		"no secret": func(t target) {
			with := t.of(failing)
			with.Files.(fstest.MapFS)["environments/local.yaml"].Data = []byte("secrets: {key: {env: SPECS_NO_KEY}}\n")
			with.Environment = "local"
			with.Describe()
		},
		"no environment": func(t target) {
			with := t.of(chain)
			with.Environment = "loca"
			with.Describe()
		},
	}
}
