package specs

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onsi/ginkgo/v2"

	"github.com/hgrun/hgrun/internal/curl"
	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

const (
	mostTold  = 20           // results in the message of one failure
	mostBody  = 2 << 10      // bytes of a body in an entry of a report
	wholeBody = 64<<10 - 512 // a body of nearly 64 KiB is shortened, and of no use in a command
)

// failure is what a spec says that fails: each problem at its place, and what explains it.
func failure(slot *slot, wrong []runner.Result) string {
	var out strings.Builder
	for i := range wrong {
		result := &wrong[i]
		if i == mostTold {
			fmt.Fprintf(&out, "\n… and %d more that did not pass\n", len(wrong)-i)
			break
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		if slot == nil || len(wrong) > 1 || result.Name.Name != slot.request.Name || result.Name.Pos != slot.request.Pos {
			out.WriteString(title(result) + " " + result.Outcome.String() + ":\n")
		}
		for _, p := range result.Problems {
			out.WriteString(placed(p.Pos.String(), p.Message) + "\n")
			for _, d := range p.Details {
				out.WriteString("  " + strings.ReplaceAll(d, "\n", "\n  ") + "\n")
			}
		}
		if len(result.Findings) > 0 {
			out.WriteString(explanation(&result.Findings[0]))
		}
	}
	return clean(strings.TrimRight(out.String(), "\n"))
}

// title is what a request is called that is not the spec's own.
func title(r *runner.Result) string {
	name := strconv.Quote(r.Name.Name)
	switch {
	case r.Name.Aside():
		name = r.Name.Name
	case r.Name.Phase != runner.Main:
		name = string(r.Name.Phase) + " " + name
	}
	if len(r.Name.Folders) > 0 {
		name += " in " + strings.Join(r.Name.Folders, "/")
	}
	return name
}

func placed(at, text string) string {
	if at == "" {
		return text
	}
	return at + ": " + text
}

// explanation is a finding in a few lines.
func explanation(f *runner.Finding) string {
	text := fmt.Sprintf("%s %s: %s\n", f.Code, f.Confidence, f.Title)
	for _, line := range []string{f.Cause, "fix: " + f.Fix} {
		if line != "" && line != "fix: " {
			text += "  " + strings.ReplaceAll(line, "\n", "\n  ") + "\n"
		}
	}
	return text
}

// entries adds to the report of the spec what was sent and what came back, the diagnosis, and the request as a curl command.
func entries(r *runner.Result) {
	at := location(r.Name.Pos)
	last := r.Last()
	if last != nil {
		ginkgo.AddReportEntry("exchange", clean(exchange(r)), at, r.Start, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
	for i := range r.Findings {
		ginkgo.AddReportEntry("diagnosis", clean(diagnosis(&r.Findings[i])), at, r.Start, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
	if last == nil || !bad(r) {
		return
	}
	if command := command(last); command != "" {
		ginkgo.AddReportEntry("curl", clean(command), at, r.Start, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
}

// exchange tells of each attempt in a line, and of the last answer how its body begins.
func exchange(r *runner.Result) string {
	var out strings.Builder
	for i := range r.Attempts {
		a := &r.Attempts[i]
		answer := "no answer"
		if a.Status != 0 {
			answer = strings.TrimSpace(strconv.Itoa(a.Status) + " " + a.Reason)
		}
		fmt.Fprintf(&out, "%s %s → %s after %s\n", a.Method, a.URL, answer, max(a.Timings.Total, time.Millisecond).Round(time.Millisecond))
		for _, p := range a.Problems {
			out.WriteString("  " + p + "\n")
		}
	}
	if last := r.Last(); bad(r) && last.Detail != nil && utf8.ValidString(last.Detail.ResponseBody) {
		out.WriteString(shortened(last.Detail.ResponseBody))
	}
	return strings.TrimRight(out.String(), "\n")
}

func shortened(body string) string {
	if len(body) <= mostBody {
		return body
	}
	return strings.ToValidUTF8(body[:mostBody], "") + fmt.Sprintf("\n… cut here after %d bytes", mostBody)
}

// diagnosis is a finding with all it rests on.
func diagnosis(f *runner.Finding) string {
	text := explanation(f)
	for _, e := range f.Evidence {
		text += "  " + e.Label + ": " + e.Text
		if at := e.Pos.String(); at != "" {
			text += " (" + at + ")"
		}
		text += "\n"
	}
	return strings.TrimRight(text, "\n")
}

// command is an attempt as a curl command without secrets; empty where it is not known whole.
func command(a *runner.Attempt) string {
	d := a.Detail
	if d == nil || a.URL == "" || len(d.RequestBody) >= wholeBody {
		return ""
	}
	return curl.Masked(&wire.Request{Method: a.Method, URL: a.URL, Header: d.RequestHeader, Body: []byte(d.RequestBody)})
}

// clean leaves out what would move the cursor of a terminal or make a report that no parser reads.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}
