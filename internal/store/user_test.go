//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// runAs runs a child as a user whom permissions stop, and returns the first line it says.
func runAs(t *testing.T, uid uint32, dir string) string {
	t.Helper()
	c := child(t, "write", dir, "")
	var said strings.Builder
	c.Stderr = &said
	if os.Geteuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		c.Path = copyForAll(t, c.Path)
		c.Args[0] = c.Path
	}
	if err := c.Run(); err == nil {
		t.Fatal("the child saved")
	}
	first, _, _ := strings.Cut(said.String(), "\n") // a build that measures coverage says more
	return first
}

// copyForAll copies the test binary to where another user may execute it.
func copyForAll(t *testing.T, binary string) string {
	t.Helper()
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(reachable(t), "child")
	if err := os.WriteFile(to, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return to
}

// reachable returns a new folder that every user may enter.
func reachable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "store") // t.TempDir stands in a folder for one user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAReadOnlyFolderIsReported(t *testing.T) {
	t.Parallel()
	const nobody = 65534
	dir := filepath.Join(reachable(t), "tokens")
	s := open(t, dir)
	save(t, s, key, secret)
	if os.Geteuid() == 0 {
		for _, path := range []string{dir, filepath.Join(dir, saltFile), s.path(key, recordSuffix)} {
			if err := os.Chown(path, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	got := runAs(t, nobody, dir)
	if !strings.HasPrefix(got, "open "+dir+"/") || !strings.HasSuffix(got, tempSuffix+": permission denied") {
		t.Errorf("got %s", got)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	dir := filepath.Join(reachable(t), "tokens")
	open(t, dir)
	if got, want := runAs(t, 65534, dir), dir+" belongs to user 0, and hgrun runs as user 65534; use a folder of your own"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := os.Chown(filepath.Join(dir, saltFile), 65534, 65534); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir)
	wantError(t, err, dir+"/"+saltFile+" belongs to user 65534, and hgrun runs as user 0; use a folder of your own")
}

func TestNamesAndModesTellNothing(t *testing.T) {
	t.Parallel()
	one, two := fresh(t), fresh(t)
	save(t, one, key, secret)
	save(t, two, key, secret)
	if a, b := filepath.Base(one.path(key, "")), filepath.Base(two.path(key, "")); a == b {
		t.Error("two folders give a key the same name: names could be guessed")
	}
	unlock, err := one.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	info, err := os.Stat(one.dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: got %v, want 0700", info.Mode())
	}
	entries, err := os.ReadDir(one.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: got %v, want 0600", e.Name(), info.Mode())
		}
		names = append(names, e.Name())
	}
	name := filepath.Base(one.path(key, ""))
	want := []string{name + lockSuffix, name + recordSuffix, saltFile, saltFile + lockSuffix}
	if slices.Sort(want); !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestAFolderOrFileOfOthersIsRefused(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	save(t, s, key, secret)
	record := s.path(key, recordSuffix)
	file := filepath.Join(t.TempDir(), "file")
	tests := []struct {
		name string
		do   func() error
		undo func() error
		want string
	}{
		{"folder open to the group", func() error { return os.Chmod(s.dir, 0o750) }, func() error { return os.Chmod(s.dir, 0o700) },
			s.dir + " is open to others (drwxr-x---), and tokens are kept in it; make it private: chmod 700 " + s.dir},
		{"record open to all", func() error { return os.Chmod(record, 0o604) }, func() error { return os.Chmod(record, 0o600) },
			record + " is open to others (-rw----r--); whoever read it has what is in it; delete it, and the token is fetched anew"},
		{"record is a link", func() error { return errors.Join(os.Rename(record, file), os.Symlink(file, record)) },
			func() error { return errors.Join(os.Remove(record), os.Rename(file, record)) },
			record + " is a symbolic link, want a file; delete it"},
		{"record is a pipe", func() error { return errors.Join(os.Rename(record, file), syscall.Mkfifo(record, 0o600)) },
			func() error { return errors.Join(os.Remove(record), os.Rename(file, record)) },
			record + " is no regular file (prw-------); delete it"},
		{"folder is gone", func() error { return os.Rename(s.dir, file) }, func() error { return os.Rename(file, s.dir) },
			"stat " + s.dir + ": no such file or directory"},
		{"folder is a file", func() error { return errors.Join(os.Rename(s.dir, file), os.WriteFile(s.dir, nil, 0o600)) },
			func() error { return errors.Join(os.Remove(s.dir), os.Rename(file, s.dir)) },
			s.dir + " is no folder; the token store needs one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.do(); err != nil {
				t.Fatal(err)
			}
			_, _, err := s.Load(t.Context(), key)
			wantError(t, err, tt.want)
			wantError(t, s.Save(t.Context(), key, []byte("new")), tt.want)
			if err := tt.undo(); err != nil {
				t.Fatal(err)
			}
			if got := load(t, s, key); got != secret {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestOpenRefusesWhatIsNotForThisUserAlone(t *testing.T) {
	t.Parallel()
	shared := t.TempDir() // 0755 by the umask of most
	if err := os.Chmod(shared, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Open(shared)
	wantError(t, err, shared+" is open to others (drwxr-xr-x), and tokens are kept in it; make it private: chmod 700 "+shared)
	file := filepath.Join(shared, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(file)
	wantError(t, err, file+" is no folder; the token store needs one")
	_, err = Open(filepath.Join(file, "below"))
	wantError(t, err, "stat "+file+"/below: not a directory")
}
