package runner

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/phi"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

const valueSize = 48 // bytes of a FHIR resource for each value in it that is patient data, about

const maxLook = 64 << 20 // bytes of a body that are looked through for patient data; where there are more, every quoted text of a message is masked

// veil masks patient data in what a round reports. A nil veil shows it.
type veil struct {
	masks *phi.Masks
	known *phi.Known
	scope *vars.Scope    // of the request at hand
	ex    *wire.Exchange // at hand; nil before there is one
	seen  *phi.Known     // in scope, in what was sent, in the heads and in what is shown of the body; nil before somebody asks
	deep  *phi.Known     // in all of the body; nil before somebody asks, and where seen has all of it
	whole bool           // somebody asked
	blind bool           // there is more in ex than was looked through
}

// veiled returns the veil of a round: none where the environment says phi: show.
func (s *suite) veiled() *veil {
	if s.job.Environment.PHI == environments.ShowPHI {
		return nil
	}
	s.runner.veiled.Store(true)
	known := &s.runner.patients
	return &veil{masks: known.Maker(), known: known}
}

// about says what is at hand from now on. What was before is forgotten.
func (v *veil) about(scope *vars.Scope, ex *wire.Exchange) {
	if v != nil {
		v.scope, v.ex, v.seen, v.deep, v.whole, v.blind = scope, ex, nil, nil, false, false
	}
}

// of returns a veil for another exchange than the one at hand; it knows no variables, so that it may serve another goroutine.
func (v *veil) of(ex *wire.Exchange) *veil {
	if v == nil || v.ex == ex && ex != nil {
		return v
	}
	return &veil{masks: v.masks, known: v.known, ex: ex}
}

// apart returns the course with a veil of its own, for another goroutine.
func (c *course) apart() *course {
	other, x := *c, *c.round
	x.veil = x.veil.of(nil)
	other.round = &x
	return &other
}

// redact masks secrets and patient data: all text that leaves a round goes through it.
func (x *round) redact(text string) string {
	return x.veil.redact(redactText(x.scope.Secrets(), text))
}

// redact masks what is known of persons in a text.
func (v *veil) redact(text string) string {
	if v == nil || text == "" || onlyStatus(text) {
		return text
	}
	v.lookThrough()
	text = v.near(text)
	if v.deep != nil {
		text = v.deep.Redact(text)
	}
	if v.blind {
		text = v.unquoted(text)
	}
	return text
}

// near masks what is shown beside it: a text of a head, say.
func (v *veil) near(text string) string {
	v.look()
	return v.known.Redact(v.seen.Redact(v.masks.References(text, nil)))
}

// onlyStatus reports whether a message is about a status and nothing else: the commonest is worth no look at a body.
func onlyStatus(text string) bool {
	rest, ok := strings.CutPrefix(text, "status: got ")
	if !ok {
		return false
	}
	got, want, ok := strings.Cut(rest, ", want ")
	return ok && len(got) == 3 && len(want) == 3 && strings.Trim(got+want, "0123456789") == ""
}

// unquoted masks every quoted text.
func (v *veil) unquoted(text string) string {
	parts := strings.Split(text, `"`)
	for i := 1; i < len(parts); i += 2 {
		if !strings.Contains(parts[i], "‹") {
			parts[i] = v.masks.Mask("value", parts[i])
		}
	}
	return strings.Join(parts, `"`)
}

// look learns what the exchange and the variables at hand tell of persons, of an answer no more than what is shown of it, once.
func (v *veil) look() {
	if v.seen != nil {
		return
	}
	v.seen = &phi.Known{Masks: v.masks, All: true}
	if v.scope != nil {
		v.seen.Variables(v.scope)
	}
	ex := v.ex
	if ex == nil {
		return
	}
	v.masks.URL(ex.Request.URL, v.seen.See)
	v.head(ex.Request.Header)
	v.body(ex.Request.Header, ex.Request.Body, v.seen)
	resp := ex.Response
	if resp == nil {
		return
	}
	v.masks.URL(resp.URL, v.seen.See)
	for _, hop := range resp.Hops {
		v.masks.URL(hop.URL, v.seen.See)
		v.head(hop.Header)
		v.head(hop.Next)
	}
	v.head(resp.Header)
	v.whole = resp.Size() <= maxShown+cutMargin
	v.body(resp.Header, resp.Body[:min(len(resp.Body), maxShown+cutMargin)], v.seen)
}

// lookThrough learns what all of the answer tells of persons, once: what a message shows may come from wherever in it.
func (v *veil) lookThrough() {
	v.look()
	if v.whole || v.ex == nil || v.ex.Response == nil {
		return
	}
	v.whole = true
	resp := v.ex.Response
	content := resp.Body
	if resp.Large != nil && resp.Large.Content != nil { // what is not there nobody looked into
		content = resp.Large.Content
	}
	v.deep = &phi.Known{Masks: v.masks, All: true, Size: min(len(content), maxLook) / valueSize}
	v.body(resp.Header, content, v.deep)
}

func (v *veil) head(h http.Header) {
	for name, values := range h {
		for _, text := range values {
			v.header(name, text, v.seen.See)
		}
	}
}

func (v *veil) body(h http.Header, content []byte, into *phi.Known) {
	if len(content) > maxLook {
		content, v.blind = content[:maxLook], true
	}
	v.masks.Look(h.Get("Content-Type"), content, into.See)
}

// written learns what a request that did not pass says of a person: the lines of the file that it was written in are shown with it.
func (v *veil) written(req *wire.Request) {
	if v == nil {
		return
	}
	v.masks.URL(req.URL, v.known.See)
	v.masks.Look(req.Header.Get("Content-Type"), req.Body[:min(len(req.Body), maxShown)], v.known.See)
}

// columns learns what the columns of a row tell of a person.
func (v *veil) columns(fields []collections.RowField) {
	if v == nil {
		return
	}
	for _, f := range fields {
		if phi.Personal(f.Name) && !f.Value.Secret {
			v.known.Value(f.Name, f.Value)
		}
	}
}

// captured learns what a request captured of a person, for all that comes after it.
func (v *veil) captured(names []string, scope *vars.Scope, ex *wire.Exchange) {
	if v == nil {
		return
	}
	wanted := map[string]bool{}
	for _, name := range names {
		value, ok := scope.CapturedValue(name)
		switch {
		case !ok || value.Secret || len(value.Text) < 2:
		case phi.Personal(name) || value.JSON && strings.ContainsAny(value.Text, "{["):
			v.known.Value(name, value)
		default:
			wanted[value.Text] = true
		}
	}
	if len(wanted) == 0 {
		return
	}
	found := func(label, text string) {
		if wanted[text] {
			v.known.See(label, text)
		}
	}
	v.masks.Look(ex.Response.Header.Get("Content-Type"), ex.Response.Body, found)
	for name, values := range ex.Response.Header {
		for _, text := range values {
			v.header(name, text, found)
		}
	}
}

// url masks a URL.
func (x *round) url(text string) string {
	text = redactText(x.scope.Secrets(), text)
	if x.veil == nil {
		return text
	}
	return x.veil.known.Redact(x.veil.masks.URL(text, nil))
}

// header masks what a header tells of a person, by its name, or by the references and shapes in it.
func (v *veil) header(name, text string, to phi.See) string {
	if isCredential(name) {
		return text
	}
	return v.masks.Header(name, text, to)
}

// heads masks patient data in a head whose secrets are masked already, in place.
func (v *veil) heads(h http.Header) http.Header {
	if v == nil {
		return h
	}
	for name, values := range h {
		for i, text := range values {
			values[i] = v.near(v.header(name, text, nil))
		}
	}
	return h
}

// shownBody returns the start of a body, masked: its secrets first, because a mask within a secret would hide what it is.
func (x *round) shownBody(v *veil, h http.Header, body []byte) string {
	text := redactBody(x.scope.Secrets(), body)
	if v == nil || text == "" {
		return text
	}
	v.look()
	text = string(v.masks.Body(h.Get("Content-Type"), []byte(text), body, nil))
	return v.known.Redact(v.seen.Redact(text))
}

// reason masks the words of a server behind a status; those that every server has stay.
func (x *round) reason(status int, text string) string {
	if text == http.StatusText(status) {
		return text
	}
	return x.redact(text)
}

// mark names a time of a loop; one whose value is of a person has its number alone.
func (x *round) mark(l *collections.Loop, time *collections.Iteration, n int) string {
	if phi.Personal(l.Name) && x.veil != nil {
		x.veil.known.Value(l.Name, time.Value)
	}
	x.veil.about(x.scope, nil) // what the answer before told of this value was learned when it was captured
	text := x.redact(time.Label)
	if x.veil != nil && text != redactText(x.scope.Secrets(), time.Label) {
		return "#" + strconv.Itoa(n)
	}
	return text
}

// veilOutline masks the values of variables that are of persons, in a message that is shown and not sent. What the collection writes down stays.
func veilOutline(scope *vars.Scope, msg *wire.Request) {
	var known phi.Known
	known.Variables(scope)
	msg.URL = known.Redact(msg.URL)
	for _, values := range msg.Header {
		for i, text := range values {
			values[i] = known.Redact(text)
		}
	}
	if msg.Body != nil && utf8.Valid(msg.Body) {
		msg.Body = []byte(known.Redact(string(msg.Body)))
	}
}
