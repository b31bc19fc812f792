package expect

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

var update = flag.Bool("update", false, "rewrite the wants of testdata")

// table is one file of testdata: a response, what is asked of it, and everything that is said in return.
//
//	response      an HTTP response; lines with > before it say more of the exchange: see note
//	vars.yaml     variables
//	expect.yaml   a list; each item is the mapping of an expect:
//	when.yaml     a list; each item is the mapping of a when:
//	capture.yaml  a list; each item is the mapping of a capture:
//	bad.yaml      a list of expect: mappings that do not load
//	want          what came of it, item by item
type table struct {
	archive *txtar.Archive
	out     strings.Builder
	large   bool // whether the body is one that only its head of a byte is kept of in memory
}

func TestAnswersAreJudgedAsTheTablesSay(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tab := &table{archive: archive}
			tab.run(t)
			compareWithWant(t, name, archive, tab.out.String())
			large := &table{archive: archive, large: true}
			large.run(t)
			if got, want := large.out.String(), tab.out.String(); got != want {
				t.Errorf("with a large body got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func compareWithWant(t *testing.T, name string, archive *txtar.Archive, got string) {
	t.Helper()
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		t.Fatal("no want")
	}
	if *update {
		archive.Files[i].Data = []byte(got)
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := string(archive.Files[i].Data); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func (tab *table) file(name string) []byte {
	for _, f := range tab.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func (tab *table) has(name string) bool {
	return slices.ContainsFunc(tab.archive.Files, func(f txtar.File) bool { return f.Name == name })
}

func (tab *table) run(t *testing.T) {
	t.Helper()
	for _, f := range tab.archive.Files {
		switch f.Name {
		case "expect.yaml":
			tab.each(t, f, tab.judge)
		case "capture.yaml":
			tab.each(t, f, tab.capture)
		case "when.yaml":
			tab.each(t, f, tab.when)
		case "bad.yaml":
			fmt.Fprintf(&tab.out, "%s\n", f.Name)
			err := source.Parse("", f.Data, func(n source.Node) {
				for _, item := range n.Items() {
					var e Expectations
					e.Read(item)
				}
			})
			if err == nil {
				t.Errorf("%s loads", f.Name)
				continue
			}
			fmt.Fprintf(&tab.out, "%s\n", problems(err))
		default: // a file that expectations name
		}
	}
}

// each gives the items of a list to do, one after the other, and says where they stand.
func (tab *table) each(t *testing.T, f txtar.File, do func(*testing.T, source.Node)) {
	t.Helper()
	fmt.Fprintf(&tab.out, "%s\n", f.Name)
	if err := source.Parse("", f.Data, func(n source.Node) {
		for _, item := range n.Items() {
			fmt.Fprintf(&tab.out, "%d ", item.Pos().Line)
			do(t, item)
		}
	}); err != nil {
		fmt.Fprintf(&tab.out, "does not load:\n%s\n", problems(err))
	}
}

func problems(err error) string {
	return strings.ReplaceAll("  "+strings.ReplaceAll(err.Error(), "\n", "\n  "), "  :", "  ")
}

func (tab *table) judge(t *testing.T, n source.Node) {
	t.Helper()
	var e Expectations
	e.Read(n)
	if e.Len() == 0 {
		fmt.Fprintln(&tab.out)
		return
	}
	if err := e.LoadFrom(&Files{Open: tab.open, Verify: verifyJWT, Snapshots: &Snapshots{Open: tab.open, Folder: "__snapshots__"}}); err != nil {
		fmt.Fprintf(&tab.out, "\n%s\n", problems(err))
		return
	}
	x := tab.exchange(t)
	failures, err := e.Judge(NewAnswer(x), tab.scope(t))
	gone(x)
	tab.say(failures, err)
}

func (tab *table) say(failures []Failure, err error) {
	if len(failures) == 0 && err == nil {
		fmt.Fprintln(&tab.out, "ok")
		return
	}
	fmt.Fprintln(&tab.out)
	for _, f := range failures {
		fmt.Fprintf(&tab.out, "  %d:%d: %s\n", f.Pos.Line, f.Pos.Col, f.Message)
		for _, d := range f.Details {
			fmt.Fprintf(&tab.out, "    %s\n", d)
		}
	}
	if err != nil {
		fmt.Fprintf(&tab.out, "  error %s\n", strings.TrimPrefix(err.Error(), ":"))
	}
}

func verifyJWT(token, key, encoding string) error {
	t, err := assertions.Inspect(token)
	if err != nil {
		return err
	}
	return t.Verify(key, encoding)
}

func (tab *table) open(name string) ([]byte, error) {
	if !tab.has(name) {
		return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
	}
	return tab.file(name), nil
}

func (tab *table) capture(t *testing.T, n source.Node) {
	t.Helper()
	var c Captures
	c.Read(n)
	s := tab.scope(t)
	x := tab.exchange(t)
	failures := c.Take(NewAnswer(x), s)
	gone(x)
	tab.say(failures, nil)
	got := s.Captured()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		v := got[name]
		kind := ""
		if v.Secret {
			kind = " (secret)"
		}
		fmt.Fprintf(&tab.out, "  %s = %s%s\n", name, v.Literal(), kind)
	}
}

func (tab *table) when(t *testing.T, n source.Node) {
	t.Helper()
	var c Conditions
	c.Read(n)
	holds, reason, err := c.Hold(tab.scope(t))
	switch {
	case err != nil:
		fmt.Fprintf(&tab.out, "error %s\n", strings.TrimPrefix(err.Error(), ":"))
	case holds:
		fmt.Fprintln(&tab.out, "holds")
	default:
		fmt.Fprintln(&tab.out, reason)
	}
}

func (tab *table) scope(t *testing.T) *vars.Scope {
	t.Helper()
	var d vars.Definitions
	if data := tab.file("vars.yaml"); data != nil {
		if err := source.Parse("vars.yaml", data, d.Read); err != nil {
			t.Fatal(err)
		}
	}
	secret := map[string]vars.Value{"hidden": {Text: "s3cret-value", Secret: true}}
	return vars.NewScope(nil, vars.Layer{Name: "test", Defined: d, Values: secret})
}

// exchange reads the response. A body of the form "hex: 00 ff" is bytes.
func (tab *table) exchange(t *testing.T) *wire.Exchange {
	t.Helper()
	x := &wire.Exchange{Response: &wire.Response{URL: "https://fhir.test/done"}}
	data := tab.file("response")
	for bytes.HasPrefix(data, []byte("> ")) {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		note(t, string(line[2:]), x)
	}
	head, body, ok := bytes.Cut(data, []byte("\n\n"))
	if !ok {
		t.Fatal("a response needs an empty line before its body")
	}
	raw := strings.ReplaceAll(string(head), "\n", "\r\n") + "\r\n\r\n"
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), nil)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	_ = resp.Body.Close() // empty: the body is taken from the file
	x.Response.Proto, x.Response.Status, x.Response.Header = resp.Proto, resp.StatusCode, resp.Header
	x.Response.Body = bytes.TrimSuffix(body, []byte("\n"))
	if hex, ok := bytes.CutPrefix(x.Response.Body, []byte("hex: ")); ok {
		x.Response.Body = nil
		for pair := range strings.FieldsSeq(string(hex)) {
			var b byte
			if _, err := fmt.Sscanf(pair, "%02x", &b); err != nil {
				t.Fatal(err)
			}
			x.Response.Body = append(x.Response.Body, b)
		}
	}
	if tab.large && len(x.Response.Body) > 0 {
		content := slices.Clone(x.Response.Body)
		x.Response.Body, x.Response.Large = content[:1:1], &wire.Large{Size: int64(len(content)), Content: content}
	}
	return x
}

// gone overwrites a large body, as the system does with what is given back: what is said of it after that must be a copy.
func gone(x *wire.Exchange) {
	if l := x.Response.Large; l != nil {
		for i := range l.Content {
			l.Content[i] = '#'
		}
	}
}
