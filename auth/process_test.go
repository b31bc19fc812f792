package auth_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/store"
	"github.com/hgrun/hgrun/internal/wire"
)

// The test binary is its own child: AUTH_CHILD says what it does with the block AUTH_BLOCK and the store in AUTH_STORE.
func TestMain(m *testing.M) {
	role, ok := children()[os.Getenv("AUTH_CHILD")]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(os.Getenv("AUTH_BLOCK"), os.Getenv("AUTH_STORE")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func children() map[string]func(block, dir string) error {
	return map[string]func(block, dir string) error{"want": wantAtOnce, "rotate": rotateForever}
}

func child(t *testing.T, role, block, dir string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), binary)
	c.Env = append(os.Environ(), "AUTH_CHILD="+role, "AUTH_BLOCK="+block, "AUTH_STORE="+dir)
	c.Stderr = os.Stderr
	return c
}

// processSession is a session whose tokens are kept in a folder and whose calls go over the network.
func processSession(block, dir string) (auth.Authorizer, auth.Session, error) {
	kept, err := store.Open(dir)
	if err != nil {
		return nil, auth.Session{}, err
	}
	var a auth.Authorizer
	if err := source.Parse("a.yaml", []byte(block), func(n source.Node) { a = auth.Read(n) }); err != nil {
		return nil, auth.Session{}, err
	}
	s := session(postman{})
	s.Tokens.Store = kept
	return a, s, nil
}

// postman is a Sender that sends.
type postman struct{}

func (postman) Send(ctx context.Context, c auth.Call) error {
	req, err := http.NewRequestWithContext(ctx, c.Request.Method, c.Request.URL, bytes.NewReader(c.Request.Body))
	if err != nil {
		return err
	}
	req.Header = c.Request.Header
	start := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return c.Judge(&wire.Exchange{
		Request: c.Request, Timings: wire.Timings{Start: start},
		Response: &wire.Response{Status: resp.StatusCode, Reason: http.StatusText(resp.StatusCode), URL: c.Request.URL, Header: resp.Header, Body: body},
	})
}

// rotator is a token endpoint whose refresh tokens serve once. It takes one again while nobody has used what replaced it, as
// servers do that reckon with answers which do not arrive; any older one ends the family for good.
type rotator struct {
	mu        sync.Mutex
	newest    int // that was given
	used      int // the last that served
	refreshes int
	repeated  int // refreshes by one that had served
	dead      string
	life      string // expires_in
	pause     time.Duration
}

func (r *rotator) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pause > 0 {
		<-time.After(r.pause) // so that all who want the token do so while this one is under way
	}
	if req.FormValue("grant_type") == "refresh_token" {
		r.refreshes++
		got := -1
		_, _ = fmt.Sscanf(req.FormValue("refresh_token"), "refresh-%d", &got) // what is none is older than all
		if got < r.used || got > r.newest || r.dead != "" {
			r.dead += fmt.Sprintf("got refresh-%d, want refresh-%d to refresh-%d\n", got, r.used, r.newest)
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		if got == r.used && r.refreshes > 1 {
			r.repeated++
		}
		r.used = got
	}
	r.newest++
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer","expires_in":%s,"refresh_token":"refresh-%d"}`, r.newest, r.life, r.newest)
}

// rotatingBlocks are the two ways to have a refresh token: the file gives the first, or a grant brings it.
func rotatingBlocks(server string) map[string]string {
	return map[string]string{
		"of the file": fmt.Sprintf("oauth2: {grant: refresh-token, token_url: %q, client_id: c, refresh_token: refresh-0}", server),
		"of a grant":  fmt.Sprintf("oauth2: {grant: client-credentials, client_auth: none, token_url: %q, client_id: c}", server),
	}
}

// eachRotating runs a test for each way, with a server and a store of its own.
func eachRotating(t *testing.T, life string, test func(t *testing.T, r *rotator, block, dir string)) {
	t.Helper()
	for name := range rotatingBlocks("") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &rotator{life: life}
			server := httptest.NewServer(r)
			t.Cleanup(server.Close)
			test(t, r, rotatingBlocks(server.URL)[name], filepath.Join(t.TempDir(), "tokens"))
		})
	}
}

const wanting = 32 // goroutines of each process

// wantAtOnce lets many goroutines want the token when its input says go, and says which tokens they got.
func wantAtOnce(block, dir string) error {
	a, s, err := processSession(block, dir)
	if err != nil {
		return err
	}
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	got, errs := make([]string, wanting), make([]error, wanting)
	var all sync.WaitGroup
	for i := range wanting {
		all.Go(func() {
			req := request()
			errs[i] = a.Authorize(context.Background(), req, worker(s))
			got[i] = req.Header.Get("Authorization")
		})
	}
	all.Wait()
	slices.Sort(got)
	fmt.Println(strings.Join(slices.Compact(got), ", "))
	return errors.Join(errs...)
}

// TestAllProcessesWantingAnExpiredTokenMakeOneRefresh: 32 goroutines in each of 4 processes.
func TestAllProcessesWantingAnExpiredTokenMakeOneRefresh(t *testing.T) {
	t.Parallel()
	eachRotating(t, "0.001", func(t *testing.T, r *rotator, block, dir string) {
		a, s, err := processSession(block, dir)
		if err != nil {
			t.Fatal(err)
		}
		authorize(t, a, s) // it ends as soon as it is there
		for round := range 3 {
			r.life, r.pause, r.refreshes = "3600", 20*time.Millisecond, 0
			var said [4]bytes.Buffer
			var started []*exec.Cmd
			var starts []io.WriteCloser
			for i := range said {
				c := child(t, "want", block, dir)
				c.Stdout = &said[i]
				start, err := c.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				started, starts = append(started, c), append(starts, start)
			}
			for _, start := range starts {
				fmt.Fprintln(start)
			}
			for i, c := range started {
				if err := c.Wait(); err != nil {
					t.Fatal(err)
				}
				same(t, "tokens", strings.TrimSpace(said[i].String()), fmt.Sprintf("Bearer token-%d", r.newest))
			}
			if r.refreshes != 1 {
				t.Errorf("round %d: got %d refreshes, want 1", round, r.refreshes)
			}
			r.life, r.pause = "0.001", 0
			if _, err := auth.GetAnew(t.Context(), a, s); err != nil { // for the next round
				t.Fatal(err)
			}
		}
		same(t, "dead", r.dead, "")
	})
}

// rotateForever renews the token again and again, and says each one that it may use.
func rotateForever(block, dir string) error {
	a, s, err := processSession(block, dir)
	if err != nil {
		return err
	}
	for {
		got, err := auth.GetAnew(context.Background(), a, s)
		if err != nil {
			return err
		}
		if _, err := fmt.Println(got.AccessToken); err != nil {
			return err
		}
	}
}

// TestAKilledProcessNeverLosesTheRefreshToken kills at 100 random moments of a rotation. What is kept then is the newest
// refresh token, or the one before it where the answer with the newest had not arrived or was being written: no client can
// keep what it has not got, and no token of that answer was used.
func TestAKilledProcessNeverLosesTheRefreshToken(t *testing.T) {
	t.Parallel()
	kills := 100
	if testing.Short() {
		kills = 5
	}
	eachRotating(t, "3600", func(t *testing.T, r *rotator, block, dir string) {
		for range kills {
			said := rotateUntilKilled(t, block, dir)
			kept := keptRefresh(t, dir)
			r.mu.Lock() // an answer may still be under way to the dead
			oldest, newest, dead := r.used, r.newest, r.dead
			r.mu.Unlock()
			if kept < said || kept < oldest || kept > newest || dead != "" {
				t.Fatalf("kept refresh-%d, the server takes refresh-%d to refresh-%d, token-%d was used; %s", kept, oldest, newest, said, dead)
			}
		}
		a, s, err := processSession(block, dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := auth.GetAnew(t.Context(), a, s); err != nil {
			t.Error(err)
		}
		same(t, "dead", r.dead, "")
		t.Logf("%d rotations; after %d of %d kills the one before the newest was sent again", r.newest, r.repeated, kills)
	})
}

// rotateUntilKilled kills a child at a random moment and returns the number of the last token that it said it may use.
func rotateUntilKilled(t *testing.T, block, dir string) (used int) {
	t.Helper()
	c := child(t, "rotate", block, dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	next := func() bool {
		more := lines.Scan()
		if more {
			_, _ = fmt.Sscanf(lines.Text(), "token-%d", &used)
		}
		return more
	}
	for range 1 + rand.IntN(2) {
		if !next() {
			t.Fatal("the child ended by itself")
		}
	}
	<-time.After(time.Duration(rand.IntN(4000)) * time.Microsecond) // somewhere in the midst of a rotation: a moment is what is tested
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for next() {
	}
	_ = c.Wait() // it was killed
	return used
}

// keptRefresh returns the number of the refresh token that the store has.
func keptRefresh(t *testing.T, dir string) int {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	number := -1
	for _, e := range list {
		raw, _, err := s.Load(t.Context(), e.Key)
		var kept struct {
			RefreshToken string `json:"refresh_token"`
		}
		if err = errors.Join(e.Err, err); err == nil {
			err = json.Unmarshal(raw, &kept)
		}
		if err != nil {
			t.Fatal(err)
		}
		if kept.RefreshToken != "" {
			if _, err := fmt.Sscanf(kept.RefreshToken, "refresh-%d", &number); err != nil {
				t.Fatal(err)
			}
		}
	}
	return number
}
