package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// collecting is a collector that answers as it is told, and remembers what came.
type collecting struct {
	*httptest.Server
	status int
	reply  string
	came   []string // path, key and body of each delivery
}

func newCollecting(t *testing.T, status int, reply string) *collecting {
	c := &collecting{status: status, reply: reply}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.came = append(c.came, r.URL.Path+" "+r.Header.Get("X-Vendor-Key")+r.Header.Get("Authorization")+" "+string(body))
		w.WriteHeader(c.status)
		fmt.Fprint(w, c.reply)
	}))
	t.Cleanup(c.Close)
	return c
}

// post reports a run of one request to a collector.
func post(to string, d door) error {
	r, err := openReporter("otel", to, reporters.Options{Version: "1.0.0", Origin: reporters.Origin{Resource: resourceOfEnvironment()}}, d)
	if err != nil {
		return err
	}
	suite := runner.Suite{Name: "Posted", File: "posted.yaml"}
	for _, ev := range []runner.Event{
		runner.Started{Suite: suite, Requests: 1, Time: time.Unix(1795357800, 0)},
		runner.RequestFinished{Suite: suite, Result: runner.Result{Name: runner.Name{Name: "One", Phase: runner.Main}, Start: time.Unix(1795357800, 0)}},
		runner.Finished{Suite: suite, Start: time.Unix(1795357800, 0), Duration: time.Second},
	} {
		if err := r.Report(ev); err != nil {
			return err
		}
	}
	return r.Close()
}

func TestSpansGoWhereTheEnvironmentSays(t *testing.T) {
	for _, row := range []struct {
		name string
		env  map[string]string
		flag func(base string) string // what -r otel= says
		want string                   // path and key
	}{
		{"a collector", nil, func(base string) string { return base }, "/v1/traces "},
		{"with a slash", nil, func(base string) string { return base + "/" }, "/v1/traces "},
		{"with the whole path", nil, func(base string) string { return base + "/otlp/v1/traces" }, "/otlp/v1/traces "},
		{"with a key", map[string]string{otlpHeaders: "x-vendor-key=a%2Cb, other=1"}, func(base string) string { return base }, "/v1/traces a,b"},
		{"with a key for traces", map[string]string{otlpHeaders: "x-vendor-key=all", otlpTracesHeaders: "x-vendor-key=traces"}, func(base string) string { return base }, "/v1/traces traces"},
		{"with a name and a password", nil, func(base string) string { return strings.Replace(base, "http://", "http://me:planted@", 1) }, "/v1/traces Basic bWU6cGxhbnRlZA=="},
		{"of the environment", map[string]string{otlpEndpoint: "BASE/otlp"}, func(string) string { return collectorOfEnvironment() }, "/otlp/v1/traces "},
		{"of the environment, for traces", map[string]string{otlpEndpoint: "http://127.0.0.1:1", otlpTracesEndpoint: "BASE/here"}, func(string) string { return collectorOfEnvironment() }, "/here "},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newCollecting(t, 200, "{}")
			for name, value := range row.env {
				t.Setenv(name, strings.ReplaceAll(value, "BASE", c.URL))
			}
			t.Setenv("OTEL_SERVICE_NAME", "smoke")
			t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,team=a%20b")
			if err := post(row.flag(c.URL), nil); err != nil {
				t.Fatal(err)
			}
			if len(c.came) != 1 || !strings.HasPrefix(c.came[0], row.want+` {"resourceSpans":[{"resource":{"attributes":[{"key":"service.version"`) {
				t.Fatalf("got %.200q, want one delivery to %s", c.came, row.want)
			}
			for _, want := range []string{`{"key":"service.name","value":{"stringValue":"smoke"}}`, `{"key":"team","value":{"stringValue":"a b"}}`, `"name":"One"`, `"name":"hgrun run"`} {
				if strings.Count(c.came[0], want) != 1 {
					t.Errorf("got %s\nwant %s", c.came[0], want)
				}
			}
		})
	}
}

// holding is a door that knows one secret.
type holding string

func (h holding) Holds(text string) (string, bool) {
	return "‹key›", strings.Contains(text, string(h))
}
func (h holding) Redact(text string) string { return strings.ReplaceAll(text, string(h), "‹key›") }
func (h holding) Hide(string, string)       {}

func TestAPasswordInTheURLOfACollectorIsInNoMessage(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"http://me:planted@127.0.0.1:1", "http://me:planted@", "http://me:planted@[::1"} {
		if err := post(to, nil); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: got %v", to, err)
		}
	}
}

func TestAnErrorOfTheCollectorIsAnErrorOfTheReport(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		status int
		reply  string
		door   door
		want   string
	}{
		{"refused", 400, "no\n key planted", holding("planted"), "/v1/traces: got 400 Bad Request, want 200: no key ‹key›"},
		{"taken in part", 200, `{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}`, nil, "/v1/traces: 3 spans were rejected: too old"},
		{"taken with a warning", 200, `{"partialSuccess":{"rejectedSpans":0,"errorMessage":"use gRPC"}}`, nil, ""},
		{"taken without JSON", 200, "OK", nil, ""},
		{"holding a secret", 200, "", holding("Posted"), "/v1/traces: the spans held ‹key› in clear and were not sent; please report this as a bug"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := newCollecting(t, row.status, row.reply)
			got := ""
			if err := post(c.URL, row.door); err != nil {
				got = strings.TrimPrefix(err.Error(), c.URL)
			}
			if got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			if came := strings.Join(c.came, ""); row.name == "holding a secret" && came != "" {
				t.Errorf("%s was sent", came)
			}
		})
	}
}
