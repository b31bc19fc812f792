//go:build unix

package reporters

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// memoryKind is the variable by which a process of its own learns which report it is to write.
const memoryKind = "HGRUN_TEST_REPORT"

// TestAHundredThousandTestcasesTakeLittleMemory measures the peak of a process that writes nothing else: at most 300 MB.
func TestAHundredThousandTestcasesTakeLittleMemory(t *testing.T) {
	if kind := os.Getenv(memoryKind); kind != "" {
		hundredThousand(t, kind)
		return
	}
	for _, kind := range []string{"junit", "junit-xunit", "ctrf", "tap", "markdown", "github", "prometheus"} {
		t.Run(kind, func(t *testing.T) {
			c := exec.Command(os.Args[0], "-test.run=^TestAHundredThousandTestcasesTakeLittleMemory$")
			c.Env = append(os.Environ(), memoryKind+"="+kind)
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			peak := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
			if runtime.GOOS != "darwin" {
				peak <<= 10 // it comes in KiB
			}
			t.Logf("%s: %d MB", kind, peak/1e6)
			if peak > 300e6 {
				t.Errorf("got %d MB, want 300 at most", peak/1e6)
			}
		})
	}
}

func hundredThousand(t *testing.T, kind string) {
	path := filepath.Join(t.TempDir(), "report")
	r, err := Open(kind, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	report := func(ev runner.Event) {
		if err := r.Report(ev); err != nil {
			t.Fatal(err)
		}
	}
	suite, start := runner.Suite{Name: "Many", File: "many.yaml"}, time.Now()
	report(runner.Started{Suite: suite, Time: start})
	for i := range 100_000 {
		result := passed(fmt.Sprintf("Request %d", i), i+1, time.Millisecond)
		if i%100 == 0 {
			result = failed(fmt.Sprintf("Request %d", i), i+1, 500, "Internal Server Error", strings.Repeat("0123456789abcde\n", 256))
			result.Problems = []runner.Problem{{Pos: at(i+1, 3), Kind: runner.AssertionFailure, Message: fmt.Sprintf("status: got 500, want %d", i)}}
		}
		report(runner.RequestFinished{Suite: suite, Result: result})
	}
	report(runner.Finished{Suite: suite, Start: start, Duration: time.Since(start)})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if kind != "junit" {
		return
	}
	if doc := readFile(t, path); strings.Count(doc, "<testcase ") != 100_000 || strings.Count(doc, "<failure ") != 1000 {
		t.Errorf("got %d testcases and %d failures", strings.Count(doc, "<testcase "), strings.Count(doc, "<failure "))
	}
}
