package reporters

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sourceLine stands in for the YAML of the shared run.
func sourceLine(_ string, line int) string {
	return map[int]string{
		14: "    request: GET {{fhir_url}}/Patient/1001",
		24: "      status: 201",
		26: "        total: 1",
		31: "    request: GET http://127.0.0.1:1/",
		46: "      status: 200",
		52: "    text: \"<ok/>\"   # " + strings.Repeat("a long remark ", 12),
	}[line]
}

func render(t *testing.T, kind string, o Options, events []runner.Event) string {
	t.Helper()
	var out bytes.Buffer
	o.Out = &out
	r, err := Open(kind, "-", o)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range events {
		if err := r.Report(ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if wantsFolder(kind) {
		text = unpacked(t, &out)
	}
	host, _ := os.Hostname()
	return strings.NewReplacer(htmlStyle, "…", htmlScript, "…", policyHash(htmlStyle), "'sha256-style'", policyHash(htmlScript), "'sha256-script'",
		"Machine</span> "+host+"<", "Machine</span> ci-1<", `hostname="`+host+`"`, `hostname="ci-1"`, `"host":"`+host+`"`, `"host":"ci-1"`,
		`"host.name","value":{"stringValue":"`+host+`"`, `"host.name","value":{"stringValue":"ci-1"`, `"host","value":"`+host+`"`, `"host","value":"ci-1"`,
		"\nhost = "+host+"\n", "\nhost = ci-1\n").Replace(text)
}

// unpacked are the files of a tar archive, one after the other as text.
func unpacked(t *testing.T, archive io.Reader) string {
	t.Helper()
	var text strings.Builder
	for r := tar.NewReader(archive); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("-- " + head.Name + " --\n" + string(content))
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./reporters -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test ./reporters -update, then read the difference\n%s", file, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer"
}

func TestEveryKindReportsTheSharedRunAsItsGoldenSays(t *testing.T) {
	t.Parallel()
	for _, kind := range slices.Sorted(maps.Keys(Kinds())) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			got := render(t, kind, Options{Version: "1.0.0", Sources: sourceLine}, sharedRun())
			checkGolden(t, kind, got)
		})
	}
}

func TestTheConsoleFitsItsReader(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"console-120":          {Screen: Screen{Columns: func() int { return 120 }}},
		"console-ascii":        {Screen: Screen{ASCII: true}},
		"console-azure":        {Screen: Screen{CI: "azure"}},
		"console-buildkite":    {Screen: Screen{CI: "buildkite"}},
		"console-color":        {Screen: Screen{Color: true}},
		"console-github":       {Screen: Screen{CI: "github"}},
		"console-gitlab":       {Screen: Screen{CI: "gitlab"}},
		"console-quiet":        {Screen: Screen{Quiet: true}},
		"console-teamcity":     {Screen: Screen{CI: "teamcity"}},
		"console-terminal":     {Screen: Screen{Terminal: true, Columns: func() int { return 60 }}},
		"console-travis":       {Screen: Screen{CI: "travis"}},
		"console-verbose":      {Verbose: 1},
		"console-very-verbose": {Verbose: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Sources, o.Curl = sourceLine, func(a *runner.Attempt) string {
				return "# masked here, to be set in the shell: ACCESS_TOKEN\ncurl " + a.URL + " \\\n  --header 'Accept: */*'\n"
			}
			checkGolden(t, name, render(t, "console", o, sharedRun()))
		})
	}
}
