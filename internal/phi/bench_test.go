package phi

import (
	"fmt"
	"strings"
	"testing"
)

func megabyte() []byte {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","entry":[`)
	for i := 0; b.Len() < 1<<20; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"fullUrl":"https://h/Patient/%d","resource":{"resourceType":"Patient","id":"%d","name":[{"use":"official","family":"Family%d","given":["Given%d","Q"]}],"gender":"female","birthDate":"1970-05-06","telecom":[{"system":"phone","value":"555-%d"}],"address":[{"line":["%d Main St"],"city":"Miami","state":"FL"}]}}`, i, i, i, i, i, i)
	}
	return []byte(b.String() + "]}")
}

func BenchmarkLookThroughAMegabyte(b *testing.B) {
	doc := megabyte()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		k := Known{All: true}
		k.Maker().Look("application/fhir+json", doc, k.See)
	}
}

func BenchmarkShowTheStartOfAMegabyte(b *testing.B) {
	doc := megabyte()
	var m Masks
	for b.Loop() {
		m.Body("application/fhir+json", doc[:64<<10], doc, nil)
	}
}

func BenchmarkURL(b *testing.B) {
	var m Masks
	for b.Loop() {
		m.URL("https://api.example.com/fhir/R4/Patient/1001?_format=json", nil)
	}
}
