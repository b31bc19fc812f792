package importers

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Names are the variables that a script uses.
type Names struct {
	Reads, Sets []string
	Open        bool // and others, which only a run can tell
}

// has reports whether the script may use a variable.
func (n Names) has(name string) bool {
	return n.Open || slices.Contains(n.Reads, name) || slices.Contains(n.Sets, name)
}

// Token is a token that a script fetches; Declared.Keys has an auth block that can fetch it.
type Token struct {
	Name   string   // the variable that it is kept in; empty where it goes into a header alone
	Global bool     // the variable is a global
	Direct bool     // the script writes it into the header Authorization of the request
	Gone   []string // variables that the script sets beside it for itself
}

// spot is a collection, a folder or a request, and where it stands.
type spot struct {
	node    source.Node
	outer   *spot // nil for the collection
	path    []string
	first   int  // the number of its first request, from 0
	request bool // neither a folder nor the collection
}

// of says whose something is, for people.
func (s *spot) of() string {
	switch {
	case s.outer == nil:
		return "collection"
	case s.request:
		return "request " + strings.Join(s.path, "/")
	}
	return "folder " + strings.Join(s.path, "/")
}

// inherits returns the auth that holds for a spot, and where it stands; nil for none.
func (s *spot) inherits() (source.Node, *spot) {
	for at := s; at != nil; at = at.outer {
		if auth, ok := at.node.Get("auth"); ok {
			return auth, at
		}
	}
	return source.Node{}, nil
}

// around returns the scripts for an event of the folders and the collection around a spot, the innermost first.
func (s *spot) around(listen string) []string {
	var texts []string
	for at := s.outer; at != nil; at = at.outer {
		both, _ := at.node.Get("script")
		if script, ok := both.Get(listen); ok {
			texts = append(texts, block(script.Lines()))
		}
	}
	return texts
}

// handover is what declarations take over from scripts that get tokens and sign JWTs.
type handover struct {
	spots    []*spot // all, in the order of the file
	listed   []*scripted
	scripts  map[source.Node]*scripted
	auths    map[source.Node]source.Node // the auths of items, in the place of those that they have
	jwts     map[source.Node]string      // the variables of requests that {{$assertion}} stands for now
	shared   []sharedAuth
	gone     []string // variables
	numbered int      // requests
}

// scripted is a script and what becomes of it.
type scripted struct {
	at    *spot
	entry source.Entry
	said  Declared
}

// hands reports whether the script gives a request what declarations can give it: a token, or a JWT.
func (s *scripted) hands() bool { return s.said.Token != nil || s.said.Assertion != "" }

// survey finds all spots and scripts of an item.
func (w *rewriter) survey(n source.Node, outer *spot, path []string) {
	s := &spot{node: n, outer: outer, path: path, first: w.numbered, request: outer != nil && !n.Has("requests")}
	w.spots = append(w.spots, s)
	if both, ok := n.Get("script"); ok {
		for _, e := range both.Entries() {
			sc := &scripted{at: s, entry: e}
			w.scripts[e.Value] = sc
			w.listed = append(w.listed, sc)
		}
	}
	if s.request {
		w.numbered++
		return
	}
	if list, ok := n.Get("requests"); ok {
		for _, item := range list.Items() {
			w.survey(item, s, append(slices.Clip(path), nameOf(item)))
		}
	}
}

// settle says what becomes of each script. One that gets a token or signs a JWT is declared where all that uses it can use the declaration.
func (w *rewriter) settle() {
	for _, sc := range w.listed {
		sc.said = w.declare(w.source(sc, true))
	}
	for changed := true; changed; {
		changed = false
		for _, sc := range w.listed {
			if !sc.hands() {
				continue
			}
			if reason := w.stays(sc); reason != "" {
				sc.said = w.declare(w.source(sc, false))
				sc.said.Reasons, sc.said.refused = append(sc.said.Reasons, reason), true
				changed = true
			}
		}
	}
	for _, sc := range w.listed {
		w.sign(sc)
	}
	w.fetch()
}

// stays returns why a script has to stay that gets a token or signs a JWT; empty for one that can go.
func (w *rewriter) stays(sc *scripted) string {
	more := withoutHeader(sc.said.Keys.Without("auth"), "Authorization")
	if !sc.at.request && (!more.Without("assertion").IsEmpty() || sc.said.Token == nil) {
		return "it is of a " + strings.Fields(sc.at.of())[0] + ", and does more than to get a token"
	}
	if _, ok := merge(sc.at.node, more); !ok && sc.at.request {
		return "what it says stands in the request already"
	}
	if reason := w.assertionStays(sc); reason != "" {
		return reason
	}
	if sc.said.Token == nil {
		return ""
	}
	return w.tokenStays(sc)
}

// tokenStays is stays for what becomes of a token.
func (w *rewriter) tokenStays(sc *scripted) string {
	k := sc.said.Token
	for _, name := range slices.Concat([]string{k.Name}, k.Gone, contextNames(sc.said)) {
		if name == "" {
			continue
		}
		for _, other := range w.listed {
			same := other.said.Token != nil && name == k.Name && other.said.Token.Name == name
			switch {
			case other == sc || slices.Contains(contextNames(sc.said), name) && !slices.Contains(other.said.Names.Sets, name) && !other.said.Names.Open:
			case same && !equal(other.said, sc.said):
				return "{{" + name + "}} is fetched in another way by the " + other.at.of()
			case !same && !w.beside(other, sc, name) && other.said.Names.has(name):
				return "{{" + name + "}} is used by the script of the " + other.at.of()
			}
		}
	}
	for _, name := range k.Gone {
		for _, s := range w.spots {
			if _, in := s.mentioned(name); in {
				return "{{" + name + "}} is used by the " + s.of()
			}
		}
	}
	if variables, ok := w.spots[0].node.Get("variables"); ok && k.Global && variables.Has(k.Name) {
		return "{{" + k.Name + "}} is a variable of the collection too, which is stronger than a global"
	}
	return w.usersStay(sc)
}

// beside reports whether another script fetches the same token, and sets the same variables beside it.
func (w *rewriter) beside(other, sc *scripted, name string) bool {
	k := other.said.Token
	return k != nil && k.Name == sc.said.Token.Name && (slices.Contains(k.Gone, name) || slices.Contains(contextNames(other.said), name))
}

// usersStay looks at who sends the token.
func (w *rewriter) usersStay(sc *scripted) string {
	k := sc.said.Token
	if at := sc.at; k.Direct || directHeader(sc.said) {
		if auth, _ := at.inherits(); !auth.IsZero() && auth.Raw() != "none" && !isBearer(auth, k.Name) {
			return "the header Authorization that it writes stands beside an auth"
		}
		for _, s := range w.spots {
			if !at.request && s.within(at) && s != at && (s.node.Has("auth") || s.authorized()) {
				return "the " + s.of() + " has an Authorization of its own"
			}
		}
	}
	if k.Name == "" {
		return ""
	}
	sent := k.Direct || directHeader(sc.said)
	for _, s := range w.spots {
		if key, in := s.mentioned(k.Name); in && !s.sends(k.Name, key) {
			return "the " + s.of() + " uses {{" + k.Name + "}} under " + key
		}
		if s.bearer(k.Name) {
			sent = true
		}
		if auth, _ := s.inherits(); s.bearsHeader(k.Name) && !auth.IsZero() && auth.Raw() != "none" {
			return "the " + s.of() + " has an auth beside the header that sends {{" + k.Name + "}}"
		}
		if s.request && s.uses(k.Name) && s.first < w.firstFetch(k.Name) {
			return "the " + s.of() + " sends {{" + k.Name + "}} before it is fetched"
		}
	}
	if !sent {
		return "nothing in the collection sends {{" + k.Name + "}} as a bearer token"
	}
	return ""
}

// firstFetch returns the number of the request before which a token is fetched first.
func (w *rewriter) firstFetch(name string) int {
	for _, sc := range w.listed { // in the order of the file
		if sc.said.Token != nil && sc.said.Token.Name == name {
			return sc.at.first
		}
	}
	return 0
}

// within reports whether a spot is another, or in it.
func (s *spot) within(other *spot) bool {
	for at := s; at != nil; at = at.outer {
		if at == other {
			return true
		}
	}
	return false
}

// uses reports whether a request sends a token, be it that it inherits that.
func (s *spot) uses(name string) bool {
	auth, _ := s.inherits()
	return s.bearsHeader(name) || isBearer(auth, name)
}

// bearer reports whether the spot itself says that a token is sent.
func (s *spot) bearer(name string) bool {
	auth, _ := s.node.Get("auth")
	return s.bearsHeader(name) || isBearer(auth, name)
}

// sends reports whether a key of the spot sends a token, and nothing else of it uses the token.
func (s *spot) sends(name, key string) bool {
	auth, _ := s.node.Get("auth")
	return key == "auth" && isBearer(auth, name) || key == "headers" && s.bearsHeader(name)
}

func (s *spot) authorized() bool {
	h, ok := s.node.Get("headers")
	return ok && slices.ContainsFunc(h.Entries(), func(e source.Entry) bool { return strings.EqualFold(e.Name(), "Authorization") })
}

// bearsHeader reports whether the header Authorization is Bearer {{name}}, and no other header uses the name.
func (s *spot) bearsHeader(name string) bool {
	h, ok := s.node.Get("headers")
	if !ok || name == "" {
		return false
	}
	bears := false
	for _, e := range h.Entries() {
		switch {
		case strings.EqualFold(e.Name(), "Authorization") && e.Value.Raw() == "Bearer {{"+name+"}}":
			bears = true
		case mentions(e.Value, name):
			return false
		}
	}
	return bears
}

// isBearer reports whether an auth sends a variable as a bearer token.
func isBearer(auth source.Node, name string) bool {
	token, ok := auth.Get("bearer")
	if inner, long := token.Get("token"); long {
		token = inner
	}
	return ok && name != "" && token.Raw() == "{{"+name+"}}"
}

// mentioned returns the first key of a spot, scripts and what is in it aside, that uses a variable; a second one counts before the first where the
// first may use it.
func (s *spot) mentioned(name string) (string, bool) {
	last, in := "", false
	for _, e := range s.node.Entries() {
		if e.Name() == "script" || e.Name() == "requests" || !mentions(e.Value, name) {
			continue
		}
		if last, in = e.Name(), true; !s.sends(name, last) {
			return last, true
		}
	}
	return last, in
}

// mentions reports whether a text in a value uses a variable.
func mentions(v source.Node, name string) bool {
	switch {
	case v.IsMap():
		return slices.ContainsFunc(v.Entries(), func(e source.Entry) bool { return uses(e.Name(), name) || mentions(e.Value, name) })
	case v.IsList():
		return slices.ContainsFunc(v.Items(), func(item source.Node) bool { return mentions(item, name) })
	}
	return uses(v.Raw(), name)
}

// uses reports whether a text has {{name}} in it, filters or not.
func uses(text, name string) bool {
	for {
		_, rest, ok := strings.Cut(text, "{{")
		if !ok {
			return false
		}
		inner, _, _ := strings.Cut(rest, "}}")
		first, _, _ := strings.Cut(inner, "|")
		if strings.TrimSpace(first) == name {
			return true
		}
		text = rest
	}
}
