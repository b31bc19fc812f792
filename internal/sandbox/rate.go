package sandbox

import (
	"sync"
	"time"
)

// A rate counts requests per second of the sandbox's clock; its zero value has counted none.
type rate struct {
	mu     sync.Mutex
	second int64
	count  int
}

// exceeds counts a request and reports whether it is one too many; a limit of 0 is none.
func (r *rate) exceeds(limit int, now time.Time) bool {
	if limit <= 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if second := now.Unix(); second != r.second {
		r.second, r.count = second, 0
	}
	r.count++
	return r.count > limit
}
