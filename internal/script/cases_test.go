package script

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

var update = flag.Bool("update", false, "write what scripts do into testdata as what is wanted")

// TestScriptsDoWhatTheirCasesSay runs the scripts of testdata/*.txtar. A file NAME.test.js or NAME.pre.js is a script, NAME.want what it does, response,
// request.json and variables.json are what the scripts of the archive see. Scripts of one archive run one after another in one VM.
func TestScriptsDoWhatTheirCasesSay(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var engine Engine
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			if slow && strings.HasSuffix(name, "modules.txtar") {
				t.Skip("loading modules takes minutes under the race detector")
			}
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			vm := engine.Open(patient())
			defer vm.Close()
			archive.Files = runCases(t, vm, archive)
			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// patient are limits for scripts that should end by themselves, on a machine that does much else.
func patient() Limits { return Limits{Time: time.Minute, Wait: 5 * time.Minute} }

func runCases(t *testing.T, vm *VM, archive *txtar.Archive) []txtar.File {
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	var kept []txtar.File
	for _, f := range archive.Files {
		name, listen, script := caseOf(f.Name)
		if strings.HasSuffix(f.Name, ".want") {
			continue
		}
		kept = append(kept, f)
		if !script {
			continue
		}
		stage := newStage(t, files, listen)
		outcome := vm.Run(t.Context(), Script{Pos: source.Pos{File: name + ".js", Line: 1, Col: 1}, Text: string(f.Data)}, stage.event)
		got := stage.tell(outcome)
		if want := files[name+".want"]; got != want && !*update {
			t.Errorf("%s:\ngot:\n%s\nwant:\n%s", name, got, want)
		}
		kept = append(kept, txtar.File{Name: name + ".want", Data: []byte(got)})
	}
	return kept
}

func caseOf(file string) (name, listen string, ok bool) {
	if name, ok := strings.CutSuffix(file, ".test.js"); ok {
		return name, Test, true
	}
	if name, ok := strings.CutSuffix(file, ".pre.js"); ok {
		return name, Prerequest, true
	}
	return "", "", false
}

// stage plays the runner: it has variables, a request, perhaps a response, cookies, and it answers what scripts send.
type stage struct {
	event  *Event
	scopes map[string]memory
	before map[string]memory
}

// memory is a scope that is a map.
type memory map[string]any

func (m memory) Get(name string) (any, bool) { v, ok := m[name]; return v, ok }
func (m memory) Names() []string             { return slices.Sorted(maps.Keys(m)) }
func (m memory) Set(name string, v any) {
	if v == (Unset{}) {
		delete(m, name)
		return
	}
	m[name] = v
}

func newStage(t *testing.T, files map[string]string, listen string) *stage {
	t.Helper()
	s := &stage{scopes: map[string]memory{}, before: map[string]memory{}}
	raw := map[string]map[string]json.RawMessage{}
	if text := files["variables.json"]; text != "" {
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			t.Fatalf("variables.json: %v", err)
		}
	}
	for _, scope := range []string{"environment", "globals", "collection", "variables", "data"} {
		s.scopes[scope] = memory{}
		for name, text := range raw[scope] {
			s.scopes[scope][name] = typed(t, text)
		}
		s.before[scope] = maps.Clone(s.scopes[scope])
	}
	jar, _ := cookiejar.New(nil)
	request := &Request{Method: "GET", URL: "https://api.example.com/users/1?full=true", Header: []Field{{Key: "Accept", Value: "application/json"}}}
	if text := files["request.json"]; text != "" {
		request = &Request{}
		if err := json.Unmarshal([]byte(text), request); err != nil {
			t.Fatalf("request.json: %v", err)
		}
	}
	s.event = &Event{
		Info:    Info{Listen: listen, Request: "Read the user", ID: "id-1", Path: []string{"Users", "Read", "Read the user"}, Environment: "sandbox", Iteration: 1, Iterations: 3},
		Request: request, Cookies: jar, Send: answerAnything,
		Scopes: Scopes{Environment: s.scopes["environment"], Globals: s.scopes["globals"], Collection: s.scopes["collection"], Local: s.scopes["variables"], Data: s.scopes["data"]},
	}
	if listen == Test {
		s.event.Exchange = &wire.Exchange{Request: wire.Request{Method: request.Method, URL: request.URL}, Response: parsedResponse(t, files["response"]), Timings: wire.Timings{Total: 120 * time.Millisecond}}
		site, _ := url.Parse("https://api.example.com/")
		jar.SetCookies(site, []*http.Cookie{{Name: "session", Value: "abc"}})
	}
	return s
}

func typed(t *testing.T, text json.RawMessage) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("variables.json: %v", err)
	}
	switch v.(type) {
	case map[string]any, []any:
		return JSON(text)
	default:
		return v
	}
}

func parsedResponse(t *testing.T, text string) *wire.Response {
	t.Helper()
	if text == "" {
		text = "HTTP/1.1 200 OK\n\n"
	}
	head, body, _ := strings.Cut(text, "\n\n")
	r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n")), nil)
	if err != nil {
		t.Fatalf("response: %v", err)
	}
	defer r.Body.Close()
	_, reason, _ := strings.Cut(r.Status, " ")
	return &wire.Response{Proto: r.Proto, Status: r.StatusCode, Reason: reason, Header: r.Header, Body: []byte(strings.TrimSuffix(body, "\n"))}
}

// answerAnything answers with what it was asked; /fail gives no answer, /wait never comes back.
func answerAnything(ctx context.Context, r *Request) (*wire.Exchange, error) {
	switch {
	case strings.Contains(r.URL, "/fail"):
		return nil, fmt.Errorf("dial tcp: connection refused")
	case strings.Contains(r.URL, "/wait"):
		<-ctx.Done()
		return nil, ctx.Err()
	}
	body, err := json.Marshal(r)
	return &wire.Exchange{Response: &wire.Response{Proto: "HTTP/1.1", Status: 201, Reason: "Created", Body: body,
		Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"sent=yes; Path=/"}}}}, err
}

// tell writes what a script has done, one line for each thing.
func (s *stage) tell(o Outcome) string {
	var b bytes.Buffer
	for _, l := range o.Console {
		fmt.Fprintf(&b, "console.%s: %s\n", l.Level, l.Text)
	}
	for _, v := range o.Tests {
		switch {
		case v.Skipped:
			fmt.Fprintf(&b, "skip: %s\n", v.Name)
		case v.Err != nil:
			fmt.Fprintf(&b, "FAIL: %s\n      %v\n", v.Name, v.Err)
		default:
			fmt.Fprintf(&b, "pass: %s\n", v.Name)
		}
	}
	for _, err := range o.Errors {
		fmt.Fprintf(&b, "ERROR: %v\n", err)
	}
	s.tellChanges(&b, o)
	return b.String()
}

func (s *stage) tellChanges(w io.Writer, o Outcome) {
	for _, scope := range slices.Sorted(maps.Keys(s.scopes)) {
		now, before := s.scopes[scope], s.before[scope]
		for _, name := range now.Names() {
			if v, ok := before[name]; !ok || v != now[name] {
				fmt.Fprintf(w, "%s.%s = %#v\n", scope, name, now[name])
			}
		}
		for _, name := range before.Names() {
			if _, ok := now[name]; !ok {
				fmt.Fprintf(w, "%s.%s is gone\n", scope, name)
			}
		}
	}
	if o.Request != nil {
		made, _ := json.MarshalIndent(o.Request, "", "  ")
		fmt.Fprintf(w, "request: %s\n", made)
	}
	if o.Skip {
		fmt.Fprintln(w, "the request is skipped")
	}
	if o.Next != nil && o.Next.Stop {
		fmt.Fprintln(w, "next: nothing")
	} else if o.Next != nil {
		fmt.Fprintf(w, "next: %s\n", o.Next.Name)
	}
}
