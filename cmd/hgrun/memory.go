package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/runner"
)

// memory is what did not pass the last time it ran, as a file keeps it between runs. There is nothing secret in it.
type memory struct {
	Version  int          `json:"version"`
	Time     time.Time    `json:"time"` // of the run that wrote it
	Requests []remembered `json:"requests"`

	file string
}

// memoryVersion is the version of the file.
const memoryVersion = 1

// remembered is a request that did not pass. ID tells it from others; the rest is for people who look into the file.
type remembered struct {
	Environment string `json:"environment,omitempty"`
	File        string `json:"file"`    // of the collection, relative to the working folder where it is below it
	Request     string `json:"request"` // folders and name, masked where there is something secret in them
	Outcome     string `json:"outcome"`
	ID          string `json:"id"` // of the request in its file
}

// openMemory reads the file, by default that of the working folder. One that is not there remembers nothing. The error leaves a
// memory that can be written.
func openMemory(file string) (*memory, error) {
	m := &memory{file: file}
	if file == "" {
		var err error
		if m.file, err = cacheFile(); err != nil {
			return m, err
		}
	}
	text, err := os.ReadFile(m.file)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	switch {
	case err != nil:
		return &memory{file: m.file}, fmt.Errorf("%s: %w; delete it to begin anew", m.file, withoutPath(err))
	case m.Version != memoryVersion:
		return &memory{file: m.file}, fmt.Errorf("%s: got version %d, want %d: another hgrun wrote it; delete it to begin anew", m.file, m.Version, memoryVersion)
	}
	return m, nil
}

// of returns the requests of a collection that are remembered.
func (m *memory) of(environment string, c *collections.Collection) map[*collections.Request]bool {
	ids := map[string]bool{}
	for _, r := range m.Requests {
		if r.Environment == environment && r.File == fromHere(c.File) {
			ids[r.ID] = true
		}
	}
	found := map[*collections.Request]bool{}
	if len(ids) == 0 {
		return found
	}
	for _, r := range c.Requests() {
		if ids[fingerprint(r.Path())] && !r.Needed {
			found[r] = true
		}
	}
	return found
}

// update takes over how requests ended. What did not run, and still is in its collection, stays as it was.
func (m *memory) update(h *happened, redact func(string) string) {
	m.Version, m.Time = memoryVersion, time.Now().UTC().Truncate(time.Second)
	for i, job := range h.jobs {
		m.collection(h, i, job, redact)
	}
	slices.SortFunc(m.Requests, func(a, b remembered) int {
		return cmp.Or(cmp.Compare(a.Environment, b.Environment), cmp.Compare(a.File, b.File), cmp.Compare(a.Request, b.Request), cmp.Compare(a.ID, b.ID))
	})
	if m.Requests == nil {
		m.Requests = []remembered{} // so that the file has a list
	}
}

func (m *memory) collection(h *happened, suite int, job runner.Job, redact func(string) string) {
	file := fromHere(job.Collection.File)
	ran := map[string]bool{}
	if h.whole { // what is not there any more is forgotten
		m.Requests = slices.DeleteFunc(m.Requests, func(r remembered) bool {
			return r.Environment == h.environment && r.File == file && !has(job.Collection, r.ID)
		})
	}
	for _, r := range job.Collection.Requests() {
		outcome, ok := h.ends[ended{suite, r.Pos}]
		if !ok {
			continue
		}
		id := fingerprint(r.Path())
		if !ran[id] {
			ran[id] = true
			m.forget(h.environment, file, id)
		}
		if outcome != runner.Passed {
			m.Requests = append(m.Requests, remembered{h.environment, file, redact(r.Path()), outcome.String(), id})
		}
	}
}

func has(c *collections.Collection, id string) bool {
	for _, r := range c.Requests() {
		if fingerprint(r.Path()) == id {
			return true
		}
	}
	return false
}

func (m *memory) forget(environment, file, id string) {
	m.Requests = slices.DeleteFunc(m.Requests, func(r remembered) bool { return r.Environment == environment && r.File == file && r.ID == id })
}

// save writes the file as a whole or not at all.
func (m *memory) save() (err error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Dir(m.file)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".last-failed-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), m.file)
}

// fingerprint is a short text that tells others apart and says nothing of what it is made of.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// fromHere names a file relative to the working folder where it is below it, so that it is the same in another checkout.
func fromHere(file string) string {
	here, err := os.Getwd()
	if err != nil || !filepath.IsAbs(file) {
		return sameFile(file)
	}
	below, err := filepath.Rel(here, file)
	if err != nil || below == ".." || strings.HasPrefix(filepath.ToSlash(below), "../") {
		return sameFile(file)
	}
	return sameFile(below)
}
