// Package importers turns files of other programs into the nodes that a collection of our own has, each at its place in their file; it knows
// nothing of what the nodes mean to a run.
package importers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Note is something of a file that has no counterpart, and what became of it.
type Note struct {
	Pos  source.Pos
	Text string
}

// Imported is a file in our terms.
type Imported struct {
	Node  source.Node // the top node of a collection, or of an environment
	Notes []Note      // in the order of their places

	Hidden []Secret // variables of a collection that are never to be shown; they stand in Node too
}

// Is reports whether the text of a file is a Postman collection in JSON, whatever the file is called. One with a mistake in its JSON is known by
// its words, so that it is told as what it is.
func Is(src []byte) bool {
	has, ok := members(src)
	if !ok {
		return false
	}
	return has("info") && has("item") || has("requests") && has("order") || has("collection") && !has("requests")
}

// members returns a function that tells which members the object has that the text of a file is.
func members(src []byte) (has func(string) bool, ok bool) {
	text := bytes.TrimLeft(source.Decoded(src), " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return nil, false
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(text, &top) != nil {
		return func(key string) bool { return bytes.Contains(text, []byte(`"`+key+`"`)) }, true
	}
	return func(key string) bool { return top[key] != nil }, true
}

// Options say how a file is read. The zero value is strict.
type Options struct {
	Lenient bool // requests, files and auths that could not be sent are left out with a note, instead of being problems
	Exact   bool // bodies in JSON stay texts, byte for byte, for a run; otherwise they become values, which people can read
}

// Postman returns the collection that a Postman collection in JSON is. What is wrong with it is recorded in n.
func Postman(n source.Node, o Options) Imported {
	im := &importer{known: map[string]string{}, lenient: o.Lenient, exact: o.Exact}
	if inner, ok := n.Get("collection"); ok && inner.IsMap() { // as the API of Postman wraps it
		n = inner
	}
	if _, ok := n.Get("requests"); ok {
		n = im.v1(n)
	}
	return im.whole(n)
}

// whole returns a collection with all notes, in the order of their places.
func (im *importer) whole(n source.Node) Imported {
	root := im.collection(n)
	slices.SortStableFunc(im.notes, func(a, b Note) int {
		return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), a.Pos.Line-b.Pos.Line, a.Pos.Col-b.Pos.Col)
	})
	return Imported{root, im.notes, im.hidden}
}

// importer turns one collection into nodes.
type importer struct {
	notes  []Note
	hidden []Secret
	known  map[string]string // the variables of the collection

	lenient bool
	exact   bool
}

// problem records what is wrong with a part of the file; where that is to be overlooked, the part is left out with a note.
func (im *importer) problem(n source.Node, format string, args ...any) {
	if !im.lenient {
		n.Errorf(format, args...)
		return
	}
	im.note(n, fmt.Sprintf(format, args...)+"; it is left out")
}

func (im *importer) note(n source.Node, text string) {
	im.notes = append(im.notes, Note{n.Pos(), text})
}

// around is what an item inherits.
type around struct {
	header   string // that the auth writes; empty for none
	unpruned bool   // bodies go out with any method
}

func (im *importer) collection(n source.Node) source.Node {
	made := n.Mapping()
	info, _ := n.Get("info")
	made = named(made, info)
	if v, ok := n.Get("variable"); ok {
		if variables := im.variables(v); !variables.IsEmpty() {
			made = made.With("variables", variables)
		}
	}
	made, in := im.shared(made, n, around{})
	items, ok := n.Get("item")
	if !ok {
		n.Errorf("the collection has no item: it is no Postman collection, or has no requests")
		return made.With("requests", n.List())
	}
	return made.With("requests", im.items(items, in))
}

// named adds the name and the description.
func named(made, n source.Node) source.Node {
	if name, ok := n.Get("name"); ok && strings.TrimSpace(name.Raw()) != "" {
		made = made.With("name", name.Scalar(name.Raw()))
	}
	if d, ok := n.Get("description"); ok {
		if text := described(d); text != "" {
			made = made.With("description", d.Scalar(text))
		}
	}
	return made
}

// described returns a description: a text, or an object that holds one.
func described(d source.Node) string {
	if content, ok := d.Get("content"); ok {
		d = content
	}
	return strings.TrimSpace(strings.ReplaceAll(d.Raw(), "\r\n", "\n"))
}

// items returns a list of requests and folders.
func (im *importer) items(n source.Node, in around) source.Node {
	var made []source.Node
	for _, item := range n.Items() {
		if !item.IsMap() {
			im.problem(item, "want an item: a request, or a folder")
			continue
		}
		if inner, ok := item.Get("item"); ok {
			made = append(made, im.folder(item, inner, in))
		} else if r, ok := im.request(item, in); ok {
			made = append(made, r)
		}
	}
	return n.List(made...)
}

func (im *importer) folder(n, items source.Node, in around) source.Node {
	made := named(n.Mapping(), n)
	if !made.Has("name") {
		made = made.With("name", n.Scalar("Folder"))
	}
	im.unheard(n)
	made, in = im.shared(made, n, in)
	return made.With("requests", im.items(items, in))
}

// unheard notes variables that Postman has a place for and never reads.
func (im *importer) unheard(n source.Node) {
	if v, ok := n.Get("variable"); ok && !v.IsEmpty() {
		im.note(v, "variables of a folder or a request have never had an effect in Postman, and have none here")
	}
}

// shared adds what a collection, a folder and a request can all have: behaviour, auth, scripts.
func (im *importer) shared(made, n source.Node, in around) (source.Node, around) {
	if b, ok := n.Get("protocolProfileBehavior"); ok {
		made, in = im.behaviour(made, b, in)
	}
	if a, ok := n.Get("auth"); ok && !a.IsNull() {
		made, in = im.auth(made, a, in)
	}
	return im.scripts(made, n), in
}

// scripts adds the events of an item.
func (im *importer) scripts(made, n source.Node) source.Node {
	events, ok := n.Get("event")
	if !ok || !events.IsList() {
		return made
	}
	lines := map[string][]source.Node{}
	for _, e := range events.Items() {
		listen, _ := e.Get("listen")
		script, _ := e.Get("script")
		exec, ok := script.Get("exec")
		if src, found := script.Get("src"); found && !ok {
			im.note(src, "a script at an address is not fetched; paste it into the collection")
		}
		if disabled, _ := e.Get("disabled"); !ok || disabled.Raw() == "true" {
			continue
		}
		if listen.Raw() != "prerequest" && listen.Raw() != "test" {
			im.note(listen, "scripts that listen to "+quoted(listen.Raw())+" are never run")
			continue
		}
		if items := scriptLines(exec); len(items) > 0 {
			lines[listen.Raw()] = append(lines[listen.Raw()], items...)
		}
	}
	return withScripts(made, lines)
}

func withScripts(made source.Node, lines map[string][]source.Node) source.Node {
	if len(lines) == 0 {
		return made
	}
	both := made.Mapping()
	for _, listen := range []string{"prerequest", "test"} {
		if l := lines[listen]; len(l) > 0 {
			both = both.With(listen, l[0].List(l...))
		}
	}
	return made.With("script", both)
}

// scriptLines returns the lines of a script, none for one that is white space.
func scriptLines(exec source.Node) []source.Node {
	items := []source.Node{exec}
	if exec.IsList() {
		items = exec.Items()
	}
	for _, item := range items {
		if strings.TrimSpace(item.Raw()) != "" {
			return items
		}
	}
	return nil
}

// variables returns the variables of a collection. Disabled ones are none, and of doubles the last one counts.
func (im *importer) variables(list source.Node) source.Node {
	made := list.Mapping()
	for _, v := range enabled(list.Items()) {
		name := variableName(v)
		value, ok := v.Get("value")
		if !ok {
			value = v.Scalar("")
		}
		im.known[name] = value.Raw()
		if value.IsScalar() && isSecret(v, name, value.Raw()) {
			im.hidden = append(im.hidden, Secret{name, value.Raw(), value.Pos()})
		}
		entry := literal(value)
		if d, ok := v.Get("description"); ok && described(d) != "" {
			entry = entry.Noted(described(d))
		}
		made = made.With(name, entry)
	}
	return made
}

func variableName(v source.Node) string {
	name, ok := v.Get("key")
	if !ok || name.Raw() == "" {
		name, _ = v.Get("id")
	}
	return strings.TrimSpace(name.Raw())
}

// isOff reports whether something is switched off: disabled in a collection, not enabled in an environment.
func isOff(n source.Node) bool {
	disabled, _ := n.Get("disabled")
	enabled, has := n.Get("enabled")
	return disabled.Raw() == "true" || has && enabled.Raw() == "false"
}

// literal returns a value of a variable: as it is, and its placeholders as ours.
func literal(v source.Node) source.Node {
	switch {
	case v.IsNull():
		return v.Scalar("")
	case v.IsText():
		return v.Scalar(braces(v.Raw()))
	case v.IsScalar():
		return v
	}
	return texts(v, braces)
}

// texts returns a value whose texts, names of members included, are changed.
func texts(v source.Node, change func(string) string) source.Node {
	switch {
	case v.IsMap():
		made := v.Mapping()
		for _, e := range v.Entries() {
			made = made.With(change(e.Name()), texts(e.Value, change))
		}
		return made
	case v.IsList():
		items := v.Items()
		for i := range items {
			items[i] = texts(items[i], change)
		}
		return v.List(items...)
	case v.IsText():
		return v.Scalar(change(v.Raw()))
	}
	return v
}
