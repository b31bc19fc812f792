package runner_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/runner"
)

// windows is a server that answers NTLM's first message on a connection, and takes the third on that connection alone.
type windows struct {
	mu     sync.Mutex
	asked  map[string]bool // by the address of the client
	others int             // third messages on connections that were not asked
}

func (w *windows) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Authorization"), "NTLM "))
	switch {
	case len(raw) > 8 && raw[8] == 1:
		w.asked[r.RemoteAddr] = true
		challenge := append([]byte("NTLMSSP\x00\x02\x00\x00\x00"), make([]byte, 36)...)
		out.Header().Set("WWW-Authenticate", "NTLM "+base64.StdEncoding.EncodeToString(challenge))
		out.WriteHeader(http.StatusUnauthorized)
		return
	case len(raw) > 8 && raw[8] == 3 && w.asked[r.RemoteAddr]:
		delete(w.asked, r.RemoteAddr)
		return
	}
	w.others++
	out.WriteHeader(http.StatusForbidden)
}

func TestAHandshakeStaysOnItsConnection(t *testing.T) {
	t.Parallel()
	w := &windows{asked: map[string]bool{}}
	server := httptest.NewServer(w)
	defer server.Close()
	const yaml = `
auth: {ntlm: {username: ada, password: hush-hush}}
requests:
  - {name: read, request: "GET BASE/a", expect: {status: 200}}
  - {name: write, request: "POST BASE/b", text: x, expect: {status: 200}}
`
	c, env := load(t, strings.ReplaceAll(yaml, "BASE", server.URL)), environments.New("test", nil, nil)
	jobs := make([]runner.Job, 8)
	for i := range jobs {
		jobs[i] = runner.Job{Collection: c, Environment: env}
	}
	var all told
	for e := range (&runner.Runner{Jobs: 8}).RunAll(t.Context(), jobs) {
		all.add(e)
	}
	same(t, all.story(), strings.Repeat("read: passed\nwrite: passed\n", 8))
	if w.others != 0 {
		t.Errorf("got %d answers on connections that were not asked, want none", w.others)
	}
}
