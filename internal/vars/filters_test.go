package vars

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/internal/source"
)

var update = flag.Bool("update", false, "rewrite the wants of testdata")

// filterScope has the variables of testdata/filters.txtar, and two secrets.
func filterScope(t *testing.T, variables string) *Scope {
	t.Helper()
	return NewScope(nil, Layer{Defined: definitions(t, "vars.yaml", variables), Values: map[string]Value{
		"hidden":      {Text: "s3cret-key", Secret: true},
		"hidden_list": {Text: `["s3cret-one",{"n":123456}]`, JSON: true, Secret: true},
		"hidden_re":   {Text: "(s3cret", Secret: true},
		"huge":        {Text: "[1e999999999]", JSON: true},
	}})
}

// judge says what came of an expression: its value, typed, or its error, at load or later.
func judge(s *Scope, expression string) string {
	tpl, err := Parse(expression, here)
	if err != nil {
		return "load " + strings.TrimPrefix(err.Error(), "f:1:1: "+expression+": ")
	}
	v, err := tpl.Value(s)
	if err != nil {
		return "error " + strings.TrimPrefix(err.Error(), "f:1:1: ")
	}
	if v.Secret {
		return "secret " + v.Literal()
	}
	return "= " + v.Literal()
}

func TestFiltersMakeWhatTheTableSays(t *testing.T) {
	t.Parallel()
	const name = "testdata/filters.txtar"
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) *txtar.File {
		i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("no %s", name)
		}
		return &archive.Files[i]
	}
	var out strings.Builder
	passed, failed := map[string]bool{}, map[string]bool{}
	synctest.Test(t, func(t *testing.T) { // it is midnight of 2000-01-01
		s := filterScope(t, string(file("vars.yaml").Data))
		for line := range strings.Lines(string(file("cases").Data)) {
			if line = strings.TrimSuffix(line, "\n"); line == "" {
				out.WriteByte('\n')
				continue
			}
			verdict := judge(s, line)
			fmt.Fprintf(&out, "%s\n\t%s\n", line, verdict)
			for _, name := range FilterNames() {
				if strings.Contains(line, "| "+name) && (verdict[0] == '=' || strings.HasPrefix(verdict, "secret")) {
					passed[name] = true
				}
				failed[name] = failed[name] || strings.Contains(verdict, "filter "+name+": ")
			}
		}
	})
	for _, name := range FilterNames() {
		if !passed[name] || !failed[name] {
			t.Errorf("%s: want one that passes (%v) and one that fails (%v)", name, passed[name], failed[name])
		}
	}
	want := file("want")
	if *update {
		want.Data = []byte(out.String())
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	same(t, out.String(), string(want.Data))
}

func TestWhatAFilterMakesOfASecretIsHidden(t *testing.T) {
	t.Parallel()
	for expression, hidden := range map[string]string{
		"{{hidden | reverse}}":                                 "yek-terc3s",
		"{{hidden | substring: 3}}":                            "ret-key",
		"{{hidden_list | first}}":                              "s3cret-one",
		"{{hidden_list | last}}":                               "123456",
		`{{hidden | split: "-"}}`:                              "s3cret",
		`{{open | hmac_sha256: "{{hidden}}"}}`:                 "79bf09c3a3d7bd6ea5e9ff81ea8e5b8e",
		`{{open | replace: "x", "{{hidden | upper}}"}}`:        "S3CRET-KEY",
		`{{nobody | default: "{{hidden | lower | reverse}}"}}`: "yek-terc3s",
	} {
		s := filterScope(t, "open: x\n")
		tpl, err := Parse(expression, here)
		if err != nil {
			t.Fatal(err)
		}
		v, err := tpl.Value(s)
		if err != nil || !v.Secret || s.Redact("<"+v.Text+">") == "<"+v.Text+">" {
			t.Errorf("%s: got %+v, %v", expression, v, err)
		}
		if text := v.Text; strings.Contains(text, hidden) && strings.Contains(s.Redact(text+" "+hidden), hidden) {
			t.Errorf("%s: %s shows", expression, hidden)
		} else if !strings.Contains(text, hidden) && !strings.Contains(expression, "hmac") {
			t.Errorf("%s: got %s, want %s in it", expression, text, hidden)
		}
	}
}

func TestAnErrorOfAFilterShowsNoSecret(t *testing.T) {
	t.Parallel()
	for _, f := range FilterNames() {
		for _, args := range []string{"", ": zz", ": zz, zz", `: "{{hidden_re}}"`, `: "{{hidden_re}}", "{{hidden_re}}"`, ": 99"} {
			for _, name := range []string{"hidden", "hidden_list", "open"} {
				tpl, err := Parse("{{"+name+" | "+f+args+"}}", here)
				if err != nil {
					continue
				}
				if _, err := tpl.Expand(filterScope(t, "open: x\n")); err != nil && strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s: %v", tpl.String(), err)
				}
			}
		}
	}
}

func TestFiltersAreReadFromYAMLToo(t *testing.T) {
	t.Parallel()
	s := filterScope(t, "list: [3, 1, 2]\nsep: ', '\n")
	read := func(text string) string {
		var out []string
		err := source.Parse("f", []byte(text), func(n source.Node) {
			v, err := s.Lookup("list")
			for _, item := range n.Items() {
				f, ok := ReadFilter(item)
				if !ok || err != nil {
					continue
				}
				for _, u := range f.Uses() {
					out = append(out, "needs "+u.Name+" "+u.Pos.String())
				}
				if v, err = f.Apply(s, "list", v); err != nil {
					out = append(out, err.Error())
					continue
				}
				out = append(out, f.String()+" "+v.Literal())
			}
		})
		return strings.Join(append(out, errorText(err)), "\n")
	}
	same(t, read(`[sort, {join: "{{sep}}"}, {replace: ["1", one]}, {substring: [0, -3]}, upper, {nth: 0}]`), `sort [1,2,3]
needs sep f:1:15
join "1, 2, 3"
replace "one, 2, 3"
substring "one, 2"
upper "ONE, 2"
filter nth: got text "ONE, 2", want a list
`)
	same(t, read(`[sot, {nth: x}, {nth: [1, 2]}, {}, [a], {nth: {a: 1}}, {nth: 1, first: 2}, {nth: "{{"}, {default: null}]`), `default [3,1,2]
f:1:2: unknown filter "sot"; did you mean "sort"?
f:1:7: filter nth: place: got text "x", want a whole number
f:1:17: filter nth: got 2 arguments, want 1 (place)
f:1:32: want the name of a filter, or one name and its arguments such as {nth: 2}
f:1:36: want the name of a filter, or one name and its arguments such as {nth: 2}
f:1:47: want text, a number, true or false
f:1:56: want the name of a filter, or one name and its arguments such as {nth: 2}
f:1:82: {{ without }}; write {{"{{"}} for the characters themselves`)
}

func TestADefaultHelpsWhereAFilterLookedInVain(t *testing.T) {
	t.Parallel()
	s := filterScope(t, "list: []\nurl: http://a/\n")
	v, err := s.Lookup("list")
	if err != nil {
		t.Fatal(err)
	}
	first := Filter{name: "first"}
	if err := first.check(); err != nil {
		t.Fatal(err)
	}
	_, err = first.Apply(s, "list", v)
	same(t, FoundNothing(fmt.Errorf("wrapped: %w", err)), true)
	_, err = first.Apply(s, "list", Value{Text: "x"})
	same(t, err != nil && !FoundNothing(err), true)
	same(t, judge(s, `{{list | first | upper | default: none}}`), `= "none"`)
	same(t, judge(s, `{{url | url_query: q | default: 5}}`), `= 5`)
	same(t, judge(s, `{{url | first | default: 5}}`), `error filter first: got text "http://a/", want a list`)
}

func TestAnArgumentThatIsNotNeededIsNotLookedUp(t *testing.T) {
	t.Parallel()
	s := filterScope(t, "a: x\n")
	same(t, judge(s, `{{a | default: "{{b}}"}}`), `= "x"`)
	same(t, judge(s, `{{c | default: "{{b}}"}}`), `error variable "b" is not defined`)
	tpl, err := Parse(`{{c | default: "{{b}}" | join: "{{a}}"}}`, here)
	if err != nil {
		t.Fatal(err)
	}
	same(t, fmt.Sprint(tpl.Uses()), fmt.Sprint([]Use{{"c", here, true}, {"b", here, false}, {"a", here, false}}))
	loop := filterScope(t, "a: '{{b | default: \"{{a}}\"}}'\nb: ''\n")
	same(t, judge(loop, "{{a}}"), `error vars.yaml:1:4: variable "a" leads back to itself: a -> a`)
}

func TestNothingIsFilteredThatStandsIn(t *testing.T) {
	t.Parallel()
	s := filterScope(t, "open: x\n").StandIn(func(name, expression string) (string, bool) { return "<" + expression + ">", name == "hidden" })
	same(t, judge(s, `{{open | hmac_sha256: "{{hidden}}"}}`), `= "<open | hmac_sha256: \"{{hidden}}\">"`)
	same(t, judge(s, `{{open | upper}}`), `= "X"`)
}

func BenchmarkFilters(b *testing.B) {
	tpl, err := Parse(`{{list | nth: 1 | regex: "b(.)" | upper | base64}}`, here)
	if err != nil {
		b.Fatal(err)
	}
	s := NewScope(nil, Layer{Values: map[string]Value{"list": {Text: `["abc","abd"]`, JSON: true}}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tpl.Value(s); err != nil {
			b.Fatal(err)
		}
	}
}
