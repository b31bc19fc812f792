package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// idle ends well and does nothing.
type idle struct{ loop }

func (idle) command(p place, _ job) []string {
	return []string{p.bin.loop, "-n", "0", "-token", bearer, "-base", p.base}
}

// standing builds the programs, hgrun aside, and starts the server.
func standing(t *testing.T) *bench {
	t.Helper()
	if testing.Short() {
		t.Skip("builds programs")
	}
	b, err := newBench(t.Context(), t.TempDir(), options{hgrun: "none", delay: "0s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	return b
}

func TestOnlyWhoDoesTheWorkIsMeasured(t *testing.T) {
	t.Parallel()
	b := standing(t)
	work := job{requests: 20, files: 1, exchange: true}
	honest := entrant{baseline, loop{"json"}, work, 0}
	if err := b.prove(t.Context(), "test", honest); err != nil {
		t.Fatal(err)
	}
	s, err := b.once(t.Context(), "test", honest)
	if err != nil {
		t.Fatal(err)
	}
	if s.WallMS <= 0 || s.CPUMS <= 0 || s.Exit != 0 {
		t.Errorf("got %+v, want times above zero and exit 0", s)
	}
	lazy := entrant{"idle", idle{}, work, 0}
	if err := b.prove(t.Context(), "test", lazy); err == nil || err.Error() != "a wrong expectation: got exit 0, want 1\n" {
		t.Errorf("proof of one that judges nothing: got %v", err)
	}
	if _, err := b.once(t.Context(), "test", lazy); err == nil || err.Error() != "the server saw {Tokens:0 Patients:0 Refused:0 Bulks:0}, want {Tokens:1 Patients:20 Refused:0 Bulks:0}" {
		t.Errorf("run of one that sends nothing: got %v", err)
	}
	broken := entrant{"broken", loop{"neither"}, work, 0}
	if _, err := b.once(t.Context(), "test", broken); err == nil || !strings.HasPrefix(err.Error(), "got exit 2, want 0\nloop: got -judge neither") {
		t.Errorf("run of one that ends badly: got %v", err)
	}
}

func TestAReportWithFewerTestcasesThanRequestsIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := (hgrun{}).inspect(dir, job{requests: 1}); err == nil {
		t.Error("got no error without a report")
	}
	write := func() {
		report := []byte(`<testsuite><testcase name="a"/><testcase name="b"/></testsuite>`)
		if err := os.WriteFile(filepath.Join(dir, "junit.xml"), report, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write()
	if err := (hgrun{}).inspect(dir, job{requests: 2}); err != nil {
		t.Error(err)
	}
	if err := (hgrun{}).inspect(dir, job{requests: 2}); err == nil {
		t.Error("a second run passed with the report of the first")
	}
	write()
	if err := (hgrun{}).inspect(dir, job{requests: 3}); err == nil || err.Error() != "junit.xml: got 2 testcases, want 3" {
		t.Errorf("got %v, want a count of testcases", err)
	}
}
