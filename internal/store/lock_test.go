package store

import (
	"context"
	"os"
	"testing"
	"time"
)

func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	for name, other := range map[string]*Store{"same store": s, "another store of the folder": open(t, s.dir)} {
		unlock, err := s.Lock(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err = other.Lock(ctx, key)
		wantError(t, err, "waiting for "+s.path(key, lockSuffix)+", which somebody else has locked: context deadline exceeded")
		cancel()
		free, err := other.Lock(t.Context(), "another key")
		if err != nil {
			t.Fatalf("%s: another key: %v", name, err)
		}
		for range 2 { // a second time does nothing
			if err := free(); err != nil {
				t.Fatal(err)
			}
			if err := unlock(); err != nil {
				t.Fatal(err)
			}
		}
		again, err := other.Lock(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if err := again(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALockWhoseFileWasDeletedIsNoLock(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	path := s.path(key, lockSuffix)
	f, err := openPrivate(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !standsAt(path, f) {
		t.Error("the file that was just opened does not stand there")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if standsAt(path, f) {
		t.Error("a deleted file stands there")
	}
	unlock, err := s.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if standsAt(path, f) {
		t.Error("the deleted file is taken for the one that has its name now")
	}
}
