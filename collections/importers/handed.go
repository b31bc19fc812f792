package importers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// equal reports whether two scripts fetch the same token in the same way.
func equal(a, b Declared) bool {
	x, okX := a.Keys.Get("auth")
	y, okY := b.Keys.Get("auth")
	left, err := source.Write(x, nil)
	right, err2 := source.Write(y, nil)
	return okX && okY && err == nil && err2 == nil && string(left) == string(right)
}

// directHeader reports whether the script adds the header Authorization with its token.
func directHeader(d Declared) bool {
	if d.Token == nil {
		return false
	}
	h, _ := d.Keys.Get("headers")
	if h.IsZero() {
		return false
	}
	return slices.ContainsFunc(h.Entries(), func(e source.Entry) bool {
		return strings.EqualFold(e.Name(), "Authorization") && e.Value.Raw() == "Bearer {{"+d.Token.Name+"}}"
	})
}

// contextNames are the variables that an oauth2 block keeps of the answer beside the token.
func contextNames(d Declared) []string {
	auth, _ := d.Keys.Get("auth")
	block, _ := auth.Get("oauth2")
	context, ok := block.Get("context")
	if !ok {
		return nil
	}
	var names []string
	for _, e := range context.Entries() {
		names = append(names, e.Name())
	}
	return names
}

// assertionStays is stays for a JWT that a script signs into a variable.
func (w *rewriter) assertionStays(sc *scripted) string {
	name := sc.said.Assertion
	if name == "" {
		return ""
	}
	for _, other := range w.listed {
		if other != sc && other.said.Assertion != name && other.said.Names.has(name) {
			return "{{" + name + "}} is used by the script of the " + other.at.of()
		}
	}
	sent := false
	for _, s := range w.spots {
		if _, in := s.mentioned(name); !in {
			continue
		}
		signs := slices.ContainsFunc(w.listed, func(other *scripted) bool { return other.at == s && other.said.Assertion == name })
		if !signs || !s.request {
			return "{{" + name + "}} is used by the " + s.of() + ", and an assertion is of one request"
		}
		sent = sent || s == sc.at
	}
	if !sent && sc.said.Token == nil && !signedHeader(sc.said) {
		return "nothing in its request sends {{" + name + "}}"
	}
	return ""
}

// signedHeader reports whether the script adds a header with the JWT that it signs.
func signedHeader(d Declared) bool {
	h, ok := d.Keys.Get("headers")
	return ok && mentions(h, "$assertion")
}

// sign puts {{$assertion}} in the place of the variable that a script signs a JWT into.
func (w *rewriter) sign(sc *scripted) {
	name := sc.said.Assertion
	if name == "" {
		return
	}
	w.gone = append(w.gone, name)
	if _, in := sc.at.mentioned(name); !in {
		if !signedHeader(sc.said) { // it is that of the token request alone
			sc.said.Keys = sc.said.Keys.Without("assertion")
		}
		return
	}
	w.jwts[sc.at.node] = name
	w.report.remark(sc.entry.Value.Pos(), fmt.Sprintf("the JWT that the script of the %s signed into {{%s}} is an assertion of the request now", sc.at.of(), name))
}

// fetch puts auth blocks in the places of tokens that scripts fetch.
func (w *rewriter) fetch() {
	done := map[string]bool{}
	for _, sc := range w.listed {
		k := sc.said.Token
		if k == nil {
			continue
		}
		auth, _ := sc.said.Keys.Get("auth")
		block := w.auth(w.unread(sc, auth))
		places := w.places(sc)
		sc.said.Keys = withoutHeader(sc.said.Keys.Without("auth"), "Authorization")
		if k.Name != "" && done[k.Name] {
			continue
		}
		done[k.Name] = true
		w.gone = append(append(w.gone, k.Name), k.Gone...)
		for _, at := range places {
			w.auths[at.node] = block
			if len(places) > 1 {
				w.auths[at.node] = auth.Scalar(authName(k.Name))
			}
		}
		if len(places) > 1 {
			w.shared = append(w.shared, sharedAuth{authName(k.Name), block})
		}
		w.report.remark(sc.entry.Value.Pos(), fetchedRemark(sc, places))
	}
}

// sharedAuth is a block of auths.
type sharedAuth struct {
	name  string
	block source.Node
}

// authName is what a block is called that fetches the token of a variable.
func authName(name string) string {
	if name == "none" {
		return "none_auth"
	}
	return name
}

func fetchedRemark(sc *scripted, places []*spot) string {
	what := "the token that the script of the " + sc.at.of() + " fetched"
	if name := sc.said.Token.Name; name != "" {
		what += " into {{" + name + "}}"
	}
	var of []string
	for _, at := range places {
		of = append(of, "the "+at.of())
	}
	if len(of) > 3 {
		of = append(of[:3], fmt.Sprintf("%d more", len(places)-3))
	}
	return what + " is fetched by auth now, of " + strings.Join(of, ", ")
}

// unread returns a block that keeps no more of the answer than is used.
func (w *rewriter) unread(sc *scripted, auth source.Node) source.Node {
	block, _ := auth.Get("oauth2")
	context, ok := block.Get("context")
	if !ok {
		return auth
	}
	kept := context.Mapping()
	for _, e := range context.Entries() {
		used := slices.ContainsFunc(w.spots, func(s *spot) bool { _, in := s.mentioned(e.Name()); return in }) ||
			slices.ContainsFunc(w.listed, func(other *scripted) bool { return other != sc && other.said.Names.has(e.Name()) })
		if used {
			kept = kept.With(e.Name(), e.Value)
		}
	}
	block = block.Without("context")
	if !kept.IsEmpty() {
		block = block.With("context", kept)
	}
	return auth.Mapping().With("oauth2", block)
}

// places returns where the token of a script is sent, each once and in the order of the file.
func (w *rewriter) places(sc *scripted) []*spot {
	var places []*spot
	for _, s := range w.spots {
		direct := slices.ContainsFunc(w.listed, func(other *scripted) bool {
			k := other.said.Token
			return other.at == s && k != nil && (k.Direct || directHeader(other.said)) && (other == sc || k.Name != "" && k.Name == sc.said.Token.Name)
		})
		if direct || s.bearer(sc.said.Token.Name) {
			places = append(places, s)
		}
	}
	return places
}

// withoutHeader returns keys of a request without a header.
func withoutHeader(keys source.Node, name string) source.Node {
	h, ok := keys.Get("headers")
	if !ok {
		return keys
	}
	kept := h.Mapping()
	for _, e := range h.Entries() {
		if !strings.EqualFold(e.Name(), name) {
			kept = kept.With(e.Name(), e.Value)
		}
	}
	keys = keys.Without("headers")
	if !kept.IsEmpty() {
		keys = keys.With("headers", kept)
	}
	return keys
}

// replaced returns an item with what has taken the place of its scripts' tokens and JWTs.
func (w *rewriter) replaced(made, item source.Node) source.Node {
	if block, ok := w.auths[item]; ok {
		made = withoutHeader(made.Without("auth"), "Authorization").With("auth", block)
	}
	if name, ok := w.jwts[item]; ok {
		with := made.Mapping()
		for _, e := range made.Entries() {
			if e.Name() != "requests" {
				e.Value = reworded(e.Value, placeholder(name), "{{$assertion}}")
			}
			with = with.With(e.Name(), e.Value)
		}
		made = with
	}
	return made
}

// reworded returns a value with one text in the place of another, wherever it stands in texts.
func reworded(v source.Node, old, new string) source.Node {
	switch {
	case v.IsMap():
		made := v.Mapping()
		for _, e := range v.Entries() {
			made = made.With(e.Name(), reworded(e.Value, old, new))
		}
		return made
	case v.IsList():
		items := v.Items()
		for i := range items {
			items[i] = reworded(items[i], old, new)
		}
		return v.List(items...)
	case v.IsText() && strings.Contains(v.Raw(), old):
		return v.Reworded(strings.ReplaceAll(v.Raw(), old, new))
	}
	return v
}

// shares adds the blocks that several requests share to a collection.
func (w *rewriter) shares(made source.Node) source.Node {
	if len(w.shared) == 0 {
		return made
	}
	auths := made.Mapping()
	for _, s := range w.shared {
		auths = auths.With(s.name, s.block)
	}
	return made.With("auths", auths)
}

// stayed returns why a script stays that was asked to go; none for one that was not.
func (d Declared) stayed() []string {
	if !d.refused {
		return nil
	}
	return d.Reasons
}
