package auth_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

// authority is a server that rotates refresh tokens and knows which are used up.
type authority struct {
	mu     sync.Mutex
	used   map[string]bool
	newest string
	nth    int
	keeps  bool // answers bring no refresh token
	refuse int  // status for refreshes; 0 for none
}

func (s *authority) answer(_ int, c auth.Call) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nth++
	form, _ := url.ParseQuery(string(c.Request.Body))
	rotated := ""
	if form.Get("grant_type") == "refresh_token" {
		got := form.Get("refresh_token")
		switch {
		case s.refuse != 0:
			return response(s.refuse, "application/json", `{"error":"invalid_grant"}`), nil
		case s.used[got] || got != s.newest:
			return response(400, "application/json", `{"error":"invalid_grant","error_description":"reused: the family is dead"}`), nil
		}
		if s.used == nil {
			s.used = map[string]bool{}
		}
		if !s.keeps {
			s.used[got] = true
		}
	}
	if !s.keeps || form.Get("grant_type") != "refresh_token" {
		s.newest = fmt.Sprintf("refresh-%d", s.nth)
		rotated = `,"refresh_token":"` + s.newest + `"`
	}
	return response(200, "application/json", fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer","expires_in":60%s}`, s.nth, rotated)), nil
}

const refreshing = `oauth2: {grant: refresh-token, token_url: "` + tokenURL + `", client_id: c, refresh_token: "{{rt}}"}`

func sentRefreshTokens(d *desk) string {
	var sent []string
	for _, c := range d.calls {
		form, _ := url.ParseQuery(string(c.Request.Body))
		sent = append(sent, form.Get("refresh_token"))
	}
	return strings.Join(sent, " ")
}

func TestARotatedRefreshTokenReplacesTheOldOneForTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: (&authority{newest: "first"}).answer}
		a, s := read(t, refreshing), session(d, "rt", "first")
		for i := range 4 {
			same(t, "Authorization", authorize(t, a, s), fmt.Sprintf("Bearer token-%d", i+1))
			time.Sleep(time.Minute)
		}
		same(t, "sent", sentRefreshTokens(d), "first refresh-1 refresh-2 refresh-3")
		same(t, "names", d.names()[3], "token refresh")
	})
}

func TestBlocksThatDifferShareTheFamilyOfTheirRefreshToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authority{newest: "first"}
		d := &desk{answer: slow(server.answer)}
		s := session(d, "rt", "first")
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				a := read(t, strings.Replace(refreshing, "{", fmt.Sprintf("{scope: scope-%d, ", i), 1))
				authorize(t, a, worker(s, "rt", "first"))
			})
		}
		wg.Wait()
		if len(server.used) != 16 {
			t.Errorf("got %d refresh tokens used up, want 16, each once", len(server.used))
		}
	})
}

func TestARefreshTokenIsKeptWhereTheAnswerBringsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: (&authority{newest: "first", keeps: true}).answer}
		a, s := read(t, refreshing), session(d, "rt", "first")
		for range 3 {
			authorize(t, a, s)
			time.Sleep(time.Minute)
		}
		same(t, "sent", sentRefreshTokens(d), "first first first")
	})
}

func TestATokenThatCameWithARefreshTokenIsRenewedByIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authority{}
		d := &desk{answer: server.answer}
		a, s := read(t, seconds), session(d)
		for range 3 {
			authorize(t, a, s)
			time.Sleep(time.Minute)
		}
		same(t, "sent", sentRefreshTokens(d), " refresh-1 refresh-2")
	})
}

func TestAGrantThatCanStandAloneFollowsARefusedRefresh(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403} {
		synctest.Test(t, func(t *testing.T) {
			server := &authority{refuse: status}
			d := &desk{answer: server.answer}
			a, s := read(t, seconds), session(d)
			authorize(t, a, s)
			time.Sleep(time.Minute)
			same(t, "Authorization", authorize(t, a, s), "Bearer token-3")
			time.Sleep(time.Minute)
			same(t, "sent", sentRefreshTokens(d), " refresh-1 ")
			authorize(t, a, s)
			same(t, "sent", sentRefreshTokens(d), " refresh-1  refresh-3 ")
		})
	}
}

func TestARefreshThatWasNotRefusedIsNotReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authority{refuse: 503}
		d := &desk{answer: server.answer}
		a, s := read(t, seconds), session(d)
		authorize(t, a, s)
		time.Sleep(time.Minute)
		err := a.Authorize(t.Context(), request(), s)
		same(t, "error", fmt.Sprint(err), said+"503 Service Unavailable with the error invalid_grant")
		server.refuse = 0
		authorize(t, a, s)
		same(t, "sent", sentRefreshTokens(d), " refresh-1 refresh-1")
	})
}

func TestARefreshTokenThatIsRefusedHasNothingToFollow(t *testing.T) {
	t.Parallel()
	d := &desk{answer: (&authority{newest: "other"}).answer}
	a, s := read(t, refreshing), session(d, "rt", "first")
	err := a.Authorize(t.Context(), request(), s)
	same(t, "error", fmt.Sprint(err), said+"400 Bad Request with the error invalid_grant: reused: the family is dead\ncheck: the refresh token may have ended, been revoked or been used before; get a new one")
	same(t, "names", strings.Join(d.names(), ", "), "token refresh")
}
