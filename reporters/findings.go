package reporters

import (
	"strings"

	"github.com/hgrun/hgrun/runner"
)

// explanation words the findings of a result: the likeliest whole, the others in a line each.
func explanation(findings []runner.Finding) string {
	var out strings.Builder
	for i := range findings {
		f := &findings[i]
		if i > 0 {
			out.WriteString("or " + findingLine(f) + "\n")
			continue
		}
		out.WriteString(findingLine(f) + "\n")
		if cause := clean(f.Cause); cause != "" {
			out.WriteString("  " + hanging(cause) + "\n")
		}
		for _, e := range f.Evidence {
			out.WriteString("  " + labelled(e.Label, clean(e.Text)))
			if at := oneLine(e.Pos.String()); at != "" {
				out.WriteString("  (" + at + ")")
			}
			out.WriteByte('\n')
		}
		if fix := clean(f.Fix); fix != "" {
			out.WriteString("  " + labelled("fix", fix) + "\n")
		}
	}
	return strings.TrimRight(out.String(), "\n")
}

// findingLine is a finding in one line: "HG003 certain: aud is not the token URL".
func findingLine(f *runner.Finding) string {
	return f.Code + " " + f.Confidence + ": " + oneLine(f.Title)
}

// labelWide is how many columns a label takes, with the space after it.
const labelWide = len("configured ")

// labelled puts texts that stand under one another in line.
func labelled(label, text string) string {
	return label + strings.Repeat(" ", max(labelWide-len(label), 1)) + strings.ReplaceAll(text, "\n", "\n  "+strings.Repeat(" ", labelWide))
}

// hang is how many columns of a line of an explanation its label takes; 0 for none.
func hang(line string) int {
	if len(line) <= labelWide {
		return 0
	}
	label, after := line[:labelWide], line[labelWide]
	word := strings.TrimRight(label, " ")
	if word == label || after == ' ' || strings.Contains(word, " ") {
		return 0
	}
	return labelWide
}

func hanging(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

// remark is a finding of a request that passed, in a line.
func remark(f *runner.Finding) string {
	text := findingLine(f)
	if fix := shortLine(clean(f.Fix)); fix != "" {
		text += "; " + fix
	}
	return text
}
