package main

import (
	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/reporters"
)

func mergeCommand() *cobra.Command {
	var o remake
	c := &cobra.Command{
		Use:   "merge RECORD… [-r KIND=FILE]…",
		Short: "Make one report of the shards of a run, or of several runs",
		Long: `merge makes reports of several records as if they were of one run: shards in their order, collections of which several shards ran a
part put together again; whole runs one after the other. Without -r it shows the console; with it the failures alone.

Of shards all must be there: one without a record is a testcase that errored, and so is each request that a shard had begun and not
ended when it was killed. It ends with the exit code that the whole run would have had: 0 passed, 1 failed, 3 errored, 130 interrupted. 2 are
records that cannot be read or do not belong together, 4 a report that cannot be written.`,
		Example: `  hgrun report merge shard-*.ndjson -r junit=junit.xml
  hgrun report merge smoke.ndjson nightly.ndjson`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error { return o.merge(c, paths) },
	}
	o.flags(c)
	return c
}

func (o *remake) merge(c *cobra.Command, paths []string) error {
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
