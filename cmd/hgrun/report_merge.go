package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

func mergeCommand() *cobra.Command {
	var o remake
	c := &cobra.Command{
		Use:   "merge FILE… [-r KIND=FILE]…",
		Short: "Make one report of the shards of a run, or of several runs",
		Long: `merge makes reports of several records as if they were of one run: shards in their order, collections of which several shards ran a
part put together again; whole runs one after the other. Without -r it shows the console; with it the failures alone.

JUnit files can be merged too, those of other tools included, into JUnit alone: -r junit=FILE. Their suites are copied.

Of shards all must be there: one without a record is a testcase that errored, and so is each request that a shard had begun and not
ended when it was killed. It ends with the exit code that the whole run would have had: 0 passed, 1 failed, 3 errored, 130 interrupted. 2 are
records that cannot be read or do not belong together, 4 a report that cannot be written.`,
		Example: `  hgrun report merge shard-*.ndjson -r junit=junit.xml
  hgrun report merge smoke.ndjson nightly.ndjson
  hgrun report merge shard-*.xml -r junit=junit.xml`,
		Args: files(0, "the records of shards or of runs, such as shard-*.ndjson"),
		RunE: func(c *cobra.Command, paths []string) error { return o.merge(c, paths) },
	}
	o.flags(c)
	return c
}

func (o *remake) merge(c *cobra.Command, paths []string) error {
	var junit []string
	for _, path := range paths {
		is, err := isXML(path)
		if err != nil {
			return usage(err)
		}
		if is {
			junit = append(junit, path)
		}
	}
	switch len(junit) {
	case 0:
		return o.mergeRecords(c, paths)
	case len(paths):
		return o.mergeJUnit(c, paths)
	}
	return usage(fmt.Errorf("%s is JUnit, and not all others are; merge records with records, and JUnit with JUnit", junit[0]))
}

// isXML reports whether a file begins as XML does.
func isXML(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()          // it was only read
	first, _ := firstByte(bufio.NewReader(f)) // an empty file is told by who reads it
	return first == '<', nil
}

// mergeJUnit merges JUnit files into each report that -r names.
func (o *remake) mergeJUnit(c *cobra.Command, paths []string) error {
	files := make([]reporters.JUnitFile, len(paths))
	for i, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return usage(err)
		}
		defer func() { _ = f.Close() }() // it was only read
		info, err := f.Stat()
		if err != nil {
			return usage(err)
		}
		files[i] = reporters.JUnitFile{Name: path, From: f, Size: info.Size()}
	}
	if o.reports.history != "" {
		return usage(errors.New("--history: JUnit does not tell enough of a run; merge records, which -r ndjson=FILE writes"))
	}
	if len(o.reports.files) == 0 {
		return usage(errors.New("write -r junit=FILE, or - for standard output: JUnit files are merged into JUnit"))
	}
	var counts runner.Counts
	for _, flag := range o.reports.files {
		kind, path, _ := strings.Cut(flag, "=")
		if kind != "junit" || path == "" {
			return usage(fmt.Errorf("--report: got %q, want junit=FILE: JUnit files are merged into JUnit alone; keep records, -r ndjson=FILE, to make any report of them", flag))
		}
		merged, err := reporters.MergeJUnit(path, c.OutOrStdout(), files)
		if write := (*reporters.WriteError)(nil); errors.As(err, &write) {
			return &exit{exitReport, err}
		} else if err != nil {
			return usage(err)
		}
		counts = merged
	}
	fmt.Fprintf(c.ErrOrStderr(), "%s: %d passed, %d failed, %d errored, %d skipped\n", count(counts.Total(), "testcase"), counts.Passed, counts.Failed, counts.Errored, counts.Skipped)
	return verdict(counts, nil, 0)
}

func (o *remake) mergeRecords(c *cobra.Command, paths []string) error {
	records := make([]*reporters.Record, len(paths))
	for i, path := range paths {
		r, err := openRecord(c, path)
		if err != nil {
			return usage(err)
		}
		defer r.close()
		records[i] = r.Record
	}
	merged, err := reporters.MergeRecords(records)
	if err != nil {
		return usage(err)
	}
	return o.write(c, merged.Events(), records...)
}
