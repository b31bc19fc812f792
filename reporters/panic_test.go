package reporters

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

// clumsy panics at the so manieth call, that of Close counted.
type clumsy struct {
	io.Writer
	calls int
}

func (c *clumsy) Report(runner.Event) error {
	_, err := io.WriteString(c, "half of it")
	c.Close()
	return err
}

func (c *clumsy) Close() error {
	if c.calls--; c.calls == 0 {
		panic("no idea")
	}
	return nil
}

func TestAReporterThatPanicsHasFailedAndLeavesTheFileAsItWas(t *testing.T) {
	t.Parallel()
	for calls := 1; calls <= 3; calls++ { // the third is Close
		file := filepath.Join(t.TempDir(), "report.txt")
		if err := os.WriteFile(file, []byte("of the run before"), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := OpenKind(func(w io.Writer, _ Options) Reporter { return &clumsy{w, calls} }, file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			err = r.Report(runner.Started{})
		}
		if (err != nil) != (calls < 3) {
			t.Errorf("panic at call %d: got %v", calls, err)
		}
		want := file + ": the reporter panicked: no idea; please report this as a bug"
		if err := r.Close(); err == nil || err.Error() != want {
			t.Errorf("panic at call %d: got %v, want %s", calls, err, want)
		}
		if text, err := os.ReadFile(file); err != nil || string(text) != "of the run before" {
			t.Errorf("panic at call %d: got %q, %v, want the file as it was", calls, text, err)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); err != nil || len(left) != 1 {
			t.Errorf("panic at call %d: got %q, want the one file", calls, left)
		}
	}
}
