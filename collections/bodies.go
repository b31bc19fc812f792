package collections

import (
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
)

// The sizes of the bodies of responses where nothing says otherwise, in bytes.
const (
	DefaultMaxBody     = 64 << 20
	DefaultMaxDownload = 4 << 30
)

// BodyLimits say how much of the bodies of responses is taken, in bytes, decompressed.
type BodyLimits struct {
	Memory   int64 // that a body takes at most; the content of a larger one goes to a temporary file
	Download int64 // that a body has at most; more is an error
}

func (b *BodyLimits) keys() source.Keys {
	return source.Keys{
		"max_body":     readSize("max_body", &b.Memory),
		"max_download": readSize("max_download", &b.Download),
	}
}

// or returns the limits, and those of outer where b has none.
func (b BodyLimits) or(outer BodyLimits) BodyLimits {
	if b.Memory == 0 {
		b.Memory = outer.Memory
	}
	if b.Download == 0 {
		b.Download = outer.Download
	}
	return b
}

// readSize stores a size of more than nothing.
func readSize(key string, to *int64) func(source.Node) {
	return func(n source.Node) {
		size := int64(-1)
		source.Size(&size)(n)
		switch {
		case size > 0:
			*to = size
		case size == 0:
			n.Errorf("%s: got %s, want more than 0", key, n.Text())
		}
	}
}

// Needs returns what the request looks into of the bodies of its answers: to judge them, to capture, and to find its way from one to
// the next.
func (r *Request) Needs() expect.Needs {
	needs := r.Expect.Needs() | r.Captures.Needs()
	if poll := r.Flow.Poll; poll != nil {
		needs |= poll.Until.Needs()
	}
	if r.Judged() {
		needs |= expect.NeedsContent
	}
	if pages := r.Flow.Pages; pages != nil && !pages.Link {
		needs |= expect.NeedsContent
	}
	return needs
}
