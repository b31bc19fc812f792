//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package runner

import (
	"io"
	"os"
)

// mapped returns the content of a file, read into memory: there is no mapping here.
func mapped(f *os.File, size int64) ([]byte, error) {
	content := make([]byte, size)
	_, err := io.ReadFull(io.NewSectionReader(f, 0, size), content)
	return content, err
}

// giveBack leaves the content to the garbage collector.
func giveBack([]byte) {}
