package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/runner"
)

// newmanExports write the variables as the scripts of a run have left them, as files of Postman. No value of a secret is written.
type newmanExports struct {
	environment, globals string // files; empty for none

	from string                // the file of the environment; empty for none
	left map[string]vars.Layer // by the scope of Postman: environment, globals
}

// flags makes the flags and returns their names.
func (x *newmanExports) flags(f *pflag.FlagSet) []string {
	f.StringVar(&x.environment, "export-environment", "", "write the environment as scripts have left it")
	f.StringVar(&x.globals, "export-globals", "", "write the globals as scripts have left them")
	return []string{"export-environment", "export-globals"}
}

// begin listens to what scripts leave.
func (x *newmanExports) begin(r *runner.Runner, jobs []runner.Job) error {
	if x.environment+x.globals == "" {
		return nil
	}
	if len(jobs) != 1 {
		return fmt.Errorf("--export-environment and --export-globals: each collection has variables of its own, and %d run; name one", len(jobs))
	}
	x.from, x.left = jobs[0].Environment.File, map[string]vars.Layer{}
	r.Left = func(environment, globals vars.Layer) { x.left["environment"], x.left["globals"] = environment, globals }
	return nil
}

// write writes the files, and tells which variables are in them without their values.
func (x *newmanExports) write(r *runner.Runner, errOut io.Writer) error {
	var errs []error
	for _, to := range []struct{ scope, file, from string }{{"environment", x.environment, x.from}, {"globals", x.globals, ""}} {
		if to.file == "" {
			continue
		}
		e := exported{Name: to.scope, Scope: to.scope}
		e.read(to.from)
		hidden := e.take(x.left[to.scope], func(text string) bool { return r.Redact(text) != text })
		if err := e.write(to.file); err != nil {
			errs = append(errs, fmt.Errorf("--export-%s: %w", to.scope, err))
		} else if len(hidden) > 0 {
			fmt.Fprintf(errOut, "note: %s: without the values of what is secret: %s; give them with --secret NAME=ENV_NAME\n", to.file, strings.Join(hidden, ", "))
		}
	}
	return errors.Join(errs...)
}

// exported is an environment of Postman, or its globals.
type exported struct {
	ID     string             `json:"id,omitempty"`
	Name   string             `json:"name"`
	Values []exportedVariable `json:"values"`
	Scope  string             `json:"_postman_variable_scope"`
}

type exportedVariable struct {
	Key     string `json:"key"`
	Value   any    `json:"value"`
	Type    string `json:"type,omitempty"`
	Enabled *bool  `json:"enabled,omitempty"` // nil means that it is
}

// read takes over the name, the order, the types and what is not enabled of the file that the variables came from, where it is one of Postman.
func (e *exported) read(file string) {
	text, err := os.ReadFile(file)
	scope := e.Scope
	if err == nil && json.Unmarshal([]byte(strings.TrimPrefix(string(text), "\ufeff")), e) != nil {
		*e = exported{Name: scope}
	}
	e.Scope = scope
}

// take puts the variables of a layer in the place of those that were read, and returns the names of those whose values are not written.
func (e *exported) take(l vars.Layer, secret func(text string) bool) (hidden []string) {
	values := []exportedVariable{}
	done := map[string]bool{}
	put := func(v exportedVariable) {
		value, known := l.Written(v.Key)
		switch {
		case !known || done[v.Key]:
			return
		case value.Secret || v.Type == "secret" || secret(value.Text):
			v.Value, v.Type = "", "secret"
			hidden = append(hidden, v.Key)
		case value.JSON:
			v.Value = json.RawMessage(value.Text)
		default:
			v.Value = value.Text
		}
		done[v.Key] = true
		values = append(values, v)
	}
	enabled := true
	for _, v := range e.Values {
		if v.Enabled != nil && !*v.Enabled {
			if v.Type == "secret" || importers.SoundsSecret(v.Key) {
				v.Value = ""
			}
			values = append(values, v)
			continue
		}
		put(v)
	}
	for _, name := range l.Names() {
		put(exportedVariable{Key: name, Type: "default", Enabled: &enabled})
	}
	e.Values = values
	slices.Sort(hidden)
	return hidden
}

func (e *exported) write(file string) error {
	text, err := json.MarshalIndent(e, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644) //nolint:gosec // there is nothing secret in it
}
