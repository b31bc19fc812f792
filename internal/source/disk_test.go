package source

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestBesideIsRelativeToTheFileThatNamesIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ file, name, want string }{
		{"a/b.yaml", "c.pem", "a/c.pem"},
		{"a/b.yaml", "../c.pem", "c.pem"},
		{"b.yaml", "../c.pem", "../c.pem"},
		{"../a/b.yaml", "./c.pem", "../a/c.pem"},
		{"/a/b.yaml", "c.pem", "/a/c.pem"},
		{"a/b.yaml", "/c.pem", "/c.pem"},
		{"a/b.yaml", "~/c.pem", "~/c.pem"},
	} {
		same(t, Beside(tt.file, tt.name), tt.want)
	}
}

func TestDiskReadsWhatAUserNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	for _, name := range []string{filepath.ToSlash(dir) + "/a.txt", filepath.ToSlash(dir) + "/b/../a.txt", "~/a.txt"} {
		text, err := fs.ReadFile(Disk(), name)
		if err != nil && name != filepath.ToSlash(dir)+"/b/../a.txt" {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			same(t, string(text), "x")
		}
	}
	entries, err := fs.ReadDir(Disk(), filepath.ToSlash(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v", entries, err)
	}
	if _, err := fs.Stat(Disk(), "~/nope"); err == nil {
		t.Error("found a file that is not there")
	}
}

func TestNothingLeavesWithin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{filepath.Join(dir, "out.txt"): "out", filepath.Join(inner, "in.txt"): "in"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../out.txt", filepath.Join(inner, "link.txt")); err != nil {
		t.Skip(err)
	}
	within, err := Within(Disk(), filepath.ToSlash(inner))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := fs.ReadFile(within, "in.txt"); err != nil || string(text) != "in" {
		t.Errorf("got %q, %v", text, err)
	}
	for _, name := range []string{"../out.txt", "link.txt", filepath.ToSlash(dir) + "/out.txt"} {
		if text, err := fs.ReadFile(within, name); err == nil {
			t.Errorf("%s: got %q, want an error", name, text)
		}
	}
	if _, err := Within(Disk(), filepath.ToSlash(dir)+"/nope"); err == nil {
		t.Error("a folder that is not there was opened")
	}
	sub, err := Within(fstest.MapFS{"a/b.txt": {Data: []byte("b")}}, "./a")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := fs.ReadFile(sub, "b.txt"); err != nil || string(text) != "b" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestWhoObservesHearsOfEachFileThatIsAskedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"in/a.yaml", "secret.txt"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	fsys := Observed(func(path string, listed bool) {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, fmt.Sprint(filepath.ToSlash(rel), " ", listed))
	})
	root := filepath.ToSlash(dir)
	below, err := Within(fsys, root+"/in")
	if err != nil {
		t.Fatal(err)
	}
	for prefix, files := range map[string]fs.FS{root + "/in/": fsys, "": below} {
		if text, err := fs.ReadFile(files, prefix+"a.yaml"); string(text) != "text" || err != nil {
			t.Errorf("got %q %v", text, err)
		}
		if _, err := fs.Stat(files, prefix+"none.yaml"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want none", err)
		}
		if entries, err := fs.ReadDir(files, cmp.Or(strings.TrimSuffix(prefix, "/"), ".")); len(entries) != 1 || err != nil {
			t.Errorf("got %v %v", entries, err)
		}
		f, err := files.Open(prefix + "a.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"in/a.yaml false", "in/none.yaml false", "in true", "in/a.yaml false"}
	if !slices.Equal(seen, append(want, want...)) {
		t.Errorf("got %q", seen)
	}
	if err := os.Symlink("../secret.txt", filepath.Join(dir, "in", "link")); err == nil {
		if text, err := fs.ReadFile(below, "link"); err == nil {
			t.Errorf("got %q through a link that leaves the folder", text)
		}
	}
}
