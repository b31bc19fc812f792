package reporters

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// The words that Allure has for how something ended.
const (
	allurePassed  = "passed"
	allureFailed  = "failed"
	allureBroken  = "broken"
	allureSkipped = "skipped"
)

// The parts of a result (Allure 2, TestResult).
type (
	allureResult struct {
		allureIdentity
		allureStep
		Labels []allureLabel `json:"labels"`
	}
	allureIdentity struct {
		UUID       string   `json:"uuid"`
		HistoryID  string   `json:"historyId"`  // of the same request, environment and row in other runs
		TestCaseID string   `json:"testCaseId"` // of the same request
		FullName   string   `json:"fullName"`
		TitlePath  []string `json:"titlePath"`
		Text       string   `json:"description,omitempty"`
	}
	allureStep struct {
		Name        string             `json:"name"`
		Status      string             `json:"status"`
		Details     *allureDetails     `json:"statusDetails,omitempty"`
		Stage       string             `json:"stage"`
		Start       int64              `json:"start"` // milliseconds since 1970
		Stop        int64              `json:"stop"`
		Parameters  []allureParameter  `json:"parameters,omitempty"`
		Steps       []allureStep       `json:"steps,omitempty"`
		Attachments []allureAttachment `json:"attachments,omitempty"`
	}
	allureDetails struct {
		Message string `json:"message,omitempty"`
		Trace   string `json:"trace,omitempty"`
		Flaky   bool   `json:"flaky,omitempty"`
	}
	allureLabel struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	allureParameter struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	allureAttachment struct {
		Name   string `json:"name"`
		Source string `json:"source"`
		Type   string `json:"type"`
	}
)

// newAllureResult makes the result of a request, without its steps.
func newAllureResult(a *allure, of runner.Suite, r *runner.Result) *allureResult {
	class := classname(a.suite, r.Name)
	named := r.Name
	named.Name = a.cases.of(r.Name).unique(class, oneLine(phased(r.Name)))
	res := &allureResult{allureStep: stepOf(named.Name, allureStatus(r.Outcome), r.Start, r.Duration)}
	res.FullName = class + "#" + named.Base()
	if of.Environment != "" {
		res.Parameters = append(res.Parameters, allureParameter{"environment", oneLine(of.Environment)})
	}
	if r.Name.Row > 0 {
		res.Parameters = append(res.Parameters, allureParameter{"row", oneLine(r.Name.Label)})
	}
	identity := []string{res.FullName}
	for _, p := range res.Parameters {
		identity = append(identity, p.Name, p.Value)
	}
	res.TestCaseID, res.HistoryID = digestOf(res.FullName), digestOf(identity...)
	res.UUID = a.uuid(res.HistoryID, r.Start.UTC().Format(time.RFC3339Nano), strconv.Itoa(a.written))
	res.Text = oneLine(r.Name.Pos.String())
	res.Details = allureDetailsOf(r)
	res.Labels = a.labels(class, r)
	res.TitlePath = append([]string{a.suite}, allureFolders(r.Name)...)
	return res
}

// digestOf is what tells texts apart: 32 hexadecimal digits.
func digestOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

func stepOf(name, status string, start time.Time, took time.Duration) allureStep {
	s := allureStep{Name: name, Status: status, Stage: "finished"}
	if !start.IsZero() {
		s.Start = start.UnixMilli()
		s.Stop = s.Start + max(took, 0).Milliseconds()
	}
	return s
}

func allureStatus(o runner.Outcome) string {
	switch o {
	case runner.Failed:
		return allureFailed
	case runner.Errored:
		return allureBroken
	case runner.Skipped:
		return allureSkipped
	}
	return allurePassed
}

// allureDetailsOf says why a request did not pass, or that it is flaky: it passed after another attempt.
func allureDetailsOf(r *runner.Result) *allureDetails {
	switch {
	case r.Outcome == runner.Failed, r.Outcome == runner.Errored:
		return &allureDetails{Message: headline(r), Trace: capped(allureTrace(r), failedText)}
	case r.Outcome == runner.Skipped:
		return &allureDetails{Message: reason(r)}
	case r.Tries() > 1:
		return &allureDetails{Message: plural(r.Tries(), "attempt") + ": " + attemptLine(&r.Attempts[0]), Flaky: true}
	}
	return nil
}

// allureTrace is laid out as traces of exceptions are, because categories look at how it begins.
func allureTrace(r *runner.Result) string {
	var out strings.Builder
	for i := range r.Problems {
		p := &r.Problems[i]
		out.WriteString(problemText(p))
	}
	out.WriteString(background(r))
	return strings.TrimRight(out.String(), "\n")
}

func problemText(p *runner.Problem) string {
	text := string(p.Kind) + ": " + clean(p.Message) + "\n"
	if at := oneLine(p.Pos.String()); at != "" {
		text += "    at " + at + "\n"
	}
	for _, line := range p.Details {
		text += "  " + strings.ReplaceAll(clean(line), "\n", "\n  ") + "\n"
	}
	return text
}

// allureFolders are what a request stands in, below its collection.
func allureFolders(n runner.Name) []string {
	switch n.Phase {
	case runner.Token:
		return []string{tokenClass}
	case runner.FromScript:
		return []string{scriptClass}
	}
	var all []string
	for _, folder := range n.Folders {
		if folder = oneLine(folder); folder != "" {
			all = append(all, folder)
		}
	}
	return all
}

// labels say where a result stands in the trees of a report. A tag such as severity:critical is the label of that name.
func (a *allure) labels(class string, r *runner.Result) []allureLabel {
	folders := allureFolders(r.Name)
	all := []allureLabel{{"parentSuite", a.suite}}
	if len(folders) > 0 {
		all = append(all, allureLabel{"suite", folders[0]})
	}
	if len(folders) > 1 {
		all = append(all, allureLabel{"subSuite", strings.Join(folders[1:], " › ")})
	}
	all = append(all, allureLabel{"package", class}, allureLabel{"framework", "hgrun"}, allureLabel{"language", "yaml"}, allureLabel{"thread", a.suite})
	if a.host != "" {
		all = append(all, allureLabel{"host", a.host})
	}
	for _, tag := range r.Name.Tags {
		name, value, ok := strings.Cut(tag, ":")
		if value = strings.TrimSpace(value); !ok || value == "" || !allureOwnLabel(name) {
			name, value = "tag", tag
		}
		all = append(all, allureLabel{name, oneLine(value)})
	}
	return all
}

// allureOwnLabel reports whether Allure gives a label a meaning that a tag can have.
func allureOwnLabel(name string) bool {
	switch name {
	case "severity", "epic", "feature", "story", "owner", "lead", "layer":
		return true
	}
	return false
}
