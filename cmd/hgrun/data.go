package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/runner"
)

// dataFlags say which rows collections run for.
type dataFlags struct {
	file       string // "-" is the standard input; empty for what the collection says
	iterations int    // zero for all
	given      bool   // iterations, whatever they are
	in         io.Reader
}

func (d *dataFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&d.file, "data", "d", "", "run for each row of this `FILE` (.csv, .json, .ndjson, .jsonl), whatever the collection says; - is NDJSON on standard input")
	f.IntVarP(&d.iterations, "iterations", "n", 0, "how many rows to run at most; without data, how many times; 0 means all")
	// Completing a name is a convenience.
	_ = c.MarkFlagFilename("data", "csv", "json", "ndjson", "jsonl")
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		d.in, d.given = c.InOrStdin(), c.Flags().Changed("iterations")
		if before != nil {
			return before(c, args)
		}
		return nil
	}
}

// apply tells collections which rows they run for.
func (d *dataFlags) apply(ctx context.Context, fsys fs.FS, cs []*collections.Collection) error {
	switch {
	case d.iterations < 0 || d.given && d.iterations == 0:
		return fmt.Errorf("--iterations: want 1 or more, got %d", d.iterations)
	case d.file == "-" && len(cs) > 1:
		return errors.New("--data: the standard input can be read once, and there are several collections; name one, or give a file")
	}
	for _, c := range cs {
		if c == nil {
			continue
		}
		if d.file != "" {
			if err := c.TakeData(fsys, d.file, &pipe{ctx: ctx, in: d.in}); err != nil {
				return fmt.Errorf("--data: %w", err)
			}
		}
		if d.iterations > 0 {
			c.Iterate(d.iterations)
		}
	}
	return nil
}

// pipe reads what may be long in coming, until ctx is done.
type pipe struct {
	ctx    context.Context
	in     io.Reader
	chunks chan []byte // nil before the first read
	rest   []byte
	err    error // of in; to be read when chunks is closed
}

// Read implements io.Reader.
func (p *pipe) Read(to []byte) (int, error) {
	if p.chunks == nil {
		p.chunks = make(chan []byte)
		go p.read()
	}
	if len(p.rest) == 0 {
		select {
		case chunk, ok := <-p.chunks:
			if !ok {
				return 0, p.err
			}
			p.rest = chunk
		case <-p.ctx.Done():
			return 0, context.Cause(p.ctx)
		}
	}
	n := copy(to, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pipe) read() {
	defer close(p.chunks)
	for {
		buf := make([]byte, 16<<10)
		n, err := p.in.Read(buf)
		if n > 0 {
			select {
			case p.chunks <- buf[:n]:
			case <-p.ctx.Done():
				return
			}
		}
		if err != nil {
			p.err = err
			return
		}
	}
}

// listData writes where the rows come from, how many there are where that is known, and their columns.
func listData(w io.Writer, job runner.Job) {
	d := job.Collection.Data
	if d == nil {
		return
	}
	line := "  data: " + d.String()
	if n := d.Count(); n > 0 {
		line += ", " + count(n, "round")
	}
	row, _, err := d.First(known(job))
	for i, f := range row.Fields {
		if separator := ", "; i > 0 {
			line += separator + f.Name
		} else {
			line += ", columns " + f.Name
		}
	}
	if err != nil {
		line += ", which cannot be read: " + err.Error()
	}
	_, _ = fmt.Fprintln(w, line) // a bufio.Writer keeps its error
}

// ofRow returns what the first row of data says, but for what the command line overrides.
func (v *variables) ofRow() []variable {
	if v.job.Collection == nil || v.job.Collection.Data == nil {
		return nil
	}
	row, _, err := v.job.Collection.Data.First(v.scope)
	if err != nil {
		return nil // told by check
	}
	var rows []variable
	for _, f := range row.Fields {
		same := v.named[f.Name]
		if len(same) > 0 && same[0].Line {
			continue
		}
		entry := variable{Name: f.Name, From: fmt.Sprintf("first row of %s", v.job.Collection.Data), Place: row.Pos.String()}
		for _, weaker := range same {
			entry.Overrides = append(entry.Overrides, weaker.Pos.String())
		}
		for _, d := range v.defs {
			if d.Name == f.Name && !d.Taken {
				entry.Overrides = append(entry.Overrides, d.Pos.String())
			}
		}
		v.evaluate(&entry, v.sample)
		rows = append(rows, entry)
	}
	return rows
}
