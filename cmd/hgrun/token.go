package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/reporters"
	"github.com/hgrun/hgrun/runner"
)

// tokenOptions are the flags of token.
type tokenOptions struct {
	target  target
	store   storeFlag
	auth    string
	code    string
	verbose int
	refresh bool

	json, decode, introspect, revoke bool // one of them at most
}

func tokenCommand() *cobra.Command {
	var o tokenOptions
	c := &cobra.Command{
		Use:   "token [COLLECTION] -e ENV [--auth NAME]",
		Short: "Get the access token of a collection, print it, look into it or revoke it",
		Long: `token makes the token exchange that a run would make, with the same client, and prints the access token: the one command that
prints a token. It goes to standard output; everything else goes to standard error, with secrets masked.

Exit codes: 0 done · 2 usage, a file that does not load, or nothing to do · 3 no token could be had, or the server refused ·
130 or 143 interrupted.`,
		Example: `  curl -H "Authorization: Bearer $(hgrun token collection.yaml -e sandbox)" https://sandbox.example.com/fhir/R4/Patient
  hgrun token collection.yaml -e sandbox --decode
  hgrun token collection.yaml -e sandbox --token-store --refresh --json
  hgrun token collection.yaml -e sandbox --token-store --revoke`,
		RunE: o.run,
	}
	o.target.flags(c)
	o.store.flags(c)
	f := c.Flags()
	f.StringVar(&o.auth, "auth", "", "the block of this `NAME` among auths:; by default the one that the requests have")
	f.BoolVar(&o.json, "json", false, "print an object as a token endpoint answers it, with expires_at; with the refresh token, where there is one")
	f.BoolVar(&o.decode, "decode", false, "print header, claims and times of a token that is a JWT; nothing is verified")
	f.BoolVar(&o.introspect, "introspect", false, "print what the server says of the token (RFC 7662, or as the vendor has it)")
	f.BoolVar(&o.refresh, "refresh", false, "get a new one, however good the one in the store is")
	f.BoolVar(&o.revoke, "revoke", false, "end the tokens that the store has, or the refresh token of the block (RFC 7009), and forget them")
	f.StringVar(&o.code, "code", "", "what a browser came back with, for the grant authorization-code: an `ADDRESS` or a code")
	f.CountVarP(&o.verbose, "verbose", "v", "show what went over the wire, masked")
	c.MarkFlagsMutuallyExclusive("json", "decode", "introspect", "revoke")
	c.MarkFlagsMutuallyExclusive("refresh", "revoke")
	return c
}

func (o *tokenOptions) run(c *cobra.Command, paths []string) error {
	ctx, interrupts := interruptible(c.Context())
	defer interrupts.stop()
	kept, err := o.store.open(o.target.environment)
	if err != nil {
		return usage(err)
	}
	r := &runner.Runner{Detail: o.verbose > 0, Headers: runner.Headers{Agent: "hgrun/" + version()},
		Credentials: runner.Credentials{Store: kept, Consent: (&asker{code: o.code, in: os.Stdin, out: c.ErrOrStderr()}).consent}}
	o.target.allowWrites = true // no request of the collection is sent
	l, err := o.target.load(ctx, paths, toRun)
	if err != nil {
		return usage(err)
	}
	defer l.close()
	chosen, err := choose(l.jobs, o.auth)
	if err != nil {
		return usage(err)
	}
	var heard events
	var out []byte
	err = r.Lend(ctx, chosen.job, chosen.request, heard.add, func(ctx context.Context, s auth.Session) (err error) {
		out, err = o.ask(ctx, chosen.request.Auth, s)
		return err
	})
	if code := interrupts.code(); code != 0 && err != nil {
		return &exit{code, errors.New("interrupted")}
	}
	if shown := heard.show(o.verbose, err != nil, r, c.ErrOrStderr()); shown != nil {
		return &exit{exitReport, shown}
	}
	if err != nil {
		return heard.verdict(err, r, c.ErrOrStderr())
	}
	return o.print(c, r, out)
}

// print writes what was asked for. Only the token itself may be secret.
func (o *tokenOptions) print(c *cobra.Command, r *runner.Runner, out []byte) error {
	to := c.OutOrStdout()
	if o.revoke {
		to = c.ErrOrStderr()
	}
	if o.revoke || o.introspect {
		out = []byte(r.Redact(string(out)))
	}
	if _, err := to.Write(out); err != nil {
		return &exit{exitReport, err}
	}
	return nil
}

// events are what was sent for a token.
type events struct {
	all    []runner.Event
	failed bool // one of the exchanges
}

func (e *events) add(event runner.Event) {
	e.all = append(e.all, event)
	if f, ok := event.(runner.RequestFinished); ok && (f.Result.Outcome == runner.Errored || f.Result.Outcome == runner.Failed) {
		e.failed = true
	}
}

// show writes them as a run would where that tells why there is no token, or where somebody wants to see them.
func (e *events) show(verbose int, failed bool, r *runner.Runner, to io.Writer) error {
	if verbose == 0 && (!failed || !e.failed) {
		return nil
	}
	console, err := reporters.Open("console", "", options(&screenFlags{verbose: verbose}, shard{}, r, to))
	if err != nil {
		return err
	}
	for _, event := range e.all {
		if err := console.Report(event); err != nil {
			return err
		}
	}
	return console.Close()
}

// verdict tells an error that no exchange has told already, and turns it into the exit code.
func (e *events) verdict(err error, r *runner.Runner, to io.Writer) error {
	code := exitUsage
	if _, none := errors.AsType[*auth.TokenError](err); none || e.failed {
		code = exitNoReply
	}
	if placed, ok := errors.AsType[*source.Error](err); ok {
		err = placed
	}
	if !e.failed {
		fmt.Fprintln(to, r.Redact((&exit{code, err}).message()))
	}
	return &exit{code, nil}
}
