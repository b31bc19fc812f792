package expect

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Captures are the values that a response hands to the requests after it, in the order of the file. The zero value
// takes nothing.
type Captures struct{ all []capture }

// capture is one value.
type capture struct {
	name     string
	pos      source.Pos
	query    Query
	then     then
	secret   bool
	open     bool // secret: false, whatever its name is
	optional bool
	fallback *vars.Document // of default:, nil for none
	when     *Expectations  // which must hold, or nothing is taken; nil for none
}

// Read reads a mapping of names to queries: a gjson path, or a mapping of one subject with then, secret, optional and default.
func (c *Captures) Read(n source.Node) {
	*c = Captures{}
	queries := Queries()
	for _, e := range n.Entries() {
		vars.CheckName(e)
		one := capture{name: e.Name(), pos: e.Key.Pos()}
		if e.Value.IsMap() {
			one.readMap(e.Value, queries)
		} else if !e.Value.IsScalar() {
			e.Value.Errorf("want a path in the JSON body, or a mapping such as {header: ETag}")
		} else {
			one.query = readJSONQuery(e.Value)
			one.secret = sensitive(one.name, one.query)
		}
		if one.query != nil {
			c.all = append(c.all, one)
		}
	}
}

// readMap reads the long form.
func (c *capture) readMap(n source.Node, queries map[string]func(source.Node) Query) {
	var open *bool
	keys := source.Keys{
		"then":     c.then.read,
		"secret":   func(n source.Node) { open = new(bool); source.Bool(open)(n) },
		"optional": source.Bool(&c.optional),
		"default":  func(n source.Node) { c.fallback = new(vars.Document); c.fallback.Read(n) },
		"when":     c.readWhen,
	}
	subject := ""
	for name, read := range queries {
		keys[name] = func(n source.Node) {
			if subject != "" {
				n.Errorf("a capture takes one value, got %s as well as %s", name, subject)
				return
			}
			subject = name
			c.query = read(n)
		}
	}
	n.Map(keys)
	options := []string{"then", "secret", "optional", "default", "when"}
	if subject == "" && !slices.ContainsFunc(n.Entries(), func(e source.Entry) bool { return !slices.Contains(options, e.Name()) }) {
		n.Errorf("a capture needs one of %s", strings.Join(sortedNames(queries), ", "))
	}
	if c.optional && c.fallback != nil {
		n.Errorf("default says already that nothing need be there; leave optional out")
	}
	if c.query == nil {
		return
	}
	if open != nil {
		c.secret, c.open = *open, !*open
		return
	}
	c.secret = sensitive(c.name, c.query) || c.then.sensitive()
}

// readWhen reads what the answer must satisfy for the value to be taken.
func (c *capture) readWhen(n source.Node) {
	c.when = new(Expectations)
	c.when.Read(n)
	if len(c.when.files) > 0 {
		n.Errorf("when asks for values; a schema, a document or a snapshot stands in expect")
	}
}

// Names returns the names that are captured, in the order of the file.
func (c *Captures) Names() []string {
	names := make([]string, len(c.all))
	for i, one := range c.all {
		names[i] = one.name
	}
	return names
}

// Len returns how many values are captured.
func (c *Captures) Len() int { return len(c.all) }

// Uses returns the names that queries, filters and defaults need.
func (c *Captures) Uses() []vars.Use {
	var uses []vars.Use
	for _, one := range c.all {
		uses = append(uses, usesOf(one.query)...)
		uses = append(uses, one.then.uses()...)
		if one.fallback != nil {
			uses = append(uses, one.fallback.Uses()...)
		}
		if one.when != nil {
			uses = append(uses, one.when.Uses()...)
		}
	}
	return uses
}

// Take sets what is found in s, and returns what found nothing. Numbers and documents keep their type and every digit;
// secrets are hidden from here on.
func (c *Captures) Take(a *Answer, s *vars.Scope) []Failure {
	var failures []Failure
	for i := range c.all {
		if f := c.all[i].take(a, s); f != nil {
			failures = append(failures, *f)
		}
	}
	return failures
}

func (c *capture) take(a *Answer, s *vars.Scope) *Failure {
	if c.when != nil {
		failures, err := c.when.Judge(a, s)
		if err != nil {
			return c.broken(err)
		}
		if len(failures) > 0 {
			return nil
		}
	}
	q, err := filled(c.query, s)
	if err != nil {
		return c.broken(err)
	}
	v, err := look(q, a)
	switch found := err == nil && v.kind != absent; {
	case found && c.then == nil:
		c.set(v, s)
		return nil
	case found:
		if err = c.process(v, s); err == nil {
			return nil
		}
		if !inVain(err) {
			return c.broken(err)
		}
	}
	switch {
	case c.fallback != nil:
		found, err := c.fallback.Any(s)
		if err != nil {
			return c.broken(err)
		}
		c.set(valueOf(found), s)
		return nil
	case c.optional:
		return nil
	case err != nil:
		return c.broken(err)
	}
	if hint := hintOf(q, a); hint != "" {
		return c.failure("nothing at "+q.String(), hint)
	}
	return c.failure("nothing at " + q.String())
}

// process takes a value through then. Where it comes from what is a secret by its name, it is one before that already.
func (c *capture) process(v value, s *vars.Scope) error {
	captured := v.variable()
	if captured.Secret = c.secret; !c.open && sensitive("", c.query) {
		captured.Secret = true
		s.Hide(c.name, captured.Text)
	}
	captured, err := c.then.apply(c.name, captured, s)
	if err != nil {
		return err
	}
	captured.Secret = captured.Secret && !c.open
	s.Set(c.name, captured)
	if captured.JSON {
		hideTexts(c.name, captured.Secret, captured.Any(), s)
	}
	return nil
}

func (c *capture) failure(message string, details ...string) *Failure {
	return &Failure{Pos: c.pos, Message: "capture " + c.name + ": " + message, Details: copied(details)}
}

// broken is the failure of a capture whose own templates have no value, or whose steps cannot be taken. It stands where they do.
func (c *capture) broken(err error) *Failure {
	f := c.failure(err.Error())
	if m := (*missing)(nil); errors.As(err, &m) && m.hint != "" {
		f.Details = copied([]string{m.hint})
	}
	if e, ok := err.(*source.Error); ok {
		f.Pos, f.Message = e.Pos, "capture "+c.name+": "+e.Err.Error()
	}
	return f
}

// set hands a value on. It copies what is part of the body, or the body would stay as long as the value.
func (c *capture) set(v value, s *vars.Scope) {
	captured := v.variable()
	captured.Secret = c.secret
	s.Set(c.name, captured)
	if v.kind == list || v.kind == object {
		hideTexts(c.name, c.secret, v.box(), s)
	}
}

// variable returns the value as a variable holds it. Documents keep the order of their members.
func (v value) variable() vars.Value {
	switch v.kind {
	case text:
		return vars.Value{Text: strings.Clone(v.text)}
	case number:
		return vars.Value{Text: strings.Clone(v.text), JSON: true}
	case span:
		return vars.Value{Text: v.span.String()}
	case list, object:
		if v.any == nil {
			return vars.Value{Text: compact(v.text), JSON: true}
		}
	}
	return vars.Of(v.box())
}

// hideTexts hides copies of the texts within a document: all of a secret one, because it stands in the body in another layout
// than in the variable; of any other those that go by the name of a secret.
func hideTexts(name string, secret bool, v any, s *vars.Scope) {
	switch v := v.(type) {
	case string:
		if secret {
			s.Hide(name, strings.Clone(v))
		}
	case json.Number:
		if secret {
			s.Hide(name, strings.Clone(string(v)))
		}
	case []any:
		for _, e := range v {
			hideTexts(name, secret, e, s)
		}
	case map[string]any:
		for member, e := range v {
			if secret || member != "code" && secretWord(member) {
				hideTexts(member, true, e, s)
			} else {
				hideTexts(name, false, e, s)
			}
		}
	}
}

// sensitive reports whether a value is a secret by the names it goes by: that of the variable, and that of the member,
// header or cookie that it comes from.
func sensitive(name string, q Query) bool {
	if secretWord(name) {
		return !isClinicalCode(name, q)
	}
	switch q := q.(type) {
	case jsonQuery, jsonTemplate:
		member := lastMember(strings.TrimPrefix(q.String(), "json "))
		return secretWord(member) && !isClinicalCode(member, q)
	case jsonpathQuery, jsonpathTemplate:
		return slices.ContainsFunc(lastNames(q), func(member string) bool { return secretWord(member) && !isClinicalCode(member, q) })
	case jwtQuery:
		return secretWord(lastMember(q.part.String()))
	case headerQuery:
		return secretWord(q.name)
	case cookieQuery:
		return q.attribute == ""
	}
	return false
}

// lastMember returns the name of the member that a path leads to.
func lastMember(path string) string {
	pieces := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '|' })
	for _, p := range slices.Backward(pieces) {
		if p = strings.ReplaceAll(p, `\`, ""); !strings.HasPrefix(p, "@") && p != "#" && digits(p) < len(p) {
			return p
		}
	}
	return ""
}

// isClinicalCode reports whether code is that of a FHIR resource, deep in the body, and not one of OAuth, at its top.
func isClinicalCode(name string, q Query) bool {
	if !strings.EqualFold(name, "code") {
		return false
	}
	if path, ok := strings.CutPrefix(q.String(), "jsonpath $"); ok {
		return len(path) > 1 && strings.ContainsAny(path[1:], ".[")
	}
	path, ok := strings.CutPrefix(q.String(), "json ")
	return ok && strings.ContainsAny(path, ".|#")
}

// secretWord reports whether something of this name is a secret. access_token, accessToken and Access-Token are one name.
func secretWord(name string) bool {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
	switch plain {
	case "accesstoken", "refreshtoken", "idtoken", "token", "authtoken", "sessiontoken", "subjecttoken", "actortoken", "bearer", "jwt",
		"assertion", "clientassertion", "clientsecret", "secret", "code", "codeverifier", "devicecode", "password", "passphrase",
		"authorization", "proxyauthorization", "cookie", "setcookie", "apikey", "xapikey", "xauthtoken", "xaccesstoken", "privatekey":
		return true
	}
	return false
}
