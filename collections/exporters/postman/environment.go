package postman

import (
	"io/fs"

	"github.com/hgrun/hgrun/internal/source"
)

// environment is a file of Postman.
type environment struct {
	Name   string  `json:"name"`
	Values []value `json:"values"`
	Scope  string  `json:"_postman_variable_scope"`
}

type value struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Type    string `json:"type"`
	Enabled bool   `json:"enabled"`
}

// Environment writes the environment of a file; its secrets are there by name, without a value.
func Environment(fsys fs.FS, file, name string) (*Exported, error) {
	x := &exporter{}
	made := environment{Name: name, Values: []value{}, Scope: "environment"}
	err := source.Read(fsys, file, func(n source.Node) {
		for _, e := range n.Entries() {
			switch e.Name() {
			case "name":
			case "variables":
				for _, v := range x.variables(e.Value) {
					made.Values = append(made.Values, value{v.Key, v.Value, "default", true})
				}
			case "secrets":
				for _, s := range entries(e.Value) {
					made.Values = append(made.Values, value{s.Name(), "", "secret", true})
				}
			default:
				x.left(e, "an environment")
			}
		}
	})
	if err != nil {
		return nil, err
	}
	text, err := written(made)
	return &Exported{text, x.notes}, err
}
