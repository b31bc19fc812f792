package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// The variables of the environment that exporters of OpenTelemetry follow (OpenTelemetry specification, "OTLP Exporter Configuration").
const (
	otlpEndpoint       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	otlpTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	otlpHeaders        = "OTEL_EXPORTER_OTLP_HEADERS"
	otlpTracesHeaders  = "OTEL_EXPORTER_OTLP_TRACES_HEADERS"
	otlpTimeout        = "OTEL_EXPORTER_OTLP_TIMEOUT"
	otlpTracesTimeout  = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"
	otlpTracesPath     = "/v1/traces"
)

// collector posts each line of spans to a collector, in the background: a run does not wait for it. After the first error it posts nothing more.
type collector struct {
	courier runner.Courier
	door    door
	work    chan []byte
	done    chan struct{}
	fault   atomic.Pointer[error]
}

// door knows what must not leave, as the runner does. A nil door lets everything pass.
type door interface {
	Holds(text string) (mask string, found bool)
	Redact(text string) string
	Hide(name, text string)
}

// isCollector reports whether what -r names is a collector, and no file.
func isCollector(kind, path string) bool {
	return reporters.Traces(kind) && (strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://"))
}

// collectorOfEnvironment is the collector that the environment names, empty for none.
func collectorOfEnvironment() string {
	if to := os.Getenv(otlpTracesEndpoint); to != "" {
		return to
	}
	return os.Getenv(otlpEndpoint)
}

// openCollector begins to post to a collector.
func openCollector(to string, d door) (*collector, error) {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" {
		return nil, usage(errors.New("--report: otel: this is no URL of a collector; want one such as http://localhost:4318"))
	}
	if to != os.Getenv(otlpTracesEndpoint) && !strings.HasSuffix(u.Path, otlpTracesPath) {
		u.Path = strings.TrimSuffix(u.Path, "/") + otlpTracesPath
	}
	header, err := otlpHeader()
	if err != nil {
		return nil, usage(err)
	}
	if u.User != nil { // out of the URL, which messages show
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(userInfo(u.User))))
		u.User = nil
	}
	for name, values := range header {
		if d != nil {
			d.Hide(strings.ToLower(name), values[0])
		}
	}
	timeout, err := otlpWait()
	if err != nil {
		return nil, usage(err)
	}
	c := &collector{courier: runner.Courier{To: u.String(), Header: header, Timeout: timeout}, door: d, work: make(chan []byte, 64), done: make(chan struct{})}
	go c.run()
	return c, nil
}

// userInfo is a name and a password as a Basic header has them.
func userInfo(u *url.Userinfo) string {
	password, _ := u.Password()
	return u.Username() + ":" + password
}

// otlpHeader is what each delivery carries, such as the key of a vendor: "name=value,name=value", values escaped as in URLs.
func otlpHeader() (http.Header, error) {
	variable := otlpTracesHeaders
	if os.Getenv(variable) == "" {
		variable = otlpHeaders
	}
	header := http.Header{}
	for pair := range strings.SplitSeq(os.Getenv(variable), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, fmt.Errorf("%s: want name=value, and commas between several; a value is escaped as in URLs", variable)
		}
		header.Set(name, value)
	}
	return header, nil
}

// otlpWait is how long one delivery may take, zero where nothing is said of it.
func otlpWait() (time.Duration, error) {
	variable := otlpTracesTimeout
	if os.Getenv(variable) == "" {
		variable = otlpTimeout
	}
	text := os.Getenv(variable)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s: got %q, want a number of milliseconds", variable, text)
	}
	return time.Duration(n) * time.Millisecond, nil
}

// Write implements io.Writer for a line of spans.
func (c *collector) Write(line []byte) (int, error) {
	if fault := c.fault.Load(); fault != nil {
		return 0, *fault
	}
	c.work <- append([]byte(nil), line...)
	return len(line), nil
}

func (c *collector) run() {
	defer close(c.done)
	for line := range c.work {
		if c.fault.Load() != nil {
			continue
		}
		if err := c.post(line); err != nil {
			err = fmt.Errorf("%s: %w", c.courier.To, err)
			c.fault.Store(&err)
		}
	}
}

func (c *collector) post(line []byte) error {
	if c.door != nil {
		if mask, found := c.door.Holds(string(line)); found {
			return fmt.Errorf("the spans held %s in clear and were not sent; please report this as a bug", mask)
		}
	}
	reply, err := c.courier.Deliver(context.Background(), "application/json", line)
	if err != nil && strings.Contains(c.courier.To, ":4317/") {
		err = fmt.Errorf("%w; 4317 is the port of gRPC, want that of HTTP, 4318", err)
	}
	if err != nil {
		if c.door != nil {
			return errors.New(c.door.Redact(err.Error()))
		}
		return err
	}
	return rejected(reply)
}

// rejected says what a collector did not take of what it took (OTLP 1.x, section "Partial Success").
func rejected(reply []byte) error {
	var answer struct {
		Partial struct {
			Rejected json.Number `json:"rejectedSpans"`
			Message  string      `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	if json.Unmarshal(reply, &answer) != nil { // it need not be JSON, nor say anything
		return nil
	}
	if n := answer.Partial.Rejected.String(); n != "" && n != "0" {
		return fmt.Errorf("%s spans were rejected: %s", n, answer.Partial.Message)
	}
	return nil
}

// close waits until everything was delivered.
func (c *collector) close() error {
	close(c.work)
	<-c.done
	c.courier.Close()
	if fault := c.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// posted is a report that goes to a collector.
type posted struct {
	reporters.Reporter
	to *collector
}

// Close ends the report, and waits until it was delivered.
func (p posted) Close() error {
	err := p.Reporter.Close()
	if late := p.to.close(); err == nil {
		err = late
	}
	return err
}

// openReporter opens a report in a file, or one that goes to a collector.
func openReporter(kind, path string, o reporters.Options, d door) (reporters.Reporter, error) {
	if scheme, _, is := strings.Cut(path, "://"); is && !isCollector(kind, path) {
		return nil, usage(fmt.Errorf("--report: %s: got a URL of %s, want a %s", kind, scheme, wanted(kind)))
	}
	if !isCollector(kind, path) {
		reporter, err := reporters.Open(kind, path, o)
		if err != nil {
			return nil, &exit{exitReport, err}
		}
		return reporter, nil
	}
	to, err := openCollector(path, d)
	if err != nil {
		return nil, err
	}
	o.Out = to
	reporter, err := reporters.Open(kind, "-", o)
	if err != nil {
		return nil, errors.Join(err, to.close())
	}
	return posted{reporter, to}, nil
}

// resourceOfEnvironment are the attributes that the environment gives to what makes spans: OTEL_RESOURCE_ATTRIBUTES, and OTEL_SERVICE_NAME, which is stronger.
func resourceOfEnvironment() [][2]string {
	var all [][2]string
	for pair := range strings.SplitSeq(os.Getenv("OTEL_RESOURCE_ATTRIBUTES"), ",") {
		name, value, ok := strings.Cut(pair, "=")
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); ok && name != "" && err == nil {
			all = append(all, [2]string{name, plain})
		}
	}
	if name := os.Getenv("OTEL_SERVICE_NAME"); name != "" {
		all = append(all, [2]string{"service.name", name})
	}
	return all
}

var _ door = (*runner.Runner)(nil)
