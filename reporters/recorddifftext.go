package reporters

import (
	"fmt"
	"io"
	"strings"
)

// DifferenceFormats is the table of the formats that differences are written in.
func DifferenceFormats() map[string]func(io.Writer, *Differences) error {
	return map[string]func(io.Writer, *Differences) error{
		"markdown": markdownDifferences,
		"text":     textDifferences,
	}
}

// textDifferences writes a line for each change, and one for what there is to say of it.
func textDifferences(w io.Writer, d *Differences) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s against %s: %s\n", d.New, d.Old, d.summary())
	for _, kind := range changes() {
		list := d.Changes[kind]
		if len(list) == 0 {
			continue
		}
		b.WriteString("\n" + strings.ToUpper(string(kind[:1])) + string(kind[1:]) + "\n")
		for i := range list {
			c := &list[i]
			b.WriteString("  " + differenceMark(kind) + " " + c.Name)
			if at := oneLine(c.Pos.String()); at != "" {
				b.WriteString("  " + at)
			}
			b.WriteByte('\n')
			if text := c.detail(kind); text != "" {
				b.WriteString("      " + text + "\n")
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func differenceMark(kind Change) string {
	switch kind {
	case Broken, Still:
		return "✗"
	case Fixed:
		return "✓"
	case Added:
		return "+"
	case Gone:
		return "-"
	case Slowed:
		return "~"
	}
	return "–"
}

const (
	markdownRows = 50  // of one kind: a comment of GitHub may have 65,536 characters
	markdownText = 300 // bytes
)

// markdownDifferences writes a table for a comment on a pull request. Whatever is in the texts stays text.
func markdownDifferences(w io.Writer, d *Differences) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### hgrun: %s\n\n%s against %s\n", d.summary(), markdown(d.New), markdown(d.Old))
	for _, kind := range changes() {
		list := d.Changes[kind]
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n| %s %s | Where | What |\n|---|---|---|\n", thousands(len(list)), kind)
		for i := range list[:min(len(list), markdownRows)] {
			c := &list[i]
			fmt.Fprintf(&b, "| %s %s | %s | %s |\n", differenceMark(kind), markdown(c.Name), markdown(c.Pos.String()), markdown(c.detail(kind)))
		}
		if more := len(list) - markdownRows; more > 0 {
			fmt.Fprintf(&b, "| … and %s more | | |\n", thousands(more))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown is a text as code in a cell of a table (GitHub Flavored Markdown, section 4.10), where nothing in it is a link, a name or HTML.
func markdown(text string) string {
	if text = oneLine(text); len(text) > markdownText {
		text = cut(text, markdownText) + "…"
	}
	if text == "" {
		return ""
	}
	return "`" + strings.NewReplacer("`", "'", "|", `\|`).Replace(text) + "`"
}
