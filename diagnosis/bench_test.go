package diagnosis

import (
	"strings"
	"testing"
)

// BenchmarkExplain is what a request costs that passed, that was not found, and that was refused.
func BenchmarkExplain(b *testing.B) {
	bundle := `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"` + fhirURL + `/Patient?family=a"}],"entry":[` + strings.Repeat(`{"resource":{"resourceType":"Patient"}},`, 2000) + `{}]}`
	for name, fresh := range map[string]func() *Case{
		"read": func() *Case {
			return made(get(fhirURL+"/Patient/1", "opaque-token"), 200, `{"resourceType":"Patient"}`)
		},
		"search": func() *Case { return made(get(fhirURL+"/Patient?family=a", "opaque-token"), 200, bundle) },
		"404": func() *Case {
			return made(get(fhirURL+"/Patient/1", "opaque-token"), 404, `{"resourceType":"OperationOutcome"}`)
		},
		"refused": func() *Case {
			return made(form(asURL, "grant_type", jwtBearerGrant, "assertion", goodAssertion(nil)), 401, panvaGeneric)
		},
	} {
		b.Run(name, func(b *testing.B) {
			template := fresh()
			for b.Loop() {
				Explain(&Case{Exchange: template.Exchange, History: template.History})
			}
			b.ReportAllocs()
		})
	}
}
