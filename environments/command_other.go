//go:build !unix

package environments

import "os/exec"

// stopWithChildren leaves the program to exec.CommandContext: here it is ended alone, its children are not.
func stopWithChildren(*exec.Cmd) {}
