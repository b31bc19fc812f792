// Command compare builds hgrun, the bare loop and the loopback server, lets them do the same work in turn, and prints
// what each took as a whole process, beside the loop of the same round.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// options are the flags.
type options struct {
	rounds    int
	workloads string
	hgrun     string
	keep      string
	delay     string
	peers     string
	gate      bool
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 7, "measured `rounds` after the one that warms up")
	flag.StringVar(&o.workloads, "w", "", "comma-separated `workloads`; empty runs all: "+strings.Join(codes(workloads()), ","))
	flag.StringVar(&o.hgrun, "hgrun", "", "an hgrun `binary` to measure; empty builds one from this tree")
	flag.StringVar(&o.keep, "keep", "", "a `folder` to work in and to keep; empty works in a temporary one")
	flag.StringVar(&o.delay, "delay", "0s", "how `long` the server takes for a patient")
	flag.StringVar(&o.peers, "peers", "", "other runners to measure beside hgrun, by `names`: installed for all on the PATH, or some of "+strings.Join(slices.Sorted(maps.Keys(peers())), ","))
	flag.BoolVar(&o.gate, "gate", false, "exit 1 when a budget is broken")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	broken, err := compare(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
	if o.gate && broken > 0 {
		fmt.Fprintf(os.Stderr, "compare: broken budgets: %d\n", broken)
		os.Exit(1)
	}
}

// compare runs the workloads, prints their tables and returns how many budgets are broken.
func compare(ctx context.Context, o options) (broken int, err error) {
	chosen, err := choose(workloads(), o.workloads)
	if err != nil {
		return 0, err
	}
	if o.rounds < 1 {
		return 0, fmt.Errorf("got %d rounds, want at least one", o.rounds)
	}
	dir, err := folder(o.keep)
	if err != nil {
		return 0, err
	}
	if o.keep == "" {
		defer os.RemoveAll(dir)
	}
	b, err := newBench(ctx, dir, o)
	if err != nil {
		return 0, err
	}
	defer b.close()
	fmt.Println(machine(b.bin.hgrun))
	fmt.Println("load before:", load())
	for _, w := range chosen {
		rows, err := b.run(ctx, w, o.rounds)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", w.code, err)
		}
		verdicts := w.judge(rows)
		fmt.Print(render(w, rows, verdicts))
		broken += failures(verdicts)
	}
	fmt.Println("\nload after:", load())
	return broken, nil
}

func folder(keep string) (string, error) {
	if keep == "" {
		return os.MkdirTemp("", "hgrun-bench-")
	}
	return keep, os.MkdirAll(keep, 0o755)
}
