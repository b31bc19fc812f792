package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/auth"
)

// ask does what the flags say and returns what is printed.
func (o *tokenOptions) ask(ctx context.Context, a auth.Authorizer, s auth.Session) ([]byte, error) {
	if o.revoke {
		return revoked(auth.Revoke(ctx, a, s, ""))
	}
	get := auth.Get
	if o.refresh {
		get = auth.GetAnew
	}
	t, err := get(ctx, a, s)
	switch {
	case err != nil:
		return nil, err
	case o.introspect:
		said, err := auth.Introspect(ctx, a, s, t.AccessToken)
		if err != nil {
			return nil, err
		}
		return introspected(said, time.Now())
	case o.decode:
		return decoded(t.AccessToken, time.Now())
	case o.json:
		return answered(t, time.Now()), nil
	}
	return []byte(t.AccessToken + "\n"), nil
}

// revoked says how many tokens were ended.
func revoked(ended int, err error) ([]byte, error) {
	switch {
	case err != nil:
		return nil, err
	case ended == 0:
		return nil, errors.New("nothing to revoke: no token of this block is kept; --token-store names the store that has one")
	}
	return fmt.Appendf(nil, "%s revoked and forgotten\n", count(ended, "token")), nil
}

// answered writes a token as a token endpoint answers (RFC 6749, section 5.1), with the time at which it ends.
func answered(t auth.Token, now time.Time) []byte {
	members := []jsonMember{{"access_token", quoteJSON(t.AccessToken)}, {"token_type", quoteJSON(t.Type)}}
	if !t.Expires.IsZero() {
		left := max(0, int64(t.Expires.Sub(now)/time.Second))
		members = append(members, jsonMember{"expires_in", strconv.AppendInt(nil, left, 10)},
			jsonMember{"expires_at", quoteJSON(t.Expires.UTC().Format(time.RFC3339))})
	}
	for _, m := range []struct{ name, text string }{{"scope", t.Scope}, {"refresh_token", t.RefreshToken}} {
		if m.text != "" {
			members = append(members, jsonMember{m.name, quoteJSON(m.text)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Context)) {
		if !slices.ContainsFunc(members, func(m jsonMember) bool { return m.name == name }) {
			members = append(members, jsonMember{name, t.Context[name]})
		}
	}
	return inLines(jsonObject(members))
}

// inLines writes JSON that is known to be right.
func inLines(raw []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		b.Reset()
		b.Write(raw)
	}
	return []byte(visible(b.String()) + "\n")
}

// decoded shows what a token says that is a JWT.
func decoded(text string, now time.Time) ([]byte, error) {
	token, err := assertions.Inspect(text)
	if token == nil {
		return nil, fmt.Errorf("the access token cannot be decoded: it is no JWT (%w); --introspect asks the server what it says", err)
	}
	var b bytes.Buffer
	decode(&b, token, now)
	return b.Bytes(), nil
}

// introspected shows what the server said of a token, and its times in words.
func introspected(said *auth.Introspection, now time.Time) ([]byte, error) {
	raw, err := json.Marshal(said.Members)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(inLines(raw))
	for _, at := range []struct {
		name string
		time time.Time
	}{{"iat", said.Issued}, {"exp", said.Expires}} {
		if !at.time.IsZero() {
			fmt.Fprintf(b, "%s: %s, %s\n", at.name, at.time.UTC().Format(time.RFC3339), when(at.name, at.time, now))
		}
	}
	return b.Bytes(), nil
}
