package environments

import (
	"fmt"
	"io/fs"
)

// Present takes what a command line says of TLS, which is stronger than the file: paths of PEM files, empty for those that it does not name. The key
// may be in the file of the certificate. Unlock, where it is not nil, opens the file of the key. The error tells what cannot be used.
func (t *TLS) Present(fsys fs.FS, ca, certificate, key string, unlock func(pem []byte) ([]byte, error)) error {
	files := &flagFiles{FS: t.fsys, more: map[string][]byte{}}
	for _, name := range []string{ca, certificate, key} {
		if name == "" {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, plain(err))
		}
		if holder := key; unlock != nil && (name == holder || holder == "" && name == certificate) {
			if text, err = unlock(text); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		files.more[name] = text
	}
	t.fsys = files
	if ca != "" {
		t.CA = TLSFile{Path: ca}
	}
	if certificate != "" {
		t.Certificate, t.Key = TLSFile{Path: certificate}, TLSFile{Path: key}
	}
	_, err := t.Config()
	return err
}

// flagFiles are files that were read already, and those of the environment.
type flagFiles struct {
	fs.FS
	more map[string][]byte // by the path on the command line
}

// ReadFile implements fs.ReadFileFS.
func (f *flagFiles) ReadFile(name string) ([]byte, error) {
	if text, ok := f.more[name]; ok {
		return text, nil
	}
	if f.FS == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return fs.ReadFile(f.FS, name)
}
