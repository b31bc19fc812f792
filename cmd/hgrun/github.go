package main

import (
	"errors"
	"io"
	"os"

	"github.com/hgrun/hgrun/reporters"
)

// stepSummaryRoom is how many bytes the summary of a step may have; GitHub shows none of one that has more.
const stepSummaryRoom = 1 << 20

// githubStep is a step of GitHub Actions, as its environment tells of it.
type githubStep struct {
	annotate  bool   // write the workflow commands beside the console
	summarize bool   // add to the summary
	workspace string // the root of the repository; empty outside of GitHub Actions
	files     string // URL of that root at the commit; empty outside of GitHub Actions
	summary   string // file that GitHub shows as the summary of the step; empty for none
}

// stepOf returns the step that hgrun runs in. A run tells GitHub of itself without being asked.
func stepOf(running bool) *githubStep {
	on := running && os.Getenv("GITHUB_ACTIONS") == "true"
	s := &githubStep{annotate: on, summarize: on, workspace: os.Getenv("GITHUB_WORKSPACE"), summary: os.Getenv("GITHUB_STEP_SUMMARY")}
	server, repository, commit := os.Getenv("GITHUB_SERVER_URL"), os.Getenv("GITHUB_REPOSITORY"), os.Getenv("GITHUB_SHA")
	if server != "" && repository != "" && commit != "" {
		s.files = server + "/" + repository + "/blob/" + commit
	}
	return s
}

// asked takes in what -r says.
func (s *githubStep) asked(kind, path string) {
	if kind == "github" {
		s.summarize, s.annotate = true, path == ""
	}
}

// open opens what GitHub is told, after everything else: the annotations come after the last line of the console.
func (s *githubStep) open(rs *reports, made func(out io.Writer) reporters.Options, console io.Writer) error {
	if s.annotate {
		o := made(console)
		reporter, err := reporters.Open("github", "-", o)
		if err != nil {
			return err
		}
		rs.open = append(rs.open, &openReport{Reporter: reporter, kind: "github"})
	}
	if !s.summarize || s.summary == "" {
		return nil
	}
	file, err := os.OpenFile(s.summary, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	o := made(file)
	if info, err := file.Stat(); err == nil { // what other commands of the step have written counts too
		if o.Room = stepSummaryRoom - int(min(info.Size(), stepSummaryRoom)); o.Room == 0 {
			return file.Close()
		}
	}
	reporter, err := reporters.Open("markdown", "-", o)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	rs.open = append(rs.open, &openReport{Reporter: stepSummary{reporter, file}, kind: "summary of the step", path: s.summary})
	return nil
}

// stepSummary is a reporter that adds to the summary of the step.
type stepSummary struct {
	reporters.Reporter
	file *os.File
}

// Close implements reporters.Reporter.
func (s stepSummary) Close() error { return errors.Join(s.Reporter.Close(), s.file.Close()) }
