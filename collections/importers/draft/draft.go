// Package draft is a collection while an importer writes it. It keeps what is secret out of it, and knows nothing of the tools that
// collections come from.
package draft

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
)

// Collection is what an importer makes of a file: a collection, the environments beside it, and what it could not say.
type Collection struct {
	Top          *Map           // the collection itself
	Environments []*Environment // the first is the one that imported values go to
	Notes        []*source.Error
	Files        map[string][]byte // more files, by their paths beside the collection; nil for none

	secrets map[string]string // names by value, so that one secret has one name
	origins map[string]string // names of variables by scheme and host
	hosts   []string          // where requests go

	made     []made
	imported []string // names of variables and secrets that importing made
	problems source.Problems
}

// Environment is a file of environments/.
type Environment struct {
	Name      string
	Variables *Map
	Secrets   *Map // names to the environment variables that hold them
	More      *Map // tls, proxy
}

// Input is what an importer reads.
type Input struct {
	FS   fs.FS  // the files of the machine
	Name string // a file or a folder, as the user named it
	Text []byte // of the file; nil for a folder
	All  bool   // --all: what is left out by default as well
}

// New returns a collection of a name, with one environment.
func New(name, environment string) *Collection {
	c := &Collection{Top: M("name", name), secrets: map[string]string{}, origins: map[string]string{}}
	c.Environment(environment)
	return c
}

// Environment returns the environment of a name, which is made where there is none.
func (c *Collection) Environment(name string) *Environment {
	for _, e := range c.Environments {
		if e.Name == name {
			return e
		}
	}
	e := &Environment{Name: name, Variables: &Map{}, Secrets: &Map{}, More: &Map{}}
	c.Environments = append(c.Environments, e)
	return e
}

// Note tells a person what has no counterpart, or what is theirs to do. A note that is there already is not repeated.
func (c *Collection) Note(pos source.Pos, format string, args ...any) {
	n := pos.Errorf(format, args...)
	if !slices.ContainsFunc(c.Notes, func(e *source.Error) bool { return e.Error() == n.Error() }) {
		c.Notes = append(c.Notes, n)
	}
}

// Problem tells what keeps the collection from being made. Write returns all of them.
func (c *Collection) Problem(pos source.Pos, format string, args ...any) {
	c.problems = append(c.problems, pos.Errorf(format, args...))
}

// Secret returns a template for a value that must not be written: "{{name}}", with a number behind the name where another
// secret has it. An empty value is what nobody told.
func (c *Collection) Secret(name, value string) string {
	if known, ok := c.secrets[value]; ok && value != "" {
		return "{{" + known + "}}"
	}
	env := c.Environments[0]
	taken := func(name string) bool { return env.Secrets.Has(name) && value != "" || env.Variables.Has(name) }
	name = Free(Name(name), taken)
	if !env.Secrets.Has(name) {
		env.Secrets.Set(name, M("env", strings.ToUpper(name)))
		c.imported = append(c.imported, name)
	}
	if value != "" {
		c.secrets[value] = name
	}
	return "{{" + name + "}}"
}

// Keep makes a secret of a text unless a template in it does already: what stands in {{…}} is left.
func (c *Collection) Keep(name, text string) string {
	if text == "" || strings.Contains(text, "{{") {
		return text
	}
	return c.Secret(name, text)
}

// Variable returns a template for a value that stands in the environment.
func (c *Collection) Variable(name, value string) string {
	env := c.Environments[0]
	name = Free(Name(name), func(n string) bool {
		return env.Secrets.Has(n) || env.Variables.Has(n) && env.Variables.Get(n) != value
	})
	env.Variables.Set(name, value)
	c.imported = append(c.imported, name)
	return "{{" + name + "}}"
}

// Free returns the name, or the name with the first number behind it that is not taken.
func Free(name string, taken func(string) bool) string {
	free := name
	for i := 2; taken(free); i++ {
		free = name + "_" + strconv.Itoa(i)
	}
	return free
}

// Name makes the name of a variable of a text: letters, digits and _, with words apart: X-Api-Key is x_api_key, apiKey is api_key.
func Name(text string) string {
	var b strings.Builder
	lower := false
	for _, r := range text {
		switch {
		case r < 128 && unicode.IsUpper(r) && lower:
			b.WriteString("_" + string(unicode.ToLower(r)))
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		lower = r < 128 && unicode.IsLower(r)
	}
	name := strings.Trim(b.String(), "_")
	if name == "" || unicode.IsDigit(rune(name[0])) {
		name = "v_" + name
	}
	return strings.Trim(name, "_")
}

// Attach puts a file beside the collection, under the name that it returns. One that cannot be read is noted, and is empty there.
func (c *Collection) Attach(in Input, pos source.Pos, file string) string {
	at := file
	if !path.IsAbs(file) && in.Name != "-" {
		at = path.Join(path.Dir(in.Name), file)
	}
	if in.Text == nil { // a folder
		at = path.Join(in.Name, file)
	}
	name := "files/" + Word(path.Base(strings.ReplaceAll(file, `\`, "/")))
	text, err := fs.ReadFile(in.FS, at)
	if err != nil {
		c.Note(pos, "%s cannot be read; an empty file stands in its place: %s", file, name)
		text = []byte{}
	}
	if c.Files == nil {
		c.Files = map[string][]byte{}
	}
	if known, ok := c.Files[name]; ok && len(text) > 0 && !bytes.Equal(known, text) {
		name = strings.Replace(name, "files/", fmt.Sprintf("files/%d-", len(c.Files)+1), 1)
	}
	c.Files[name] = text
	return name
}

// Literal writes text so that nothing in it is read as a template.
func Literal(text string) string { return strings.ReplaceAll(text, "{{", `{{'{{'}}`) }

// Word makes the name of a file or a folder of a text.
func Word(text string) string {
	word := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '.':
			return r
		case r >= 'A' && r <= 'Z':
			return unicode.ToLower(r)
		}
		return '-'
	}, text), "-.")
	for strings.Contains(word, "--") {
		word = strings.ReplaceAll(word, "--", "-")
	}
	if word == "" {
		return "imported"
	}
	return word
}

// Write returns the files of the collection by their paths: collection.yaml, environments/NAME.yaml and what is beside them.
func (c *Collection) Write() (map[string][]byte, error) {
	if err := c.finish(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name, text := range c.Files {
		files[path.Clean(name)] = text
	}
	text, err := c.Top.text("collection.yaml", collections.Layout())
	if err != nil {
		return nil, err
	}
	files["collection.yaml"] = apart(text)
	for _, e := range c.Environments {
		name := "environments/" + Word(e.Name) + ".yaml"
		if files[name], err = c.file(e).text(name, environments.Layout()); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// Alone returns the collection as one file that needs no environment but for its secrets: variables of the first environment
// become its own.
func (c *Collection) Alone() ([]byte, error) {
	if err := c.finish(); err != nil {
		return nil, err
	}
	env := c.Environments[0]
	if env.Variables.Len() > 0 {
		own := c.Top.Map("variables")
		for _, name := range env.Variables.Keys() {
			if !own.Has(name) {
				own.Set(name, env.Variables.Get(name))
			}
		}
	}
	text, err := c.Top.text("collection.yaml", collections.Layout())
	return apart(text), err
}

func (c *Collection) finish() error {
	for _, m := range c.made {
		c.accept(m.pos, m.item)
	}
	c.hoist()
	c.share()
	c.whole()
	c.made = nil
	return c.problems.Err()
}

// whole finds what a collection would refuse of what all requests share.
func (c *Collection) whole() {
	if len(c.problems) > 0 || len(c.made) == 0 {
		return
	}
	text, err := c.Top.text("collection.yaml", nil)
	if err == nil {
		err = c.load(text)
	}
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		c.Problem(c.made[0].pos, "the collection that this makes is refused: %s", line)
	}
}

func (c *Collection) load(text []byte) error {
	files := memory{"collection.yaml": text}
	for name, content := range c.Files {
		files[path.Clean(name)] = content
	}
	_, err := collections.Load(files, "collection.yaml", collections.Options{})
	return err
}

// share gives every environment what importing made: each is a deployment of the same API.
func (c *Collection) share() {
	first := c.Environments[0]
	for _, e := range c.Environments[1:] {
		for _, name := range c.imported {
			if e.Variables.Has(name) || e.Secrets.Has(name) {
				continue
			}
			e.Variables.SetSome(name, first.Variables.Get(name))
			e.Secrets.SetSome(name, first.Secrets.Get(name))
		}
	}
}

// apart sets the requests of a collection off with an empty line.
func apart(text []byte) []byte {
	return bytes.Replace(text, []byte("\nrequests:\n"), []byte("\n\nrequests:\n"), 1)
}

func (c *Collection) file(e *Environment) *Map {
	m := M("name", e.Name)
	m.SetSome("variables", e.Variables)
	m.SetSome("secrets", e.Secrets)
	m.SetSome("hosts", c.hostsOf(e))
	for _, key := range e.More.Keys() {
		m.Set(key, e.More.Get(key))
	}
	return m
}

// hoist moves an auth block that all requests have in common to the collection.
func (c *Collection) hoist() {
	list, _ := c.Top.Get("requests").([]any)
	if len(list) < 2 || c.Top.Has("auth") {
		return
	}
	var first any
	for i, item := range list {
		m, _ := item.(*Map)
		own := m.Get("auth")
		if i == 0 {
			first = own
		}
		if own == nil || !reflect.DeepEqual(own, first) || m.Has("requests") {
			return
		}
	}
	c.Top.Set("auth", first)
	for _, item := range list {
		if m, ok := item.(*Map); ok {
			m.Delete("auth")
		}
	}
}

// Flags returns, for every secret, the flag that takes it from the variable of the shell that has to hold it.
func (e *Environment) Flags() []string {
	var lines []string
	for _, name := range e.Secrets.Keys() {
		if from, ok := e.Secrets.Get(name).(*Map); ok && from.Has("env") {
			lines = append(lines, fmt.Sprintf("--secret %s=%v", name, from.Get("env")))
		}
	}
	return lines
}

// FromShell returns the variables of the shell that hold the secrets.
func (e *Environment) FromShell() []string {
	var names []string
	for _, name := range e.Secrets.Keys() {
		if from, ok := e.Secrets.Get(name).(*Map); ok && from.Has("env") {
			names = append(names, fmt.Sprint(from.Get("env")))
		}
	}
	return names
}
