package translate

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

var update = flag.Bool("update", false, "write what becomes of the scripts of testdata as what is wanted")

// written writes a result as it stands in a request.
func written(r Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", r.Class)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "# line %d %s: %s\n", n.Line, n.Kind, n.Reason)
	}
	if r.Comment != "" {
		remark(&b, "", r.Comment)
	}
	block(&b, "set", r.Set)
	for _, e := range r.Flow {
		block(&b, e.Key, e.Value)
	}
	block(&b, "expect", r.Expect)
	block(&b, "capture", r.Capture)
	if r.Kept != "" {
		fmt.Fprintf(&b, "script: |\n  %s\n", strings.ReplaceAll(r.Kept, "\n", "\n  "))
	}
	return b.String()
}

func block(b *strings.Builder, key string, v any) {
	entries, ok := v.([]Entry)
	if !ok {
		fmt.Fprintf(b, "%s: %s\n", key, flow(v))
		return
	}
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", key)
	for _, e := range entries {
		remark(b, "  ", e.Comment)
		inner, isMap := e.Value.([]Entry)
		if !isMap || e.Key != "json" && e.Key != "jsonpath" && e.Key != "headers" && e.Key != "variables" && e.Key != "xpath" {
			fmt.Fprintf(b, "  %s: %s\n", quoted(e.Key), flow(e.Value))
			continue
		}
		fmt.Fprintf(b, "  %s:\n", e.Key)
		for _, f := range inner {
			remark(b, "    ", f.Comment)
			fmt.Fprintf(b, "    %s: %s\n", quoted(f.Key), flow(f.Value))
		}
	}
}

func remark(b *strings.Builder, indent, text string) {
	if text != "" {
		fmt.Fprintf(b, "%s# %s\n", indent, strings.ReplaceAll(text, "\n", "\n"+indent+"# "))
	}
}

func quoted(key string) string {
	if plainName().MatchString(strings.ReplaceAll(key, ".", "")) {
		return key
	}
	return flow(key)
}

// flow writes a value on one line.
func flow(v any) string {
	switch v := v.(type) {
	case []Entry:
		var parts []string
		for _, e := range v {
			parts = append(parts, quoted(e.Key)+": "+flow(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, flow(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return strings.TrimSpace(b.String())
}

// TestScriptsBecomeWhatTheTablesSay translates the scripts of testdata/*.txtar: NAME.test.js and NAME.pre.js are scripts, NAME.want what becomes of them.
func TestScriptsBecomeWhatTheTablesSay(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var kept []txtar.File
		for i, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".want") {
				continue
			}
			kept = append(kept, f)
			script, ok := scriptOf(f)
			if !ok {
				continue
			}
			got := written(Translate(script, known()))
			want := ""
			if i+1 < len(archive.Files) && strings.HasSuffix(archive.Files[i+1].Name, ".want") {
				want = string(archive.Files[i+1].Data)
			}
			if got != want && !*update {
				t.Errorf("%s %s: got:\n%s\nwant:\n%s", name, f.Name, got, want)
			}
			kept = append(kept, txtar.File{Name: strings.TrimSuffix(strings.TrimSuffix(f.Name, ".test.js"), ".pre.js") + ".want", Data: []byte(got)})
		}
		if archive.Files = kept; *update {
			if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// known is what the tables know of the request.
func known() Context {
	return Context{Replaces: true, Request: "Read", Next: "Next", Uses: func(name string) bool { return name == "used" }}
}

func scriptOf(f txtar.File) (Script, bool) {
	listen := Test
	if strings.HasSuffix(f.Name, ".pre.js") {
		listen = Prerequest
	} else if !strings.HasSuffix(f.Name, ".test.js") {
		return Script{}, false
	}
	return Script{Listen: listen, Text: strings.TrimSuffix(string(f.Data), "\n")}, true
}

func exchangeOf(t *testing.T, text string) *wire.Exchange {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n")), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	_, reason, _ := strings.Cut(r.Status, " ")
	return &wire.Exchange{Request: wire.Request{Method: "GET", URL: "https://x.test/"}, Timings: wire.Timings{Total: 120 * time.Millisecond},
		Response: &wire.Response{Proto: r.Proto, Status: r.StatusCode, Reason: reason, Header: r.Header, Body: []byte(strings.TrimSuffix(body, "\n"))}}
}

var _ = source.Pos{}
