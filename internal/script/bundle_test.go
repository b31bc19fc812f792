package script

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheBundledModulesAreThoseThatTheirSourcesMake(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile("bundle/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS: %q", lines.Text())
		}
		listed[name] = true
		content, err := os.ReadFile(filepath.Join("bundle", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != want {
			t.Errorf("%s was changed since the modules were bundled: run make bundle", name)
		}
	}
	packed, err := filepath.Glob("bundle/*.gz")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range packed {
		if !listed[filepath.Base(path)] {
			t.Errorf("%s is not listed in SHA256SUMS: run make bundle", path)
		}
	}
}

func TestBundlingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not at hand")
	}
	if _, err := os.Stat("bundle/node_modules"); err != nil {
		t.Skip("the packages are not installed: make bundle installs them")
	}
	cmd := exec.CommandContext(t.Context(), "node", "build.mjs", "--check")
	cmd.Dir = "bundle"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
