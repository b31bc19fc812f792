package collections_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/vars"
)

// many returns a collection of n requests like those that people write.
func many(n int) fstest.MapFS {
	var b strings.Builder
	b.WriteString("name: Many\nvariables: {base: https://x.example, patient: \"1001\"}\nheaders: {Accept: application/fhir+json}\nrequests:\n")
	for i := range n {
		fmt.Fprintf(&b, `  - name: Request %d
    request: GET {{base}}/Patient/{{patient}}
    query: {_count: 50, name: "{{patient}}"}
    headers: {X-Request: "{{$guid}}"}
    tags: [smoke]
    expect:
      status: 200
      headers: {Content-Type: {contains: fhir+json}}
      json: {resourceType: Patient}
    capture: {family: name.0.family}
`, i)
	}
	return folder(map[string]string{"c.yaml": b.String()})
}

func benchmarkLoad(b *testing.B, n int) {
	fsys := many(n)
	b.SetBytes(int64(len(fsys["c.yaml"].Data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := collections.Load(fsys, "c.yaml", collections.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadOneRequest(b *testing.B)       { benchmarkLoad(b, 1) }
func BenchmarkLoadThousandRequests(b *testing.B) { benchmarkLoad(b, 1000) }

func BenchmarkCheckThousandRequests(b *testing.B) {
	c, err := collections.Load(many(1000), "c.yaml", collections.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(vars.NewScope(nil)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	c, err := collections.Load(many(1), "c.yaml", collections.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for r := range c.Main.All() {
		s := vars.NewScope(nil).With(r.Layers...)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Message.Build(s); err != nil {
				b.Fatal(err)
			}
		}
	}
}
