package specs_test

import "testing"

// What a run of the whole suite chain says, and what it sends.
const (
	allPassed = `
passed Things setup Log in api.yaml:4 [api mine]
passed Things List api.yaml:9 [api mine smoke]
passed Things Unrelated api.yaml:14 [api mine]
passed Things One setup Prepare api.yaml:20 [api mine detail]
passed Things One Read api.yaml:24 [api mine detail smoke]
passed Things One teardown Tidy api.yaml:29 [api mine detail]
passed Things teardown Log out api.yaml:33 [api mine]
`
	allSent = `
POST /login
GET /things?of=7
DELETE /other
PUT /prepare
GET /things/7
PUT /tidy
POST /logout
`
)

func TestFlagsOfGinkgoChooseRequestsAndWhatTheyNeed(t *testing.T) {
	t.Parallel()
	checkAll(t, []verdicts{
		{
			name: "everything", suite: "chain", passed: true,
			want: allPassed, sent: allSent,
		},
		{
			name: "in whatever order Ginkgo takes containers", suite: "chain", flags: []string{"-ginkgo.randomize-all"}, passed: true,
			want: allPassed, sent: allSent,
		},
		{
			name: "a label", suite: "chain", flags: []string{"-ginkgo.label-filter=smoke && mine"}, passed: true,
			want: `
skipped Things setup Log in api.yaml:4 [api mine]
passed Things List api.yaml:9 [api mine smoke]
skipped Things Unrelated api.yaml:14 [api mine]
skipped Things One setup Prepare api.yaml:20 [api mine detail]
passed Things One Read api.yaml:24 [api mine detail smoke]
skipped Things One teardown Tidy api.yaml:29 [api mine detail]
skipped Things teardown Log out api.yaml:33 [api mine]
`,
			sent: `
POST /login
GET /things?of=7
PUT /prepare
GET /things/7
PUT /tidy
POST /logout
`,
		},
		{
			name: "the words of a spec", suite: "chain", flags: []string{"-ginkgo.focus=Things One Read"}, passed: true,
			want: `
skipped Things setup Log in api.yaml:4 [api mine]
skipped Things List api.yaml:9 [api mine smoke]
skipped Things Unrelated api.yaml:14 [api mine]
skipped Things One setup Prepare api.yaml:20 [api mine detail]
passed Things One Read api.yaml:24 [api mine detail smoke]
skipped Things One teardown Tidy api.yaml:29 [api mine detail]
skipped Things teardown Log out api.yaml:33 [api mine]
`,
			sent: `
POST /login
GET /things?of=7
PUT /prepare
GET /things/7
PUT /tidy
POST /logout
`,
		},
		{
			name: "a line of the collection", suite: "chain", flags: []string{"-ginkgo.focus-file=api.yaml:24"}, passed: true,
			want: `
skipped Things setup Log in api.yaml:4 [api mine]
skipped Things List api.yaml:9 [api mine smoke]
skipped Things Unrelated api.yaml:14 [api mine]
skipped Things One setup Prepare api.yaml:20 [api mine detail]
passed Things One Read api.yaml:24 [api mine detail smoke]
skipped Things One teardown Tidy api.yaml:29 [api mine detail]
skipped Things teardown Log out api.yaml:33 [api mine]
`,
			sent: `
POST /login
GET /things?of=7
PUT /prepare
GET /things/7
PUT /tidy
POST /logout
`,
		},
		{
			name: "the file of the suite", suite: "chain", flags: []string{"-ginkgo.focus-file=specs_test.go", "-ginkgo.skip-file=api.yaml:10-20,24"}, passed: true,
			want: `
passed Things setup Log in api.yaml:4 [api mine]
passed Things List api.yaml:9 [api mine smoke]
skipped Things Unrelated api.yaml:14 [api mine]
skipped Things One setup Prepare api.yaml:20 [api mine detail]
skipped Things One Read api.yaml:24 [api mine detail smoke]
skipped Things One teardown Tidy api.yaml:29 [api mine detail]
passed Things teardown Log out api.yaml:33 [api mine]
`,
			sent: `
POST /login
GET /things?of=7
POST /logout
`,
		},
		{
			name: "setup alone", suite: "chain", flags: []string{"-ginkgo.focus=Log in"}, passed: true,
			want: `
passed Things setup Log in api.yaml:4 [api mine]
skipped Things List api.yaml:9 [api mine smoke]
skipped Things Unrelated api.yaml:14 [api mine]
skipped Things One setup Prepare api.yaml:20 [api mine detail]
skipped Things One Read api.yaml:24 [api mine detail smoke]
skipped Things One teardown Tidy api.yaml:29 [api mine detail]
skipped Things teardown Log out api.yaml:33 [api mine]
`,
			sent: `
POST /login
POST /logout
`,
		},
		{
			name: "teardown alone", suite: "chain", flags: []string{"-ginkgo.focus=Tidy|Log out"}, passed: true,
			want: `
skipped Things setup Log in api.yaml:4 [api mine]
skipped Things List api.yaml:9 [api mine smoke]
skipped Things Unrelated api.yaml:14 [api mine]
skipped Things One setup Prepare api.yaml:20 [api mine detail]
skipped Things One Read api.yaml:24 [api mine detail smoke]
passed Things One teardown Tidy api.yaml:29 [api mine detail]
passed Things teardown Log out api.yaml:33 [api mine]
`,
			sent: `
POST /login
PUT /tidy
POST /logout
`,
		},
		{
			name: "all but setup and teardown", suite: "chain", flags: []string{"-ginkgo.skip=Log|Tidy"}, passed: true,
			want: `
skipped Things setup Log in api.yaml:4 [api mine]
passed Things List api.yaml:9 [api mine smoke]
passed Things Unrelated api.yaml:14 [api mine]
passed Things One setup Prepare api.yaml:20 [api mine detail]
passed Things One Read api.yaml:24 [api mine detail smoke]
skipped Things One teardown Tidy api.yaml:29 [api mine detail]
skipped Things teardown Log out api.yaml:33 [api mine]
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
			name: "nothing, in a rehearsal", suite: "chain", flags: []string{"-ginkgo.dry-run"}, passed: true,
			want: `
passed Things setup Log in api.yaml:4 [api mine]
passed Things List api.yaml:9 [api mine smoke]
passed Things Unrelated api.yaml:14 [api mine]
passed Things One setup Prepare api.yaml:20 [api mine detail]
passed Things One Read api.yaml:24 [api mine detail smoke]
passed Things One teardown Tidy api.yaml:29 [api mine detail]
passed Things teardown Log out api.yaml:33 [api mine]
`,
		},
	})
}
