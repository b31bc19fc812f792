package main

import (
	"context"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/vars"
)

// globalFlags say what variables there are that everything else is stronger than.
type globalFlags struct {
	file string
	line []string // name=value
}

func (g *globalFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&g.file, "globals", "g", "", "variables that everything else is stronger than: a file like an environment, or the globals of Postman")
	f.StringArrayVar(&g.line, "global-var", nil, "set such a variable, `name=value`; may be repeated")
}

// layers returns the globals, those of the command line first, and behind them what --compat stands in with.
func (g *globalFlags) layers(ctx context.Context, fsys fs.FS, resolve bool, m *compat) ([]vars.Layer, error) {
	given, err := pairs("--global-var", g.line, "name=value")
	if err != nil {
		return nil, err
	}
	var layers []vars.Layer
	if len(given) > 0 {
		line := vars.Layer{Name: "globals", Values: map[string]vars.Value{}}
		for name, text := range given {
			line.Values[name] = vars.Value{Text: text}
		}
		layers = append(layers, line)
	}
	if g.file != "" {
		globals, err := environments.Load(fsys, g.file)
		if err == nil && resolve {
			err = globals.Resolve(ctx)
		}
		if err != nil {
			return nil, err
		}
		layer := globals.Layers()[1] // what the file says
		layer.Name = "globals"
		layers = append(layers, layer)
	}
	if m.on() {
		m.unresolved = map[string]vars.Value{}
		layers = append(layers, vars.Layer{Name: "--compat newman", Values: m.unresolved})
	}
	return layers, nil
}
