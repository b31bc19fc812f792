package runner

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"strings"

	"github.com/hgrun/hgrun/internal/wire"
)

// Headers are what every request carries beside its own. The zero value calls the sender hgrun and traces nothing.
type Headers struct {
	Agent string // the User-Agent; empty means "hgrun"
	Trace Trace  // requests carry a traceparent that says that they are a part of it; the zero Trace: none do
}

// Trace is the span of a run: what stands in it has its trace (W3C Trace Context). The zero Trace is none.
type Trace struct {
	SpanContext
	Parent string // ID of the span that the run is a part of, such as a job of a CI; empty for none
}

// SpanContext names a span. The zero value names none.
type SpanContext struct {
	TraceID string // 32 hexadecimal digits
	SpanID  string // 16 hexadecimal digits
	Sampled bool   // somebody keeps the trace
}

// traceparentHeader is as Go writes the name of a header.
const traceparentHeader = "Traceparent"

// NewTrace begins the span of a run: in the trace of a traceparent, or in one of its own where that is empty. It is an error, and a trace of its own all the
// same, where that is no traceparent (W3C Trace Context, section 4.3).
func NewTrace(parent string) (Trace, error) {
	var id [24]byte
	rand.Read(id[:]) // it never fails
	own := Trace{SpanContext: SpanContext{TraceID: hex.EncodeToString(id[:16]), SpanID: hex.EncodeToString(id[16:]), Sampled: true}}
	if strings.TrimSpace(parent) == "" {
		return own, nil
	}
	of, err := ParseTraceparent(strings.TrimSpace(parent))
	if err != nil {
		return own, err
	}
	return Trace{SpanContext: SpanContext{TraceID: of.TraceID, SpanID: own.SpanID, Sampled: of.Sampled}, Parent: of.SpanID}, nil
}

// String returns the traceparent of the span, of version 00 (W3C Trace Context, section 3.2.2), and nothing for none.
func (c SpanContext) String() string {
	if c.TraceID == "" {
		return ""
	}
	flags := "-00"
	if c.Sampled {
		flags = "-01"
	}
	return "00-" + c.TraceID + "-" + c.SpanID + flags
}

// ParseTraceparent reads a traceparent, of a later version than 00 too: what that adds is passed over (W3C Trace Context, section 3.2.4).
func ParseTraceparent(text string) (SpanContext, error) {
	parts := strings.Split(text, "-")
	if len(parts) < 4 || len(parts) > 4 && parts[0] == "00" || parts[0] == "ff" ||
		!isHex(parts[0], 2) || !isHex(parts[1], 32) || !isHex(parts[2], 16) || !isHex(parts[3], 2) {
		return SpanContext{}, fmt.Errorf("got %q, want a traceparent such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", text)
	}
	if strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return SpanContext{}, fmt.Errorf("got %q, a traceparent whose ids are zero", text)
	}
	return SpanContext{TraceID: parts[1], SpanID: parts[2], Sampled: strings.IndexByte("13579bdf", parts[3][1]) >= 0}, nil
}

// isHex reports whether a text is so many lower-case hexadecimal digits.
func isHex(text string, digits int) bool {
	return len(text) == digits && strings.Trim(text, "0123456789abcdef") == ""
}

// child begins a span in the same trace.
func (c SpanContext) child() SpanContext {
	const digits = "0123456789abcdef"
	n := mathrand.Uint64() | 1 // an ID that is zero is none
	var id [16]byte
	for i := range id {
		id[i] = digits[n>>(60-4*i)&0xF]
	}
	c.SpanID = string(id[:])
	return c
}

// trace has a request carry a traceparent of its own, unless it has one already, and notes it with the exchange.
func (c SpanContext) trace(x *wire.Exchange) {
	if c.TraceID == "" || len(x.Request.Header[traceparentHeader]) > 0 {
		return
	}
	header := make(http.Header, len(x.Request.Header)+1) // that of the message may be sent again, with another
	maps.Copy(header, x.Request.Header)
	x.Trace = c.child().String()
	header[traceparentHeader] = []string{x.Trace}
	x.Request.Header = header
}
