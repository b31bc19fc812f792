package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

func varsCommand() *cobra.Command {
	var t target
	var asJSON bool
	c := &cobra.Command{
		Use:   "vars [PATH…] [-e ENV]",
		Short: "List the variables that requests see, with their values and where these come from",
		Long: `vars lists every name that the command line, the environment and the collection define: its final value, where that stands, and what
it overrides. Secrets are fetched and shown as masks, by which equal ones can be told; one that cannot be fetched is listed with the reason.
So is patient data, by the names of variables, unless the environment says phi: show.
Without a path it lists the environment alone.`,
		Example: `  hgrun vars -e sandbox
  hgrun vars collection.yaml -e sandbox --var patient=1002
  hgrun vars . -e sandbox --json | jq '.[].variables[] | select(.unresolved)'`,
		RunE: func(c *cobra.Command, paths []string) error {
			lists, err := variableLists(c.Context(), &t, paths)
			if err != nil {
				return usage(err)
			}
			write := writeVariables
			if asJSON {
				write = writeVariablesJSON
			}
			if err := write(c.OutOrStdout(), lists); err != nil {
				return &exit{exitReport, err}
			}
			return nil
		},
	}
	t.environmentFlags(c)
	t.data.flags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON: a list of collections, each with its variables")
	return c
}

// variableList is what the requests of one collection see, or an environment alone.
type variableList struct {
	Collection  string     `json:"collection,omitempty"`
	Environment string     `json:"environment,omitempty"`
	Variables   []variable `json:"variables"`
}

func variableLists(ctx context.Context, t *target, paths []string) ([]variableList, error) {
	if len(paths) == 0 {
		if t.environment == "" {
			return nil, errors.New("vars of what? name an environment with -e, or a collection")
		}
		l := &loaded{}
		defer l.close()
		opened := &environmentsByFile{target: t, fsys: source.Disk(), into: l, byFile: map[string]*environments.Environment{}}
		env, err := opened.open(ctx, ".", false)
		if err != nil {
			return nil, err
		}
		return []variableList{newVariables(ctx, runner.Job{Environment: env}).list()}, nil
	}
	l, err := t.load(ctx, paths, toList)
	if err != nil {
		return nil, err
	}
	defer l.close()
	var lists []variableList
	for _, job := range l.jobs {
		lists = append(lists, newVariables(ctx, job).list())
	}
	return lists, nil
}

func writeVariablesJSON(w io.Writer, lists []variableList) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(lists)
}

func writeVariables(w io.Writer, lists []variableList) error {
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for i, list := range lists {
		if len(lists) > 1 {
			fmt.Fprintf(tab, "%s%s\n", strings.Repeat("\n", min(i, 1)), list.Collection)
		}
		for _, v := range list.Variables {
			value := oneLine(v.Value)
			if v.Unresolved != "" {
				value = "(unresolved)"
			}
			if value == "" {
				value = `""`
			}
			fmt.Fprintf(tab, "%s\t%s\t%s\n", v.Name, value, v.told())
		}
	}
	return tab.Flush()
}

// oneLine returns a value as it fits a table.
func oneLine(text string) string {
	const most = 80 // characters
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '␣'
		}
		return r
	}, text)
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return text
}

// told is the last column: where a value comes from and what it overrides, or why there is none.
func (v *variable) told() string {
	if v.Unresolved != "" {
		return v.Place + ": " + strings.TrimPrefix(v.Unresolved, v.Place+": ")
	}
	text := strings.Trim(v.From+", "+v.Place, ", ")
	if v.In != "" {
		text += ", in " + v.In
	}
	if len(v.Overrides) > 0 {
		text += "; overrides " + strings.Join(v.Overrides, ", ")
	}
	return text
}
