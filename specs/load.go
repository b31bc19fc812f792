package specs

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/embedded"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// loaded is a target that was read and checked.
type loaded struct {
	Target
	collection  *collections.Collection
	environment *environments.Environment
	sandbox     *sandbox.Sandbox // nil unless the environment is embedded and runs
}

// load reads the files and checks what can be checked before anything runs. No secret is read.
func (t Target) load() (*loaded, error) {
	c, err := collections.Load(t.Files, t.Collection, collections.Options{})
	if err != nil {
		return nil, err
	}
	l := &loaded{Target: t, collection: c}
	if t.Runner == nil {
		l.Runner = &runner.Runner{}
	}
	if t.Environment == embedded.Name { // it is checked when it starts
		return l, nil
	}
	if l.environment, err = t.open(); err != nil {
		return nil, err
	}
	l.environment.Override(unknown(t.Variables, t.Secrets), nil)
	return l, l.check()
}

// open reads the environment.
func (t Target) open() (*environments.Environment, error) {
	if t.Environment == "" {
		return environments.New("", nil, nil), nil
	}
	file, err := environments.Find(t.Files, t.Collection, t.Environment)
	if err != nil {
		return nil, &source.Error{Pos: source.Pos{File: t.Collection}, Err: err}
	}
	return environments.Load(t.Files, file)
}

// unknown returns the names of values that are not known yet.
func unknown(values ...map[string]func() string) map[string]string {
	known := map[string]string{}
	for _, m := range values {
		for name := range m {
			known[name] = "not known yet"
		}
	}
	return known
}

// check is what hgrun check does: every name is defined, and nothing writes to what is protected.
func (l *loaded) check() error {
	var problems source.Problems
	if err := l.collection.Check(vars.NewScope(nil, l.environment.Layers()...)); err != nil && !errors.As(err, &problems) {
		return err
	}
	for _, r := range l.collection.Requests() {
		if err := l.environment.Writes(r.Message.Method); err != nil && !l.Runner.AllowWrites && !r.AboutTokens() {
			problems = append(problems, r.Pos.Errorf("%w", err))
		}
	}
	return problems.Err()
}

// ready gives everything its value: it starts the sandbox, asks for variables and reads secrets.
func (l *loaded) ready(ctx context.Context) (err error) {
	if l.Environment == embedded.Name {
		if l.sandbox, err = sandbox.Start(sandbox.Options{Servers: embedded.Servers(l.collection)}); err != nil {
			return err
		}
		l.environment = embedded.Environment(l.sandbox)
	}
	values := map[string]string{}
	for name, value := range l.Variables {
		values[name] = value()
	}
	for name, value := range l.Secrets {
		values[name] = value()
		l.Runner.Hide(name, values[name])
	}
	l.environment.Override(values, nil)
	if err := l.environment.Resolve(ctx); err != nil || l.sandbox == nil {
		return err
	}
	return l.check()
}

// close ends what ready started.
func (l *loaded) close() error {
	if l.sandbox == nil {
		return nil
	}
	return l.sandbox.Close()
}

// unloadable adds a spec that fails with what does not load. Where a filter leaves it out, the suite fails all the same: what the
// filter means is in a file that nobody could read.
func (t Target) unloadable(err error, args []any) bool {
	at := source.Pos{File: t.Collection}
	var problems source.Problems
	var one *source.Error
	switch {
	case errors.As(err, &problems) && len(problems) > 0:
		at = problems[0].Pos
	case errors.As(err, &one):
		at = one.Pos
	}
	message := fmt.Sprintf("%s does not load:\n%v", t.Collection, err)
	return ginkgo.Describe(t.Collection, append(args, func() {
		ginkgo.It("loads", location(at), func() { ginkgo.Fail(message) })
		ginkgo.ReportAfterEach(func(report ginkgo.SpecReport) {
			if flags, _ := ginkgo.GinkgoConfiguration(); !flags.DryRun && report.NumAttempts == 0 {
				ginkgo.Fail(message)
			}
		}, location(at))
	})...)
}
