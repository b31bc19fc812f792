package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/embedded"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// target is what to run, and in which environment: the flags that run, check and list share.
type target struct {
	environment string
	variables   []string
	secrets     []string
	selection   selection
	shards      shardFlags
	failed      failedFlags
	saw         func(path string, listed bool) // is told of the files that are read; nil for nobody
	data        dataFlags
	fileRoot    string
	globals     globalFlags
	compat      compat
	allowWrites bool
}

func (t *target) flags(c *cobra.Command) {
	t.environmentFlags(c)
	t.selection.flags(c)
	f := c.Flags()
	f.BoolVar(&t.allowWrites, "allow-writes", false, "send more than GET, HEAD and OPTIONS to an environment that is protected")
}

// environmentFlags are those that say what names stand for.
func (t *target) environmentFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&t.environment, "env", "e", "", "environment: a name (environments/NAME.yaml beside the collection or above it), a file, or embedded")
	f.StringArrayVar(&t.variables, "var", nil, "set a variable, `name=value`; may be repeated")
	f.StringArrayVar(&t.secrets, "secret", nil, "take a secret from an environment variable, `name=ENV_NAME`; may be repeated")
	f.StringVar(&t.fileRoot, "file-root", "", "folder that file: paths are relative to and may not leave; by default that of the collection")
	t.globals.flags(c)
	// Completing a name reads folders; a shell without the names is still a shell.
	_ = c.RegisterFlagCompletionFunc("env", completeEnvironment)
}

// loaded is everything that a command needs to run.
type loaded struct {
	jobs    []runner.Job
	notes   [2]string        // about what was chosen, for people; empty for none
	sandbox *sandbox.Sandbox // nil unless the environment is embedded
}

func (l *loaded) close() {
	if l.sandbox != nil {
		_ = l.sandbox.Close() // it lives in memory only
	}
}

// need is how much a command needs of what it loads.
type need int

const (
	toList  need = iota // the requests
	toCheck             // and that every name is defined
	toRun               // and the secrets
)

// load reads everything, checks it, and selects. Its error lists all problems of all files.
func (t *target) load(ctx context.Context, paths []string, want need) (*loaded, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	fsys := t.disk()
	files, err := collections.Find(fsys, paths)
	if err != nil {
		return nil, err
	}
	l := &loaded{}
	opened := &environmentsByFile{target: t, fsys: fsys, into: l, byFile: map[string]*environments.Environment{}}
	cs, err := t.collections(ctx, fsys, files, want == toRun)
	if err := t.data.apply(ctx, fsys, cs); err != nil {
		return nil, err
	}
	opened.servers = embedded.Servers(cs...)
	problems := gather(nil, err)
	for _, c := range cs {
		if c == nil {
			continue
		}
		env, err := opened.open(ctx, c.File, want == toRun)
		problems = gather(problems, err)
		if env != nil {
			l.jobs = append(l.jobs, runner.Job{Collection: c, Environment: env})
		}
	}
	if err := t.judge(fsys, l, problems, want); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// judge selects, and checks what is selected: what does not run may need names that nothing defines. Where files do not load there is nothing
// to select from; without a selection what is wrong with the others is told all the same.
func (t *target) judge(fsys fs.FS, l *loaded, problems source.Problems, want need) error {
	if len(problems) > 0 && !t.whole() {
		return problems.Err()
	}
	if len(problems) == 0 {
		if err := t.choose(l); err != nil {
			return err
		}
	}
	if want == toList {
		return problems.Err()
	}
	var hidden vars.Secrets // of all files, so that each secret is taken in once
	for _, job := range l.jobs {
		problems = gather(problems, t.check(job, &hidden))
	}
	if want == toCheck {
		problems = gather(problems, syntax(fsys, l.jobs))
	}
	return problems.Err()
}

// disk returns the files of the machine.
func (t *target) disk() fs.FS {
	if t.saw != nil {
		return source.Observed(t.saw)
	}
	return source.Disk()
}

// choose keeps what is selected, of that what is this shard's, and of that what failed. In this order all shards make the same
// division, whatever failed where.
func (t *target) choose(l *loaded) (err error) {
	if l.jobs, err = t.selection.choose(l.jobs); err != nil {
		return err
	}
	if l.jobs, l.notes[0], err = t.shards.choose(l.jobs); err != nil {
		return err
	}
	l.jobs, l.notes[1], err = t.failed.choose(l.jobs, t.environment)
	return err
}

// whole reports whether the flags choose everything.
func (t *target) whole() bool { return !t.selection.given() && t.shards.text == "" && !t.failed.on }

// collections loads the files, several at a time; one that does not load is nil.
func (t *target) collections(ctx context.Context, fsys fs.FS, files []string, resolve bool) ([]*collections.Collection, error) {
	globals, err := t.globals.layers(ctx, fsys, resolve, &t.compat)
	if err != nil {
		return nil, err
	}
	cs := make([]*collections.Collection, len(files))
	errs := make([]error, len(files))
	var wait sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, file := range files {
		slots <- struct{}{}
		wait.Go(func() {
			cs[i], errs[i] = collections.Load(fsys, file, collections.Options{FileRoot: t.root(), Globals: globals, Lenient: t.compat.on()})
			<-slots
		})
	}
	wait.Wait()
	return cs, errors.Join(errs...)
}

// root is the folder that files are read below: that of the collection unless it is given; with --compat newman the working folder.
func (t *target) root() string {
	if t.fileRoot == "" && t.compat.on() {
		return "."
	}
	return t.fileRoot
}

func (t *target) check(job runner.Job, hidden *vars.Secrets) error {
	problems := t.compat.overlook(gather(nil, job.Collection.Check(vars.NewScope(hidden, job.Environment.Layers()...))))
	for _, r := range job.Collection.Requests() {
		if err := job.Environment.Writes(r.Message.Method); err != nil && !t.allowWrites && !r.AboutTokens() {
			problems = append(problems, r.Pos.Errorf("%w", err))
		}
	}
	return problems.Err()
}

// environmentsByFile opens each environment once, whichever collections use it.
type environmentsByFile struct {
	target *target
	fsys   fs.FS
	into   *loaded
	byFile map[string]*environments.Environment

	servers sandbox.Servers // that the collections need, of those that -e embedded starts only then
}

func (o *environmentsByFile) open(ctx context.Context, collection string, resolve bool) (*environments.Environment, error) {
	name := o.target.environment
	file := name
	if name != "" && name != embedded.Name {
		var err error
		if file, err = environments.Find(o.fsys, collection, name); err != nil {
			return nil, err
		}
	}
	if env, ok := o.byFile[file]; ok {
		return env, nil
	}
	env, err := o.load(file)
	if err == nil {
		err = o.target.override(env)
	}
	if err == nil && resolve {
		err = env.Resolve(ctx)
	}
	if err != nil {
		o.byFile[file] = nil // reported once
		return nil, err
	}
	o.byFile[file] = env
	return env, nil
}

func (o *environmentsByFile) load(file string) (*environments.Environment, error) {
	switch file {
	case "":
		return environments.New("", nil, nil), nil
	case embedded.Name:
		s, err := sandbox.Start(sandbox.Options{Servers: o.servers})
		if err != nil {
			return nil, err
		}
		o.into.sandbox = s
		return embedded.Environment(s), nil
	}
	return environments.Load(o.fsys, file)
}

// override applies --var and --secret.
func (t *target) override(env *environments.Environment) error {
	variables, err := pairs("--var", t.variables, "name=value")
	if err != nil {
		return err
	}
	secrets, err := pairs("--secret", t.secrets, "name=ENV_NAME")
	if err != nil {
		return err
	}
	env.Override(variables, secrets)
	return nil
}

func pairs(flag string, texts []string, shape string) (map[string]string, error) {
	m := map[string]string{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		switch {
		case !ok: // what was given may be the secret itself
			return nil, fmt.Errorf("%s: want %s, got a text without =", flag, shape)
		case name == "":
			return nil, fmt.Errorf("%s: want %s, got nothing before the =", flag, shape)
		}
		m[name] = value
	}
	return m, nil
}

// gather adds the problems of an error to others.
func gather(problems source.Problems, err error) source.Problems {
	switch e := err.(type) {
	case nil:
	case *source.Error:
		problems = append(problems, e)
	case interface{ Unwrap() []error }:
		for _, each := range e.Unwrap() {
			problems = gather(problems, each)
		}
	default:
		problems = append(problems, &source.Error{Err: err})
	}
	return problems
}

func completeEnvironment(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		args = []string{"collection.yaml"}
	}
	return append(environments.Names(source.Disk(), args[0]), embedded.Name), cobra.ShellCompDirectiveDefault
}
