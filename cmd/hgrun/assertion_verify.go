package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/assertions"
)

func verifyCommand() *cobra.Command {
	var k keyFlags
	var jwks string
	c := &cobra.Command{
		Use:   "verify {--key-file FILE | --key-env NAME | --jwks FILE} [TEXT|-]",
		Short: "Verify the signature of an assertion",
		Long: `verify checks the signature, and nothing else: an expired assertion verifies. The key is a public or private key or a certificate
(PEM), a JWK, or a shared secret; --jwks is the set of keys that the client has published, from which the kid chooses.

Exit codes: 0 the signature is right · 1 it is not, or the key does not fit · 2 usage.`,
		Example: `  hgrun assertion verify --jwks jwks.json < assertion.txt`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if jwks != "" {
				k.file = jwks
			}
			if !k.given() {
				return usage(errors.New("name the key: --key-file FILE, --key-env NAME or --jwks FILE"))
			}
			key, err := k.read()
			if err != nil {
				return usage(err)
			}
			text, err := readAssertion(c, args)
			if err != nil {
				return err
			}
			return verify(c, text, key, k.encoding)
		},
	}
	k.flags(c, "the key that verifies")
	c.Flags().StringVar(&jwks, "jwks", "", "`FILE` with a set of public keys")
	c.MarkFlagsMutuallyExclusive("key-file", "key-env", "jwks")
	return c
}

func verify(c *cobra.Command, text, key, encoding string) error {
	token, err := inspect(c, text)
	if err == nil {
		err = token.Verify(key, encoding)
	}
	if errors.Is(err, assertions.ErrNoPassphrase) {
		err = errors.New("the private key is encrypted; name the public key, or the certificate")
	}
	if err != nil {
		return &exit{exitFailed, err}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the signature is right: %s", token.Algorithm())
	if kid, ok := token.Header["kid"].(string); ok {
		fmt.Fprintf(&b, ", kid %q", kid)
	}
	if print, err := assertions.Thumbprint(key, encoding); err == nil { // a secret and a set have none
		fmt.Fprintf(&b, ", key %s (RFC 7638)", print)
	}
	b.WriteByte('\n')
	writeTimes(&b, token, time.Now())
	if _, err := fmt.Fprint(c.OutOrStdout(), b.String()); err != nil {
		return &exit{exitReport, err}
	}
	return nil
}
