// Package suite_test runs collections as specs of a Ginkgo suite.
package suite_test

import (
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hgrun/hgrun/specs"
)

func TestSuite(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Ginkgo suite")
}

// Each request of the collection is a spec. API_ENVIRONMENT=sandbox runs them against the vendor's sandbox.
var _ = specs.Describe(os.DirFS("."), "collection.yaml", cmp.Or(os.Getenv("API_ENVIRONMENT"), "embedded"))

// What the collection says holds for a server that the suite starts, too.
var _ = specs.Target{
	Files:      os.DirFS("."),
	Collection: "service.yaml",
	Variables:  map[string]func() string{"fhir_url": func() string { return server.URL }},
}.Describe(Label("offline"))

var server *httptest.Server

var _ = BeforeSuite(func() {
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		_, err := io.WriteString(w, `{"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}`)
		Expect(err).NotTo(HaveOccurred())
	}))
	DeferCleanup(server.Close)
})

// Specs of other kinds stand beside them as in any suite.
var _ = Describe("The server of the suite", func() {
	It("has an address", func() { Expect(server.URL).To(HavePrefix("http://127.0.0.1:")) })
})
