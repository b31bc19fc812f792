package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Prompt is what a person has to do before there can be a token.
type Prompt struct {
	URL         string    // to open in a browser
	UserCode    string    // to type in there, or to compare with what stands there (RFC 8628, section 3.3); empty for none
	RedirectURI string    // where the browser ends up; empty where nothing comes back that way
	Listens     bool      // what comes back is received; false: the person must bring the address the browser ends up at
	Expires     time.Time // zero: unknown
}

// Consent shows a prompt to a person. It returns what the browser came back with where the person brings that along
// (ReadCallback reads it), and nil where there is nothing to bring. It runs in a goroutine of its own and should return
// when ctx ends, which is when the answer is there or nobody waits for it any more.
type Consent func(ctx context.Context, p Prompt) (url.Values, error)

// ReadCallback reads what a person brings from a browser: the address that it ended up at, the part of it behind the
// question mark, or the code alone. A code alone has lost its state, so that PKCE is all that says it belongs here.
func ReadCallback(text string) (url.Values, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, errors.New("got nothing, want the address that the browser ended up at, or the code in it")
	}
	if strings.ContainsAny(text, " \t\r\n") {
		return nil, errors.New("got several words, want the address that the browser ended up at, or the code in it")
	}
	query := text
	if _, after, found := strings.Cut(text, "?"); found {
		query = after
	} else if strings.Contains(text, "://") {
		return nil, errors.New("the address has nothing behind a question mark, where code and state should be")
	}
	query, _, _ = strings.Cut(query, "#")
	if !strings.Contains(query, "=") || query == text && !strings.Contains(query, "code=") && !strings.Contains(query, "error=") {
		return url.Values{"code": {text}}, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("the address is damaged: %w", err)
	}
	return values, nil
}

// consented is what a person's consent has brought so far.
type consented struct {
	code        string
	verifier    string // of PKCE (RFC 7636)
	redirectURI string
	nonce       string // that the ID token must repeat; empty for none
	keys        string // of the issuer, as a JWKS; empty where they are not known
	poll        poll   // of the device grant
}

// brought is what a person, or a listener, came back with.
type brought struct {
	values url.Values
	err    error
}

// show shows a prompt and returns where its answer will come.
func (x *exchange) show(ctx context.Context, p Prompt) <-chan brought {
	answer := make(chan brought, 1)
	go func() {
		values, err := x.session.Consent(ctx, p)
		answer <- brought{values, err}
	}()
	return answer
}

// nobody says that a grant needs a person and there is none.
func (x *exchange) nobody(instead string) error {
	return x.block.pos.Errorf("grant: %s needs a person with a browser, and this run has none%s", x.block.name, instead)
}
