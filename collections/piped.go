package collections

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// pipedName is what messages call the standard input.
const pipedName = "standard input"

// piped are rows of NDJSON that can be read once. The first is read ahead, so that its columns are known before a run.
type piped struct {
	in    io.Reader
	rest  *bufio.Reader // nil as long as nothing was read
	head  []byte        // what was read ahead: the lines to the end of the first row
	spent bool          // rest is read
}

func (p *piped) uses() []vars.Use   { return nil }
func (p *piped) count() (int, bool) { return 0, false }
func (p *piped) String() string     { return pipedName }

// rows yields all rows, once; whoever stops at the first may come again.
func (p *piped) rows(*vars.Scope) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		pos := source.Pos{File: pipedName}
		if p.spent {
			yield(Row{}, pos.Errorf("was read already; it can be read once"))
			return
		}
		if err := p.ahead(); err != nil {
			yield(Row{}, pos.Errorf("%w", err))
			return
		}
		if err := readRows("ndjson", pipedName, io.MultiReader(bytes.NewReader(p.head), spending{p}), yield); err != nil {
			yield(Row{}, err)
		}
	}
}

// ahead reads to the end of the first line that is not empty.
func (p *piped) ahead() error {
	if p.rest == nil {
		p.rest = bufio.NewReaderSize(p.in, 64<<10)
	}
	for len(p.head) < 3 || len(bytes.TrimSpace(p.head)) == 0 { // three bytes, because a byte order mark is looked for
		line, err := p.rest.ReadSlice('\n')
		p.head = append(p.head, line...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(p.head) < maxLine:
			continue
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
	return p.line()
}

// line reads the rest of a line of which the beginning is read ahead.
func (p *piped) line() error {
	for p.head[len(p.head)-1] != '\n' && len(p.head) < maxLine {
		line, err := p.rest.ReadSlice('\n')
		p.head = append(p.head, line...)
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
	return nil
}

// spending reads what follows the rows that were read ahead.
type spending struct{ *piped }

// Read implements io.Reader.
func (s spending) Read(b []byte) (int, error) {
	s.spent = true
	return s.rest.Read(b)
}
