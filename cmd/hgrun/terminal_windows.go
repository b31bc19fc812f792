package main

import (
	"os"
	"syscall"
	"unsafe"
)

// virtualTerminal is ENABLE_VIRTUAL_TERMINAL_PROCESSING of wincon.h: a console obeys escape sequences.
const virtualTerminal = 0x4

// terminalColumns is how wide a console is now; 0 where it does not say (GetConsoleScreenBufferInfo of wincon.h).
func terminalColumns(f *os.File) int {
	var info struct {
		width, height, x, y         int16
		attributes                  uint16
		left, top, right, bottom    int16
		maximumWidth, maximumHeight int16
	}
	ok, _, _ := kernel32("GetConsoleScreenBufferInfo").Call(f.Fd(), uintptr(unsafe.Pointer(&info)))
	if ok == 0 {
		return 0
	}
	return int(info.right-info.left) + 1
}

// obeysEscapes reports whether a console shows escape sequences as colours, which it is asked for.
func obeysEscapes(f *os.File) bool {
	var mode uint32
	if ok, _, _ := kernel32("GetConsoleMode").Call(f.Fd(), uintptr(unsafe.Pointer(&mode))); ok == 0 {
		return true // no console, but a terminal of another kind
	}
	ok, _, _ := kernel32("SetConsoleMode").Call(f.Fd(), uintptr(mode|virtualTerminal))
	return ok != 0
}

func kernel32(name string) *syscall.LazyProc { return syscall.NewLazyDLL("kernel32.dll").NewProc(name) }
