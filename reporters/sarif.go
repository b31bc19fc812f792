package reporters

import (
	"encoding/json"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/diagnosis"
)

const (
	homepage = "https://github.com/hgrun/hgrun"
	loadRule = "invalid-file" // the rule of every problem without a code
	oddRule  = "odd-file"     // that of every warning without one
)

// The parts of a SARIF log (SARIF 2.1.0, section 3) that code scanning reads.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		FullDescription  sarifText `json:"fullDescription"`
		Help             sarifText `json:"help"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
)

// sarifNotices writes a log with one run, and with the rules that the notices need.
func sarifNotices(w io.Writer, version string, notices []Notice) error {
	rules := sarifRules(notices)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "hgrun", Version: version, InformationURI: homepage, Rules: rules}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	for _, n := range notices {
		run.Results = append(run.Results, n.sarif(rules))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifRules(notices []Notice) []sarifRule {
	rules := []sarifRule{}
	if slices.ContainsFunc(notices, func(n Notice) bool { return n.rule() == oddRule }) {
		rules = append(rules, sarifRule{oddRule, sarifText{"what a file says is probably not meant"},
			sarifText{"hgrun runs the collection as it is written, and that is not what most people who write so expect."},
			sarifText{"The message says what to write instead. All keys stand in " + homepage + "/blob/main/docs/format.md"}})
	}
	if slices.ContainsFunc(notices, func(n Notice) bool { return n.rule() == loadRule }) {
		rules = append(rules, sarifRule{loadRule, sarifText{"a file that hgrun refuses"},
			sarifText{"An unknown key, a value of the wrong kind, a name that nothing defines: hgrun sends nothing before it is mended."},
			sarifText{"The message says what is wanted. All keys stand in " + homepage + "/blob/main/docs/format.md"}})
	}
	for _, r := range diagnosis.Rules() {
		if slices.ContainsFunc(notices, func(n Notice) bool { return n.Code == r.Code }) {
			rules = append(rules, sarifRule{r.Code, sarifText{r.Title}, sarifText{r.Page.Cause}, sarifText{r.Page.Fix}})
		}
	}
	return rules
}

// rule is the code of the notice, or what stands for one.
func (n *Notice) rule() string {
	switch {
	case n.Code != "":
		return n.Code
	case n.Warning:
		return oddRule
	}
	return loadRule
}

func (n *Notice) sarif(rules []sarifRule) sarifResult {
	id := n.rule()
	r := sarifResult{RuleID: id, RuleIndex: slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == id }), Level: "error"}
	if n.Warning {
		r.Level = "warning"
	}
	r.Message.Text = n.Message
	if n.Fix != "" {
		r.Message.Text += "\n" + n.Fix
	}
	if n.Pos.File == "" {
		return r
	}
	at := sarifPhysical{Artifact: sarifArtifact{fileURI(n.Pos.File)}}
	if n.Pos.Line > 0 {
		at.Region = &sarifRegion{n.Pos.Line, n.Pos.Col}
	}
	r.Locations = []sarifLocation{{at}}
	return r
}

// fileURI returns the name of a file as a URI: relative to the working folder, as code scanning wants it, or file:///…
func fileURI(file string) string {
	absolute := filepath.IsAbs(file)
	file = path.Clean(filepath.ToSlash(file))
	if !absolute {
		// a colon in the first segment would end a scheme (RFC 3986, section 4.2)
		return strings.ReplaceAll(strings.TrimPrefix((&url.URL{Path: file}).String(), "./"), ":", "%3A")
	}
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(file, "/")}).String()
}
