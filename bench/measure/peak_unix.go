//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMB returns the most memory that was resident, as getrusage(2) tells it: bytes on macOS, kilobytes elsewhere.
func peakMB(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	unit := 1024.0
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		unit = 1
	}
	return float64(usage.Maxrss) * unit / (1 << 20)
}
