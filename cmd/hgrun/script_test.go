package main

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hgrun/hgrun/internal/sandbox"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata/script")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hgrun": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               setup,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"awaits": awaits, "sandbox": startSandbox},
	})
}

// setup gives each script a server of its own: $API.
func setup(env *testscript.Env) error {
	api := &fakeAPI{}
	s := httptest.NewServer(api)
	env.Defer(s.Close)
	env.Values["api"] = api
	env.Setenv("API", s.URL)
	env.Setenv("HOST", strings.TrimPrefix(s.URL, "http://"))
	env.Setenv("NO_COLOR", "1")
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		return err
	}
	env.Setenv("EXAMPLES", examples)
	env.Setenv("API_SECRET", "the-client-secret/with+specials=&0123456789")
	return nil
}

// awaits waits until the API has seen a number of requests: awaits 3
func awaits(ts *testscript.TestScript, _ bool, args []string) {
	api := ts.Value("api").(*fakeAPI)
	want, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	for deadline := time.Now().Add(20 * time.Second); api.seen.Load() < want; {
		if time.Now().After(deadline) {
			ts.Fatalf("the API has seen %d requests, want %d", api.seen.Load(), want)
		}
		<-time.After(time.Millisecond) // the command runs in a process of its own: its requests can only be waited for
	}
}

// startSandbox starts a sandbox that outlives the commands of a script, with the servers whose variables have the prefixes
// named, and writes an environment for it: sandbox environments/local.yaml smart_ dpop_
func startSandbox(ts *testscript.TestScript, _ bool, args []string) {
	var servers sandbox.Servers
	for _, prefix := range args[1:] {
		servers.Need(prefix)
	}
	s, err := sandbox.Start(sandbox.Options{Servers: servers})
	ts.Check(err)
	ts.Defer(func() { _ = s.Close() }) // it lives in memory only
	variables, secrets := "variables:\n", "secrets:\n"
	for _, v := range s.Variables("sandbox") {
		if !v.Secret {
			variables += fmt.Sprintf("  %s: %q\n", v.Name, v.Value)
			continue
		}
		name := "SANDBOX_" + strings.ToUpper(v.Name)
		ts.Setenv(name, v.Value)
		secrets += fmt.Sprintf("  %s: {env: %s}\n", v.Name, name)
	}
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	ts.Check(os.WriteFile(file, []byte("name: local\n"+variables+secrets+"hosts: [127.0.0.1]\n"), 0o644))
}

// fakeAPI does what the path says: /status/503, /echo, /refuse, /json, /slow, /hang, /token, /jwt, /flaky/2, /redirect, /mirror, /large/5.
type fakeAPI struct {
	seen  atomic.Int64
	flaky atomic.Int64
}

func (a *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.seen.Add(1)
	_ = r.ParseForm() // what cannot be parsed is echoed as nothing
	first, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	switch first {
	case "status":
		code, err := strconv.Atoi(rest)
		if err != nil {
			code = http.StatusBadRequest
		}
		w.WriteHeader(code)
	case "flaky":
		if times, err := strconv.ParseInt(rest, 10, 64); err == nil && a.flaky.Add(1) <= times {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	case "slow":
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Millisecond):
		}
	case "hang":
		<-r.Context().Done()
	case "token":
		fmt.Fprint(w, `{"access_token": "uncaptured-token/with+specials=0123456789", "token_type": "Bearer", "expires_in": 3600}`)
	case "jwt":
		part := base64.RawURLEncoding.EncodeToString
		now := time.Now().Unix()
		fmt.Fprintf(w, `{"access_token": "%s.%s.%s", "token_type": "Bearer", "expires_in": 600, "patient": "p-1", "need_patient_banner": true}`, part([]byte(`{"alg":"RS256","typ":"at+jwt"}`)),
			part(fmt.Appendf(nil, `{"sub":"me\u001b[31m","iat":%d,"exp":%d}`, now, now+600)), part([]byte("a signature"))) // of nobody
	case "refuse": // and says what was sent, all of it
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": fmt.Sprint(r.PostForm, r.Header), "hint": r.PostForm.Encode()}) // to loopback
	case "large": // JSON of so many MiB, a member last at its end; below /stuck it never ends, below /cut it breaks off
		size, how, _ := strings.Cut(rest, "/")
		large(w, r, size, how)
	case "mirror": // says what was sent, as it was sent
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(body) // to loopback
	case "redirect":
		http.Redirect(w, r, "/json", http.StatusFound)
	case "echo":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusTeapot)
		_ = json.NewEncoder(w).Encode(map[string]any{"header": r.Header, "form": r.PostForm, "query": r.URL.RawQuery}) // to loopback
	default:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id": 7, "name": "seven", "list": [1, 2, 3]}`)
	}
}

func large(w http.ResponseWriter, r *http.Request, size, how string) {
	mebibytes, err := strconv.Atoi(size)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"rows":["`)
	for range mebibytes {
		fmt.Fprint(w, strings.Repeat("row ", 1<<18))
	}
	switch how {
	case "stuck":
		_ = http.NewResponseController(w).Flush() // to loopback
		<-r.Context().Done()
	case "cut":
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	fmt.Fprint(w, `"],"last":"word"}`)
}
