package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http/httptest"
	"strconv"
	"testing"
)

func TestTheDocumentIsJSONOfTheSizeThatWasAskedForAndKnowsItsDigest(t *testing.T) {
	t.Parallel()
	c := newClinic(0)
	_, body := send(t, c, httptest.NewRequest("GET", "/bulk/2", nil))
	var bundle struct {
		Entry     []struct{ FullURL string }
		Publisher string
	}
	if err := json.Unmarshal([]byte(body), &bundle); err != nil {
		t.Fatal(err)
	}
	if n := len(body); n < 1_500_000 || n > 2_000_000 || bundle.Publisher != "Lindqvist" || bundle.Entry[len(bundle.Entry)-1].FullURL != "urn:bench:end" {
		t.Errorf("got %d bytes, publisher %q, want about 2,000,000 and Lindqvist", n, bundle.Publisher)
	}
	_, said := send(t, c, httptest.NewRequest("GET", "/bulk/2/digest", nil))
	var document map[string]string
	if err := json.Unmarshal([]byte(said), &document); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256([]byte(body)); document["sha256"] != hex.EncodeToString(sum[:]) || document["size"] != strconv.Itoa(len(body)) {
		t.Errorf("got %v, want the digest and the size of the document", document)
	}
	if status, _ := send(t, c, httptest.NewRequest("GET", "/bulk/none", nil)); status != 404 {
		t.Errorf("got %d for a document of no size, want 404", status)
	}
	if _, got := send(t, c, httptest.NewRequest("GET", "/counts", nil)); got != `{"tokens":0,"patients":0,"refused":1,"bulks":1}`+"\n" {
		t.Errorf("counts: got %s", got)
	}
}
