package main

import "testing"

func TestAHeapGrowsToWhatIsSpareOrAtGosPace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		live, roots uint64
		want        int
	}{
		{"nothing in use", 0, 0, mostGrown},
		{"a little", 2 << 20, 1 << 20, mostGrown},
		{"a quarter", 4 << 20, 0, 300},
		{"a quarter, and roots that count as the heap does", 4 << 20, 1 << 20, 225},
		{"half", 8 << 20, 0, leastGrow},
		{"more than is spare", 1 << 30, 1 << 20, leastGrow},
	} {
		if got := growth(c.live, c.roots); got != c.want {
			t.Errorf("%s: got %d %%, want %d %%", c.name, got, c.want)
		}
	}
}
