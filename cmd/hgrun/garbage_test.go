package main

import "testing"

func TestAHeapGrowsToWhatIsSpareOrAtGosPace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		goal    uint64
		percent int
		want    int
	}{
		{"as small as at the start", 16 << 20, mostGrown, mostGrown},
		{"a quarter in use", 20 << 20, mostGrown, 300},
		{"a quarter in use, seen at another pace", 16 << 20, 300, 300},
		{"a little more than a third", 12 << 20, leastGrow, 150},
		{"half", 16 << 20, leastGrow, leastGrow},
		{"more than is spare", 1 << 30, 150, leastGrow},
		{"nothing", 0, leastGrow, mostGrown},
	} {
		if got := growth(c.goal, c.percent); got != c.want {
			t.Errorf("%s: got %d %%, want %d %%", c.name, got, c.want)
		}
	}
}
