package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/diagnosis"
	"github.com/hgrun/hgrun/internal/wire"
)

// lintFlags are what the assertion is compared with.
type lintFlags struct {
	audience string
	client   string
}

func lintCommand() *cobra.Command {
	var o lintFlags
	c := &cobra.Command{
		Use:   "lint [TEXT|-] [--aud URL] [--client-id ID]",
		Short: "Explain what a server may refuse in an assertion",
		Long: `lint judges an assertion as if a token request carried it at this moment: to the URL of --aud, with the client_id of
--client-id. Nothing is sent. Each finding has the code of its rule.

Exit codes: 0 nothing that most servers refuse · 1 something that they refuse · 2 usage.`,
		Example: `  hgrun assertion lint --aud https://sandbox.example.com/oauth/token --client-id my-client < assertion.txt`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := readAssertion(c, args)
			if err != nil {
				return err
			}
			findings := o.lint(text)
			if _, err := fmt.Fprint(c.OutOrStdout(), o.report(findings)); err != nil {
				return &exit{exitReport, err}
			}
			if slices.ContainsFunc(findings, func(f diagnosis.Finding) bool { return f.Confidence > diagnosis.Possible }) {
				return &exit{exitFailed, nil}
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.audience, "aud", "", "the token `URL`, which aud must be byte for byte")
	c.Flags().StringVar(&o.client, "client-id", "", "the `ID` of the client, which iss and sub must be")
	return c
}

// lint returns what the rules find. Where something was copied along with the assertion, what stands inside is judged too.
func (o *lintFlags) lint(text string) []diagnosis.Finding {
	findings := diagnosis.Lint(o.request(text))
	bare := unwrap(text)
	if bare == text {
		return findings
	}
	if token, _ := assertions.Inspect(bare); token == nil {
		return findings
	}
	return append(findings, diagnosis.Lint(o.request(bare))...)
}

// request is a token request that is never sent. Where --aud names no URL, it goes to the assertion's own audience, so that
// nothing is said of a URL that nobody knows.
func (o *lintFlags) request(text string) *diagnosis.Case {
	to := o.audience
	if to == "" {
		if token, _ := assertions.Inspect(text); token != nil && len(token.Audiences()) > 0 {
			to = token.Audiences()[0]
		}
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {text}}
	if o.client != "" {
		form.Set("client_id", o.client)
	}
	return &diagnosis.Case{Role: diagnosis.TokenRequest, Exchange: &wire.Exchange{Request: wire.Request{
		Method: http.MethodPost, URL: to, Body: []byte(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}}}
}

// report words the findings, and what could not be looked at.
func (o *lintFlags) report(findings []diagnosis.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s (%s)\n  %s\n", f.Code, f.Title, f.Confidence, f.Cause)
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "  %s:%s\n", e.Label, indented(e.Text))
		}
		fmt.Fprintf(&b, "  fix: %s\n", f.Fix)
	}
	if len(findings) == 0 {
		b.WriteString("no problem found\n")
	}
	var open []string
	if o.audience == "" {
		open = append(open, "aud (--aud URL)")
	}
	if o.client == "" {
		open = append(open, "iss and sub (--client-id ID)")
	}
	fmt.Fprintf(&b, "not compared: %s\n", strings.Join(append(open, "the signature (hgrun assertion verify)"), ", "))
	return b.String()
}

// indented puts a text behind its label, and several lines below it, so that a caret stands where it should.
func indented(text string) string {
	if !strings.Contains(text, "\n") {
		return " " + text
	}
	return "\n    " + strings.ReplaceAll(text, "\n", "\n    ")
}
