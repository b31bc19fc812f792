package main

import (
	"os"
	"runtime"
	"runtime/debug"
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
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fit := growth(m.NextGC, percent)
		if fit != percent {
			debug.SetGCPercent(fit)
		}
		adjustAfterCollection(fit)
	}, percent)
}

// growth returns the percentage at which a heap grows to spare, or at Go's own pace if that is more, from the size to which it would grow at another percentage.
func growth(goal uint64, percent int) int {
	used := max(goal*100/uint64(100+percent), 1) // the stacks and global variables that are looked through count as used
	if used >= spare {
		return leastGrow
	}
	return min(max(int((spare-used)*100/used)/growStep*growStep, leastGrow), mostGrown)
}
