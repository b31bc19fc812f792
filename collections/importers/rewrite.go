package importers

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Rewritten is a collection as a person would write it: what scripts do is declared where it can be, and no secret stands in it.
type Rewritten struct {
	Node    source.Node
	Secrets []Secret // that stood in it, by the names that stand for them now
	Gone    []string // variables that nothing uses any more, because declarations have taken the places of the scripts that set them
	Report  Report
}

// Source is a script of a request, and what is around it.
type Source struct {
	Listen  string
	Text    string
	Lines   []source.Pos                  // where each line of Text stands
	Request source.Node                   // that it belongs to, as it is written so far
	Name    string                        // of the request
	Next    string                        // the name of the request that comes next; empty for the last one
	Shared  bool                          // it is of a folder or the collection, and runs with every request in it
	Replace bool                          // the request can send {{$assertion}} and an auth block where it sends what the script has set
	Hidden  func(scope, name string) bool // whether a scope of Postman that is stronger than this one has the variable
	Around  []string                      // the scripts for the same event of the folders and the collection around it
}

// Declared is what became of a script.
type Declared struct {
	Keys    source.Node // keys of the request and their values, a mapping
	Kept    string      // what stays a script; empty for nothing
	Class   string
	Reasons []string

	Names     Names  // that the whole script uses
	Token     *Token // that auth in Keys fetches; nil for none
	Assertion string // the variable that held the JWT which assertion in Keys signs; empty for none
	refused   bool   // it was asked to stay
}

// Beside tells what is imported together with a collection. The zero value is nothing.
type Beside struct {
	Taken       func(name string) bool // whether anything of it is called so, be it a variable or a secret
	Environment func(name string) bool // whether an environment has a variable of the name
}

// Rewrite makes a collection that can be written to a file of ours. declare turns the scripts of requests into declarations.
func Rewrite(file string, in Imported, declare func(Source) Declared, beside Beside) Rewritten {
	w := &rewriter{names: map[string]string{}, declare: declare, others: beside, order: requestNames(in.Node, nil)}
	w.hidden = in.Hidden
	w.scripts, w.auths, w.jwts = map[source.Node]*scripted{}, map[source.Node]source.Node{}, map[source.Node]string{}
	w.report.File = file
	if name, ok := in.Node.Get("name"); ok {
		w.report.Name = name.Raw()
	}
	for _, n := range in.Notes {
		w.report.remark(n.Pos, n.Text)
	}
	w.survey(in.Node, nil, nil)
	w.settle()
	node := w.shares(w.item(in.Node, nil))
	if w.report.Requests == 0 {
		w.report.remark(in.Node.Pos(), "there is no request in it that could be sent: it runs when one is written")
	}
	return Rewritten{node, w.secrets, w.gone, w.report}
}

// rewriter walks through a collection.
type rewriter struct {
	report  Report
	hidden  []Secret          // variables
	secrets []Secret          // that were moved
	names   map[string]string // of the secrets by their values
	declare func(Source) Declared
	others  Beside
	order   []string // the names of all requests
	handover
}

// item rewrites a collection, a folder or a request; path is its own and those of the folders around it, nil for the collection.
func (w *rewriter) item(n source.Node, path []string) source.Node {
	made := n.Mapping()
	for _, e := range n.Entries() {
		switch e.Name() {
		case "requests":
			var items []source.Node
			for _, item := range e.Value.Items() {
				items = append(items, w.item(item, append(slices.Clip(path), nameOf(item))))
				w.count(item)
			}
			made = made.With("requests", e.Value.List(items...))
		case "script": // last, when the request is complete
		case "variables":
			if v := w.variables(e.Value); !v.IsEmpty() {
				made = made.With("variables", v)
			}
		case "auth":
			made = made.With("auth", w.auth(e.Value))
		case "headers", "form", "query":
			made = made.With(e.Name(), w.fields(e.Value))
		default:
			made = made.With(e.Name(), e.Value)
		}
	}
	made = w.replaced(made, n)
	if both, ok := n.Get("script"); ok {
		made = w.scriptsOf(made, both)
	}
	return made
}

func (w *rewriter) count(item source.Node) {
	if item.Has("requests") {
		w.report.Folders++
	} else {
		w.report.Requests++
	}
}

func nameOf(item source.Node) string {
	for _, key := range []string{"name", "request"} {
		if n, ok := item.Get(key); ok {
			return n.Raw()
		}
	}
	return ""
}

// scriptsOf adds what becomes of the scripts of an item.
func (w *rewriter) scriptsOf(made, both source.Node) source.Node {
	kept := both.Mapping()
	for _, e := range both.Entries() {
		sc := w.scripts[e.Value]
		lines := e.Value.Lines()
		said := Script{Place: e.Value.Pos().String(), Of: sc.at.of(), Listen: e.Name(), Class: Kept, Lines: len(lines)}
		text := block(lines)
		d := sc.said
		if sc.at.request || sc.hands() {
			said.Reasons = d.Reasons
			if with, ok := merge(made, d.Keys); ok {
				made, text, said.Class = with, d.Kept, d.Class
			} else {
				said.Reasons = append(said.Reasons, "what it says stands in the request already")
			}
		} else {
			said.Reasons = append(d.stayed(), "it is of a "+strings.Fields(sc.at.of())[0]+", and judges every request in it")
		}
		w.report.add(said)
		if strings.TrimSpace(text) != "" {
			kept = kept.With(e.Name(), e.Value.Scalar(block([]source.Line{{Text: text}})))
		}
	}
	if kept.IsEmpty() {
		return made
	}
	return made.With("script", kept)
}

// source returns a script with what is around it.
func (w *rewriter) source(sc *scripted, replace bool) Source {
	s := Source{Listen: sc.entry.Name(), Request: sc.at.node, Replace: replace, Shared: !sc.at.request}
	var texts []string
	for _, line := range sc.entry.Value.Lines() {
		texts = append(texts, line.Text)
		s.Lines = append(s.Lines, line.Pos)
	}
	s.Text = strings.Join(texts, "\n")
	if s.Shared {
		return s
	}
	s.Around, s.Hidden = sc.at.around(s.Listen), w.isHidden
	s.Name = sc.at.path[len(sc.at.path)-1]
	if at := sc.at.first + 1; at < len(w.order) {
		s.Next = w.order[at]
	}
	return s
}

// merge adds keys to a request. False means that the request says something else already.
func merge(made, keys source.Node) (source.Node, bool) {
	if keys.IsZero() {
		return made, true
	}
	for _, e := range keys.Entries() {
		there, ok := made.Get(e.Name())
		if !ok {
			made = made.With(e.Name(), e.Value)
			continue
		}
		if !there.IsMap() || !e.Value.IsMap() {
			return made, false
		}
		both := there
		for _, inner := range e.Value.Entries() {
			if there.Has(inner.Name()) {
				return made, false
			}
			both = both.With(inner.Name(), inner.Value)
		}
		made = made.Without(e.Name()).With(e.Name(), both)
	}
	return made, true
}

// requestNames returns the names of all requests in their order.
func requestNames(n source.Node, names []string) []string {
	list, ok := n.Get("requests")
	if !ok {
		return append(names, nameOf(n))
	}
	for _, item := range list.Items() {
		names = requestNames(item, names)
	}
	return names
}

// block returns the text of a script in the form that YAML can write as a block: without white space at the ends of its lines, but where that
// could stand in a text.
func block(lines []source.Line) string {
	var texts []string
	for _, line := range lines {
		texts = append(texts, strings.Split(line.Text, "\n")...)
	}
	text := strings.Join(texts, "\n")
	if strings.Contains(text, "`") {
		return strings.TrimRight(text, " \t\n") + "\n"
	}
	for i := range texts {
		texts[i] = strings.TrimRight(texts[i], " \t")
	}
	return strings.Trim(strings.Join(texts, "\n"), "\n") + "\n"
}

// variables takes out those that are secrets.
func (w *rewriter) variables(n source.Node) source.Node {
	made := n.Mapping()
	for _, e := range n.Entries() {
		if slices.Contains(w.gone, e.Name()) {
			continue
		}
		if slices.ContainsFunc(w.hidden, func(s Secret) bool { return s.Name == e.Name() && s.Pos == e.Value.Pos() }) {
			w.move(e.Name(), e.Value)
			continue
		}
		made = made.With(e.Name(), e.Value)
	}
	return made
}

// move notes that the value of a name is a secret, to be found elsewhere.
func (w *rewriter) move(name string, value source.Node) {
	w.secrets = append(w.secrets, Secret{name, value.Raw(), value.Pos()})
	w.names[value.Raw()] = name
	w.report.Secrets = append(w.report.Secrets, Moved{value.Pos().String(), name, EnvName(name)})
}

// hide puts a placeholder in the place of a value that is a secret.
func (w *rewriter) hide(name string, value source.Node) source.Node {
	text := value.Raw()
	if !value.IsScalar() || strings.Contains(text, "{{") || len(text) < shortest {
		return value
	}
	known, ok := w.names[text]
	if !ok {
		known = w.free(name)
		w.move(known, value)
	}
	return value.Reworded(placeholder(known))
}

// auth hides what an auth block has in clear.
func (w *rewriter) auth(n source.Node) source.Node {
	if !n.IsMap() {
		return n
	}
	made := n.Mapping()
	for _, e := range n.Entries() { // one kind
		switch {
		case e.Name() == "bearer" && e.Value.IsScalar():
			made = made.With("bearer", w.hide("token", e.Value))
		case !e.Value.IsMap():
			made = made.With(e.Name(), e.Value)
		default:
			inner := e.Value.Mapping()
			for _, p := range e.Value.Entries() {
				value := p.Value
				if p.Name() == "params" || p.Name() == "headers" {
					inner = inner.With(p.Name(), w.fields(value))
					continue
				}
				if SoundsSecret(p.Name()) || e.Name() == "api_key" && p.Name() == "value" || p.Name() == "key" {
					value = w.hide(orElse(map[string]string{"value": "api_key", "key": "signing_key"}[p.Name()], p.Name()), value)
				}
				inner = inner.With(p.Name(), value)
			}
			made = made.With(e.Name(), inner)
		}
	}
	return made
}

// fields hides the values of headers, fields and parameters whose names say that they are secrets.
func (w *rewriter) fields(n source.Node) source.Node {
	made := n.Mapping()
	for _, e := range n.Entries() {
		value := e.Value
		scheme, rest, schemed := strings.Cut(value.Raw(), " ")
		switch {
		case strings.EqualFold(e.Name(), "Authorization") && schemed:
			value = value.Scalar(scheme + " " + w.hide("token", value.Scalar(strings.TrimSpace(rest))).Raw())
		case strings.EqualFold(e.Name(), "Authorization") || SoundsSecret(e.Name()):
			value = w.hide(e.Name(), value)
		}
		made = made.With(e.Name(), value)
	}
	return made
}

// EnvName returns the name of the environment variable that holds a secret: CLIENT_SECRET for clientSecret.
func EnvName(name string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r > 0x7f {
			return '_'
		}
		return r
	}, strings.Join(wordsOf(name), "_")))
}

// Split makes a collection for each folder that stands outermost, and one for the requests beside them, each with what they inherit. The names
// are those of the folders, empty for the rest.
func Split(n source.Node) (names []string, parts []source.Node) {
	list, ok := n.Get("requests")
	if !ok {
		return []string{""}, []source.Node{n}
	}
	var rest []source.Node
	for _, item := range list.Items() {
		if !item.Has("requests") {
			rest = append(rest, item)
			continue
		}
		names = append(names, nameOf(item))
		parts = append(parts, withRequests(n, list.List(item), nameOf(item)))
	}
	if len(rest) > 0 {
		names = append(names, "")
		parts = append(parts, withRequests(n, list.List(rest...), ""))
	}
	return names, parts
}

// withRequests returns a collection with other requests.
func withRequests(n, requests source.Node, part string) source.Node {
	made := n.Mapping()
	for _, e := range n.Entries() {
		switch {
		case e.Name() == "requests":
			made = made.With("requests", requests)
		case e.Name() == "name" && part != "":
			made = made.With("name", e.Value.Scalar(e.Value.Raw()+": "+part))
		default:
			made = made.With(e.Name(), e.Value)
		}
	}
	return made
}

// EnvironmentNode returns an environment that can be written: its secrets, and those of collections, come from environment variables.
func EnvironmentNode(env Environment, more []Secret) source.Node {
	made := env.Node
	secrets := made.Mapping()
	variables, _ := made.Get("variables")
	for _, s := range slices.Concat(env.Secrets, more) {
		if secrets.Has(s.Name) || !variables.IsZero() && variables.Has(s.Name) {
			continue
		}
		secrets = secrets.With(s.Name, made.Mapping().With("env", made.Scalar(EnvName(s.Name))))
	}
	if secrets.IsEmpty() {
		return made
	}
	return made.With("secrets", secrets)
}
