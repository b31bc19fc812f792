package reporters

import (
	"fmt"
	"io"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Notice is one thing that hgrun check found.
type Notice struct {
	Pos     source.Pos
	Warning bool   // hgrun runs the collection all the same
	Code    string // of a finding, "HG003"; empty for what is wrong with, or odd about, the file itself
	Message string
	Fix     string // empty where the message says it
}

// Notices is the table of the formats that notices are written in.
func Notices() map[string]func(w io.Writer, version string, notices []Notice) error {
	return map[string]func(io.Writer, string, []Notice) error{
		"github": githubNotices,
		"sarif":  sarifNotices,
		"text":   textNotices,
	}
}

// Text is the message with its code before it.
func (n *Notice) Text() string {
	if n.Code == "" {
		return n.Message
	}
	return n.Code + " " + n.Message
}

// textNotices writes a line for each notice, as compilers do, and one for its fix.
func textNotices(w io.Writer, _ string, notices []Notice) error {
	var b strings.Builder
	for _, n := range notices {
		if n.Pos != (source.Pos{}) {
			b.WriteString(n.Pos.String() + ": ")
		}
		if n.Warning {
			b.WriteString("warning: ")
		}
		b.WriteString(n.Text() + "\n")
		if n.Fix != "" {
			b.WriteString("  " + n.Fix + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// githubNotices writes the workflow commands that GitHub shows as annotations of the lines.
func githubNotices(w io.Writer, _ string, notices []Notice) error {
	var b strings.Builder
	for _, n := range notices {
		level, title := "error", "hgrun check"
		if n.Warning {
			level = "warning"
		}
		if n.Code != "" {
			title = "hgrun " + n.Code
		}
		message := n.Text()
		if n.Fix != "" {
			message += "\n" + n.Fix
		}
		fmt.Fprintf(&b, "::%s %s::%s\n", level, githubProperties(n.Pos, title), githubData(message))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func githubProperties(pos source.Pos, title string) string {
	var list []string
	if pos.File != "" {
		list = append(list, "file="+githubProperty(pos.File))
	}
	if pos.Line > 0 {
		list = append(list, fmt.Sprintf("line=%d", pos.Line))
	}
	if pos.Col > 0 {
		list = append(list, fmt.Sprintf("col=%d", pos.Col))
	}
	return strings.Join(append(list, "title="+githubProperty(title)), ",")
}

// githubData escapes the message of a workflow command.
func githubData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// githubProperty escapes the value of a property of a workflow command.
func githubProperty(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}
