package reporters

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// recordLineMax is how many bytes a line of a record may have. One with ten attempts and all their bodies has three million.
const recordLineMax = 256 << 20

// Record is the record of a run that is read.
type Record struct {
	Header RecordHeader

	name   string // of the file, as the user named it
	from   io.Reader
	in     *bufio.Reader
	at     int // number of the line that was read last
	counts runner.Counts
	end    *RecordEnd // nil before the last line, and where it never comes
	newer  bool       // a later minor version wrote it: what is unknown in it is passed over

	mu     sync.Mutex
	quoted map[source.Pos]string // lines of YAML files
}

// ReadRecord reads the header of a record, docs/record.md, from r; name is that of the file, for messages. Its errors are those of
// reading, and what is wrong with the line, at its place: no record, or one of a later major version.
func ReadRecord(name string, r io.Reader) (*Record, error) {
	record := &Record{name: name, from: r, in: bufio.NewReaderSize(r, 64<<10), quoted: map[source.Pos]string{}}
	if err := record.header(); err != nil {
		return nil, err
	}
	return record, nil
}

func (r *Record) header() error {
	line, whole, err := r.line()
	switch {
	case errors.Is(err, io.EOF):
		return r.errorf("the file is empty, want a record")
	case err != nil:
		return err
	}
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	in, err := r.parse(line)
	if kind, _ := in["type"].(string); err != nil || kind != lineRun {
		return r.stranger(line, whole)
	}
	f := fields{in: in}
	if headerFields(&f, &r.Header); f.err != nil {
		return r.errorf("%w", f.err)
	}
	return r.version()
}

// stranger says what was found where the header of a record should stand.
func (r *Record) stranger(line []byte, whole bool) error {
	switch {
	case bytes.HasPrefix(line, []byte("\xff\xfe")), bytes.HasPrefix(line, []byte("\xfe\xff")):
		return r.errorf("got UTF-16, want UTF-8; let hgrun write the file: -r ndjson=FILE")
	case !whole && bytes.HasPrefix(line, []byte(`{"type":"run"`)):
		return r.errorf("the record was cut off in its first line, so that nothing is known of the run")
	}
	return r.errorf("want a record, which hgrun run writes with -r ndjson=FILE, got %s", strconv.Quote(cut(strings.TrimSpace(string(line)), 40)))
}

// version refuses a record that this hgrun cannot understand: of another major version, because members mean something else there.
func (r *Record) version() error {
	major, minor, ok := versionNumbers(r.Header.Version)
	wantMajor, wantMinor, _ := versionNumbers(recordVersion)
	switch {
	case !ok:
		return r.errorf("record: got version %q, want one such as %s", r.Header.Version, recordVersion)
	case major > wantMajor:
		return r.errorf("the record has version %s, written by hgrun %s; this hgrun reads %d.x: use a newer one", r.Header.Version, r.Header.Hgrun, wantMajor)
	case major < wantMajor:
		return r.errorf("the record has version %s, which this hgrun reads no longer", r.Header.Version)
	}
	r.newer = minor > wantMinor
	return nil
}

func versionNumbers(version string) (major, minor int, ok bool) {
	first, second, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(first)
	minor, err2 := strconv.Atoi(second)
	return major, minor, err == nil && err2 == nil && major > 0 && minor >= 0
}

// Name is what the record is called.
func (r *Record) Name() string { return r.name }

// End returns the last line of the record, after all events were read; none where the record was cut off.
func (r *Record) End() (end RecordEnd, whole bool) {
	if r.end == nil {
		return RecordEnd{}, false
	}
	return *r.end, true
}

// Source returns a line of a YAML file as it stood at the run, empty where it is not in what was read. It fits Options.Sources.
func (r *Record) Source(file string, line int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.quoted[source.Pos{File: file, Line: line}]
}

// Events yields the events of the record, once. It ends where the record ends, cut off or not: End tells. An error is the last
// thing that it yields, at its place.
func (r *Record) Events() iter.Seq2[runner.Event, error] {
	return func(yield func(runner.Event, error) bool) {
		for {
			ev, err := r.next()
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(nil, err)
				return
			case ev != nil && !yield(ev, nil):
				return
			}
		}
	}
}

// next returns the next event, nil for a line that is none, or io.EOF.
func (r *Record) next() (runner.Event, error) {
	line, whole, err := r.line()
	if err != nil {
		return nil, err
	}
	in, err := r.parse(line)
	switch {
	case err != nil && !whole:
		return nil, io.EOF // the writer was stopped within this line
	case err != nil:
		return nil, err
	case len(in) == 0:
		return nil, nil
	case r.end != nil:
		return nil, r.errorf("got a line after the end of the record; give each record a file of its own")
	}
	return r.event(in)
}

// line returns the next line without its end; whole tells whether it has one.
func (r *Record) line() (line []byte, whole bool, err error) {
	r.at++
	for {
		part, err := r.in.ReadSlice('\n')
		if line == nil && err == nil {
			return part, true, nil
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line, true, nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		case len(line) > recordLineMax:
			return nil, false, r.errorf("the line is longer than %d bytes", recordLineMax)
		}
	}
}

// parse reads a line as an object; an empty line is an empty one.
func (r *Record) parse(line []byte) (map[string]any, error) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return map[string]any{}, nil
	}
	var in map[string]any
	err := json.Unmarshal(line, &in)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		col := utf8.RuneCount(line[:min(int(syntax.Offset), len(line))])
		return nil, source.Pos{File: r.name, Line: r.at, Col: max(col, 1)}.Errorf("not JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
	case err != nil || in == nil:
		return nil, r.errorf("want an object")
	}
	return in, nil
}

// event makes the event of a line.
func (r *Record) event(in map[string]any) (runner.Event, error) {
	f := fields{in: in}
	var ev runner.Event
	switch kind := member[string](&f, "type", "a text"); kind {
	case lineStarted:
		ev = readLine(&f, startedFields)
	case lineRequest:
		ev = readLine(&f, requestFields)
	case lineFinished:
		finished := readLine(&f, finishedFields)
		r.counts.Add(finished.Result.Outcome)
		r.quote(&f)
		ev = finished
	case lineSuite:
		ev = readLine(&f, suiteEndFields)
	case lineEnd:
		return nil, r.last(&f)
	case lineRun:
		return nil, r.errorf("another record begins here; give each record a file of its own")
	default:
		if r.newer {
			return nil, nil
		}
		return nil, r.errorf("type: got %q, want %s", kind, strings.Join([]string{lineStarted, lineRequest, lineFinished, lineSuite, lineEnd}, ", "))
	}
	if f.err != nil {
		return nil, r.errorf("%w", f.err)
	}
	return ev, nil
}

func readLine[T any](f *fields, each func(*fields, *T)) T {
	var v T
	each(f, &v)
	return v
}

// quote keeps the lines of YAML that stand in a line of the record.
func (r *Record) quote(f *fields) {
	var quotes []quotedLine
	list(f, "sources", &quotes, quotedFields)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, q := range quotes {
		r.quoted[source.Pos{File: q.file, Line: q.line}] = q.text
	}
}

// last reads the end, and compares it with what came before: lines that were lost must not make a record green.
func (r *Record) last(f *fields) error {
	end := readLine(f, endFields)
	if f.err != nil {
		return r.errorf("%w", f.err)
	}
	if end.Counts != r.counts {
		return r.errorf("counts: got %s, and the record has %s", countText(end.Counts), countText(r.counts))
	}
	r.end = &end
	return nil
}

func countText(c runner.Counts) string {
	return fmt.Sprintf("%d passed, %d failed, %d errored, %d skipped", c.Passed, c.Failed, c.Errored, c.Skipped)
}

func (r *Record) errorf(format string, args ...any) error {
	return source.Pos{File: r.name, Line: max(r.at, 1), Col: 1}.Errorf(format, args...)
}
