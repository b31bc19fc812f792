package importers

import (
	"fmt"
	"io"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// The classes of a script.
const (
	Translated = "translated" // all of it is declarations now
	Partly     = "partly"     // some of it is; the rest stays a script
	Kept       = "kept"       // it stays a script
)

// Report says what became of a file.
type Report struct {
	File     string      `json:"file"`
	Name     string      `json:"name"`
	Folders  int         `json:"folders"`
	Requests int         `json:"requests"`
	Scripts  []Script    `json:"scripts"`
	Secrets  []Moved     `json:"secrets"`
	Remarks  []Remark    `json:"notes"`
	Counts   ScriptCount `json:"script_counts"`

	Undefined []string `json:"undefined"` // variables that neither it nor an environment defines by the time they are used; nil where nobody has looked
}

// ScriptCount counts scripts by their class.
type ScriptCount struct {
	Translated int `json:"translated"`
	Partly     int `json:"partly"`
	Kept       int `json:"kept"`
}

// Script says what became of one script.
type Script struct {
	Place   string   `json:"place"` // file:line:col
	Of      string   `json:"of"`    // whose it is: "collection", "folder A", "request A/B"
	Listen  string   `json:"listen"`
	Class   string   `json:"class"`
	Lines   int      `json:"lines"`
	Reasons []string `json:"reasons,omitempty"` // why something of it is a script still
}

// Moved is a secret whose value was left out.
type Moved struct {
	Place string `json:"place"`
	Name  string `json:"name"`
	Env   string `json:"env"` // the environment variable that is to hold it
}

// Remark is a note in words for people and programs.
type Remark struct {
	Place string `json:"place"`
	Text  string `json:"text"`
}

func (r *Report) remark(pos source.Pos, text string) {
	r.Remarks = append(r.Remarks, Remark{pos.String(), text})
}

func (r *Report) add(s Script) {
	r.Scripts = append(r.Scripts, s)
	switch s.Class {
	case Translated:
		r.Counts.Translated++
	case Partly:
		r.Counts.Partly++
	default:
		r.Counts.Kept++
	}
}

// Text writes the report for people.
func (r *Report) Text(w io.Writer) error {
	p := &lines{w: w}
	p.line("%s: %s, %s", r.File, count(r.Requests, "request"), count(r.Folders, "folder"))
	if len(r.Scripts) > 0 {
		p.line("  %s: %d translated, %d partly, %d kept", count(len(r.Scripts), "script"), r.Counts.Translated, r.Counts.Partly, r.Counts.Kept)
	}
	for _, s := range r.Scripts {
		if s.Class == Translated {
			continue
		}
		p.line("  %s: %s, the %s script of %s (%s)", s.Place, s.Class, s.Listen, s.Of, count(s.Lines, "line"))
		for _, reason := range s.Reasons {
			p.line("    %s", reason)
		}
	}
	for _, s := range r.Secrets {
		p.line("  %s: the secret {{%s}} is not written down; set the environment variable %s", s.Place, s.Name, s.Env)
	}
	for _, n := range r.Remarks {
		p.line("  %s: %s", n.Place, n.Text)
	}
	if len(r.Undefined) > 0 {
		p.line("  not defined before they are used: {{%s}}; an environment has to, or --var", strings.Join(r.Undefined, "}}, {{"))
	}
	return p.err
}

// lines writes lines until one fails.
type lines struct {
	w   io.Writer
	err error
}

func (p *lines) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
