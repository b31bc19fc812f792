package runner

import (
	"iter"
	"sync"
)

// feed keeps the events of one collection until it is their turn to be seen.
type feed struct {
	mu     sync.Mutex
	more   *sync.Cond
	events []Event
	ended  bool
	unread bool // nobody will read on
}

// feedLimit is how many events a feed has when rows that bring more of them wait.
const feedLimit = 4096

func newFeed() *feed {
	f := &feed{}
	f.more = sync.NewCond(&f.mu)
	return f
}

func (f *feed) put(e Event) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
	f.more.Broadcast()
	return true
}

func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	f.more.Signal()
}

// all yields the events in order and waits for those to come, until end.
func (f *feed) all() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			batch, ended := f.take()
			for _, e := range batch {
				if !yield(e) {
					return
				}
			}
			if ended {
				return
			}
		}
	}
}

// room waits until there are few enough events for more to come.
func (f *feed) room() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.events) >= feedLimit && !f.unread {
		f.more.Wait()
	}
}

// drop lets those go on who wait for room.
func (f *feed) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unread = true
	f.more.Broadcast()
}

// take waits for events and empties the feed.
func (f *feed) take() (batch []Event, ended bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.events) == 0 && !f.ended {
		f.more.Wait()
	}
	batch, f.events = f.events, nil
	f.more.Broadcast()
	return batch, f.ended
}
