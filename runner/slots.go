package runner

// slots bound how much runs at a time over all collections of a run. A nil slots bounds nothing. Whoever holds one never waits for
// room, or for anybody who may need one.
type slots chan struct{}

func newSlots(n int) slots { return make(slots, n) }

func (s slots) enter() {
	if s != nil {
		s <- struct{}{}
	}
}

func (s slots) leave() {
	if s != nil {
		<-s
	}
}
