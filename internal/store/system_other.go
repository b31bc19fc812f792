//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package store

import (
	"errors"
	"io/fs"
	"os"
)

const noFollow = 0

func isLink(error) bool { return false }

func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

func checkOwner(string, fs.FileInfo) error { return nil }

// tryLock fails: a store without locks would lose refresh tokens.
func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func unlockFile(f *os.File) error { return f.Close() }

func rename(from, to string) error { return os.Rename(from, to) }

func syncFolder(string) error { return nil }
