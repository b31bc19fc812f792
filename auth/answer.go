package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// answer is what a token endpoint said.
type answer struct {
	token   string
	refresh string        // empty where none came
	life    time.Duration // zero: unknown
	sent    time.Time     // when the request left
	scope   string        // what was granted; empty where the answer does not say
	nonce   string        // for the next proof of DPoP; empty where none came
	notes   []string
	members map[string]json.RawMessage
	claims  map[string]json.RawMessage // of the ID token, once it is found right
}

// judge hides the tokens of an answer, reads it (RFC 6749, section 5) and says what is wrong with it.
func (x *exchange) judge(e *wire.Exchange) error {
	x.answer = answer{sent: e.Timings.Start}
	body, err := x.open(x.session.Scope, e)
	if err != nil {
		return err
	}
	if x.block.terms.dpop {
		x.answer.nonce = x.session.Tokens.keepNonce(x.url, e.Response.Header)
	}
	if refusal := x.read(e.Response, body); refusal != nil {
		refusal.Hint = x.hint(refusal)
		return refusal
	}
	return nil
}

// open returns the body of an answer once the tokens in it are hidden.
func (m *message) open(s *vars.Scope, e *wire.Exchange) ([]byte, error) {
	if e.Response == nil {
		if e.Err == nil {
			return nil, errors.New("the " + m.name + " gave no answer")
		}
		return nil, e.Err
	}
	body := bytes.TrimPrefix(e.Response.Body, []byte("\ufeff"))
	hideTokens(s, body)
	return body, nil
}

// object reads a good answer as a JSON object, or explains one that is none.
func (e endpoint) object(r *wire.Response, body []byte) (map[string]json.RawMessage, *Refusal) {
	var members map[string]json.RawMessage
	if r.Status < 200 || r.Status > 299 || json.Unmarshal(body, &members) != nil || members == nil {
		return nil, e.explain(r, body)
	}
	if said, ok := members["error"]; ok && string(said) != "null" && string(said) != `""` {
		return nil, e.explain(r, body)
	}
	return members, nil
}

// wrong refuses a good answer that will not do.
func (e endpoint) wrong(r *wire.Response, format string, args ...any) *Refusal {
	f := e.refusal(r, fmt.Sprintf(format, args...))
	f.clear = true
	return f
}

// read fills the answer in from a response that brings a token, or explains one that does not.
func (x *exchange) read(r *wire.Response, body []byte) *Refusal {
	members, refused := x.object(r, body)
	if refused != nil {
		return refused
	}
	access, ok := text(members["access_token"])
	switch {
	case !ok && members["access_token"] == nil:
		return x.wrong(r, "without access_token (members: %s)", memberNames(members))
	case !ok:
		return x.wrong(r, "with an access_token that is %s, want a text", jsonKind(members["access_token"]))
	}
	if err := checkToken(access, x.block.terms.prefix); err != nil {
		return x.wrong(r, "with an access_token that no request can carry: %v", err)
	}
	if kind, _ := text(members["token_type"]); kind != "" && !strings.EqualFold(kind, x.block.terms.kind) {
		return x.wrong(r, "with token_type %q, want %q; %s", shown(kind), x.block.terms.kind, x.anotherType(kind))
	} else if kind == "" {
		x.note("the answer has no token_type, which RFC 6749, section 5.1, requires")
	}
	life, note, err := lifetime(members["expires_in"], x.block.terms.unit)
	if err != nil {
		return x.wrong(r, "with %v", err)
	}
	x.note(note)
	x.answer.life, x.answer.members = life, members
	x.answer.refresh, _ = text(members["refresh_token"])
	x.readScope()
	if x.grant.judge != nil {
		if complaint := x.grant.judge(x, members); complaint != "" {
			return x.wrong(r, "%s", complaint)
		}
	}
	if c, lacks := x.lacks(); lacks {
		return x.wrong(r, "without %s (members: %s), which context: wants at line %d%s", c.member, memberNames(members), c.pos.Line, askFor(c.member))
	}
	x.answer.token = access
	return nil
}

// anotherType says what to do about a token of another type than was wanted.
func (x *exchange) anotherType(kind string) string {
	switch {
	case x.block.terms.dpop:
		return "the server did not bind the token to the key: register the client for DPoP, or take dpop out"
	case strings.EqualFold(kind, "dpop"):
		return "write dpop: true, so that the token is bound to a key that hgrun has"
	}
	return "if the API takes such a token as it is, say token_type: " + shown(kind)
}

// note remembers what is odd about an answer; nothing for an empty text.
func (x *exchange) note(text string) {
	if text != "" {
		x.answer.notes = append(x.answer.notes, text)
	}
}

// readScope notes what was asked for and not granted: a server may grant less without another word (RFC 6749, section 3.3).
func (x *exchange) readScope() {
	x.answer.scope, _ = text(x.answer.members["scope"])
	if x.answer.scope == "" || x.family != nil {
		return
	}
	granted := strings.Fields(x.answer.scope)
	missing := slices.DeleteFunc(strings.Fields(x.text("scope")), func(s string) bool { return slices.Contains(granted, s) })
	if len(missing) > 0 {
		x.note(fmt.Sprintf("the server granted the scope %q, without %s", shown(x.answer.scope), strings.Join(missing, " ")))
	}
}

const (
	day      = 24 * time.Hour
	longLife = 400 * day   // beyond which seconds are hardly meant
	maxLife  = 36525 * day // beyond which no unit is meant
	minLife  = time.Second // below which a token ends before it is used
	tinyLife = 60_000      // milliseconds
)

// lifetime reads expires_in, a number or a text that is one. A missing one, null and 0 mean that it is unknown. A value
// that its unit makes unlikely is taken at its word and noted; one that would make the token useless is an error.
func lifetime(raw json.RawMessage, unit time.Duration) (life time.Duration, note string, err error) {
	written := strings.Trim(string(raw), `"`)
	if raw == nil || written == "null" || written == "" {
		return 0, "", nil
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(written), 64)
	switch {
	case err != nil || math.IsNaN(n):
		return 0, "", fmt.Errorf("expires_in %s, want a number", shown(string(raw)))
	case n < 0:
		return 0, "", fmt.Errorf("expires_in %s, want a time to come", written)
	case n == 0:
		return 0, "", nil
	case n*float64(unit) > float64(maxLife):
		return 0, "", fmt.Errorf("expires_in %s, which is %s; no token lives for a hundred years", written, readings(n, unit))
	}
	life = time.Duration(n * float64(unit))
	switch {
	case unit == time.Millisecond && life < minLife:
		return 0, "", fmt.Errorf("expires_in %s, which is %s; a token that ends before it is used is of no use", written, readings(n, unit))
	case unit == time.Millisecond && n < tinyLife, unit == time.Second && looksLikeMilliseconds(life):
		note = fmt.Sprintf("expires_in %s is %s", written, readings(n, unit))
	}
	return life, note, nil
}

// looksLikeMilliseconds reports whether a life is longer than anybody wants, or longer than a day, a round number of
// milliseconds if it were one, and no number of whole days as long lives are.
func looksLikeMilliseconds(life time.Duration) bool {
	return life > longLife || life > day && life%(1000*time.Second) == 0 && life%day != 0
}

// readings says what a number of expires_in is in its unit and in the other one.
func readings(n float64, unit time.Duration) string {
	names := map[time.Duration][2]string{time.Second: {"s", "seconds"}, time.Millisecond: {"ms", "milliseconds"}}
	other := time.Second
	if unit == time.Second {
		other = time.Millisecond
	}
	return fmt.Sprintf("%s in %s (expires_in_unit: %s) and %s in %s (expires_in_unit: %s)",
		span(n*unit.Seconds()), names[unit][1], names[unit][0], span(n*other.Seconds()), names[other][1], names[other][0])
}

// span writes a time span of any length in the unit that suits it.
func span(seconds float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{365.25 * 86400, "years"}, {86400, "days"}, {3600, "hours"}, {60, "minutes"}} {
		if seconds >= u.size {
			n := strconv.FormatFloat(math.Round(seconds/u.size*10)/10, 'f', -1, 64)
			if n == "1" {
				return "1 " + strings.TrimSuffix(u.name, "s")
			}
			return n + " " + u.name
		}
	}
	return strconv.FormatFloat(seconds, 'f', -1, 64) + " s"
}

// hideTokens hides every token that stands in an answer, as it is written and as it is meant: at any depth, in a repeated
// member, in JSON that breaks off, and in a form too.
func hideTokens(s *vars.Scope, body []byte) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var inObject []bool
	name, isValue := "", false // of the member whose value is next
	for from := int64(0); ; {
		t, err := dec.Token()
		if err != nil {
			break
		}
		raw := strings.Trim(string(body[from:dec.InputOffset()]), " \t\r\n:,\"")
		from = dec.InputOffset()
		d, isDelim := t.(json.Delim)
		switch {
		case isDelim && (d == '{' || d == '['):
			inObject = append(inObject, d == '{')
		case isDelim:
			inObject = inObject[:len(inObject)-1]
		case !isValue && len(inObject) > 0 && inObject[len(inObject)-1]:
			name, isValue = fmt.Sprint(t), true
			continue
		case isValue:
			hideToken(s, name, fmt.Sprint(t), raw)
		}
		isValue = false
	}
	for piece := range strings.SplitSeq(string(body), "&") {
		name, raw, _ := strings.Cut(piece, "=")
		if value, err := url.QueryUnescape(raw); err == nil {
			hideToken(s, name, value, raw)
		}
	}
}

func hideToken(s *vars.Scope, name string, forms ...string) {
	switch name {
	case "access_token", "refresh_token", "id_token", "device_code":
		for _, text := range forms {
			s.Hide(name, text)
		}
	}
}

// text returns a member that is a text and not empty.
func text(raw json.RawMessage) (string, bool) {
	var s string
	if raw == nil || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, s != ""
}

func jsonKind(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "an empty text"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

func memberNames(members map[string]json.RawMessage) string {
	if len(members) == 0 {
		return "none"
	}
	return shown(strings.Join(slices.Sorted(maps.Keys(members)), ", "))
}
