package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/assertions"
)

func assertionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "assertion",
		Short: "Sign, read, verify and check JWT assertions; nothing is sent",
		Long: `assertion does by hand what a run does for every request: it signs a JWT assertion. And it reads, verifies and checks those
that came from elsewhere. Nothing is sent. Keys come from files and environment variables, never from the command line.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(mintCommand(), decodeCommand(), verifyCommand(), lintCommand())
	return c
}

const maxText = 1 << 20 // bytes of an assertion that is read

// readAssertion returns the argument, or what stands on standard input where it is - or missing, without the line break that
// echo and editors put at its end.
func readAssertion(c *cobra.Command, args []string) (string, error) {
	if len(args) > 0 && args[0] != "-" {
		if info, err := os.Stat(args[0]); err == nil && info.Mode().IsRegular() {
			return "", usage(fmt.Errorf("want an assertion, got the name of a file; write: hgrun assertion %s < FILE", c.Name()))
		}
		return args[0], nil
	}
	text, err := io.ReadAll(io.LimitReader(c.InOrStdin(), maxText+1))
	switch {
	case err != nil:
		return "", usage(fmt.Errorf("standard input: %w", err))
	case len(text) > maxText:
		return "", usage(fmt.Errorf("standard input has more than %d bytes, want an assertion", maxText))
	case len(strings.TrimSpace(string(text))) == 0:
		return "", usage(errors.New("standard input is empty, want an assertion"))
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

// unwrap takes off what copying leaves around and inside a JWT: white space, line breaks, quotes, prefixes.
func unwrap(text string) string {
	text = strings.TrimPrefix(strings.Join(strings.Fields(text), " "), "\ufeff")
	text = strings.Trim(text, `"' `)
	for _, prefix := range []string{"Authorization: ", "Bearer ", "bearer ", "DPoP ", "client_assertion=", "assertion="} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.Trim(strings.ReplaceAll(text, " ", ""), `"'`)
}

// inspect takes an assertion apart. What stood around it is told in a note, for all commands but lint, which judges it.
func inspect(c *cobra.Command, text string) (*assertions.Token, error) {
	token, err := assertions.Inspect(text)
	bare := unwrap(text)
	if err == nil || bare == text {
		return token, err
	}
	inside, why := assertions.Inspect(bare)
	if inside == nil {
		return token, err // the first complaint is about what the user sees
	}
	fmt.Fprintf(c.ErrOrStderr(), "hgrun: %v; read without it\n", err)
	return inside, why
}

// keyFlags name where a key comes from.
type keyFlags struct {
	file     string
	env      string
	encoding string
}

func (k *keyFlags) flags(c *cobra.Command, what string) {
	f := c.Flags()
	f.StringVar(&k.file, "key-file", "", "`FILE` with "+what)
	f.StringVar(&k.env, "key-env", "", "environment variable with "+what+", by its `NAME`")
	f.StringVar(&k.encoding, "key-encoding", "raw", "how a shared secret is written: `raw`, base64, base64url or hex")
	c.MarkFlagsMutuallyExclusive("key-file", "key-env")
}

func (k *keyFlags) given() bool { return k.file != "" || k.env != "" }

// read returns the key as it stands there, with the line break at its end: a server that has it too needs it.
func (k *keyFlags) read() (string, error) {
	if k.env != "" {
		return fromEnv("--key-env", k.env)
	}
	text, err := os.ReadFile(k.file)
	if err != nil {
		return "", fmt.Errorf("--key-file: %w", err)
	}
	return string(text), nil
}

// fromEnv reads a secret. The message for somebody who gave the secret itself does not repeat it.
func fromEnv(flag, name string) (string, error) {
	text, ok := os.LookupEnv(name)
	switch {
	case ok && text != "":
		return text, nil
	case ok:
		return "", fmt.Errorf("%s: the environment variable is empty", flag)
	case !isEnvName(name):
		return "", fmt.Errorf("%s: want the name of an environment variable, got something else; a secret never stands on the command line", flag)
	}
	return "", fmt.Errorf("%s: no such environment variable is set", flag)
}

func isEnvName(name string) bool {
	for i, c := range []byte(name) {
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return name != ""
}
