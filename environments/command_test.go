//go:build unix

package environments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

func TestACommandPrintsASecret(t *testing.T) {
	t.Parallel()
	e := load(t, "secrets: {key: {command: "+argv("print", "from;", "$HOME", "*\n")+"}}\n")
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "key"), "secret from; $HOME *")
}

func TestACommandWorksInTheFolderOfItsFile(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.ToSlash(filepath.Join(dir, "e.yaml"))
	if err := os.WriteFile(file, []byte("secrets: {key: {command: "+argv("where")+"}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := Load(source.Disk(), file)
	if err != nil {
		t.Fatal(err)
	}
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "key"), "secret "+dir)
}

func TestACommandThatFailsIsToldByItsOwnWordsAndNeverByItsOutput(t *testing.T) {
	t.Parallel()
	name := filepath.Base(os.Args[0])
	e := load(t, "secrets:\n  key: {command: "+argv("fail", "hunter2-hunter2")+"}\n  none: {command: "+argv("print", " ")+"}\n")
	mask := vars.Mask("output", "hunter2-hunter2")
	column := strings.Index("  key: {command: [", "[") + 1
	same(t, errorText(e.Resolve(t.Context())), fmt.Sprintf("e.yaml:2:%d: secret key: command %s: exit status 3: cannot unlock: %s is wrong\ne.yaml:3:%d: secret none: command %s printed nothing",
		column, name, mask, column+1, name))
}

func TestACommandThatPrintsWithoutEndIsCutOff(t *testing.T) {
	t.Parallel()
	e := load(t, "secrets: {key: {command: "+argv("print", strings.Repeat("x", 100_000))+"}}\n")
	same(t, errorText(e.Resolve(t.Context())), "e.yaml:1:26: secret key: the value is a masked copy (x…) and not a secret; put the real one in its place")
	w := &bounded{left: 4}
	for range 3 {
		if n, err := w.Write([]byte("abc")); n != 3 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	}
	same(t, words(w.String(), w.cut), "abca true")
}

func TestACommandThatLeavesAChildBehindIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	start := time.Now()
	e := load(t, "secrets: {key: {command: "+argv("leave")+"}}\n")
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "key"), "secret left-behind")
	if took := time.Since(start); took > 4500*time.Millisecond {
		t.Errorf("took %v, want no more than the grace of %v", took, commandGrace)
	}
}

func TestACommandAndItsChildrenEndWithTheRun(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "pid")
	e := load(t, "secrets: {key: {command: "+argv("hang", mark)+"}}\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("interrupted by a signal")
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(mark + ".ready"); err == nil {
				cancel(stop)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	err := e.Resolve(ctx)
	if !errors.Is(err, stop) || !strings.HasSuffix(err.Error(), ": interrupted by a signal") {
		t.Fatalf("got %v", err)
	}
	text, err := os.ReadFile(mark + ".ready")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Errorf("the child %d lives on", pid)
	}
}

// alive reports whether a process runs, half a second given to end. A zombie that nobody waits for does not.
func alive(pid int) bool {
	for range 500 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil && syscall.Kill(pid, 0) != nil || strings.Contains(string(stat), ") Z ") {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

func TestWithoutATTLACommandRunsOnce(t *testing.T) {
	t.Parallel()
	count := filepath.Join(t.TempDir(), "count")
	e := load(t, "secrets: {key: {command: "+argv("count", count)+"}}\n")
	same(t, errorText(e.Resolve(t.Context())), "")
	same(t, lookup(e, "key")+lookup(e, "key"), "secret secret-1secret secret-1")
}

// rotating is an origin that has a new value each time, and fails when told to.
type rotating struct {
	mu    sync.Mutex
	calls int
	fail  error
}

func (r *rotating) fetch(context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	return fmt.Sprintf("secret-%d", r.calls), r.fail
}

func TestASecretWithATTLIsFetchedAnewWhenItHasPassed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from := &rotating{}
		e := load(t, "secrets: {key: {command: [x], ttl: 5m}}\n")
		e.secrets["key"].from = from
		same(t, errorText(e.Resolve(t.Context())), "")
		s := vars.NewScope(nil, e.Layers()...)
		text := func() string {
			v, err := s.Lookup("key")
			return v.Text + errorText(err)
		}
		same(t, text(), "secret-1")
		time.Sleep(5*time.Minute - 1)
		same(t, text(), "secret-1")
		time.Sleep(time.Nanosecond)
		var wait sync.WaitGroup
		for range 8 { // one fetch serves all who ask at that moment
			wait.Go(func() {
				v, _ := vars.NewScope(nil, e.Layers()...).Lookup("key")
				same(t, v.Text, "secret-2")
			})
		}
		wait.Wait()
		same(t, text(), "secret-2")
		same(t, s.Redact("secret-1 secret-2"), vars.Mask("key", "secret-1")+" "+vars.Mask("key", "secret-2"))
		from.fail = errors.New("locked")
		time.Sleep(5 * time.Minute)
		same(t, text(), "e.yaml:1:26: secret key: locked")
		from.fail = nil
		same(t, text(), "secret-4")
	})
}
