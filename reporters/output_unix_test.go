//go:build unix

package reporters

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestAPipeIsWrittenStraight(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	read := make(chan string)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			read <- err.Error()
			return
		}
		defer f.Close()
		text, _ := io.ReadAll(f)
		read <- string(text)
	}()
	if err := reportTo(t, "junit", path, sharedRun(), func() {}); err != nil {
		t.Error(err)
	}
	if text := <-read; !strings.HasSuffix(text, "</testsuites>\n") {
		t.Errorf("got %d bytes: %s", len(text), cut(text, 200))
	}
	if info, err := os.Stat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is gone: %v", err)
	}
}

func TestAPipeThatNobodyReadsIsAnError(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	path := "/dev/fd/" + strconv.Itoa(int(w.Fd()))
	rep, err := Open("junit", path, Options{})
	if err != nil {
		t.Skip(err)
	}
	r.Close()
	if err := reportAll(rep, sharedRun()); !errors.Is(err, syscall.EPIPE) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}
