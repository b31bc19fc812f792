package runner

import (
	"slices"
	"strings"

	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/expect"
)

// Keeper writes snapshots. It serves several goroutines.
type Keeper interface {
	// Keep takes what the file of a snapshot must hold from now on; no known secret is in it. missing tells that there is no such
	// file yet. The error says why it was not written.
	Keep(file, text string, missing bool) error
	// Hold is told of a snapshot that an answer was as.
	Hold(file string)
}

// keep hands the snapshots that would make expectations hold to the keeper, where nothing else fails: an error page is no
// snapshot. It returns the failures that are left.
func (c *course) keep(a *expect.Answer, failures []expect.Failure) []expect.Failure {
	for _, file := range a.Snapshots() {
		if !slices.ContainsFunc(failures, func(f expect.Failure) bool { return f.Snapshot != nil && f.Snapshot.File == file }) {
			c.job.Snapshots.Hold(file)
		}
	}
	others := slices.ContainsFunc(failures, func(f expect.Failure) bool { return f.Snapshot == nil })
	var left []expect.Failure
	for _, f := range failures {
		if f.Snapshot != nil {
			why := "something else is not as expected"
			if !others {
				why = c.put(f.Snapshot)
			}
			if why == "" {
				continue
			}
			f.Details = slices.DeleteFunc(slices.Clone(f.Details), func(line string) bool { return strings.Contains(line, "hgrun run --update") })
			f.Details = append(f.Details, "the snapshot is not written: "+why)
		}
		left = append(left, f)
	}
	return left
}

// put hands a snapshot to the keeper, or says why it must not be written.
func (c *course) put(s *expect.Snapshot) string {
	env := c.job.Environment
	switch {
	case s.Refused != "":
		return s.Refused
	case redactText(c.scope.Secrets(), s.Text) != s.Text:
		return "there is a secret in it"
	case s.FHIR != "" && (env == nil || env.PHI != environments.ShowPHI):
		return "it may be about a person (" + s.FHIR + "); only an environment with phi: show may keep such data in files"
	}
	if err := c.job.Snapshots.Keep(s.File, s.Text, s.Missing); err != nil {
		return err.Error()
	}
	return ""
}
