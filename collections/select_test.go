package collections_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

const chain = `
variables: {fallback: x, header: "Bearer {{token}}"}
setup:
  - {name: Prepare, request: GET https://x.example, capture: {prepared: id}}
requests:
  - name: Login
    request: POST https://x.example
    capture: {token: access_token}
  - name: Patients
    tags: [smoke]
    requests:
      - name: Create
        request: POST https://x.example
        headers: {Authorization: "{{header}}"}
        capture: {patient: id, fallback: id}
      # still of Create
      - name: Read
        tags: [slow]
        request: GET https://x.example/{{patient}}
      - name: Search
        request: "GET https://x.example?a={{fallback}}&b={{prepared}}&c={{patient | default: x}}"
  - name: Alone
    tags: [slow]
    request: GET https://x.example
  - name: Refresh
    request: POST https://x.example
    form: {old: "{{token}}"}
    capture: {token: access_token}
  - name: Last
    request: GET https://x.example/{{token}}
    set: {own: 1}
    text: "{{own}}"
teardown:
  - {name: Delete, request: "DELETE https://x.example/{{patient}}", capture: {deleted: id}}
  - {name: After Delete, request: "GET https://x.example/{{deleted}}"}
  - {name: Clean, request: "DELETE https://x.example/{{prepared}}"}
`

// names returns the names of the main requests and of teardown, those that are only needed in parentheses.
func names(c *collections.Collection) string {
	var main, after []string
	for phase, r := range c.Requests() {
		name := r.Path()
		if r.Needed {
			name = "(" + name + ")"
		}
		switch phase {
		case collections.Setup:
		case collections.Main:
			main = append(main, name)
		case collections.Teardown:
			after = append(after, name)
		}
	}
	return strings.Join(main, ", ") + " | " + strings.Join(after, ", ")
}

func TestASelectionKeepsWhatItNeeds(t *testing.T) {
	t.Parallel()
	const all = "Login, Patients/Create, Patients/Read, Patients/Search, Alone, Refresh, Last | Delete, After Delete, Clean"
	env := vars.NewScope(nil, vars.Layer{Values: map[string]vars.Value{"token": {Text: "t"}}})
	tests := []struct {
		name string
		sel  collections.Selection
		want string
	}{
		{"nothing said", collections.Selection{}, all},
		{"a tag, inherited", collections.Selection{Tags: "smoke"}, "(Login), Patients/Create, Patients/Read, Patients/Search | Delete, After Delete, Clean"},
		{"two tags", collections.Selection{Tags: "smoke && !slow"}, "(Login), Patients/Create, Patients/Search | Delete, After Delete, Clean"},
		{"one name", collections.Selection{Only: []string{"Alone"}}, "Alone | Clean"},
		{"a chain of needs", collections.Selection{Only: []string{"Read"}}, "(Login), (Patients/Create), Patients/Read | Delete, After Delete, Clean"},
		{"a need that a request has of its own name", collections.Selection{Only: []string{"Last"}}, "(Login), (Refresh), Last | Clean"},
		{"defined, set up or optional is not needed", collections.Selection{Only: []string{"Search"}}, "Patients/Search | Clean"},
		{"defined by the environment is not needed", collections.Selection{Only: []string{"Read", "Last"}, Scope: env}, "(Patients/Create), Patients/Read, Last | Delete, After Delete, Clean"},
		{"a path", collections.Selection{Only: []string{"Patients/Create"}}, "(Login), Patients/Create | Delete, After Delete, Clean"},
		{"a folder", collections.Selection{Only: []string{"Patients"}}, "(Login), Patients/Create, Patients/Read, Patients/Search | Delete, After Delete, Clean"},
		{"a pattern", collections.Selection{Only: []string{"A*e"}}, "Alone | Clean"},
		{"a pattern of a path", collections.Selection{Only: []string{"*/S*r*h"}}, "Patients/Search | Clean"},
		{"a line", collections.Selection{Only: []string{"c.yaml:19"}}, "(Login), (Patients/Create), Patients/Read | Delete, After Delete, Clean"},
		{"a line behind a request", collections.Selection{Only: []string{"./c.yaml:16"}}, "(Login), Patients/Create | Delete, After Delete, Clean"},
		{"a line of a folder", collections.Selection{Only: []string{"c.yaml:10"}}, "(Login), Patients/Create, Patients/Read, Patients/Search | Delete, After Delete, Clean"},
		{"the last line", collections.Selection{Only: []string{"c.yaml:32"}}, "(Login), (Refresh), Last | Clean"},
		{"from a request", collections.Selection{From: "Refresh"}, "(Login), Refresh, Last | Clean"},
		{"from a folder", collections.Selection{From: "Patients"}, "(Login), Patients/Create, Patients/Read, Patients/Search, Alone, Refresh, Last | Delete, After Delete, Clean"},
		{"to a request", collections.Selection{To: "Read"}, "Login, Patients/Create, Patients/Read | Delete, After Delete, Clean"},
		{"to the last of a folder", collections.Selection{To: "Patients"}, "Login, Patients/Create, Patients/Read, Patients/Search | Delete, After Delete, Clean"},
		{"from one to another", collections.Selection{From: "Patients/Search", To: "c.yaml:24"}, "Patients/Search, Alone | Clean"},
		{"from one to the same", collections.Selection{From: "Read", To: "Read"}, "(Login), (Patients/Create), Patients/Read | Delete, After Delete, Clean"},
		{"from the first to the last that a pattern means", collections.Selection{From: "*ea*", To: "*a*"}, "(Login), Patients/Create, Patients/Read, Patients/Search, Alone, Refresh, Last | Delete, After Delete, Clean"},
		{"a stretch and a tag", collections.Selection{From: "Search", Tags: "slow"}, "Alone | Clean"},
		{"a stretch and names", collections.Selection{From: "Search", Only: []string{"Login", "Alone"}}, "Alone | Clean"},
		{"what fits", collections.Selection{From: "Search", Fits: func(r *collections.Request) bool { return r.Name == "Login" || r.Name == "Alone" }}, "Alone | Clean"},
		{"name and tag", collections.Selection{Only: []string{"Alone", "Search"}, Tags: "slow"}, "Alone | Clean"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := load(t, chain)
			got, err := c.Select(test.sel)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, names(got)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(all, names(c)); d != "" {
				t.Errorf("the collection itself changed (-want +got):\n%s", d)
			}
			for r := range got.Main.All() {
				if !slices.Contains(r.Folder.Items, collections.Item(r)) {
					t.Errorf("%s is not in its folder", r.Name)
				}
			}
		})
	}
}

func TestAConditionalProviderIsNotTheOnlyOne(t *testing.T) {
	t.Parallel()
	c := load(t, `
requests:
  - {name: A, request: GET https://x.example, capture: {id: id}}
  - {name: B, request: GET https://x.example, capture: {id: id}}
  - {name: C, request: GET https://x.example, capture: {id: id}, when: {x: {exists: true}}}
  - {name: D, request: "GET https://x.example/{{id}}"}
`)
	got, err := c.Select(collections.Selection{Only: []string{"D"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(got), "(B), (C), D | "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnEmptySelectionIsAnError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		sel  collections.Selection
		want string
	}{
		{"a name", collections.Selection{Only: []string{"Alnoe"}}, `c.yaml: no request is selected: nothing is called "Alnoe"; did you mean "Alone"?`},
		{"a tag", collections.Selection{Tags: "smoek"}, `c.yaml: no request is selected: tags "smoek"; did you mean "smoke"?`},
		{"another file", collections.Selection{Only: []string{"d.yaml:6"}},
			`c.yaml: no request is selected: nothing is called "d.yaml:6"; known here: Login, Patients/Create, Patients/Read, Patients/Search, Alone, Refresh, Last`},
		{"a line of no request", collections.Selection{Only: []string{"c.yaml:2"}},
			`c.yaml: no request is selected: nothing is called "c.yaml:2"; known here: Login, Patients/Create, Patients/Read, Patients/Search, Alone, Refresh, Last`},
		{"no beginning", collections.Selection{From: "Alnoe"}, `c.yaml: no request is selected: nothing is called "Alnoe"; did you mean "Alone"?`},
		{"no end", collections.Selection{To: "Alnoe"}, `c.yaml: no request is selected: nothing is called "Alnoe"; did you mean "Alone"?`},
		{"a beginning in setup", collections.Selection{From: "Prepare"},
			`c.yaml: no request is selected: "Prepare" stands in the setup of the collection, which runs with whatever is selected`},
		{"a stretch without the tag", collections.Selection{From: "Refresh", To: "Last", Tags: "slow"},
			`c.yaml: no request is selected: nothing from "Refresh" to "Last" has tags that fit "slow"`},
		{"a stretch without the name", collections.Selection{To: "Create", Only: []string{"Last"}}, `c.yaml: no request is selected: nothing from the beginning to "Create" is called "Last"`},
		{"a stretch without both", collections.Selection{From: "Refresh", Only: []string{"Last"}, Tags: "slow"},
			`c.yaml: no request is selected: nothing from "Refresh" is called "Last" and has tags that fit "slow"`},
		{"nothing fits", collections.Selection{Fits: func(*collections.Request) bool { return false }}, `c.yaml: no request is selected: none of its requests is one of them`},
		{"both", collections.Selection{Only: []string{"Login"}, Tags: "smoke"}, `c.yaml: no request is selected: nothing that is called "Login" has tags that fit "smoke"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, chain).Select(test.sel)
			if !errors.Is(err, collections.ErrNothingSelected) {
				t.Fatalf("got %v, want ErrNothingSelected", err)
			}
			if d := cmp.Diff(test.want, err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestAStretchTheWrongWayRoundIsRefused(t *testing.T) {
	t.Parallel()
	_, err := load(t, chain).Select(collections.Selection{From: "Alone", To: "Patients"})
	const want = `c.yaml: from "Alone" (line 22) to "Patients/Search" (line 20) is the wrong way round; swap them`
	if err == nil || err.Error() != want || errors.Is(err, collections.ErrNothingSelected) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnEmptySelectionDoesNotListThousands(t *testing.T) {
	t.Parallel()
	c := loadFrom(t, many(1000), "c.yaml", collections.Options{})
	_, err := c.Select(collections.Selection{Only: []string{"something else"}})
	if err == nil || !strings.HasSuffix(err.Error(), ", Request 18, Request 19 and 980 more") {
		t.Errorf("got %.1000v, want twenty names", err)
	}
	_, err = c.Select(collections.Selection{Only: []string{"Reqest 500"}})
	if err == nil || !strings.HasSuffix(err.Error(), "; did you mean \"Request 500\"?") {
		t.Errorf("got %.1000v, want the nearest name", err)
	}
}

func TestACollectionWithoutTagsSaysSo(t *testing.T) {
	t.Parallel()
	_, err := load(t, "requests: [{request: GET https://x.example}]").Select(collections.Selection{Tags: "a"})
	if want := `c.yaml: no request is selected: tags "a": no request has a tag`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestATagFilterSelects(t *testing.T) {
	t.Parallel()
	const requests = `
requests:
  - {name: none, request: GET https://x.example}
  - {name: a, request: GET https://x.example, tags: a}
  - {name: b, request: GET https://x.example, tags: b}
  - {name: ab, request: GET https://x.example, tags: [a, b]}
  - {name: v1, request: GET https://x.example, tags: api:v1.0-x}
`
	for filter, want := range map[string]string{
		"a": "a, ab | ", "!a": "none, b, v1 | ", "a&&b": "ab | ", "a || b": "a, b, ab | ", "a,b": "a, b, ab | ",
		"a && !b": "a | ", "!(a || b)": "none, v1 | ", "a || b && v": "a, ab | ", "(a || b) && b": "b, ab | ",
		"/^[ab]$/ && !/b/": "a | ", "!!a": "a, ab | ", "api:v1.0-x": "v1 | ", " a ": "a, ab | ", "/v1/,b": "b, ab, v1 | ",
	} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, requests).Select(collections.Selection{Tags: filter})
			if err != nil {
				t.Fatal(err)
			}
			if names(got) != want {
				t.Errorf("got %q, want %q", names(got), want)
			}
		})
	}
}

func TestABrokenTagFilterNamesTheColumn(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]string{
		"&& a":     `tags "&& a": column 1: want a tag, got "&"`,
		"a &&":     `tags "a &&": column 5: want a tag, got the end`,
		"a b":      `tags "a b": column 3: want && or ||, got "b"`,
		"(ü || b":  `tags "(ü || b": column 8: want ), got the end`,
		"a || )":   `tags "a || )": column 6: want a tag, got ")"`,
		"a & b":    `tags "a & b": column 3: want && or ||, got "&"`,
		"/a":       `tags "/a": column 2: a regular expression needs a / at its end`,
		"b,/a(/":   "tags \"b,/a(/\": column 4: error parsing regexp: missing closing ): `a(`",
		"a,,b":     `tags "a,,b": column 3: want a tag, got ","`,
		" ":        `tags " ": column 2: want a tag, got the end`,
		"smoke\"x": `tags "smoke\"x": column 6: want && or ||, got "\""`,
	} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, chain).Select(collections.Selection{Tags: filter})
			if err == nil || err.Error() != want {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
}

func TestADeepTagFilterIsRefused(t *testing.T) {
	t.Parallel()
	_, err := load(t, chain).Select(collections.Selection{Tags: strings.Repeat("!(", 100_000)})
	if err == nil || !strings.HasSuffix(err.Error(), "column 101: too many ! and ( in one another") {
		t.Errorf("got %.200v, want too many", err)
	}
}

func TestASelectionKeepsTheSetupAndTheTeardownOfItsFolders(t *testing.T) {
	t.Parallel()
	const text = `
requests:
  - {name: Login, request: POST https://x.example, capture: {token: token}}
  - name: Orders
    setup: [{name: make, request: "POST https://x.example/{{token}}", capture: {id: id}}]
    requests:
      - {name: read, request: "GET https://x.example/{{id}}"}
      - {name: list, request: GET https://x.example, tags: [smoke], capture: {page: page}}
    teardown:
      - {name: remove, request: "DELETE https://x.example/{{id}}"}
      - {name: leaf, request: "DELETE https://x.example/{{page}}"}
  - name: Others
    setup: [{name: make, request: POST https://x.example}]
    requests: [{name: read, request: GET https://x.example}]
`
	for name, tt := range map[string]struct {
		sel  collections.Selection
		want string
	}{
		"one of the folder":       {collections.Selection{Only: []string{"Orders/read"}}, "Login* Orders/make Orders/read Orders/remove"},
		"one that captures":       {collections.Selection{Tags: "smoke"}, "Login* Orders/make Orders/list Orders/remove Orders/leaf"},
		"one of the setup":        {collections.Selection{Only: []string{"Others/make"}}, "Others/make"},
		"what the others are not": {collections.Selection{Tags: "!smoke", Only: []string{"Others"}}, "Others/make Others/read"},
	} {
		c, err := load(t, text).Select(tt.sel)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var kept []string
		for _, r := range c.Requests() {
			path := r.Path()
			if r.Needed {
				path += "*"
			}
			kept = append(kept, path)
		}
		if got := strings.Join(kept, " "); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
