package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const maxBatch = 100 // requests in a Bundle

// A batched request is an entry of a Bundle of the type batch.
type batched struct {
	Resource json.RawMessage `json:"resource"`
	Request  struct {
		Method      string `json:"method"`
		URL         string `json:"url"` // relative to the base
		IfMatch     string `json:"ifMatch"`
		IfNoneMatch string `json:"ifNoneMatch"`
	} `json:"request"`
}

// A batchEntry is what became of one.
type batchEntry struct {
	Resource json.RawMessage `json:"resource,omitempty"`
	Response struct {
		Status   string          `json:"status"`
		Location string          `json:"location,omitempty"`
		ETag     string          `json:"etag,omitempty"`
		Outcome  json.RawMessage `json:"outcome,omitempty"`
	} `json:"response"`
}

// batch serves a Bundle of requests, each of which succeeds or fails by itself (FHIR R4, section 3.1.0.11).
func (s *fhirServer) batch(r fhirRequest) answer {
	r.kind = "Bundle"
	resource, refused := r.resource()
	if refused != nil {
		return *refused
	}
	var b struct {
		Type  string    `json:"type"`
		Entry []batched `json:"entry"`
	}
	if err := json.Unmarshal(encode(resource), &b); err != nil {
		return outcome(http.StatusBadRequest, "structure", "the entries cannot be read", UnreadableBody)
	}
	switch {
	case b.Type != "batch":
		return outcome(http.StatusBadRequest, "not-supported", "only a Bundle of the type batch is served, got "+
			strconv.Quote(b.Type), InvalidResource)
	case len(b.Entry) > maxBatch:
		return outcome(http.StatusRequestEntityTooLarge, "too-costly", fmt.Sprintf("got %d entries, want at most %d",
			len(b.Entry), maxBatch), InvalidResource)
	}
	done := struct {
		Type  string       `json:"resourceType"`
		Kind  string       `json:"type"`
		Entry []batchEntry `json:"entry,omitempty"`
	}{"Bundle", "batch-response", nil}
	for _, each := range b.Entry {
		done.Entry = append(done.Entry, newBatchEntry(s.one(r, each)))
	}
	return fhirAnswer(http.StatusOK, encode(done))
}

// one serves an entry as if it had come by itself, with the token of the whole.
func (s *fhirServer) one(r fhirRequest, each batched) answer {
	u, err := url.Parse(strings.TrimPrefix(each.Request.URL, "/"))
	if err != nil || u.IsAbs() || u.Host != "" || u.Path == "" {
		return outcome(http.StatusBadRequest, "invalid", "request.url: want one relative to the base", WrongParameter)
	}
	n := r.Clone(r.Context())
	n.Method, n.URL = each.Request.Method, u
	n.Header = http.Header{"Content-Type": {fhirType}, "If-Match": {each.Request.IfMatch}, "If-None-Match": {each.Request.IfNoneMatch}}
	n.Body = io.NopCloser(bytes.NewReader(each.Resource))
	return s.interact(fhirRequest{Request: n, server: s, token: r.token}, strings.Split(u.Path, "/"))
}

func newBatchEntry(a answer) batchEntry {
	var n batchEntry
	n.Response.Status = strconv.Itoa(a.status) + " " + http.StatusText(a.status)
	n.Response.Location, n.Response.ETag = a.header["Location"], a.header["Etag"]
	if a.status < http.StatusBadRequest {
		n.Resource = a.body
	} else {
		n.Response.Outcome = a.body
	}
	return n
}
