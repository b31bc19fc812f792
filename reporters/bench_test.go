package reporters

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// manyPassed is a run of n requests that passed.
func manyPassed(n int) []runner.Event {
	r := &recorder{at: time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)}
	r.begin(runner.Suite{Name: "Many rows", File: "rows.yaml", Environment: "staging"}, n)
	for i := range n {
		result := passed("Read patient ["+strconv.Itoa(i)+"]", 7, 31*time.Millisecond)
		result.Name.Folders = []string{"Patients", "Read"}
		r.add(result)
	}
	r.end(false)
	return r.events
}

func BenchmarkReport(b *testing.B) {
	for _, kind := range []string{"console", "junit", "junit-xunit", "ndjson", "html"} {
		for _, n := range []int{1, 1000, 10000} {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				events := manyPassed(n)
				path := filepath.Join(b.TempDir(), "report")
				if kind == "console" {
					path = ""
				}
				b.ReportAllocs()
				for b.Loop() {
					r, err := Open(kind, path, Options{Out: io.Discard})
					if err != nil {
						b.Fatal(err)
					}
					for _, ev := range events {
						if err := r.Report(ev); err != nil {
							b.Fatal(err)
						}
					}
					if err := r.Close(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/request")
			})
		}
	}
}
