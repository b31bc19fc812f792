package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	key    = "client-credentials https://as.example/token client-1"
	secret = `{"refresh_token":"kN8-secret-token"}`
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fresh returns a store in a folder that did not exist.
func fresh(t *testing.T) *Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "a", "tokens"))
}

func save(t *testing.T, s *Store, key, record string) {
	t.Helper()
	if err := s.Save(t.Context(), key, []byte(record)); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, s *Store, key string) string {
	t.Helper()
	record, found, err := s.Load(t.Context(), key)
	if err != nil || !found {
		t.Fatalf("found %v, error %v", found, err)
	}
	return string(record)
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %s", want)
	}
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if strings.Contains(err.Error(), "kN8") {
		t.Errorf("a secret is in the error: %s", err)
	}
}

func TestARecordIsThereAgainAfterReopening(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	records := map[string]string{
		key: secret, "": "of the empty key", "empty": "", "binary \n key": "\x00\n\xff", "a/../b": "path", strings.Repeat("long", 2000): strings.Repeat("x", maxRecord),
	}
	for key, record := range records {
		if _, found, err := s.Load(t.Context(), key); found || err != nil {
			t.Errorf("before: found %v, error %v", found, err)
		}
		save(t, s, key, "first")
		save(t, s, key, record)
	}
	again := open(t, s.dir)
	for key, record := range records {
		if got := load(t, again, key); got != record {
			t.Errorf("%.20q: got %.20q, want %.20q", key, got, record)
		}
	}
}

func TestAFileThatIsNoRecordIsNeitherUsedNorOverwritten(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	save(t, s, key, secret)
	whole, err := os.ReadFile(s.path(key, recordSuffix))
	if err != nil {
		t.Fatal(err)
	}
	other := fresh(t)
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "is empty"},
		{"foreign", []byte(`{"access_token": "kN8-of-another-program"}`), "is no record of hgrun"},
		{"foreign lines", []byte("\nkN8\n"), "is no record of hgrun"},
		{"cut in its first word", whole[:5], "is cut off"},
		{"cut in its first line", whole[:40], "is cut off"},
		{"cut in the record", whole[:len(whole)-1], "is cut off (173 of 174 bytes)"},
		{"longer", append(bytes.Clone(whole), 'x'), "is damaged, or was written with another salt: its checksum does not hold"},
		{"one bit", bytes.Replace(whole, []byte("kN8"), []byte("kN9"), 1), "is damaged, or was written with another salt: its checksum does not hold"},
		{"zeros", make([]byte, len(whole)), "is no record of hgrun"},
		{"a length that is none", bytes.Replace(whole, []byte(" 36 "), []byte(" -7 "), 1), "is damaged"},
		{"a word missing", bytes.Replace(whole, []byte(" 36 "), []byte(" "), 1), "is damaged"},
		{"another salt", other.encode(key, []byte(secret)), "is damaged, or was written with another salt: its checksum does not hold"},
		{"another key", s.encode("another key", []byte(secret)), "holds the record of another credential"},
		{"newer", bytes.Replace(whole, []byte("hgrun-record 1 "), []byte("hgrun-record 2 "), 1), "is a record of version 2, which another hgrun wrote and this one cannot read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := s.path(key, recordSuffix)
			if err := os.WriteFile(path, tt.content, 0o600); err != nil {
				t.Fatal(err)
			}
			want := path + " " + tt.want + "; delete that file, and the token is fetched anew"
			_, found, err := s.Load(t.Context(), key)
			wantError(t, err, want)
			if found {
				t.Error("found")
			}
			wantError(t, s.Save(t.Context(), key, []byte("new")), want)
			if now, _ := os.ReadFile(path); !bytes.Equal(now, tt.content) {
				t.Error("the file was changed")
			}
		})
	}
	if err := s.Delete(t.Context(), key); err != nil { // what the message says helps
		t.Fatal(err)
	}
	save(t, s, key, secret)
}

func TestADamagedOrLostSaltIsReported(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	save(t, s, key, secret)
	salt := filepath.Join(s.dir, saltFile)
	if err := os.WriteFile(salt, []byte("kN8"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(s.dir)
	wantError(t, err, salt+" is damaged: want 64 hex digits; delete the folder "+s.dir+", and the tokens are fetched anew")
	if err := os.Remove(salt); err != nil {
		t.Fatal(err)
	}
	_, err = Open(s.dir)
	wantError(t, err, s.dir+" has records, but no salt to find them by; delete that folder, and the tokens are fetched anew")
}

func TestTheDefaultFolderIsInTheUsersCache(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	t.Setenv("LocalAppData", filepath.Join(home, "cache"))
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := open(t, "").dir, filepath.Join(cache, "hgrun", "tokens"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWithoutAUsersCacheAFolderMustBeNamed(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData", "home"} {
		t.Setenv(name, "")
	}
	_, cause := os.UserCacheDir()
	_, err := Open("")
	wantError(t, err, "no folder for the token store is known ("+cause.Error()+"); name one")
}

func TestAFullDiskLeavesTheRecordBefore(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"create", "write", "sync", "rename"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := fresh(t)
			save(t, s, key, secret)
			s.step = func(at string) error {
				if at == step {
					tear(s.dir)
					return &os.PathError{Op: step, Path: s.dir, Err: syscall.ENOSPC}
				}
				return nil
			}
			wantError(t, s.Save(t.Context(), key, []byte("new")), step+" "+s.dir+": no space left on device")
			if got := load(t, s, key); got != secret {
				t.Errorf("got %s", got)
			}
			if left, _ := filepath.Glob(filepath.Join(s.dir, "*"+tempSuffix)); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// tear cuts temporary files in half, as a disk does that is full.
func tear(dir string) {
	temps, _ := filepath.Glob(filepath.Join(dir, "*"+tempSuffix)) // the pattern is right
	for _, temp := range temps {
		if info, err := os.Stat(temp); err == nil {
			_ = os.Truncate(temp, info.Size()/2)
		}
	}
}

func TestARecordHasABound(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	wantError(t, s.Save(t.Context(), key, make([]byte, maxRecord+1)), "the record has 1048577 bytes, want at most 1048576")
	path := s.path(key, recordSuffix)
	if err := os.WriteFile(path, make([]byte, 2*maxRecord+1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.Load(t.Context(), key)
	wantError(t, err, path+" has more than 2097152 bytes, which no record has; delete it")
}

func TestSaveIsNotGivenUpButLoadIs(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	if err := s.Save(ctx, key, []byte(secret)); err != nil { // a rotated token would be lost
		t.Fatal(err)
	}
	_, _, err := s.Load(ctx, key)
	wantError(t, err, "interrupted")
	wantError(t, s.Delete(ctx, key), "interrupted")
	_, err = s.List(ctx)
	wantError(t, err, "interrupted")
	_, err = s.Purge(ctx)
	wantError(t, err, "interrupted")
	if got := load(t, s, key); got != secret {
		t.Errorf("got %s", got)
	}
}

func TestListTellsWhatIsThereAndPurgeRemovesIt(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	before := time.Now().Add(-time.Minute)
	save(t, s, "b", "12")
	save(t, s, "a", "1")
	save(t, s, "torn", "1")
	torn, moved := s.path("torn", recordSuffix), s.path("moved", recordSuffix)
	if err := errors.Join(os.Truncate(torn, 3), os.WriteFile(moved, s.encode("a", nil), 0o600)); err != nil {
		t.Fatal(err)
	}
	list, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		if e.Saved.Before(before) {
			t.Errorf("%s: saved at %s", e.Key, e.Saved)
		}
		line := e.Key + " " + e.File + " " + string(rune('0'+e.Size))
		if e.Err != nil {
			line += " " + e.Err.Error()
		}
		got = append(got, line)
	}
	want := []string{
		" " + torn + " 0 " + torn + " is cut off; delete that file, and the token is fetched anew",
		" " + moved + " 0 " + moved + " holds the record of another credential; delete that file, and the token is fetched anew",
	}
	slices.Sort(want) // as the salt has it
	want = append(want, "a "+s.path("a", recordSuffix)+" 1", "b "+s.path("b", recordSuffix)+" 2")
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if err := errors.Join(s.Delete(t.Context(), "a"), s.Delete(t.Context(), "a")); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Purge(t.Context()); n != 3 || err != nil {
		t.Errorf("purged %d, error %v", n, err)
	}
	if list, err := s.List(t.Context()); len(list) > 0 || err != nil {
		t.Errorf("got %v, error %v", list, err)
	}
}

func TestWhatDeadProcessesLeftIsSweptAway(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	old, young := filepath.Join(s.dir, "1"+tempSuffix), filepath.Join(s.dir, "2"+tempSuffix)
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	open(t, s.dir)
	left, _ := filepath.Glob(filepath.Join(s.dir, "*"+tempSuffix))
	if !slices.Equal(left, []string{young}) {
		t.Errorf("left: %v, want the young one, which somebody may be writing", left)
	}
}

func FuzzDecode(f *testing.F) {
	s := &Store{salt: make([]byte, saltSize)}
	f.Add([]byte(""))
	f.Add(s.encode("key", []byte("record")))
	f.Add([]byte("hgrun-record 1 99999999999999999999 1 x\n"))
	f.Add([]byte("hgrun-record 1 5 5 x\nabc"))
	f.Fuzz(func(t *testing.T, content []byte) {
		key, record, err := s.decode(content)
		if err == nil && !bytes.Equal(s.encode(key, record), content) {
			t.Errorf("read something else than what was written: %q %q", key, record)
		}
	})
}
