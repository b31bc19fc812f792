package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestMain lets this test binary stand in for a program that takes memory and time, prints, and ends with a code.
func TestMain(m *testing.M) {
	if os.Getenv("MEASURE_ME") == "" {
		os.Exit(m.Run())
	}
	block := make([]byte, 64<<20)
	for start := time.Now(); time.Since(start) < 50*time.Millisecond; {
		for i := 0; i < len(block); i += 4096 {
			block[i]++
		}
	}
	os.Stdout.WriteString("printed\n")
	os.Exit(3)
}

func TestAProgramIsMeasuredAsAWholeProcess(t *testing.T) {
	t.Setenv("MEASURE_ME", "1")
	out := filepath.Join(t.TempDir(), "out")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := measure(out, []string{self})
	if err != nil {
		t.Fatal(err)
	}
	if s.Exit != 3 {
		t.Errorf("exit: got %d, want 3", s.Exit)
	}
	if s.WallMS < 50 || s.CPUMS <= 0 {
		t.Errorf("got %.1f ms wall and %.1f ms CPU, want at least 50 and more than 0", s.WallMS, s.CPUMS)
	}
	if runtime.GOOS != "windows" && (s.PeakMB < 64 || s.PeakMB > 512) {
		t.Errorf("peak: got %.1f MB, want 64 and a little", s.PeakMB)
	}
	if printed, err := os.ReadFile(out); err != nil || string(printed) != "printed\n" {
		t.Errorf("output: got %q, %v, want what the program printed", printed, err)
	}
}

func TestAProgramThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := measure(os.DevNull, []string{filepath.Join(t.TempDir(), "missing")}); err == nil {
		t.Error("got no error for a program that is not there")
	}
	if _, err := measure(os.DevNull, nil); err == nil {
		t.Error("got no error for no program")
	}
}
