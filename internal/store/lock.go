package store

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// Lock waits until no other goroutine and no other process has the lock of a key, or ctx ends. The kernel takes it from a
// process that dies. Calling unlock again does nothing. Who refreshes a token locks, loads, refreshes only what is still
// old, saves and unlocks: so all who want the same do it once. Save does not lock.
func (s *Store) Lock(ctx context.Context, key string) (unlock func() error, err error) {
	if err := checkFolder(s.dir); err != nil {
		return nil, err
	}
	path := s.path(key, lockSuffix)
	turn := s.turn(path)
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, waited(ctx, path)
	}
	release, err := s.lockFile(ctx, path)
	if err != nil {
		<-turn
		return nil, err
	}
	return sync.OnceValue(func() error {
		defer func() { <-turn }()
		return release()
	}), nil
}

func (s *Store) turn(path string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	turn, ok := s.turns[path]
	if !ok {
		turn = make(chan struct{}, 1)
		s.turns[path] = turn
	}
	return turn
}

func waited(ctx context.Context, path string) error {
	return fmt.Errorf("waiting for %s, which somebody else has locked: %w", path, context.Cause(ctx))
}

// longestPause is the time after which a lock that another process has is tried again.
const longestPause = 25 * time.Millisecond

// lockFile locks a file against other processes. The kernel cannot wait for a lock and for ctx at once, so it is asked
// again and again.
func (s *Store) lockFile(ctx context.Context, path string) (release func() error, err error) {
	for pause := time.Millisecond; ; pause = min(2*pause, longestPause) {
		if ctx.Err() != nil {
			return nil, waited(ctx, path)
		}
		f, err := tryLockFile(path)
		if err != nil {
			return nil, err
		}
		if f != nil {
			return func() error { return unlockFile(f) }, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// tryLockFile returns the locked file, or nil where somebody else has the lock.
func tryLockFile(path string) (*os.File, error) {
	f, err := openPrivate(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	locked, err := tryLock(f)
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("%s cannot be locked (%w); choose a folder on a local disk", path, err)
	}
	if !locked || !standsAt(path, f) {
		return nil, f.Close() // a lock goes with it
	}
	return f, nil
}

// standsAt reports whether f is still the file of that name. The lock of one that was deleted after it was opened keeps
// nobody out.
func standsAt(path string, f *os.File) bool {
	now, err := os.Stat(path)
	if err != nil {
		return false
	}
	opened, err := f.Stat()
	return err == nil && os.SameFile(now, opened)
}
