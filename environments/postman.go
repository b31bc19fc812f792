package environments

import (
	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// parse reads a file: our own, or an environment or the globals of Postman.
func (l *loader) parse(file string) error {
	src, err := source.File(l.fsys, file)
	if err != nil {
		return err
	}
	if !importers.IsEnvironment(src) {
		return source.Parse(file, src, l.read)
	}
	return importers.ParseEnvironment(file, src, l.postman)
}

// postman reads an environment of Postman. Its secrets stand in the file: there is nothing to fetch. One without a value is an error where it is needed.
func (l *loader) postman(in importers.Environment) {
	l.read(in.Node)
	for _, s := range in.Secrets {
		if s.Value == "" {
			l.env.secrets[s.Name] = &secret{name: s.Name, pos: s.Pos,
				failed: s.Pos.Errorf("secret %s has no value in this file; give it with --secret %s=ENV_NAME", s.Name, s.Name)}
			continue
		}
		l.env.secrets[s.Name] = &secret{name: s.Name, pos: s.Pos, fetched: true, value: vars.Value{Text: s.Value, Secret: true}}
	}
}
