package runner

import (
	"context"
	"encoding/base64"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// Outline is a request as a run would send it, as far as that is known before. Nothing in it is secret: marks stand for
// what is, and for what only a run brings.
type Outline struct {
	Phase   collections.Phase
	Request *collections.Request
	Message *wire.Request // nil where Skipped or Err says why
	User    string        // name:password of a Basic header that has a hole in it, which stands here in its place
	Holes   []Hole        // that are in Message and User
	Skipped string        // the condition that does not hold
	Notes   []string      // what else is known, one line each
	Err     error         // why the request cannot be outlined
}

// Hole is a mark in an outline.
type Hole struct {
	Mark       string // letters, which no escape changes
	Kind       HoleKind
	Name       string               // of the variable
	Expression string               // as it is written, filters included
	Holder     collections.Holder   // of a TokenHole
	Request    *collections.Request // of an AssertionHole; the first that wants the token of a TokenHole
}

// HoleKind says what is missing.
type HoleKind int

// The kinds of holes: a value that a response brings, a secret of the environment, an assertion that is signed when it is
// sent, and a token that is fetched.
const (
	ResponseHole HoleKind = iota
	SecretHole
	AssertionHole
	TokenHole
)

// Outlines yields what a run of the collection would send, in its order. Nothing is sent and no secret is read.
func Outlines(job Job) iter.Seq[Outline] {
	if job.Environment == nil {
		job.Environment = &environments.Environment{}
	}
	return func(yield func(Outline) bool) {
		o := &outliner{veiled: job.Environment == nil || job.Environment.PHI != environments.ShowPHI}
		scope := vars.NewScope(nil, job.Environment.Layers()...)
		for p := range job.Collection.Preview(scope, o.stand) {
			o.request = p.Request
			if !yield(o.outline(p)) {
				return
			}
		}
	}
}

// outliner makes the outlines of one collection.
type outliner struct {
	request *collections.Request // that is outlined now
	holes   []Hole
	veiled  bool // patient data in variables are not shown
}

// stand returns the mark of a name without a value.
func (o *outliner) stand(u collections.Unknown) string {
	h := Hole{Name: u.Name, Expression: u.Expression}
	switch {
	case u.Name == vars.Assertion:
		h.Kind, h.Request = AssertionHole, o.request
	case u.Secret:
		h.Kind = SecretHole
	}
	return o.mark(h)
}

// mark returns the mark of a hole, the same for the same hole.
func (o *outliner) mark(h Hole) string {
	for _, known := range o.holes {
		h.Mark = known.Mark
		if known == h {
			return known.Mark
		}
	}
	h.Mark = "hgrunHole" + letters(len(o.holes)) + "Z"
	o.holes = append(o.holes, h)
	return h.Mark
}

func letters(n int) string {
	b := []byte("aaaa")
	for i := len(b) - 1; i >= 0; i-- {
		b[i] += byte(n % 26)
		n /= 26
	}
	return string(b)
}

func (o *outliner) marked(text string) bool {
	return strings.Contains(text, "hgrunHole") && slices.ContainsFunc(o.holes, func(h Hole) bool { return strings.Contains(text, h.Mark) })
}

func (o *outliner) outline(p collections.Preview) Outline {
	out := Outline{Phase: p.Phase, Request: p.Request, Skipped: p.Skipped, Err: p.Err}
	if out.Skipped != "" || out.Err != nil {
		return out
	}
	out.Notes = notesOn(&p)
	msg, err := o.build(p)
	if err == nil {
		err = o.authorize(p, msg, &out)
	}
	if err != nil {
		out.Err = err
		return out
	}
	out.User = o.user(msg)
	out.Message = o.masked(msg)
	if o.veiled {
		veilOutline(p.Scope, out.Message)
	}
	for _, h := range o.holes {
		if in(out.Message, h.Mark) || strings.Contains(out.User, h.Mark) {
			out.Holes = append(out.Holes, h)
		}
	}
	return out
}

// build makes the message. A URL that begins with a hole is not absolute yet.
func (o *outliner) build(p collections.Preview) (*wire.Request, error) {
	const before = "http://hgrun.invalid/"
	message := p.Request.Message
	target, err := message.URL.Expand(p.Scope)
	if err != nil {
		return nil, err
	}
	open := slices.ContainsFunc(o.holes, func(h Hole) bool { return strings.HasPrefix(target, h.Mark) })
	if open {
		message.URL = vars.Literal(before + target)
	}
	msg, err := message.Build(p.Scope)
	if err != nil {
		return nil, err
	}
	if open {
		msg.URL = strings.TrimPrefix(msg.URL, before)
	}
	first := firstLeg(&p.Request.Flow)
	first.direct(msg)
	return msg, nil
}

// authorize adds the credentials, or what will look like them.
func (o *outliner) authorize(p collections.Preview, msg *wire.Request, out *Outline) error {
	a := p.Request.Auth
	if a == nil {
		return nil
	}
	if outliner, ok := a.(auth.Outliner); ok {
		token := o.mark(o.ofToken(p.Request))
		out.Notes = append(out.Notes, outliner.Outline(msg, token)...)
		return nil
	}
	switch kind, _, _ := strings.Cut(a.String(), " "); kind {
	case "none", "bearer", "basic", "api_key":
		return a.Authorize(context.Background(), msg, auth.Session{Scope: p.Scope})
	default:
		out.Notes = append(out.Notes, "auth "+kind+" adds its credentials when the request is sent")
	}
	return nil
}

// ofToken returns the hole of a request's token, the same for all that share it.
func (o *outliner) ofToken(r *collections.Request) Hole {
	h := Hole{Kind: TokenHole, Name: r.Auth.String(), Holder: r.Holder(), Request: r}
	for _, known := range o.holes {
		if known.Kind == TokenHole && known.Holder == h.Holder {
			return known
		}
	}
	return h
}

// user takes a Basic header apart that has a hole in it, and out of the message.
func (o *outliner) user(msg *wire.Request) string {
	pair, ok := strings.CutPrefix(msg.Header.Get("Authorization"), "Basic ")
	if !ok {
		return ""
	}
	plain, err := base64.StdEncoding.DecodeString(pair)
	if err != nil || !o.marked(string(plain)) {
		return ""
	}
	msg.Header.Del("Authorization")
	return string(plain)
}

// masked returns the message with everything masked that is secret by its name and written in the file. Marks stay.
func (o *outliner) masked(msg *wire.Request) *wire.Request {
	secrets := &vars.Secrets{}
	learn(unmarked{o, secrets}, &wire.Exchange{Request: *msg})
	shown := &wire.Request{Method: msg.Method, URL: redactText(secrets, msg.URL), Header: msg.Header.Clone(), Body: msg.Body}
	for name, values := range shown.Header {
		for i, v := range values {
			v = redactText(secrets, v)
			if isCredential(name) && !o.marked(v) {
				v = maskCredential(name, v)
			}
			values[i] = v
		}
	}
	if msg.Body != nil && utf8.Valid(msg.Body) {
		shown.Body = []byte(redactText(secrets, string(msg.Body)))
	}
	return shown
}

// unmarked hides what has no mark in it.
type unmarked struct {
	*outliner
	to *vars.Secrets
}

func (u unmarked) Hide(name, text string) {
	if !u.marked(text) {
		u.to.Hide(name, text)
	}
}

// in reports whether a mark is in a message.
func in(msg *wire.Request, mark string) bool {
	if strings.Contains(msg.URL, mark) || strings.Contains(string(msg.Body), mark) {
		return true
	}
	for _, values := range msg.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, mark) }) {
			return true
		}
	}
	return false
}
