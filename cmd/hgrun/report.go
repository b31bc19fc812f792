package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

func reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Make reports of runs that are over: convert a record, merge shards, compare two runs",
		Long: `report works on what runs left behind; nothing is sent. A record is what run writes with -r ndjson=FILE: every other report can be made
again from it.`,
		Example: `  hgrun report convert run.ndjson -r junit=junit.xml
  hgrun report merge shard-*.ndjson -r junit=junit.xml
  hgrun report diff yesterday.ndjson today.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(convertCommand(), mergeCommand(), diffCommand())
	return c
}

// remake are the flags of the commands that make reports again.
type remake struct {
	reports reportFlags
	show    screenFlags
}

func (o *remake) flags(c *cobra.Command) {
	o.reports.flags(c)
	o.show.flags(c, "show what went over the wire, masked, as far as the record has it; -vv: bodies whole, and what the time went into")
}

func convertCommand() *cobra.Command {
	var o remake
	c := &cobra.Command{
		Use:   "convert RECORD [-r KIND=FILE]…",
		Short: "Make reports again from the record of a run",
		Long: `convert makes reports from the record of a run, the same as the run would have written. Without -r it shows the console; with it the
failures alone. - is standard input.

It ends with the exit code of the run, so that no step of a pipeline turns a red run green: 0 passed, 1 failed, 3 errored, 130 interrupted. A
record that was cut off has errored. 2 is a record that cannot be read, 4 a report that cannot be written.`,
		Example: `  hgrun report convert run.ndjson
  hgrun report convert run.ndjson -r junit=junit.xml -r junit-xunit=xunit.xml`,
		Args: files(1, "one record, such as run.ndjson, or -"),
		RunE: func(c *cobra.Command, args []string) error {
			record, err := openRecord(c, args[0])
			if err != nil {
				return usage(err)
			}
			defer record.close()
			return o.write(c, record.Whole(), record.Record)
		},
	}
	o.flags(c)
	return c
}

// files takes so many arguments, or any number of them where that is 0; want says what they are.
func files(n int, want string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 || n > 0 && len(args) != n {
			return usage(fmt.Errorf("got %s, want %s", count(len(args), "file"), want))
		}
		return nil
	}
}

// record is a record with the file that it comes from.
type record struct {
	*reporters.Record
	file io.ReadCloser
}

func (r record) close() { _ = r.file.Close() } // it was only read

func openRecord(c *cobra.Command, path string) (record, error) {
	file, name := io.NopCloser(c.InOrStdin()), "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return record{}, err
		}
		file, name = f, path
	}
	r, err := reporters.ReadRecord(name, file)
	if err != nil {
		_ = file.Close() // it was only read
		return record{}, err
	}
	return record{r, file}, nil
}

// interruptedRun is the exit code of an interrupted run, whatever the signal was: a record does not tell.
const interruptedRun = 130

// write gives the events to every report, and returns what the run came to.
func (o *remake) write(c *cobra.Command, events iter.Seq2[runner.Event, error], records ...*reporters.Record) error {
	if err := o.show.check(); err != nil {
		return usage(err)
	}
	past, err := o.reports.past()
	if err != nil {
		return err
	}
	step := stepOf(false)
	formats, err := o.reports.formats.formats(step)
	if err != nil {
		return err
	}
	reports, err := openAll(o.reports.files, step, func(out io.Writer) reporters.Options {
		made := reporters.Options{Out: out, Origin: reporters.Origin{Resource: resourceOfEnvironment()}, Screen: o.show.screen(out), Verbose: o.show.verbose, History: past, Curl: attemptCurl, Formats: formats}
		made.Quiet = made.Quiet || len(o.reports.files) > 0
		return reporters.RecordOptions(made, records...)
	}, c.OutOrStdout(), c.ErrOrStderr(), nil)
	if err != nil {
		return err
	}
	reports.remember(past, o.reports.history)
	h := &happened{ends: map[ended]runner.Outcome{}}
	suites := 0
	for event, err := range events {
		if err != nil {
			return usage(errors.Join(err, reports.failedLoad(err)))
		}
		if _, ok := event.(runner.Started); ok {
			suites++
		}
		h.take(event)
		reports.report(event)
	}
	if len(records) > 1 && records[0].Header.Shard != "" {
		if h.vain = h.err(); h.vain != nil {
			reports.failedRun(untestedName, suites, h.vain)
		}
	}
	err = reports.close()
	reports.written(&o.show)
	interrupted := 0
	if h.untested.interrupted {
		interrupted = interruptedRun
	}
	return h.verdict(err, interrupted)
}
