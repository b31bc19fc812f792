package hgrun_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

const formatPage = "docs/format.md"

// page is a page of documentation, taken apart.
type page struct {
	anchors []string            // of its headings
	tables  map[string][]string // what stands in `code` in the first column, by "heading/head of that column"
	rows    map[string]string   // the second column, by the names of the first
	blocks  []block
}

// block is what stands between two lines of ```.
type block struct {
	language string // "sh", "yaml ci"
	text     string
}

func readPage(t *testing.T, file string) page {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parsePage(string(src))
}

func parsePage(text string) page {
	p := page{tables: map[string][]string{}, rows: map[string]string{}}
	heading, table := "", ""
	var open *block
	for line := range strings.SplitSeq(text, "\n") {
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open != nil:
			p.blocks, open = append(p.blocks, *open), nil
		case fence:
			open = &block{language: language}
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "#"):
			heading, table = strings.TrimSpace(strings.TrimLeft(line, "#")), ""
			p.anchors = append(p.anchors, anchor(heading))
		case !strings.HasPrefix(line, "|"):
			table = ""
		case table == "":
			table = heading + "/" + strings.ReplaceAll(cells(line)[0], "`", "")
			p.tables[table] = nil
		case !strings.HasPrefix(line, "|-"):
			names := codes(cells(line)[0])
			p.tables[table] = append(p.tables[table], names...)
			for _, name := range names {
				p.rows[table+"/"+name] = cells(line)[1]
			}
		}
	}
	return p
}

// cells are those of a row; a \| does not end one.
func cells(row string) []string {
	parts := strings.Split(strings.ReplaceAll(row, `\|`, "\x00"), "|")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(strings.ReplaceAll(part, "\x00", "|"))
	}
	return parts[1 : len(parts)-1]
}

func codes(text string) []string {
	var found []string
	for i, piece := range strings.Split(text, "`") {
		if i%2 == 1 {
			found = append(found, piece)
		}
	}
	return found
}

// anchor is the name that GitHub gives a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// shared are the keys that collections, folders and requests have in common, but for what each names itself.
func shared(keys map[string][]string) []string {
	return slices.DeleteFunc(slices.Clone(keys["collection"]), func(key string) bool {
		return key == "name" || key == "description" || !slices.Contains(keys["folder"], key) || !slices.Contains(keys["request"], key)
	})
}

func without(names, less []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(less, name) })
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// known asks hgrun which words it knows in a place: of an unknown one, ?, it says what is known there.
func known(t *testing.T, yaml string) []string {
	t.Helper()
	var err error
	if strings.Contains(yaml, "requests:") {
		_, err = collections.Load(fstest.MapFS{"c.yaml": {Data: []byte(yaml)}}, "c.yaml", collections.Options{})
	} else {
		_, err = environments.Load(fstest.MapFS{"e.yaml": {Data: []byte(yaml)}}, "e.yaml")
	}
	_, list, found := strings.Cut(fmt.Sprint(err), "known here: ")
	if !found {
		t.Fatalf("got %v, want a list of what is known, for\n%s", err, yaml)
	}
	list, _, _ = strings.Cut(list, "\n")
	return strings.Split(list, ", ")
}

// knownTo is known for a request.
func knownTo(t *testing.T, request string) []string {
	t.Helper()
	return known(t, "requests: [{request: GET http://localhost/, "+request+"}]")
}

// program is what the tables of format.md must hold, by their names; several tables with a + between them share a list.
func program(t *testing.T) map[string][]string {
	t.Helper()
	keys := collections.Keys()
	settings := shared(keys)
	return map[string][]string{
		"Collection/Key":       without(keys["collection"], settings),
		"Folder/Key":           without(keys["folder"], settings),
		"Request/Key+Body/Key": without(keys["request"], settings),
		"Settings/Key":         settings,
		"Data/Key":             keys["data"],
		"Include/Item":         keys["include"],
		"Include/Included":     keys["included"],
		"Sessions/Sessions":    keys["session"],
		"Multipart part/Key":   keys["part"],
		"GraphQL/Key":          keys["graphql"],
		"Retry/Key":            keys["retry"],
		"Scripts/Event":        keys["script"],
		"Loops/Values":         keys["values"],
		"Pages/Paginate":       keys["paginate"],
		"Pages/Offset":         keys["offset"],
		"Jobs/Async":           keys["async"],
		"Subjects/Subject":     names(expect.Subjects()),
		"Predicates/Predicate": names(expect.Predicates()),
		"Types/Word of type":   knownTo(t, `expect: {json: {a: {type: "?"}}}`),
		"FHIR/Key of fhir":     knownTo(t, `expect: {fhir: {"?": 1}}`),
		"Capture/Key":          knownTo(t, `capture: {a: {"?": 1}}`),
		"Auth/Kind":            names(auth.Kinds()),
		"bearer/Key":           knownTo(t, `auth: {bearer: {"?": 1, token: a}}`),
		"basic/Key":            knownTo(t, `auth: {basic: {"?": 1}}`),
		"api_key/Key":          knownTo(t, `auth: {api_key: {"?": 1}}`),
		"digest/Key":           knownTo(t, `auth: {digest: {"?": 1}}`),
		"oauth1/Key":           knownTo(t, `auth: {oauth1: {"?": 1}}`),
		"aws_sigv4/Key":        knownTo(t, `auth: {aws_sigv4: {"?": 1}}`),
		"jwt/Key":              knownTo(t, `auth: {jwt: {"?": 1}}`),
		"asap/Key":             knownTo(t, `auth: {asap: {"?": 1}}`),
		"hawk/Key":             knownTo(t, `auth: {hawk: {"?": 1}}`),
		"edgegrid/Key":         knownTo(t, `auth: {edgegrid: {"?": 1}}`),
		"ntlm/Key":             knownTo(t, `auth: {ntlm: {"?": 1}}`),
		"oauth2/Key":           knownTo(t, `auth: {oauth2: {"?": 1}}`),
		"oauth2/Grant":         knownTo(t, `auth: {oauth2: {grant: "?"}}`),
		"oauth2/Client auth":   knownTo(t, `auth: {oauth2: {grant: client-credentials, client_auth: "?"}}`),
		"oauth2/Profile":       knownTo(t, `auth: {oauth2: {profile: "?"}}`),
		"Assertion/Key":        knownTo(t, `assertion: {"?": 1}`),
		"Environment/Key":      known(t, `{"?": 1}`),
		"secrets/Key":          environments.SecretKeys(),
		"tls/Key":              known(t, `{tls: {"?": 1}}`),
		"Templates/Filter":     vars.FilterNames(),
		"Templates/Name":       vars.DynamicNames(),
		"Reports/Kind":         names(reporters.Kinds()),
		"Prometheus/Metric":    metrics(t),
		"Command line/Command": commands(t),
		"Command line/Flag":    flags(t, commands(t)...),
		"Exit codes/Code":      exitCodes(t),
		"One form/Of":          nil, // TestTheFormatPageHasTheOrderOfKeys
	}
}

// metrics are those that the report for Prometheus has.
func metrics(t *testing.T) []string {
	t.Helper()
	var out strings.Builder
	r, err := reporters.Open("prometheus", "-", reporters.Options{Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	sent := runner.Result{Attempts: []runner.Attempt{{Status: 200, Timings: wire.Timings{FirstByte: time.Second}}}}
	for _, ev := range []runner.Event{runner.Started{Time: time.Unix(1, 0)}, runner.RequestFinished{Result: sent}} {
		if err := r.Report(ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(out.String()) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			list = append(list, strings.Fields(rest)[0])
		}
	}
	return list
}

func TestTheFormatPageHoldsEveryKeyAndNoOther(t *testing.T) {
	t.Parallel()
	documented := readPage(t, formatPage)
	wanted := program(t)
	seen := map[string]bool{}
	for _, ids := range names(wanted) {
		var got []string
		for id := range strings.SplitSeq(ids, "+") {
			got = append(got, documented.tables[id]...)
			seen[id] = true
		}
		for _, line := range difference(got, wanted[ids]) {
			t.Errorf("%s, table %s: %s", formatPage, ids, line)
		}
	}
	for _, id := range names(documented.tables) {
		if !seen[id] {
			t.Errorf("%s, table %s: no table of the program is compared with it", formatPage, id)
		}
	}
}

// difference says what is documented and unknown, known and not documented, or documented twice.
func difference(documented, program []string) []string {
	var lines []string
	for i, name := range documented {
		switch {
		case slices.Contains(documented[:i], name):
			lines = append(lines, name+" stands there twice")
		case !slices.Contains(program, name):
			lines = append(lines, name+" is documented and unknown to the program")
		}
	}
	for _, name := range program {
		if !slices.Contains(documented, name) {
			lines = append(lines, name+" is not documented")
		}
	}
	return lines
}

func TestADifferenceBetweenPageAndProgramIsFound(t *testing.T) {
	t.Parallel()
	p := parsePage("## Retry\n\n| Key | What |\n|---|---|\n| `times` | a |\n| `delay`, `times` | b `x` |\n| `pause` | c |\n")
	got := difference(p.tables["Retry/Key"], []string{"times", "delay", "jitter"})
	want := []string{"times stands there twice", "pause is documented and unknown to the program", "jitter is not documented"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheFormatPageSaysWhichCommandHasWhichFlag(t *testing.T) {
	t.Parallel()
	documented := readPage(t, formatPage)
	for _, command := range without(commands(t), []string{"completion", "help"}) {
		for _, flag := range flags(t, command) {
			of, ok := documented.rows["Command line/Flag/"+flag]
			if ok && of != "all" && !slices.Contains(strings.Split(of, ", "), command) {
				t.Errorf("%s: %s is a flag of %s too, and documented as one of %s", formatPage, flag, command, of)
			}
		}
	}
	for _, flag := range documented.tables["Command line/Flag"] {
		of := documented.rows["Command line/Flag/"+flag]
		for command := range strings.SplitSeq(of, ", ") {
			if of != "all" && !slices.Contains(flags(t, command), flag) {
				t.Errorf("%s: %s is documented as a flag of %s, which has none", formatPage, flag, command)
			}
		}
	}
}

func TestTheFormatPageHasTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(formatPage)
	if err != nil {
		t.Fatal(err)
	}
	layout := collections.Layout()
	for of, order := range map[string][]string{
		"a collection": layout.Order, "a request or a folder": layout.Below["requests"].Items.Order, "an environment": environments.Layout().Order,
	} {
		if row := fmt.Sprintf("\n| %s | %s |\n", of, strings.Join(order, ", ")); !strings.Contains(string(src), row) {
			t.Errorf("%s, One form: the row of %s is not in the order of Layout(); write%s", formatPage, of, row)
		}
	}
}

// ours are the pages whose links, files and blocks are checked.
func ours(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md"}
	err := filepath.WalkDir("docs", func(file string, e fs.DirEntry, err error) error {
		if err == nil && path.Ext(file) == ".md" {
			pages = append(pages, filepath.ToSlash(file))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	tableOf  = regexp.MustCompile("`([\\w/.-]+\\.go)`,\\s+`(\\w+)\\(\\)`")
	fileName = regexp.MustCompile("`((?:[\\w.-]+/)+[\\w.-]+)`")
)

func TestTheRecordPageHoldsEveryMemberOfTheSchema(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("docs/schema/record.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(src, &schema); err != nil {
		t.Fatal(err)
	}
	documented := readPage(t, "docs/record.md")
	for _, object := range names(schema.Defs) {
		for _, line := range difference(documented.tables[object+"/Member"], names(schema.Defs[object].Properties)) {
			t.Errorf("docs/record.md, table %s: %s", object, line)
		}
	}
	if len(documented.tables) != len(schema.Defs) {
		t.Errorf("docs/record.md: got %d tables, want one for each of the %d objects of the schema", len(documented.tables), len(schema.Defs))
	}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, file := range ours(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(src), -1) {
			to, part, _ := strings.Cut(match[1], "#")
			if strings.Contains(to, "://") {
				continue
			}
			target := file
			if to != "" {
				target = path.Join(path.Dir(file), to)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link to %s: %v", file, match[1], err)
			} else if part != "" && !slices.Contains(readPage(t, target).anchors, part) {
				t.Errorf("%s: link to %s: no such heading", file, match[1])
			}
		}
	}
}

func TestEveryFileAndTableThatThePagesNameExists(t *testing.T) {
	t.Parallel()
	for _, file := range ours(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(src)
		for _, match := range fileName.FindAllStringSubmatch(text, -1) {
			name := match[1]
			first, _, _ := strings.Cut(name, "/")
			_, notOurs := os.Stat(first)
			if notOurs != nil || strings.Contains(name, "NAME") || path.Ext(name) == ".yaml" {
				continue // of another project, to be written, or beside a collection
			}
			if _, err := os.Stat(name); err != nil {
				t.Errorf("%s names %s: %v", file, name, err)
			}
		}
		for _, match := range tableOf.FindAllStringSubmatch(text, -1) {
			code, err := os.ReadFile(match[1])
			if err == nil && !regexp.MustCompile(`(?m)^func (\([^)]*\) )?`+match[2]+`\(`).Match(code) {
				t.Errorf("%s names %s() of %s, which has no such function", file, match[2], match[1])
			}
		}
	}
}

func TestEveryRecipeNamesATable(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("docs/extending.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := strings.Split(string(src), "\n## ")[1:]
	if len(recipes) < 10 {
		t.Fatalf("got %d recipes, want ten at least", len(recipes))
	}
	for _, recipe := range recipes {
		title, text, _ := strings.Cut(recipe, "\n")
		if !tableOf.MatchString(text) && !strings.Contains(text, "the table `") && title != "An example" {
			t.Errorf("recipe %q names no table", title)
		}
	}
}

func TestEveryBlockOfTheFormatPageLoads(t *testing.T) {
	t.Parallel()
	loadBlocks(t, formatPage, readPage(t, formatPage).blocks)
}
