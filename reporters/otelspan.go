package reporters

import (
	"strconv"
	"time"

	"github.com/hgrun/hgrun/runner"
)

// The numbers of OTLP (opentelemetry/proto/trace/v1/trace.proto).
const (
	otelInternal = 1 // SPAN_KIND_INTERNAL
	otelClient   = 3 // SPAN_KIND_CLIENT
	otelError    = 2 // STATUS_CODE_ERROR

	otelSampled     = 0x001 // flags of W3C Trace Context
	otelKnowsRemote = 0x100 // SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK
	otelIsRemote    = 0x200 // SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK: the parent is a span of somebody else
)

// The parts of a line (OTLP 1.x, JSON Protobuf Encoding): IDs in hexadecimal digits, 64-bit numbers as texts, enumerations as numbers.
type (
	otelScope struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	otelSpan struct {
		TraceID    string         `json:"traceId"`
		SpanID     string         `json:"spanId"`
		Parent     string         `json:"parentSpanId,omitempty"`
		Flags      int            `json:"flags"`
		Name       string         `json:"name"`
		Kind       int            `json:"kind"`
		Start      otelNanos      `json:"startTimeUnixNano"`
		End        otelNanos      `json:"endTimeUnixNano"`
		Attributes otelAttributes `json:"attributes,omitempty"`
		Events     []otelEvent    `json:"events,omitempty"`
		Links      []otelLink     `json:"links,omitempty"`
		Status     otelStatus     `json:"status"`
	}
	otelAttribute struct {
		Key   string    `json:"key"`
		Value otelValue `json:"value"`
	}
	otelValue struct {
		Text   *string    `json:"stringValue,omitempty"`
		Number *string    `json:"intValue,omitempty"`
		Float  *float64   `json:"doubleValue,omitempty"`
		Flag   *bool      `json:"boolValue,omitempty"`
		List   *otelArray `json:"arrayValue,omitempty"`
	}
	otelArray struct {
		Values []otelValue `json:"values"`
	}
	otelEvent struct {
		At         otelNanos      `json:"timeUnixNano"`
		Name       string         `json:"name"`
		Attributes otelAttributes `json:"attributes,omitempty"`
	}
	otelLink struct {
		TraceID string `json:"traceId"`
		SpanID  string `json:"spanId"`
	}
	otelStatus struct {
		Message string `json:"message,omitempty"`
		Code    int    `json:"code,omitempty"`
	}
)

// otelNanos is a moment: nanoseconds since 1970.
type otelNanos int64

// nanos returns a moment, the beginning of 1970 for none.
func nanos(at time.Time) otelNanos {
	if at.IsZero() {
		return 0
	}
	return otelNanos(at.UnixNano())
}

// MarshalJSON implements json.Marshaler.
func (n otelNanos) MarshalJSON() ([]byte, error) {
	return append(strconv.AppendInt([]byte{'"'}, int64(n), 10), '"'), nil
}

// otelAttributes are what is said of something. A text that is empty is not said.
type otelAttributes []otelAttribute

func (l *otelAttributes) text(key, value string) {
	if value != "" {
		*l = append(*l, otelAttribute{key, otelValue{Text: &value}})
	}
}

func (l *otelAttributes) number(key string, value int) {
	text := strconv.Itoa(value)
	*l = append(*l, otelAttribute{key, otelValue{Number: &text}})
}

// seconds is a time span as the semantic conventions have it.
func (l *otelAttributes) seconds(key string, d time.Duration) {
	value := d.Seconds()
	*l = append(*l, otelAttribute{key, otelValue{Float: &value}})
}

func (l *otelAttributes) flag(key string, value bool) {
	if value {
		*l = append(*l, otelAttribute{key, otelValue{Flag: &value}})
	}
}

func (l *otelAttributes) texts(key string, values []string) {
	if len(values) == 0 {
		return
	}
	list := &otelArray{}
	for _, v := range values {
		list.Values = append(list.Values, otelValue{Text: &v})
	}
	*l = append(*l, otelAttribute{key, otelValue{List: list}})
}

func (s *otelSpan) text(key, value string)            { s.Attributes.text(key, value) }
func (s *otelSpan) number(key string, value int)      { s.Attributes.number(key, value) }
func (s *otelSpan) texts(key string, values []string) { s.Attributes.texts(key, values) }

// totals says how many requests ended how, and makes an error of the span where not all is well.
func (s *otelSpan) totals(c runner.Counts, interrupted bool) {
	s.number("hgrun.passed", c.Passed)
	s.number("hgrun.failed", c.Failed)
	s.number("hgrun.errored", c.Errored)
	s.number("hgrun.skipped", c.Skipped)
	switch {
	case interrupted:
		s.Status = otelStatus{"interrupted", otelError}
	case c.Failed+c.Errored > 0:
		s.Status = otelStatus{thousands(c.Failed+c.Errored) + " of " + plural(c.Total(), "request") + " did not pass", otelError}
	}
}
