//go:build race

package script

// slow says that the race detector watches: the engine then takes fifty times as long.
const slow = true
