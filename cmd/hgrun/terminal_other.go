//go:build !(linux || darwin || freebsd || netbsd || dragonfly || windows)

package main

import "os"

// terminalColumns is 0: nobody asks a terminal here.
func terminalColumns(*os.File) int { return columnsOf(os.Getenv("COLUMNS")) }

// obeysEscapes reports whether a terminal shows escape sequences as colours.
func obeysEscapes(*os.File) bool { return true }
