//go:build linux || darwin || freebsd || netbsd || dragonfly

package main

import (
	"os"
	"syscall"
	"unsafe"
)

// terminalColumns is how wide a terminal is now; 0 where it does not say.
func terminalColumns(f *os.File) int {
	var size struct{ rows, columns, x, y uint16 } // struct winsize of ioctl_tty(2)
	conn, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	var failed syscall.Errno
	err = conn.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	})
	if err != nil || failed != 0 {
		return 0
	}
	return int(size.columns)
}

// obeysEscapes reports whether a terminal shows escape sequences as colours.
func obeysEscapes(*os.File) bool { return true }
