package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
	"unsafe"
)

const noFollow = 0

func isLink(error) bool { return false }

// openToOthers and checkOwner leave the judgement to the access list that a folder inherits: below the user's profile it
// admits the user, administrators and the system.
func openToOthers(fs.FileInfo) bool { return false }

func checkOwner(string, fs.FileInfo) error { return nil }

// What kernel32.dll calls these (winbase.h).
const (
	lockFailImmediately = 0x1
	lockExclusive       = 0x2
	moveReplace         = 0x1
	moveWriteThrough    = 0x8

	errorSharingViolation = syscall.Errno(32)
	errorLockViolation    = syscall.Errno(33)
)

func kernel32(name string) *syscall.LazyProc { return syscall.NewLazyDLL("kernel32.dll").NewProc(name) }

// tryLock asks for the lock of the open file; it goes when f is closed, however the process ends.
func tryLock(f *os.File) (bool, error) {
	var where syscall.Overlapped
	ok, _, err := kernel32("LockFileEx").Call(f.Fd(), lockExclusive|lockFailImmediately, 0, 1, 0, uintptr(unsafe.Pointer(&where)))
	switch {
	case ok != 0:
		return true, nil
	case errors.Is(err, errorLockViolation), errors.Is(err, syscall.ERROR_IO_PENDING):
		return false, nil
	}
	return false, err
}

func unlockFile(f *os.File) error {
	var where syscall.Overlapped
	ok, _, err := kernel32("UnlockFileEx").Call(f.Fd(), 0, 1, 0, uintptr(unsafe.Pointer(&where)))
	if ok != 0 {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// patience is how long a rename waits for those who are just reading the file.
const patience = 2 * time.Second

// rename returns when the new name is on the disk. While somebody reads the old file it cannot be replaced.
func rename(from, to string) error {
	source, err := syscall.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	target, err := syscall.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		ok, _, err := kernel32("MoveFileExW").Call(uintptr(unsafe.Pointer(source)), uintptr(unsafe.Pointer(target)), moveReplace|moveWriteThrough)
		if ok != 0 {
			return nil
		}
		busy := errors.Is(err, syscall.ERROR_ACCESS_DENIED) || errors.Is(err, errorSharingViolation)
		if !busy || time.Since(start) > patience {
			return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
		}
	}
}

// syncFolder has nothing to do: rename writes through.
func syncFolder(string) error { return nil }
