package reporters

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/runner"
)

// errFull is the error of a writer that has no room.
var errFull = errors.New("no room")

// small is a writer with room for so many bytes.
type small int

func (s *small) Write(p []byte) (int, error) {
	if len(p) > int(*s) {
		n := int(*s)
		*s = 0
		return n, errFull
	}
	*s -= small(len(p))
	return len(p), nil
}

// reportAll shows a reporter all events and returns the first error.
func reportAll(r Reporter, events []runner.Event) error {
	var first error
	for _, ev := range events {
		if err := r.Report(ev); first == nil {
			first = err
		}
	}
	if err := r.Close(); first == nil || err == nil {
		return err
	}
	return first
}

func TestEveryKindSaysWhenItsWriterFailsHalfWay(t *testing.T) {
	t.Parallel()
	for kind := range Kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			room := small(1500)
			r, err := Open(kind, "-", Options{Out: &room})
			if err != nil {
				t.Fatal(err)
			}
			if err := reportAll(r, sharedRun()); !errors.Is(err, errFull) {
				t.Errorf("got %v, want %v", err, errFull)
			}
		})
	}
}

// fileKinds are the kinds that write a file, and no folder.
func fileKinds() []string {
	return slices.DeleteFunc(slices.Collect(maps.Keys(Kinds())), wantsFolder)
}

func TestAFullDeviceIsAnErrorWithItsPath(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this machine has no /dev/full")
	}
	for _, kind := range fileKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r, err := Open(kind, "/dev/full", Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := reportAll(r, sharedRun()); err == nil || err.Error() != "write /dev/full: no space left on device" {
				t.Errorf("got %v", err)
			}
			if info, err := os.Stat("/dev/full"); err != nil || info.Mode().IsRegular() {
				t.Error("the device is gone")
			}
		})
	}
}

func TestAFileTakesItsPlaceWhenItIsComplete(t *testing.T) {
	t.Parallel()
	for _, kind := range fileKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "a", "b", "report.xml")
			if err := reportTo(t, kind, path, sharedRun()[:3], func() {
				if _, err := os.Stat(path); err == nil {
					t.Error("the file is there before it is complete")
				}
			}); err != nil {
				t.Fatal(err)
			}
			first, _ := os.ReadFile(path)
			if err := reportTo(t, kind, path, sharedRun(), func() {}); err != nil {
				t.Fatal(err)
			}
			second, _ := os.ReadFile(path)
			if len(first) == 0 || len(second) <= len(first) {
				t.Errorf("got %d bytes, then %d", len(first), len(second))
			}
			if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{"report.xml"}) {
				t.Errorf("got %q in the folder, want the report alone", got)
			}
		})
	}
}

func reportTo(t *testing.T, kind, path string, events []runner.Event, before func()) error {
	t.Helper()
	r, err := Open(kind, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range events {
		if err := r.Report(ev); err != nil {
			t.Fatal(err)
		}
	}
	before()
	return r.Close()
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// broken is a reporter that cannot finish.
type broken struct{}

func (broken) Report(runner.Event) error { return nil }
func (broken) Close() error              { return errFull }

func TestWhatWasThereStaysWhenAReportFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.xml")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&report{Reporter: broken{}, out: out}).Close(); !errors.Is(err, errFull) || err.Error() != path+": no room" {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "before" {
		t.Errorf("got %q", text)
	}
	if got := names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestALinkLeadsToTheFileThatIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.xml"), filepath.Join(dir, "link.xml")
	if err := errors.Join(os.WriteFile(target, nil, 0o600), os.Symlink(target, link)); err != nil {
		t.Skip(err)
	}
	if err := reportTo(t, "junit", link, nil, func() {}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if text, _ := os.ReadFile(target); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.HasPrefix(string(text), "<?xml") {
		t.Errorf("got %v %v %q", info.Mode(), err, text)
	}
}

func TestWhatCannotBeOpenedIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ kind, path, want string }{
		{"junitt", "x.xml", `unknown report "junitt"; did you mean "junit"?`},
		{"pdf", "x.pdf", `unknown report "pdf"; known here: ` + strings.Join(slices.Sorted(maps.Keys(Kinds())), ", ")},
		{"junit", "", "report junit wants a file, such as junit=report.xml"},
		{"junit", dir, "write " + dir + ": is a folder; want a file"},
		{"junit", file + "/x.xml", "mkdir " + file + ": not a directory"},
	} {
		if _, err := Open(row.kind, row.path, Options{}); err == nil || err.Error() != row.want {
			t.Errorf("%s=%s: got %v, want %s", row.kind, row.path, err, row.want)
		}
	}
}

func TestNoScratchFileIsLeft(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, kind := range []string{"junit", "junit-ginkgo"} {
		for _, room := range []small{0, 1 << 20} {
			r, err := Open(kind, "-", Options{Out: &room})
			if err != nil {
				t.Fatal(err)
			}
			reportAll(r, sharedRun())
			if got := names(t, dir); len(got) != 0 {
				t.Errorf("%s: got %q, want nothing", kind, got)
			}
		}
	}
}

func TestAMachineWithoutATemporaryFolderCanReport(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	path := filepath.Join(t.TempDir(), "report.xml")
	if err := reportTo(t, "junit", path, sharedRun(), func() {}); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("got %q, want the report alone", got)
	}
}

func TestABatchThatFailsIsReportedFromThenOn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j := &junit{report: newJUnitReport(&strings.Builder{}, Options{}, false)}
	j.report.scratch.dir = filepath.Join(file, "below")
	j.start()
	if err := reportAll(j, manyPassed(5000)); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("got %v", err)
	}
	if err := j.Report(runner.Finished{}); err == nil {
		t.Error("a report that failed goes on as if nothing had happened")
	}
}

func TestWhatGinkgoCutShortIsNoticed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ginkgo.xml")
	one := passed("One", 7, 0)
	specs := types.SpecReports{specReport(&one, "")}
	if _, err := writeGinkgo(types.Report{SpecReports: specs}, file); err != nil {
		t.Fatal(err)
	}
	if _, err := readGinkgo(file, 2); err == nil || err.Error() != file+" was cut short: got 1 testcases, want 2" {
		t.Errorf("got %v", err)
	}
	whole, _ := os.ReadFile(file)
	if err := os.WriteFile(file, whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readGinkgo(file, 1); err == nil || err.Error() != file+" was cut short: XML syntax error on line 32: unexpected EOF" {
		t.Errorf("got %v", err)
	}
}
