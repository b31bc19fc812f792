package environments

import (
	"fmt"
	"path"
	"path/filepath"

	"github.com/hgrun/hgrun/internal/source"
)

// Name is one name that an environment defines, and where.
type Name struct {
	Name   string
	Pos    source.Pos // in the environment file or one that it extends; zero for the command line, and for New
	Line   bool       // the command line says it
	Secret bool       // masked
	From   string     // where a secret comes from: "environment variable CLIENT_SECRET"; empty for a variable
	Env    string     // the environment variable that holds a secret; empty where it comes from elsewhere
	Failed error      // why Resolve could not fetch it
}

// Names returns what the environment defines, what it overrides included: a name that the command line sets comes twice
// where the file has it too. The order is not fixed. Nothing is fetched.
func (e *Environment) Names() []Name {
	var names []Name
	for name := range e.given {
		s := e.secrets[name]
		if e.asked[name] == nil {
			names = append(names, Name{Name: name, Line: true, Secret: s != nil && !s.shown})
		}
	}
	for _, s := range e.asked {
		names = append(names, s.describe(true))
	}
	for name, d := range e.Variables {
		names = append(names, Name{Name: name, Pos: d.Pos()})
	}
	for _, s := range e.secrets {
		names = append(names, s.describe(false))
	}
	return names
}

func (s *secret) describe(line bool) Name {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := Name{Name: s.name, Pos: s.pos, Line: line, Secret: !s.shown, Failed: s.failed}
	if from, ok := s.from.(fmt.Stringer); ok {
		n.From = from.String()
	}
	if from, ok := s.from.(envSecret); ok {
		n.Env = from.name
	}
	return n
}

func (e envSecret) String() string { return "environment variable " + e.name }

func (f fileSecret) String() string { return "file " + source.Beside(f.file, f.name) }

func (d dotenvSecret) String() string { return d.key + " in " + d.file }

// String names the program alone: its arguments may be worth hiding.
func (c commandSecret) String() string {
	if len(c.argv) == 0 {
		return "command"
	}
	return "command " + path.Base(filepath.ToSlash(c.argv[0]))
}
