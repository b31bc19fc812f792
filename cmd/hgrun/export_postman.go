package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hgrun/hgrun/collections/exporters/postman"
	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/internal/source"
)

// postman writes one collection for Postman, and its environment beside it where there is a file.
func (o *exportOptions) postman(l *loaded) ([]byte, error) {
	if len(l.jobs) != 1 {
		return nil, fmt.Errorf("export postman writes one collection, got %d; name one file", len(l.jobs))
	}
	job := l.jobs[0]
	if importers.IsTree(source.Disk(), job.Collection.File) {
		return nil, fmt.Errorf("%s: a collection of Postman already, in YAML files; hgrun import postman makes one of ours", job.Collection.File)
	}
	made, err := postman.Collection(source.Disk(), job.Collection.File)
	if err != nil {
		return nil, err
	}
	o.notes = made.Notes
	if job.Environment.File == "" {
		return made.Text, nil
	}
	env, err := postman.Environment(source.Disk(), job.Environment.File, job.Environment.Name)
	if err != nil {
		return nil, err
	}
	o.notes = append(o.notes, env.Notes...)
	if o.output == "" {
		o.notes = append(o.notes, (source.Pos{File: job.Environment.File}).Errorf("with -o FILE the environment is written beside the collection"))
		return made.Text, nil
	}
	to := filepath.Join(filepath.Dir(o.output), strings.ReplaceAll(job.Environment.Name, string(filepath.Separator), "-")+".postman_environment.json")
	if to == filepath.Clean(o.output) {
		return nil, errors.New("the collection and its environment would be one file; give -o another name")
	}
	return made.Text, os.WriteFile(to, env.Text, 0o644) //nolint:gosec // there is nothing secret in it
}
