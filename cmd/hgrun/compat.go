package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// compat says how lenient a run is.
type compat struct {
	mode       string
	unresolved map[string]vars.Value // names that nothing defines, as they are sent
	told       []string              // what was passed over
}

func (m *compat) flags(c *cobra.Command) {
	c.Flags().StringVar(&m.mode, "compat", "", "`newman` passes over what is an error here and none there, and warns of it")
}

func (m *compat) on() bool { return m.mode == runner.CompatNewman }

func (m *compat) check() error {
	if m.mode != "" && !m.on() {
		return fmt.Errorf("--compat: want newman, got %q", m.mode)
	}
	return nil
}

// overlook takes out names that nothing defines: they are sent as they stand, as Newman does. Each is told.
func (m *compat) overlook(problems source.Problems) source.Problems {
	if !m.on() {
		return problems
	}
	return slices.DeleteFunc(problems, func(p *source.Error) bool {
		u, ok := vars.AsUndefined(p)
		if ok {
			m.unresolved[u.Name] = vars.Value{Text: "{{" + u.Name + "}}"}
			m.told = append(m.told, fmt.Sprintf("%s: variable %q is not defined; it is sent as {{%s}}", p.Pos, u.Name, u.Name))
		}
		return ok
	})
}

// tell writes what was passed over.
func (m *compat) tell(c *cobra.Command) {
	for _, text := range m.told {
		fmt.Fprintln(c.ErrOrStderr(), "warning:", text)
	}
}
