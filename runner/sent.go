package runner

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// sentHeader returns the header of a request as it went over the wire: that of out, and what the transport writes by itself. What stands in HTTP/2 as
// :authority is called Host here too (RFC 9113, section 8.3.1). A transport that is done with out leaves its header to us.
func sentHeader(out *http.Request, transport http.RoundTripper, done bool) http.Header {
	h := out.Header
	if !done {
		h = maps.Clone(h)
	}
	host := out.Host
	if host == "" {
		host = out.URL.Host
	}
	h["Host"] = []string{host}
	for _, name := range []string{"Content-Length", "Transfer-Encoding", "Trailer"} { // of the collection: net/http writes its own
		delete(h, name)
	}
	if out.Body != nil || slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, out.Method) {
		h["Content-Length"] = []string{strconv.FormatInt(out.ContentLength, 10)}
	}
	if zips(transport) && wantsZip(out) {
		h["Accept-Encoding"] = []string{"gzip"}
	}
	return h
}

// wantsZip reports whether net/http asks for a compressed answer of its own accord.
func wantsZip(req *http.Request) bool {
	return req.Header.Get("Accept-Encoding") == "" && req.Header.Get("Range") == "" && req.Method != http.MethodHead
}

// zips reports whether a transport is one that does.
func zips(transport http.RoundTripper) bool {
	switch t := transport.(type) {
	case *direct:
		return true
	case *http.Transport:
		return !t.DisableCompression
	}
	return false
}
