// Package specs makes a collection a part of a Go developer's own Ginkgo suite: a container for the collection, a spec for each of its
// requests. It knows nothing of the command line, nor of reports: those are Ginkgo's.
package specs

import (
	"io/fs"

	"github.com/onsi/ginkgo/v2"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// Target is a collection and the environment that its specs run in. Only Collection must be given.
type Target struct {
	// Files hold the collection, what it names, and the environments. Nil means the files of the machine, by names relative to the
	// folder of the suite.
	Files fs.FS
	// Collection is the file of the collection in Files, with slashes.
	Collection string
	// Environment is a name, for environments/NAME.yaml beside the collection or above it, a file, or embedded, the built-in sandbox.
	// Empty means none.
	Environment string
	// Variables are stronger than those of the environment. Each is asked for its value once, when the first request is about to
	// run, so that it may tell of what BeforeSuite started: the URL of a server.
	Variables map[string]func() string
	// Secrets are Variables that no output shows.
	Secrets map[string]func() string
	// Runner says how requests are sent. Nil means as hgrun run sends them where no flag is given. Targets with the same Runner share
	// tokens.
	Runner *runner.Runner
}

// Describe adds a container with the requests of a collection as specs, as Target.Describe does. It returns true, so that it can stand
// beside var _.
func Describe(files fs.FS, collection, environment string, decorators ...any) bool {
	return Target{Files: files, Collection: collection, Environment: environment}.describe(decorators)
}

// Describe adds a container for the collection, in which each request is a spec at its line of the YAML, labelled with its tags. The
// container is Ordered and goes on after failures; decorators, such as ginkgo.Label or ginkgo.Serial, are added to it. It cannot stand
// in a container that is Ordered itself.
//
// Whatever does not load is a spec that fails at its place, and no filter makes a suite pass that holds one. Describe returns true.
func (t Target) Describe(decorators ...any) bool { return t.describe(decorators) }

// describe is what both do: the container is at the line of whoever called them.
func (t Target) describe(decorators []any) bool {
	const callers = 2 // this function and the exported one around it
	if t.Files == nil {
		t.Files = source.Disk()
	}
	l, err := t.load()
	if err != nil {
		return t.unloadable(err, append([]any{ginkgo.Offset(callers + 1)}, decorators...))
	}
	s := &suite{loaded: l}
	args := []any{ginkgo.Offset(callers), ginkgo.Ordered, ginkgo.ContinueOnFailure, labels(l.collection.Tags, nil)}
	args = append(args, decorators...)
	return ginkgo.Describe(l.collection.Name, append(args, s.build)...)
}
