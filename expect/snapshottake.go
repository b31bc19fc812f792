package expect

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/vars"
)

// taken returns what the file must hold so that the value is as it says.
func (s *asSnapshot) taken(v value, scope *vars.Scope) *Snapshot {
	out := &Snapshot{File: s.shown, Missing: s.file.missing}
	got := documentOf(v)
	if plain, ok := got.(string); ok {
		out.takeText(plain, scope)
		return out
	}
	k := &keeper{scope: scope, ignore: s.ignore}
	var old any
	if s.file.isJSON {
		old = s.file.value
	}
	text, err := indented(k.value(nil, "", got, old))
	switch {
	case k.refused != "":
		out.Refused = k.refused
	case err != nil:
		out.Refused = err.Error()
	default:
		out.Text, out.FHIR = text, strings.Clone(k.fhir)
	}
	return out
}

func (out *Snapshot) takeText(text string, scope *vars.Scope) {
	switch {
	case !utf8.ValidString(text):
		out.Refused = "it is no text; compare it by sha256, or with file:"
	case scope.Redact(text) != text:
		out.Refused = "a secret stands in the text"
	}
	if _, is, err := newSnapshotMatch(text); is || err != nil {
		out.Refused = "the text has the form of a matcher"
	}
	switch {
	case out.Refused != "":
		return
	case strings.Contains(text, `"http://hl7.org/fhir"`):
		out.FHIR = "resource in XML"
	case strings.HasPrefix(text, "MSH|"):
		out.FHIR = "HL7 message"
	}
	out.Text = unixLines(text) + "\n"
}

// keeper makes a snapshot of a value: without secrets, without what is ignored, with the matchers of the one before.
type keeper struct {
	scope   *vars.Scope
	ignore  []ignoredPath
	fhir    string
	refused string
}

// value returns what stands in the snapshot for got, of which the snapshot said old; name is that of the member.
func (k *keeper) value(at []string, name string, got, old any) any {
	if ignored(k.ignore, at) {
		return "<any>"
	}
	if m, ok := old.(snapshotMatch); ok && m.fits(valueOf(got)) {
		return m.text
	}
	switch got := got.(type) {
	case string:
		return k.text(name, got)
	case json.Number:
		if k.hidden(name, string(got)) {
			return "<number>"
		}
	case []any:
		was, _ := old.([]any)
		out := make([]any, len(got))
		for i, e := range got {
			var before any
			if i < len(was) {
				before = was[i]
			}
			out[i] = k.value(append(at[:len(at):len(at)], strconv.Itoa(i)), name, e, before)
		}
		return out
	case map[string]any:
		return k.object(at, got, old)
	}
	return got
}

func (k *keeper) text(name, s string) string {
	if k.hidden(name, s) {
		return "<string>"
	}
	if _, is, _ := newSnapshotMatch(s); is {
		return "<regex:^" + regexp.QuoteMeta(s) + "$>"
	}
	return s
}

// hidden reports whether a value is a secret: one that is known, one by its name, or a token by its form.
func (k *keeper) hidden(name, s string) bool {
	return k.scope.Redact(s) != s || isJWT(s) || s != "" && !strings.EqualFold(name, "code") && secretWord(name)
}

func (k *keeper) object(at []string, got map[string]any, old any) any {
	if kind, ok := got["resourceType"].(string); ok && k.fhir == "" && !slices.Contains(impersonal(), kind) {
		k.fhir = strings.Clone(kind)
	}
	was, _ := old.(map[string]any)
	out := make(map[string]any, len(got))
	for name, m := range got {
		if k.scope.Redact(name) != name {
			k.refused = "a secret is the name of a member"
			return nil
		}
		path := append(at[:len(at):len(at)], name)
		if !ignored(k.ignore, path) {
			out[name] = k.value(path, name, m, was[name])
		}
	}
	return out
}

// impersonal are the types of FHIR resources that describe servers and terminologies, and never a person.
func impersonal() []string {
	return []string{"CapabilityStatement", "CodeSystem", "CompartmentDefinition", "ConceptMap", "ImplementationGuide", "NamingSystem", "OperationDefinition",
		"SearchParameter", "StructureDefinition", "StructureMap", "TerminologyCapabilities", "ValueSet"}
}
