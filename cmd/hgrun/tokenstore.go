package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/embedded"
	"github.com/hgrun/hgrun/internal/store"
)

// storeFlag says where tokens are kept for the next run: nowhere, unless somebody asks for it.
type storeFlag struct{ text string }

const storeVariable = "HGRUN_TOKEN_STORE"

func (s *storeFlag) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.text, "token-store", "", "keep tokens for the next run: in hgrun/tokens of the user's cache folder, or in `FOLDER`; off for not at all, whatever "+storeVariable+" says")
	f.Lookup("token-store").NoOptDefVal = "default"
}

// open returns the store, nil where nobody wants one. What the embedded sandbox gave is worth nothing when it has ended.
func (s *storeFlag) open(environment string) (auth.Store, error) {
	text, from := s.text, "--token-store"
	if text == "" {
		text, from = os.Getenv(storeVariable), storeVariable
	}
	switch {
	case text == "" || text == "off" || text == "0" || environment == embedded.Name:
		return nil, nil
	case text == "default" || text == "1":
		text = ""
	}
	kept, err := store.Open(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return kept, nil
}
