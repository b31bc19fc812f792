package diagnosis

import (
	"fmt"
	"strings"
)

// PageText returns what `hgrun explain HG012` prints of a rule; the code may be given in any case. It is false for a code
// that does not exist.
func PageText(code string) (string, bool) {
	for _, r := range table() {
		if strings.EqualFold(r.Code, strings.TrimSpace(code)) {
			return r.text(), true
		}
	}
	return "", false
}

// sections are the parts of a page in their order.
func (p Page) sections() [6][2]string {
	return [6][2]string{
		{"Symptom", p.Symptom}, {"Cause", p.Cause}, {"Detection", p.Detection}, {"Evidence", p.Evidence}, {"Fix", p.Fix}, {"Sources", p.Sources},
	}
}

func (r *Rule) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Code, r.Title)
	for _, s := range r.Page.sections() {
		fmt.Fprintf(&b, "\n%s\n  %s\n", s[0], s[1])
	}
	return b.String()
}

// Markdown returns docs/diagnoses.md: every rule's page, by family.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Diagnoses\n\nWhat hgrun says when an exchange fails, or is about to. Each code is stable; `hgrun explain HG003` prints its page.\n" +
		"Servers answer a dozen different mistakes with one identical 401, or with an empty body; so most of these are found by checking the\n" +
		"bytes that were sent, and ranked by the answer.\n")
	for _, f := range families() {
		fmt.Fprintf(&b, "\n## %s%s\n", strings.ToUpper(f.name[:1]), f.name[1:])
		for _, r := range f.rules {
			fmt.Fprintf(&b, "\n### %s %s\n\n", r.Code, markdownText(r.Title))
			for _, s := range r.Page.sections() {
				fmt.Fprintf(&b, "- **%s.** %s\n", s[0], markdownText(s[1]))
			}
		}
	}
	return b.String()
}

// markdownText keeps what Markdown would take for markup.
func markdownText(text string) string {
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`, "{{", "`{{", "}}", "}}`").Replace(text)
}
