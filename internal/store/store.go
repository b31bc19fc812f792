// Package store keeps small secret records on disk, one for each key, safe from crashes and shared by all processes of one
// user; it knows nothing of what a record means.
package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Store is a folder of records. It serves many goroutines, and any number of processes may have the same folder open.
type Store struct {
	dir   string
	salt  []byte
	mu    sync.Mutex
	turns map[string]chan struct{} // of goroutines that want the same lock: they wait for each other here, in order
	step  func(name string) error  // tests stop or fail a Save at a step of it; nil otherwise
}

const (
	recordSuffix = ".record"
	lockSuffix   = ".lock"
	tempSuffix   = ".tmp"

	maxRecord = 1 << 20 // bytes
)

// Open returns the store in a folder, which it makes (mode 0700) where there is none. "" stands for hgrun/tokens in
// os.UserCacheDir. A folder that others may enter, or that belongs to somebody else, is refused.
func Open(dir string) (*Store, error) {
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("no folder for the token store is known (%w); name one", err)
		}
		dir = filepath.Join(cache, "hgrun", "tokens")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, turns: map[string]chan struct{}{}}
	if err := s.makeFolder(); err != nil {
		return nil, err
	}
	if s.salt, err = s.readOrMakeSalt(); err != nil {
		return nil, err
	}
	s.sweep()
	return s, nil
}

// Load returns the record of a key; found is false where there is none. A file that is torn, or that is no record of this
// key, is an error which says what to do.
func (s *Store) Load(ctx context.Context, key string) (record []byte, found bool, err error) {
	if ctx.Err() != nil {
		return nil, false, context.Cause(ctx)
	}
	if err := checkFolder(s.dir); err != nil {
		return nil, false, err
	}
	return s.load(key)
}

func (s *Store) load(key string) (record []byte, found bool, err error) {
	path := s.path(key, recordSuffix)
	content, err := readPrivate(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	owner, record, err := s.decode(content)
	if err == nil && owner != key {
		err = errors.New("holds the record of another credential")
	}
	if err != nil {
		return nil, false, damaged(path, err)
	}
	return record, true, nil
}

// damaged says what to do about a file that cannot be used.
func damaged(path string, err error) error {
	return fmt.Errorf("%s %w; delete that file, and the token is fetched anew", path, err)
}

// Save replaces the record of a key. Once it has returned nil, the record survives the death of the process and of the
// machine; until then the record before it does. A file that is no record of this key is an error, and stays as it is.
// An end of ctx does not stop it: a rotated refresh token that is not saved is lost for good.
func (s *Store) Save(_ context.Context, key string, record []byte) error {
	if len(record) > maxRecord {
		return fmt.Errorf("the record has %d bytes, want at most %d", len(record), maxRecord)
	}
	if err := checkFolder(s.dir); err != nil {
		return err
	}
	if _, _, err := s.load(key); err != nil {
		return err
	}
	return s.replace(s.path(key, recordSuffix), s.encode(key, record))
}

// Delete removes the record of a key, whatever state it is in. That there is none is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := checkFolder(s.dir); err != nil {
		return err
	}
	if err := os.Remove(s.path(key, recordSuffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(s.dir)
}

// replace puts a file with content in the place of path, or leaves everything as it was.
func (s *Store) replace(path string, content []byte) (err error) {
	if err := s.at("create"); err != nil {
		return err
	}
	temp, err := os.CreateTemp(s.dir, "*"+tempSuffix) // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, gone(os.Remove(temp.Name())))
		}
	}()
	if err := s.write(temp, content); err != nil {
		return errors.Join(err, temp.Close())
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := s.at("rename"); err != nil {
		return err
	}
	if err := rename(temp.Name(), path); err != nil {
		return err
	}
	if err := s.at("sync folder"); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// write brings the content to the disk itself.
func (s *Store) write(f *os.File, content []byte) error {
	if err := s.at("write"); err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := s.at("sync"); err != nil {
		return err
	}
	return f.Sync()
}

// at lets a test interfere.
func (s *Store) at(step string) error {
	if s.step == nil {
		return nil
	}
	return s.step(step)
}

// gone forgives that a file is not there.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// abandoned is the age at which the temporary file of a process that died is taken away.
const abandoned = time.Hour

// sweep takes away what processes left behind that died while they saved. What cannot be removed stays for the next time.
func (s *Store) sweep() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), tempSuffix) && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(s.dir, e.Name()))
		}
	}
}

// path is where something of a key stands. Without the salt the name tells nothing of the key.
func (s *Store) path(key, suffix string) string {
	mac := hmac.New(sha256.New, s.salt)
	_, _ = io.WriteString(mac, "name\x00"+key) // a hash takes everything
	return filepath.Join(s.dir, hex.EncodeToString(mac.Sum(nil)[:16])+suffix)
}
