package sandbox

import (
	"sync"
	"time"
)

const maxEntries = 1024 // exchanges remembered; older ones are forgotten first

// An Entry is one exchange as the server saw it. It holds no secret, no token and no query string.
type Entry struct {
	Number int       `json:"number"` // 1 for the first exchange
	Time   time.Time `json:"time"`   // by the sandbox's clock
	Server string    `json:"server"` // "sandbox", "production", "pattern sandbox" or "pattern production"
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Status int       `json:"status"`
	Reason Reason    `json:"reason"`           // why the answer is what it is
	Detail string    `json:"detail,omitempty"` // what was found, in words
}

func (e Entry) cause() string {
	if e.Detail == "" {
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Detail
}

// A journal keeps the newest entries; its zero value is empty.
type journal struct {
	mu    sync.Mutex
	ring  []Entry // a ring once it holds maxEntries
	count int     // entries ever added
}

// add numbers the entry and returns it.
func (j *journal) add(e Entry) Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count++
	e.Number = j.count
	if len(j.ring) < maxEntries {
		j.ring = append(j.ring, e)
	} else {
		j.ring[(j.count-1)%maxEntries] = e
	}
	return e
}

func (j *journal) entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	oldest := 0
	if len(j.ring) == maxEntries {
		oldest = j.count % maxEntries
	}
	list := make([]Entry, 0, len(j.ring))
	list = append(list, j.ring[oldest:]...)
	return append(list, j.ring[:oldest]...)
}
