//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package runner

import (
	"os"
	"syscall"
)

// mapped returns the content of a file as the system maps it into memory, page by page as it is looked at.
func mapped(f *os.File, size int64) ([]byte, error) {
	if int64(int(size)) != size {
		return nil, syscall.ENOMEM
	}
	return syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_PRIVATE)
}

// giveBack ends a mapping.
func giveBack(content []byte) {
	if len(content) > 0 {
		_ = syscall.Munmap(content) // it fails for what is no mapping, and this is one
	}
}
