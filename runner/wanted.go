package runner

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/phi"
)

// compared masks a message that says what an answer has and what was wanted there. Where the first is of a person so is the second, although
// no answer has it: the family name that a collection expects is that of a patient.
func (x *round) compared(text string) string {
	hidden := redactText(x.scope.Secrets(), text)
	shown := x.veil.redact(hidden)
	if x.veil == nil {
		return shown
	}
	for _, between := range []string{", want ", " to "} {
		got, want, ok := strings.Cut(shown, between)
		if !ok {
			continue
		}
		before, _, _ := strings.Cut(hidden, between)
		if masks(got) > masks(before) || x.veil.lacks(got) {
			return got + between + x.veil.wanted(want)
		}
	}
	return shown
}

func masks(text string) int { return strings.Count(text, " sha256:") }

// lacks reports whether a message begins by saying that something is missing from a resource which would be of a person.
func (v *veil) lacks(got string) bool {
	path, ok := strings.CutSuffix(got, ": missing")
	if !ok || v.ex == nil || v.ex.Response == nil || !bytes.Contains(v.ex.Response.Body, []byte(`"resourceType"`)) {
		return false
	}
	return phi.PersonalPath(path[strings.LastIndexByte(path, ' ')+1:])
}

// wantedValues matches the values in what a message says was wanted.
var wantedValues = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`"(?:[^"\\]|\\.)+"(?:…|:)?|'[^']+'|\b[0-9][0-9./-]{4,}[0-9]\b`)
})

// wanted masks the values in what was wanted, and remembers them: the line of the file that asks for them is shown too.
func (v *veil) wanted(text string) string {
	return wantedValues().ReplaceAllStringFunc(text, func(value string) string {
		plain := strings.Trim(value, `"'`)
		if strings.Contains(value, "‹") || strings.HasSuffix(value, ":") || len(plain) < 2 {
			return value
		}
		v.known.See("wanted", plain)
		return strings.Replace(value, plain, v.masks.Mask("wanted", plain), 1)
	})
}
