package runner

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// refusals are the credentials that an authorization server refused one row. It would refuse them ten thousand times, and lock
// the account on the way. The zero value is empty.
type refusals struct {
	mu sync.Mutex
	by map[string]string // auth.TokenError.Credential -> why a row with it does not run
}

// note remembers a refusal. An exchange that nobody answered, or that was to be tried again, says nothing of the next row.
func (r *refusals) note(credential string, asked *Result) {
	last := asked.Last()
	if last == nil || last.Status < 400 || last.Status >= 500 || last.Status == http.StatusRequestTimeout || last.Status == http.StatusTooManyRequests {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string]string{}
	}
	r.by[credential] = fmt.Sprintf("no token: %s was refused in an earlier row", asked.Name.Name)
}

func (r *refusals) of(credential string) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	why, ok := r.by[credential]
	return why, ok
}

func (r *refusals) none() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.by) == 0
}

// refused returns why a request does not run whose credentials were refused in another row.
func (x *round) refused(req *collections.Request, scope *vars.Scope) (string, bool) {
	rows := x.causes.rows
	if req.Auth == nil || rows == nil || rows.none() {
		return "", false
	}
	return rows.of(auth.CredentialOf(req.Auth, x.runner.session(req.Flow.Share.Session.Name, scope, nil)))
}
