package environments

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// atOnce is how many secrets are fetched at the same time.
const atOnce = 4

// Override sets what the command line says, which is stronger than the file: variables by their text, which is no
// template, and secrets by the name of the environment variable that holds each. A variable that has the name of a
// secret is a secret. A second call adds to the first.
func (e *Environment) Override(variables, secrets map[string]string) {
	if e.given == nil {
		e.given, e.asked = map[string]string{}, map[string]*secret{}
	}
	maps.Copy(e.given, variables)
	for name, env := range secrets {
		e.asked[name] = &secret{name: name, from: envSecret{name: env, of: name, flag: true}}
	}
}

// Resolve fetches every secret. Commands and those that they start end with ctx, which also holds for those that run
// again after their ttl. The error is source.Problems with everything that is missing.
func (e *Environment) Resolve(ctx context.Context) error {
	var wanted []*secret
	for _, name := range slices.Sorted(maps.Keys(e.secrets)) {
		if s := e.secrets[name]; s.from != nil && !e.overridden(name) {
			wanted = append(wanted, s)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.asked)) {
		wanted = append(wanted, e.asked[name])
	}
	errs := make([]error, len(wanted))
	var wait sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, s := range wanted {
		slots <- struct{}{}
		wait.Go(func() {
			errs[i] = s.fetch(ctx)
			<-slots
		})
	}
	wait.Wait()
	problems := e.judgeGiven()
	for _, err := range errs {
		problems = append(problems, asProblems(err)...)
	}
	return problems.Err()
}

func (e *Environment) overridden(name string) bool {
	_, given := e.given[name]
	_, asked := e.asked[name]
	return given || asked
}

// judgeGiven refuses values of the command line that stand for secrets and cannot be masked.
func (e *Environment) judgeGiven() source.Problems {
	var problems source.Problems
	for name, text := range e.given {
		s, ok := e.secrets[name]
		if !ok || e.asked[name] != nil {
			continue
		}
		if err := s.judge(text); err != nil {
			problems = append(problems, source.Pos{}.Errorf("secret %s of the command line: %w", name, err))
		}
	}
	slices.SortFunc(problems, func(a, b *source.Error) int { return strings.Compare(a.Error(), b.Error()) })
	return problems
}

func asProblems(err error) source.Problems {
	var problems source.Problems
	var one *source.Error
	switch {
	case errors.As(err, &problems):
		return problems
	case errors.As(err, &one):
		return source.Problems{one}
	}
	return nil
}

// Layers returns the variables of the command line and, weaker, those of the environment. Before Resolve the secrets
// are there by name, so that a check knows them, and looking one up is an error.
func (e *Environment) Layers() []vars.Layer {
	line := vars.Layer{Name: "command line", Values: map[string]vars.Value{}, Lazy: map[string]func() (vars.Value, error){}}
	for name, text := range e.given {
		s, ok := e.secrets[name]
		if e.asked[name] == nil {
			line.Values[name] = vars.Value{Text: text, Secret: ok && !s.shown}
		}
	}
	addSecrets(line, e.asked)
	env := vars.Layer{
		Name: strings.TrimSpace("environment " + e.Name), Defined: e.Variables,
		Values: map[string]vars.Value{}, Lazy: map[string]func() (vars.Value, error){},
	}
	addSecrets(env, e.secrets)
	return []vars.Layer{line, env}
}

// addSecrets puts those that are fetched for good into the layer as values, and the others as calls.
func addSecrets(l vars.Layer, secrets map[string]*secret) {
	for name, s := range secrets {
		if v, final := s.final(); final {
			l.Values[name] = v
		} else {
			l.Lazy[name] = s.lookup
		}
	}
}

func (s *secret) final() (vars.Value, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, s.fetched && s.ttl == 0
}
