package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	saltFile = "salt"
	saltSize = 32 // bytes; the file has them in hex
)

// readOrMakeSalt returns the salt of the folder. Of several processes that find none, one makes it.
func (s *Store) readOrMakeSalt() ([]byte, error) {
	if salt, err := s.readSalt(); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return salt, err
	}
	unlock, err := s.lockFile(context.Background(), filepath.Join(s.dir, saltFile+lockSuffix)) // held for one write
	if err != nil {
		return nil, err
	}
	salt, err := s.readSalt()
	if errors.Is(err, fs.ErrNotExist) {
		salt, err = s.makeSalt()
	}
	return salt, errors.Join(err, unlock())
}

func (s *Store) readSalt() ([]byte, error) {
	path := filepath.Join(s.dir, saltFile)
	text, err := readPrivate(path)
	if err != nil {
		return nil, err
	}
	salt, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(salt) != saltSize {
		return nil, fmt.Errorf("%s is damaged: want %d hex digits; delete the folder %s, and the tokens are fetched anew", path, 2*saltSize, s.dir)
	}
	return salt, nil
}

func (s *Store) makeSalt() ([]byte, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), recordSuffix) {
			return nil, fmt.Errorf("%s has records, but no salt to find them by; delete that folder, and the tokens are fetched anew", s.dir)
		}
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	return salt, s.replace(filepath.Join(s.dir, saltFile), []byte(hex.EncodeToString(salt)+"\n"))
}
