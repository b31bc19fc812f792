package runner

import (
	"errors"
	"fmt"
	"os"
)

// elsewhere is what to do where the folder of temporary files does not take a body.
const elsewhere = "; TMPDIR names another folder, and a larger max_body keeps the body in memory"

// spool is a temporary file that a body goes to, for the owner alone. Where the system lets it, it has no name any more from its first
// byte on, so that nothing is left of it however hgrun ends.
type spool struct {
	file *os.File
	size int64
	name string // empty where the file has none any more
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "hgrun-body-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("the body is larger than max_body, and there is no temporary file for it: %w"+elsewhere, err)
	}
	s := &spool{file: f, name: f.Name()}
	if os.Remove(s.name) == nil {
		s.name = ""
	}
	return s, nil
}

func (s *spool) write(piece []byte) error {
	n, err := s.file.Write(piece)
	s.size += int64(n)
	if err != nil {
		return fmt.Errorf("the body is larger than max_body, and its temporary file takes no more than %d bytes of it: %w"+elsewhere, s.size, errors.Unwrap(err))
	}
	return nil
}

// content ends the file and returns what is in it, in memory that giveBack takes.
func (s *spool) content() ([]byte, error) {
	content, err := mapped(s.file, s.size)
	if err != nil {
		return nil, fmt.Errorf("the body in its temporary file cannot be read: %w", err)
	}
	s.discard()
	return content, nil
}

// discard ends the file. The content that was taken from it stays.
func (s *spool) discard() {
	if s.file == nil {
		return
	}
	_ = s.file.Close() // nothing that was written is read again through it
	if s.name != "" {
		_ = os.Remove(s.name) // a folder for temporary files is where it would lie
	}
	s.file, s.name = nil, ""
}
