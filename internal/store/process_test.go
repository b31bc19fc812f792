package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary is its own child: STORE_CHILD says what it does in the folder STORE_DIR.
func TestMain(m *testing.M) {
	role, ok := children()[os.Getenv("STORE_CHILD")]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(os.Getenv("STORE_DIR"), os.Getenv("STORE_ARGUMENT")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitError)
	}
}

const exitError = 9 // which no kill leaves behind

func children() map[string]func(dir, argument string) error {
	return map[string]func(dir, argument string) error{
		"refresh": refreshMany,
		"loop":    saveForever,
		"step":    dieAtStep,
		"hold":    holdLock,
		"write":   writeOnce,
	}
}

func child(t *testing.T, role, dir, argument string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), binary)
	c.Env = append(os.Environ(), "STORE_CHILD="+role, "STORE_DIR="+dir, "STORE_ARGUMENT="+argument)
	c.Stderr = os.Stderr
	return c
}

const (
	generations = 5
	workers     = 32
)

// refreshMany lets all workers want each generation at once.
func refreshMany(dir, _ string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil { // the start, for all processes
		return err
	}
	for generation := 1; generation <= generations; generation++ {
		errs := make([]error, workers)
		var all sync.WaitGroup
		for i := range workers {
			all.Go(func() { errs[i] = refresh(s, generation) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}

// refresh does what a token exchange does: nothing where somebody has done it already.
func refresh(s *Store, generation int) (err error) {
	ctx := context.Background()
	unlock, err := s.Lock(ctx, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	record, _, err := s.Load(ctx, key)
	if err != nil {
		return err
	}
	if have, _ := strconv.Atoi(string(record)); have >= generation {
		return nil
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "refreshes"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(log, generation); err != nil {
		return err
	}
	return errors.Join(log.Close(), s.Save(ctx, key, []byte(strconv.Itoa(generation))))
}

func TestAllWhoWantToRefreshDoItOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tokens")
	var started []*exec.Cmd
	var starts []*os.File
	for range 4 {
		c := child(t, "refresh", dir, "")
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		c.Stdin = read
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		read.Close()
		started, starts = append(started, c), append(starts, write)
	}
	for _, start := range starts {
		fmt.Fprintln(start)
		defer start.Close()
	}
	for _, c := range started {
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "refreshes"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "1\n2\n3\n4\n5\n"; string(got) != want {
		t.Errorf("refreshed %q, want %q", got, want)
	}
}

// saveForever counts on from what is there, and says each number once its Save has returned.
func saveForever(dir, _ string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	record, _, err := s.Load(context.Background(), key)
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(strings.TrimSpace(string(record)))
	for {
		number++
		if err := s.Save(context.Background(), key, countRecord(number)); err != nil {
			return err
		}
		if _, err := fmt.Println(number); err != nil {
			return err
		}
	}
}

// countRecord is a number with enough behind it that it takes a while to write.
func countRecord(number int) []byte { return fmt.Appendf(nil, "%-8192d", number) }

func TestAKilledProcessLosesNothingThatWasSaved(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	last := 0
	for range 100 {
		last = max(last, saveUntilKilled(t, s.dir))
		got, err := strconv.Atoi(strings.TrimSpace(load(t, open(t, s.dir), key)))
		if err != nil || got < last || got > last+1 {
			t.Fatalf("got %d (%v), want %d, or the one that was being saved", got, err, last)
		}
		last = got
	}
	if last < 100 {
		t.Errorf("only %d records were saved", last)
	}
}

// saveUntilKilled kills a child at a random moment and returns the last number it said.
func saveUntilKilled(t *testing.T, dir string) int {
	t.Helper()
	c := child(t, "loop", dir, "")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	last := 0
	next := func() bool {
		more := lines.Scan()
		if n, err := strconv.Atoi(lines.Text()); more && err == nil {
			last = n
		}
		return more
	}
	for range 1 + rand.IntN(4) {
		if !next() {
			t.Fatal("the child ended by itself")
		}
	}
	<-time.After(time.Duration(rand.IntN(3000)) * time.Microsecond) // somewhere in the midst of a Save: a moment is what is tested
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for next() {
	}
	_ = c.Wait() // it was killed
	return last
}

// dieAtStep saves until a step at which it kills itself.
func dieAtStep(dir, step string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	s.step = func(at string) error {
		if at != step {
			return nil
		}
		tear(dir)
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		return errors.Join(self.Kill(), errors.New("the process outlived its end"))
	}
	return s.Save(context.Background(), key, []byte("new"))
}

func TestAProcessThatDiesAtAnyStepLeavesAWholeRecord(t *testing.T) {
	t.Parallel()
	tests := []struct{ step, want string }{
		{"create", secret}, {"write", secret}, {"sync", secret}, {"rename", secret}, {"sync folder", "new"},
	}
	for _, tt := range tests {
		t.Run(tt.step, func(t *testing.T) {
			t.Parallel()
			s := fresh(t)
			save(t, s, key, secret)
			c := child(t, "step", s.dir, tt.step)
			if err := c.Run(); err == nil || c.ProcessState.ExitCode() == exitError {
				t.Fatalf("the child was not killed: %v", err)
			}
			again := open(t, s.dir)
			if got := load(t, again, key); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			save(t, again, key, "after")
			if list, err := again.List(t.Context()); len(list) != 1 || err != nil || list[0].Err != nil {
				t.Errorf("got %v, error %v", list, err)
			}
		})
	}
}

// holdLock locks, says so, and keeps the lock while its input is open.
func holdLock(dir, _ string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	if _, err := s.Lock(context.Background(), key); err != nil {
		return err
	}
	fmt.Println("locked")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func TestTheLockOfADeadProcessIsFree(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	c := child(t, "hold", s.dir, "")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the child has no lock")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = s.Lock(ctx, key)
	wantError(t, err, "waiting for "+s.path(key, lockSuffix)+", which somebody else has locked: context deadline exceeded")
	got := make(chan error, 1)
	go func() {
		_, err := s.Lock(t.Context(), key)
		got <- err
	}()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// writeOnce opens and saves; a user that may not is told why.
func writeOnce(dir, _ string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	return s.Save(context.Background(), key, []byte("new"))
}
