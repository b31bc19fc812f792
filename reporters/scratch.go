package reporters

import (
	"bytes"
	"io"
	"os"
)

// scratch is a folder for files that a report needs while it grows. It is made when it is first asked for.
type scratch struct {
	beside string // used where the machine has no temporary folder; empty for none
	quick  bool   // for files that are small and soon gone: in memory, where the machine has a folder for that
	dir    string
}

// inMemory is the folder that Linux keeps in memory. Elsewhere, and where it cannot be written to, files go to the disk.
const inMemory = "/dev/shm"

// path returns the name of a file in the folder.
func (s *scratch) path(name string) (string, error) {
	if s.dir == "" {
		place := ""
		if info, err := os.Stat(inMemory); s.quick && err == nil && info.IsDir() {
			place = inMemory
		}
		dir, err := os.MkdirTemp(place, "hgrun-report-")
		if err != nil && place != "" {
			dir, err = os.MkdirTemp("", "hgrun-report-")
		}
		if err != nil && s.beside != "" {
			dir, err = os.MkdirTemp(s.beside, ".hgrun-report-")
		}
		if err != nil {
			return "", err
		}
		s.dir = dir
	}
	return s.dir + string(os.PathSeparator) + name, nil
}

func (s *scratch) remove() error {
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}

// spooled is how many bytes a spool keeps in memory before it writes them to its file.
const spooled = 256 << 10

// spool is text that grows while a run goes on and is read once, in the end.
type spool struct {
	scratch *scratch
	memory  []byte
	file    *os.File // nil as long as memory holds all
	size    int64    // of all that was written
}

// write adds to the end.
func (s *spool) write(text []byte) error {
	s.memory = append(s.memory, text...)
	s.size += int64(len(text))
	if len(s.memory) < spooled {
		return nil
	}
	return s.flush()
}

func (s *spool) flush() error {
	if s.file == nil {
		path, err := s.scratch.path("spool")
		if err != nil {
			return err
		}
		if s.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
	}
	_, err := s.file.Write(s.memory)
	s.memory = s.memory[:0]
	return err
}

// section returns what stands between two offsets, after the last write.
func (s *spool) section(from, to int64) (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.memory[from:to]), nil
	}
	if len(s.memory) > 0 {
		if err := s.flush(); err != nil {
			return nil, err
		}
	}
	return io.NewSectionReader(s.file, from, to-from), nil
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
