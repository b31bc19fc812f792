//go:build unix

package environments

import (
	"os/exec"
	"syscall"
)

// stopWithChildren gives the program a process group of its own, and ends all of it when the context ends.
func stopWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
