package collections

import (
	"time"

	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
)

// The times of a poll where nothing says otherwise.
const (
	DefaultEvery = time.Second
	DefaultFor   = time.Minute
)

// Poll says for what answer a request is repeated.
type Poll struct {
	Until expect.Expectations // that the answer must satisfy before it is judged
	Every time.Duration       // between an answer and the next request, where the server asks for no other
	For   time.Duration       // from the first request, after which none begins
}

// poll returns the poll that the keys of a request fill.
func (f *Flow) poll() *Poll {
	if f.Poll == nil {
		f.Poll = &Poll{Every: DefaultEvery, For: DefaultFor}
	}
	return f.Poll
}

// checkPoll refuses every: and for: without what they are about.
func (f *Flow) checkPoll(n source.Node) {
	if f.Poll != nil && !n.Has("until") {
		n.Errorf("every: and for: say how to wait, and nothing is waited for: write until: with what the answer must satisfy")
		f.Poll = nil
	}
}

// readSpan stores a time span of more than nothing.
func readSpan(n source.Node, key string, to *time.Duration) {
	source.Duration(to)(n)
	if n.IsScalar() && nothing(n) {
		n.Errorf("%s: got %s, want more than 0", key, n.Text())
	}
}
