package specs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/runner"
	"github.com/hgrun/hgrun/specs"
)

// TestSuite is a suite of suites(), in a process that another test has started: Ginkgo runs one in each process.
func TestSuite(t *testing.T) {
	name := os.Getenv("SPECS_SUITE")
	if name == "" {
		t.Skip("the other tests run it in a process of its own")
	}
	server := serve(t, os.Getenv("SPECS_LOG"))
	suites()[name](target{server, &runner.Runner{}})
	ginkgo.RunSpecs(t, "Suite")
}

// target makes targets that know the server of the test.
type target struct {
	server *httptest.Server
	runner *runner.Runner // one for all targets that want it
}

func (t target) of(collection string) specs.Target {
	files := fstest.MapFS{}
	for name, text := range map[string]string{"api.yaml": collection, "part.yaml": part, "environments/local.yaml": "secrets: {key: {env: SPECS_KEY}}\n"} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return specs.Target{Files: files, Collection: "api.yaml", Variables: map[string]func() string{"url": func() string { return t.server.URL }}}
}

// serve answers /things and whatever a path asks for, and writes each request into a log.
func serve(t *testing.T, log string) *httptest.Server {
	t.Helper()
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() }) // what is missing in it is told by who reads it
	tries := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(out, r.Method, r.URL.RequestURI())
		switch {
		case strings.HasPrefix(r.URL.Path, "/fail"):
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, `{"error":"no","echo":%q}`, r.Header.Get("Authorization"))
		case r.URL.Path == "/flaky" && tries == 0:
			tries++
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/token":
			fmt.Fprint(w, `{"access_token":"planted-token-0123456789","token_type":"Bearer","expires_in":300}`)
		case r.URL.Path == "/slow":
			<-r.Context().Done()
		default:
			fmt.Fprintf(w, `{"id":"7","ids":["a","b"],"path":%q}`, r.URL.Path)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// outcome is what came of a suite.
type outcome struct {
	verdicts string // a line for each spec
	sent     string // a line for each request
	specs    types.SpecReports
	passed   bool
	output   string
}

// run runs a suite in a process of its own, with flags of ginkgo.
func run(t *testing.T, name string, flags ...string) outcome {
	t.Helper()
	dir := t.TempDir()
	report, log := filepath.Join(dir, "report.json"), filepath.Join(dir, "log")
	args := []string{"-test.run=^TestSuite$", "-ginkgo.json-report=" + report, "-ginkgo.no-color", "-ginkgo.seed=1"}
	cmd := exec.CommandContext(t.Context(), os.Args[0], append(args, flags...)...)
	cmd.Env = append(os.Environ(), "SPECS_SUITE="+name, "SPECS_LOG="+log, "SPECS_KEY=planted-key-0123456789")
	out, _ := cmd.CombinedOutput() // the report tells
	var reports []types.Report
	text, err := os.ReadFile(report)
	if err == nil {
		err = json.Unmarshal(text, &reports)
	}
	sent, logErr := os.ReadFile(log)
	if err != nil || logErr != nil || len(reports) != 1 {
		t.Fatalf("got %v, %v and %d reports from\n%s", err, logErr, len(reports), out)
	}
	o := outcome{sent: string(sent), passed: reports[0].SuiteSucceeded, output: string(out) + string(text), specs: reports[0].SpecReports}
	for _, s := range o.specs {
		if s.LeafNodeType != types.NodeTypeIt && s.State == types.SpecStatePassed {
			continue
		}
		line := fmt.Sprintf("%s %s", s.State, s.FullText())
		if at := s.LeafNodeLocation; !strings.HasSuffix(at.FileName, ".go") {
			line += fmt.Sprintf(" %s:%d", filepath.Base(at.FileName), at.LineNumber)
		}
		if labels := s.Labels(); len(labels) > 0 {
			line += " [" + strings.Join(labels, " ") + "]"
		}
		if s.State != types.SpecStatePassed && s.Failure.Message != "" {
			line += "\n    " + strings.ReplaceAll(s.Failure.Message, "\n", "\n    ")
		}
		o.verdicts += line + "\n"
	}
	return o
}

// equal compares texts, one line of which may begin with blank ones.
func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got = strings.TrimSpace(got); got != strings.TrimSpace(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, strings.TrimSpace(want))
	}
}
