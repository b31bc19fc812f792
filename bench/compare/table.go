package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// sample is what bench/measure prints of one run.
type sample struct {
	WallMS float64 `json:"wall_ms"`
	CPUMS  float64 `json:"cpu_ms"`
	PeakMB float64 `json:"peak_mb"`
	Exit   int     `json:"exit"`
}

// row is an entrant's samples, one a round.
type row struct {
	name    string
	samples []sample
}

func find(rows []row, name string) row {
	i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
	if i < 0 {
		return row{name: name}
	}
	return rows[i]
}

func (r row) each(of func(sample) float64) []float64 {
	values := make([]float64, len(r.samples))
	for i, s := range r.samples {
		values[i] = of(s)
	}
	return values
}

func (r row) walls() []float64 { return r.each(func(s sample) float64 { return s.WallMS }) }
func (r row) cpus() []float64  { return r.each(func(s sample) float64 { return s.CPUMS }) }
func (r row) peak() float64    { return median(r.each(func(s sample) float64 { return s.PeakMB })) }

// ratio is the median over the rounds of this row's wall time divided by the other's in the same round, so that a
// machine that slows down for a while slows both.
func (r row) ratio(other row) float64 {
	return median(quotients(r.walls(), other.walls()))
}

func quotients(a, b []float64) []float64 {
	q := make([]float64, min(len(a), len(b)))
	for i := range q {
		q[i] = a[i] / b[i]
	}
	return q
}

// median returns the middle value, or the mean of the two in the middle; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// render writes a workload as a table, and its verdicts below.
func render(w workload, rows []row, verdicts []verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: %s\n\n", w.code, w.title)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "who\twall ms\tfastest\tslowest\tCPU ms\tx wall\tx CPU\tpeak MB\t\n")
	bare := find(rows, baseline)
	for _, r := range rows {
		walls, cpus := r.walls(), r.cpus()
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t%.1f\t\n", r.name, median(walls), slices.Min(walls), slices.Max(walls),
			median(cpus), r.ratio(bare), median(quotients(cpus, bare.cpus())), r.peak())
	}
	_ = t.Flush() // a strings.Builder takes everything
	for _, v := range verdicts {
		fmt.Fprintln(&b, v)
	}
	return b.String()
}

// machine says where the times were taken, since they hold nowhere else.
func machine(hgrun string) string {
	facts := fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if name := processor(); name != "" {
		facts += ", " + name
	}
	if info, err := os.Stat(hgrun); err == nil {
		facts += fmt.Sprintf("; hgrun is %.1f MB on disk", float64(info.Size())/(1<<20))
	}
	return facts
}

// processor is the name that Linux gives the first core; empty elsewhere.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// load is the load average that Linux tells: well above nothing means that others used the machine too.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	if fields := strings.Fields(string(text)); len(fields) >= 3 {
		return strings.Join(fields[:3], " ")
	}
	return "unknown"
}
