package expect

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// jwtQuery finds what a JWT says: its header and its claims (RFC 7519). Nothing is verified by it.
type jwtQuery struct {
	token Query // that finds the JWT; nil where the whole text is one
	part  Query // a path into {"header": …, "claims": …}
}

// jwtPlaces is the table of where a JWT may stand, and of who reads what stands behind the word.
func jwtPlaces() map[string]func(source.Node) Query {
	all, places := Queries(), map[string]func(source.Node) Query{"value": readValueQuery}
	for _, name := range []string{"cookie", "header", "json", "jsonpath", "regex", "text", "xpath"} {
		places[name] = all[name]
	}
	return places
}

// readJWT reads where a token stands, and what is expected of it; or a list of these.
func readJWT(n source.Node, t Terms) {
	if n.IsList() {
		for _, item := range n.Items() {
			readJWT(item, t)
		}
		return
	}
	if !n.IsMap() {
		n.Errorf("want a mapping: where the JWT stands and what it must say, as in {json: id_token, claims.sub: …}")
		return
	}
	r := jwtReader{terms: t, places: jwtPlaces()}
	for _, e := range n.Entries() {
		r.entry(e)
	}
	switch {
	case r.bad:
		return
	case r.token == nil:
		n.Errorf("where does the JWT stand? name one of %s", strings.Join(sortedNames(r.places), ", "))
		return
	case len(r.expected) == 0:
		n.Errorf("expects nothing of the JWT; name header.alg, claims.sub, verify, …")
	}
	for _, expected := range r.expected {
		expected(r.token)
	}
}

// jwtReader reads one mapping of the subject jwt.
type jwtReader struct {
	terms    Terms
	places   map[string]func(source.Node) Query
	place    string        // the word of token
	token    Query         // nil until it is read
	expected []func(Query) // what is to be done when the token is known, in the order of the file
	bad      bool          // what is wrong was said
}

func (r *jwtReader) entry(e source.Entry) {
	name := e.Name()
	switch read, isPlace := r.places[name]; {
	case isPlace && r.place != "":
		e.Key.Errorf("a JWT stands in one place, got %s as well as %s", name, r.place)
		r.bad = true
	case isPlace:
		r.place, r.token = name, read(e.Value)
		r.bad = r.bad || r.token == nil
	case name == "verify":
		if v := r.terms.readVerify(e.Value); v.valid() {
			r.expected = append(r.expected, func(token Query) { r.terms.into.expect(jwtToken{token}, []Predicate{v}) })
			return
		}
		r.bad = true
	default:
		part := readJWTPart(e.Key)
		if part == nil || r.literal(e) {
			r.bad = true
			return
		}
		r.expected = append(r.expected, func(token Query) { r.terms.expect(jwtQuery{token, part}, e.Value) })
	}
}

// literal explains a mapping of claims, which is none of predicates.
func (r *jwtReader) literal(e source.Entry) bool {
	if e.Name() != "claims" || !e.Value.IsMap() || e.Value.IsEmpty() {
		return false
	}
	first := e.Value.Entries()[0]
	if r.terms.words[first.Name()] != nil {
		return false
	}
	first.Key.Errorf("%q is no predicate; a claim has a key of its own: claims.%s: …", first.Name(), first.Name())
	return true
}

// readJWTPart reads header.alg, claims.sub and the like: a path into the header or the claims.
func readJWTPart(n source.Node) Query {
	name := n.Text()
	first, _, _ := strings.Cut(name, ".")
	if first == "header" || first == "claims" {
		return readJSONQuery(n)
	}
	words := append(sortedNames(jwtPlaces()), "claims.", "header.", "verify")
	switch hint := source.Suggest(name, words); {
	case strings.HasPrefix(hint, "did you mean"):
		n.Errorf("unknown part of a JWT %q; %s", name, hint)
	case slices.Contains([]string{"alg", "kid", "typ", "x5c", "x5t", "jku", "jwk", "cty"}, first):
		n.Errorf("unknown part of a JWT %q; write header.%s", name, name)
	default:
		n.Errorf("unknown part of a JWT %q; a claim is written claims.%s", name, name)
	}
	return nil
}

func (q jwtQuery) String() string {
	name := "jwt " + strings.TrimPrefix(q.part.String(), "json ")
	if q.token != nil {
		name += " of " + q.token.String()
	}
	return name
}

// Find returns any value of JSON, or Absent. The error says that there is no JWT.
func (q jwtQuery) Find(a *Answer) (any, error) { v, err := q.look(a); return v.box(), err }

func (q jwtQuery) look(a *Answer) (value, error) {
	inner, err := q.open(a)
	if err != nil || inner == nil {
		return value{}, err
	}
	return look(q.part, inner)
}

// open returns header and claims as an answer of their own; nil where there is no token at all.
func (q jwtQuery) open(a *Answer) (*Answer, error) {
	text, found, err := jwtToken{q.token}.text(a)
	if err != nil || !found {
		return nil, err
	}
	if a.parsed.jwt != nil && a.parsed.jwt.text == text {
		return a.parsed.jwt.inside, nil
	}
	doc, err := openJWT(text)
	if err != nil {
		return nil, errors.New(jwtToken{q.token}.said(err))
	}
	a.parsed.jwt = &openedJWT{text, &Answer{exchange: a.exchange, response: a.response, body: doc, json: good}}
	return a.parsed.jwt.inside, nil
}

// openedJWT is the JWT that was looked into last, because most expectations are about one.
type openedJWT struct {
	text   string
	inside *Answer
}

func (q jwtQuery) hint(a *Answer) string {
	inner, err := q.open(a)
	if err != nil {
		return ""
	}
	if inner == nil {
		return hintOf(q.token, a)
	}
	hint := hintOf(q.part, inner)
	if rest, ok := strings.CutPrefix(hint, "the body "); ok {
		hint = "the JWT " + rest
	}
	return hint
}

func (q jwtQuery) refuse(word string) string {
	if r, ok := q.part.(refuser); ok {
		return r.refuse(word)
	}
	return ""
}

// counts says that times are numbers of seconds (NumericDate, RFC 7519, section 2).
func (jwtQuery) counts() {}

func (q jwtQuery) uses() []vars.Use { return slices.Concat(usesOf(q.token), usesOf(q.part)) }

func (q jwtQuery) fill(s *vars.Scope) (Query, error) {
	if len(q.uses()) == 0 {
		return q, nil
	}
	var err error
	if q.token != nil {
		if q.token, err = filled(q.token, s); err != nil {
			return nil, err
		}
	}
	q.part, err = filled(q.part, s)
	return q, err
}

// jwtToken finds a JWT as it stands, to verify it. Nothing of it is ever shown.
type jwtToken struct{ of Query }

func (q jwtToken) String() string { return "jwt signature of " + q.of.String() }

// Find returns a string or Absent. The error says that there is no JWT.
func (q jwtToken) Find(a *Answer) (any, error) { v, err := q.look(a); return v.box(), err }

func (q jwtToken) look(a *Answer) (value, error) {
	s, found, err := q.text(a)
	if err != nil || !found {
		return value{}, err
	}
	if _, err := openJWT(s); err != nil {
		return value{}, errors.New(q.said(err))
	}
	return value{kind: text, text: s}, nil
}

func (q jwtToken) hint(a *Answer) string { return hintOf(q.of, a) }

func (q jwtToken) uses() []vars.Use { return usesOf(q.of) }

func (q jwtToken) fill(s *vars.Scope) (Query, error) {
	of, err := filled(q.of, s)
	return jwtToken{of}, err
}

// text returns the token, without the scheme that stands before it in an Authorization header.
func (q jwtToken) text(a *Answer) (token string, found bool, err error) {
	of := q.of
	if of == nil {
		of = textQuery{}
	}
	v, err := look(of, a)
	switch {
	case err != nil || v.kind == absent:
		return "", false, err
	case v.kind != text:
		return "", false, errors.New(q.said(errors.New("got " + v.kind.String() + ", want the text of a JWT")))
	}
	token = strings.TrimSpace(v.text)
	if scheme, rest, ok := strings.Cut(token, " "); ok && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "DPoP")) {
		token = strings.TrimSpace(rest)
	}
	return token, true, nil
}

// said names the place of what is no JWT.
func (q jwtToken) said(err error) string {
	if q.of == nil {
		return err.Error()
	}
	return q.of.String() + ": " + err.Error()
}

// openJWT returns {"header": …, "claims": …} of a signed JWT. The error says what the text is instead, and shows
// nothing of it.
func openJWT(token string) (string, error) {
	parts := strings.Split(token, ".")
	switch {
	case token == "":
		return "", errors.New("the text is empty, want a JWT")
	case len(parts) == 1:
		return "", errors.New("no JWT but an opaque token or another text (" + strconv.Itoa(len(token)) +
			" characters without a dot); only the server knows what it stands for, which token introspection asks it")
	case len(parts) == 5:
		return "", errors.New("an encrypted JWT (JWE" + encryption(parts[0]) + "); only who has its key can read the claims")
	case len(parts) != 3:
		return "", errors.New("no JWT: it has " + strconv.Itoa(len(parts)) + " parts, want 3 with dots between them")
	}
	var texts [2]string
	for i, name := range []string{"header", "claims"} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return "", errors.New("no JWT: its part " + strconv.Itoa(i+1) + ", the " + name + ", is not base64url (RFC 7515, section 2)")
		}
		texts[i] = strings.TrimSpace(string(raw))
		if tooDeep(texts[i]) || !gjson.Valid(texts[i]) || !strings.HasPrefix(texts[i], "{") {
			return "", errors.New("no JWT: its part " + strconv.Itoa(i+1) + ", the " + name + ", is not a JSON object")
		}
	}
	return `{"header":` + texts[0] + `,"claims":` + texts[1] + `}`, nil
}

// encryption says with what a JWE was encrypted (RFC 7516, section 4.1).
func encryption(header string) string {
	raw, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil || !gjson.ValidBytes(raw) {
		return ""
	}
	said := ""
	for _, name := range []string{"alg", "enc"} {
		if v := gjson.GetBytes(raw, name); v.Type == gjson.String {
			said += ", " + name + " " + cut(v.Str)
		}
	}
	return said
}

// valueQuery finds a text that the collection has, such as a captured token.
type valueQuery struct {
	written vars.Template
	text    string // what it stands for
}

func readValueQuery(n source.Node) Query {
	q := valueQuery{}
	q.written.Read(n)
	if n.IsScalar() && n.Text() == "" {
		n.Errorf("the value is empty; write value: \"{{id_token}}\"")
	}
	if q.written.IsZero() {
		return nil
	}
	if q.written.Static() {
		q.text = q.written.Outline("")
	}
	return q
}

// String names the variable and never its value, which is a token.
func (q valueQuery) String() string {
	if q.written.Static() {
		return "value"
	}
	return "value " + q.written.String()
}

// Find returns a string.
func (q valueQuery) Find(*Answer) (any, error) { return q.text, nil }

func (q valueQuery) uses() []vars.Use { return q.written.Uses() }

func (q valueQuery) fill(s *vars.Scope) (Query, error) {
	var err error
	q.text, err = q.written.Expand(s)
	return q, err
}
