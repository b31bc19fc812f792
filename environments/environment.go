// Package environments knows one deployment: its variables, where its secrets come from, and what guards it. It knows nothing of requests.
package environments

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// The values of Environment.PHI.
const (
	ShowPHI = "show" // patient data is printed as it came
	MaskPHI = "mask" // patient data is masked in every output
)

// Environment is one deployment. Load, Find and New make it; Resolve fetches its secrets.
type Environment struct {
	Name      string           // as the file says, or the file's name without its ending
	File      string           // as the user named it; empty for one that New made
	Variables vars.Definitions // without the secrets
	Hosts     []vars.Template  // where secrets may go; nil means anywhere
	Protected bool             // nothing may be written
	PHI       string           // ShowPHI or MaskPHI
	TLS       TLS
	Proxy     vars.Template // empty means what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say

	secrets map[string]*secret
	given   map[string]string  // variables of the command line
	asked   map[string]*secret // secrets of the command line
}

// New returns an environment that no file describes. Its values are no templates, and its secrets need no Resolve.
func New(name string, variables, secrets map[string]string) *Environment {
	e := empty()
	e.Name = name
	for name, text := range variables {
		e.Variables[name] = vars.Text(vars.Literal(text))
	}
	for name, text := range secrets {
		e.secrets[name] = &secret{name: name, fetched: true, value: vars.Value{Text: text, Secret: true}}
	}
	return e
}

func empty() *Environment {
	return &Environment{
		Variables: vars.Definitions{}, PHI: MaskPHI,
		secrets: map[string]*secret{}, given: map[string]string{}, asked: map[string]*secret{},
	}
}

// Load reads an environment file and the files that it extends. No secret is fetched. The error is source.Problems,
// or a *source.Error for a file that cannot be read.
func Load(fsys fs.FS, file string) (*Environment, error) {
	l := loader{fsys: fsys, env: empty(), done: map[string]bool{}}
	if err := l.load(file); err != nil {
		return nil, err
	}
	l.env.File = file
	return l.env, nil
}

// loader reads a file and those it extends into one environment, the weakest first and each file once.
type loader struct {
	fsys fs.FS
	env  *Environment
	done map[string]bool
	open []string // the files being read, each extended by the one before it
}

func (l *loader) load(file string) error {
	l.open = append(l.open, file)
	l.done[file] = true
	err := l.parse(file)
	l.open = l.open[:len(l.open)-1]
	return err
}

func (l *loader) read(n source.Node) {
	for _, e := range n.Entries() {
		if e.Name() == "extends" {
			l.extend(e.Value)
		}
	}
	file := n.Pos().File
	l.env.Name = strings.TrimSuffix(path.Base(file), path.Ext(file))
	n.Map(source.Keys{
		"extends":   func(source.Node) {}, // read above, wherever it stands
		"hosts":     l.hosts,
		"name":      source.String(&l.env.Name),
		"phi":       source.OneOf(&l.env.PHI, ShowPHI, MaskPHI),
		"protected": source.Bool(&l.env.Protected),
		"proxy":     l.proxy,
		"secrets":   l.secrets,
		"tls":       func(n source.Node) { l.env.TLS = ReadTLS(l.fsys, n) },
		"variables": l.variables,
	})
}

func (l *loader) extend(n source.Node) {
	bases := []source.Node{n}
	if n.IsList() {
		bases = n.Items()
	}
	for _, base := range bases {
		text := base.Text()
		if text == "" {
			continue
		}
		file := source.Beside(base.Pos().File, text)
		if i := slices.Index(l.open, file); i >= 0 {
			base.Errorf("extends leads back to itself: %s -> %s", strings.Join(l.open[i:], " -> "), file)
			continue
		}
		if !l.done[file] {
			record(base, l.load(file))
		}
	}
}

// record hands on what was wrong with another file. A file that cannot be read is a problem of the place that names it.
func record(n source.Node, err error) {
	var problems source.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			n.Record(p)
		}
		return
	}
	if err != nil {
		n.Errorf("%w", err)
	}
}

func (l *loader) variables(n source.Node) {
	var defined vars.Definitions
	defined.Read(n)
	for name, d := range defined {
		switch s := l.env.secrets[name]; {
		case s == nil:
			l.env.Variables[name] = d
		case s.pos.File == d.Pos().File:
			n.ErrorAt(d.Pos(), "%s is a secret too (line %d); a name is one or the other", name, s.pos.Line)
		default:
			n.ErrorAt(d.Pos(), "%s is a secret at %s, and a variable would show it; override it under secrets:", name, s.pos)
		}
	}
}

func (l *loader) hosts(n source.Node) {
	items := []source.Node{n}
	if !n.IsScalar() {
		items = n.Items()
	}
	l.env.Hosts = []vars.Template{}
	for _, item := range items {
		var t vars.Template
		t.Read(item)
		l.env.Hosts = append(l.env.Hosts, t)
		if !t.Static() || t.IsZero() && !(item.IsText() && item.Text() == "") { // not known yet, or a problem already
			continue
		}
		if _, err := parseHost(t.String()); err != nil {
			item.Errorf("%w", err)
		}
	}
	if n.IsList() && len(items) == 0 {
		n.Errorf("no host is in the list, so that no request could be sent; name hosts, or leave hosts: out to allow all")
	}
}

func (l *loader) proxy(n source.Node) {
	var t vars.Template
	t.Read(n)
	l.env.Proxy = t
	if !t.Static() || t.IsZero() {
		return
	}
	if u, err := parseProxy(t.String()); err != nil {
		n.Errorf("%w", err)
	} else if _, has := password(u); has {
		n.Errorf("proxy: a password is never written in a file; write http://user:{{proxy_password}}@%s and proxy_password under secrets:", u.Host)
	}
}
