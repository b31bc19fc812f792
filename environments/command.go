package environments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/vars"
)

const (
	commandLimit = 30 * time.Second // for a command to answer
	commandGrace = 2 * time.Second  // for its output to end after it ended
	maxOutput    = 1 << 20          // bytes of a secret that a command prints
	maxComplaint = 500              // bytes of its standard error that are repeated
)

// commandSecret is what a program prints. No shell runs it; it works in the folder of the environment file and has
// no standard input.
type commandSecret struct {
	file string // the environment file
	argv []string
}

func (c commandSecret) fetch(ctx context.Context) (string, error) {
	limited, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	cmd := exec.CommandContext(limited, c.argv[0], c.argv[1:]...)
	out, complaint := &bounded{left: maxOutput}, &bounded{left: 64 << 10}
	cmd.Stdout, cmd.Stderr = out, complaint
	cmd.WaitDelay = commandGrace
	if dir := filepath.FromSlash(path.Dir(c.file)); isDir(dir) {
		cmd.Dir = dir
	}
	stopWithChildren(cmd)
	err := cmd.Run()
	name := "command " + path.Base(filepath.ToSlash(c.argv[0]))
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s: %w", name, context.Cause(ctx))
	case limited.Err() != nil:
		return "", fmt.Errorf("%s did not end within %v%s", name, commandLimit, said(complaint, out))
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // a daemon that it left behind may hold the pipe open
		return "", fmt.Errorf("%s: %w%s", name, withoutPath(err), said(complaint, out))
	case out.cut:
		return "", fmt.Errorf("%s printed more than %d bytes", name, maxOutput)
	case strings.TrimSpace(out.String()) == "":
		return "", fmt.Errorf("%s printed nothing%s", name, said(complaint, out))
	}
	return out.String(), nil
}

func isDir(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// withoutPath takes the program's path out of an error, because the message names it already.
func withoutPath(err error) error {
	var lost *exec.Error
	if errors.As(err, &lost) {
		return lost.Err
	}
	return plain(err)
}

// said is what a program wrote to its standard error, in one line, without anything that it printed as the secret.
func said(complaint, out *bounded) string {
	var secrets vars.Secrets
	for line := range strings.Lines(out.String()) {
		secrets.Hide("output", strings.TrimSpace(line))
	}
	secrets.Hide("output", trim(out.String()))
	text := strings.Join(strings.Fields(secrets.Redact(strings.ToValidUTF8(complaint.String(), "\ufffd"))), " ")
	if len(text) > maxComplaint {
		text = "…" + strings.ToValidUTF8(text[len(text)-maxComplaint:], "")
	}
	if text == "" {
		return ""
	}
	return ": " + text
}

// bounded keeps the first bytes that are written to it.
type bounded struct {
	strings.Builder
	left int // bytes
	cut  bool
}

// Write keeps as much of b as there is room for. It never fails, so that the program is not stopped by its own noise.
func (w *bounded) Write(b []byte) (int, error) {
	keep := b[:min(len(b), w.left)]
	w.cut = w.cut || len(keep) < len(b)
	w.left -= len(keep)
	_, _ = w.Builder.Write(keep) // a strings.Builder takes everything
	return len(b), nil
}
