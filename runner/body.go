package runner

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/http"
	"runtime/debug"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// intake says how much of a body is taken, and how much of that is kept. The zero intake takes none.
type intake struct {
	needs  expect.Needs
	limits collections.BodyLimits
}

// small is the intake of answers that no collection speaks of: those of token endpoints. They never touch the disk.
func small() intake {
	return intake{expect.NeedsContent, collections.BodyLimits{Memory: collections.DefaultMaxBody, Download: collections.DefaultMaxBody}}
}

// discarded returns the intake of a body that nobody looks into: that of a redirect.
func (in intake) discarded() intake {
	in.needs = 0
	return in
}

func (in intake) content() bool { return in.needs&expect.NeedsContent != 0 }

// head returns how many bytes of a large body are kept for reports, explanations and the search for secrets.
func (in intake) head() int64 {
	return max(maxShown+cutMargin, min(maxSearch, in.limits.Memory))
}

// line returns how many bytes a body may have to stay as it is, in memory.
func (in intake) line() int64 {
	if in.content() {
		return in.limits.Memory
	}
	return in.head()
}

// hasBody reports whether the length that an answer states is that of a body (RFC 9110, section 8.6).
func hasBody(resp *http.Response) bool {
	return resp.StatusCode != http.StatusNotModified && (resp.Request == nil || resp.Request.Method != http.MethodHead)
}

// read takes a body in, to its end. What is larger than may stay in memory has its head in body and the rest of what is needed in
// large. One that is cut short, or longer than the limit, is an error.
func (in intake) read(resp *http.Response) (body []byte, large *wire.Large, err error) {
	length := int64(-1)
	if resp.ContentLength > 0 && hasBody(resp) {
		length = resp.ContentLength
	}
	switch {
	case length > in.limits.Download:
		return nil, nil, fmt.Errorf("the body has %d bytes, more than the %s of max_download", length, source.SizeText(in.limits.Download))
	case length > 0 && length <= in.line():
		body = make([]byte, length)
		got, err := io.ReadFull(resp.Body, body)
		if err != nil {
			return nil, nil, broken(int64(got), length, err)
		}
		return body, nil, nil
	}
	t := taking{intake: in, from: resp.Body, length: length}
	defer t.end()
	return t.all()
}

// broken words why a body ended before its end; length is -1 where it was not known.
func broken(got, length int64, err error) error {
	if length < 0 {
		return fmt.Errorf("the body breaks off after %d bytes: %w", got, err)
	}
	return fmt.Errorf("the body ends after %d of %d bytes: %w", got, length, err)
}

// taking is the intake of a body whose length is not known, or known to be large.
type taking struct {
	intake
	from   io.Reader
	length int64  // -1 where it is not known
	kept   []byte // what came first
	size   int64  // bytes so far
	spool  *spool // nil before the content goes there, and where nobody needs it
	sha256 hash.Hash
	md5    hash.Hash
}

// end closes what is still open: after an error, and in a panic as well.
func (t *taking) end() {
	if t.spool != nil {
		t.spool.discard()
	}
}

func (t *taking) all() ([]byte, *wire.Large, error) {
	line := t.line()
	if t.length > line {
		line = min(line, t.head()) // what comes after that stays in no memory
	}
	more, err := t.keep(line)
	if err != nil || !more {
		return t.kept, nil, err
	}
	if err := t.turn(); err != nil {
		return nil, nil, err
	}
	if err := t.pass(); err != nil {
		return nil, nil, err
	}
	large, err := t.large()
	return t.kept, large, err
}

// keep reads into memory up to a line, and reports whether there is more.
func (t *taking) keep(line int64) (more bool, err error) {
	t.kept = make([]byte, 0, min(line+1, 512))
	for {
		if len(t.kept) == cap(t.kept) {
			if t.size > line {
				return true, nil
			}
			t.kept = grown(t.kept, line+1)
		}
		n, err := t.from.Read(t.kept[len(t.kept):cap(t.kept)])
		t.kept = t.kept[:len(t.kept)+n]
		if err = t.came(n, err); err != nil {
			return t.size > line, unlessEOF(err)
		}
	}
}

// grown returns the bytes with room for as many again, of large ones for three times as many: what is never written to is no memory
// yet, and what was outgrown is. Near the end it is room for all that there may be.
func grown(b []byte, most int64) []byte {
	room := 2 * int64(cap(b))
	if len(b) >= maxSearch {
		room *= 2
	}
	if room+room/2 > most {
		room = most
	}
	more := make([]byte, len(b), room)
	copy(more, b)
	return more
}

// came counts what was read. The error is io.EOF at the end of a body that is whole.
func (t *taking) came(n int, err error) error {
	t.size += int64(n)
	switch {
	case t.size > t.limits.Download:
		return fmt.Errorf("the body has more than the %s of max_download; nothing after that is read", source.SizeText(t.limits.Download))
	case err == io.EOF && t.size < t.length:
		return broken(t.size, t.length, io.ErrUnexpectedEOF)
	case err == nil || err == io.EOF:
		return err
	}
	return broken(t.size, t.length, err)
}

func unlessEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// turn hands what was kept to those that take the body from now on, and keeps its head alone.
func (t *taking) turn() (err error) {
	if t.content() {
		if t.spool, err = newSpool(); err != nil {
			return err
		}
	}
	if !t.content() || t.needs&expect.NeedsSHA256 != 0 {
		t.sha256 = sha256.New()
	}
	if t.needs&expect.NeedsMD5 != 0 {
		t.md5 = md5.New()
	}
	if err := t.take(t.kept); err != nil {
		return err
	}
	if head := t.head(); int64(len(t.kept)) > 2*head {
		t.kept = append(make([]byte, 0, head), t.kept[:head]...)
		debug.FreeOSMemory() // what was kept until now is much, and the file is to take its place
	}
	return nil
}

func (t *taking) take(piece []byte) error {
	if t.sha256 != nil {
		_, _ = t.sha256.Write(piece) // a hash takes everything
	}
	if t.md5 != nil {
		_, _ = t.md5.Write(piece)
	}
	if t.spool != nil {
		return t.spool.write(piece)
	}
	return nil
}

const pieceSize = 256 << 10 // bytes that are read at once

// pass reads the rest.
func (t *taking) pass() error {
	piece := make([]byte, pieceSize)
	for {
		n, err := t.from.Read(piece)
		if err = t.came(n, err); err != nil && err != io.EOF {
			return err
		}
		if taken := t.take(piece[:n]); taken != nil || err == io.EOF {
			return taken
		}
	}
}

func (t *taking) large() (*wire.Large, error) {
	large := &wire.Large{Size: t.size}
	if t.sha256 != nil {
		large.SHA256 = t.sha256.Sum(nil)
	}
	if t.md5 != nil {
		large.MD5 = t.md5.Sum(nil)
	}
	var err error
	if t.spool != nil {
		large.Content, err = t.spool.content()
	}
	return large, err
}

// release gives the content of a large body back. Nobody may look into it after that.
func release(x *wire.Exchange) {
	if x == nil || x.Response == nil || x.Response.Large == nil {
		return
	}
	giveBack(x.Response.Large.Content)
	x.Response.Large.Content = nil
}
