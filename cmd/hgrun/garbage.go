package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// What the heap may have before garbage is collected, in bytes, and by how many percent it may grow for that.
const (
	spare     = 16 << 20
	mostGrown = 400 // of the 4 MiB at which Go begins to collect
	leastGrow = 100 // Go's own pace
	growStep  = 25  // a smaller change is worth nothing: to change it stops the program for a moment
)

// collectLate lets the heap have 16 MiB instead of 4 before garbage is collected. Most runs never reach that: they live for
// milliseconds. A long one collects a third as often as at Go's own pace, which holds where more than half of that is in use.
func collectLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(mostGrown)
	adjustAfterCollection(mostGrown)
}

// adjustAfterCollection fits the percentage to what is in use, some time after each collection.
func adjustAfterCollection(percent int) {
	runtime.AddCleanup(new([16]byte), func(percent int) {
		fit := growth(inUse())
		if fit != percent {
			debug.SetGCPercent(fit)
		}
		adjustAfterCollection(fit)
	}, percent)
}

// growth returns the percentage at which a heap with so many live bytes grows to spare, or at Go's own pace if that is more.
// The percentage is one of roots too: stacks and global variables.
func growth(live, roots uint64) int {
	if live >= spare {
		return leastGrow
	}
	percent := int((spare - live) * 100 / max(live+roots, 1))
	return min(max(percent/growStep*growStep, leastGrow), mostGrown)
}

// inUse returns how many bytes the last collection found alive, and how many it had to look through to find them.
func inUse() (live, roots uint64) {
	found := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(found)
	return found[0].Value.Uint64(), found[1].Value.Uint64() + found[2].Value.Uint64()
}
