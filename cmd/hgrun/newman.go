package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// newmanFlags are options of newman run that have no flag of their own here, so that a pipeline's newman run can become hgrun run.
type newmanFlags struct {
	delay           int // ms
	timeout         int // ms
	insecure        bool
	ignoreRedirects bool
	suppress        bool
	junit           string
	color           string
	noUnicode       bool
	silent          bool
	whole           int // ms that the run may take

	certificates newmanCertificates
	exports      newmanExports
}

// newmanNames are the options of newman run that are a flag here under another name.
func newmanNames() map[string]string {
	return map[string]string{
		"environment":     "env",
		"env-var":         "var",
		"folder":          "only",
		"iteration-count": "iterations",
		"iteration-data":  "data",
		"reporters":       "report",
		"working-dir":     "file-root",
	}
}

func (n *newmanFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&n.delay, "delay-request", 0, "milliseconds before each request")
	f.IntVar(&n.timeout, "timeout-request", 0, "milliseconds for each request")
	f.BoolVarP(&n.insecure, "insecure", "k", false, "believe every certificate of a server")
	f.BoolVar(&n.ignoreRedirects, "ignore-redirects", false, "follow no redirect")
	f.BoolVarP(&n.suppress, "suppress-exit-code", "x", false, "exit with 0 whatever requests and tests say")
	f.StringVar(&n.junit, "reporter-junit-export", "", "the file of the reporter junit")
	f.StringVar(&n.color, "color", "", "on or off; auto leaves it to the terminal")
	f.BoolVar(&n.noUnicode, "disable-unicode", false, "signs of ASCII alone")
	f.BoolVar(&n.silent, "silent", false, "no console")
	f.IntVar(&n.whole, "timeout", 0, "milliseconds for the whole run")
	f.Bool("no-insecure-file-read", true, "it is always so")
	hidden := []string{"delay-request", "timeout-request", "insecure", "ignore-redirects", "suppress-exit-code", "reporter-junit-export", "color", "disable-unicode", "silent", "timeout", "no-insecure-file-read"}
	hidden = append(append(hidden, n.certificates.flags(f)...), n.exports.flags(f)...)
	for name := range refusedOfNewman() {
		f.String(name, "", "refused")
		hidden = append(hidden, name)
	}
	for _, name := range hidden {
		// A flag that was made a line above is there.
		_ = f.MarkHidden(name)
	}
	alias(c, newmanNames())
}

// aliases lets check and list understand what newman run calls the flags that they share with run.
func (t *target) aliases(c *cobra.Command) {
	names := newmanNames()
	delete(names, "reporters")
	alias(c, names)
}

// alias lets flags be given by other names.
func alias(c *cobra.Command, names map[string]string) {
	c.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if ours, ok := names[name]; ok {
			name = ours
		}
		return pflag.NormalizedName(name)
	})
}

// paths takes out the word that newman run has behind --bail.
func (n *newmanFlags) paths(bail bool, paths []string) []string {
	if !bail {
		return paths
	}
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		_, err := os.Lstat(p)
		return (p == "failure" || p == "folder") && errors.Is(err, os.ErrNotExist)
	})
}

// reports turns what newman run has behind -r, such as cli,junit, into reports of ours. With --compat newman one that nobody knows is passed over,
// and told.
func (n *newmanFlags) reports(given []string, lenient bool) (reports, passedOver []string, err error) {
	for _, flag := range given {
		if strings.Contains(flag, "=") {
			reports = append(reports, flag)
			continue
		}
		for _, name := range strings.Split(flag, ",") {
			switch {
			case name == "cli":
			case name == "junit" && n.junit != "":
				reports = append(reports, "junit="+n.junit)
			case name == "junit" && strings.Contains(flag, ","):
				return nil, nil, errors.New("--reporters: junit wants a file: --reporter-junit-export FILE, or -r junit=FILE")
			case lenient:
				passedOver = append(passedOver, fmt.Sprintf("there is no reporter %q; it is passed over", name))
			case !strings.Contains(flag, ","): // told as a kind of report
				reports = append(reports, flag)
			default:
				return nil, nil, fmt.Errorf("--reporters: unknown reporter %q; %s", name, source.Suggest(name, []string{"cli", "junit"}))
			}
		}
	}
	return reports, passedOver, nil
}

// apply changes what was loaded.
func (n *newmanFlags) apply(jobs []runner.Job) error {
	switch {
	case n.delay < 0:
		return fmt.Errorf("--delay-request: want milliseconds, got %d", n.delay)
	case n.timeout < 0:
		return fmt.Errorf("--timeout-request: want milliseconds, got %d", n.timeout)
	}
	if err := n.certificates.apply(jobs); err != nil {
		return err
	}
	for _, job := range jobs {
		if n.insecure {
			job.Environment.TLS.Insecure = true
		}
		for _, r := range job.Collection.Requests() {
			if n.timeout > 0 {
				r.Flow.Timeout = time.Duration(n.timeout) * time.Millisecond
			}
			if n.delay > 0 {
				r.Flow.Delay = time.Duration(n.delay) * time.Millisecond
			}
			if n.ignoreRedirects {
				r.Flow.Redirects = 0
			}
		}
	}
	return nil
}

// verdict is the exit code of newman run -x: requests and tests do not matter, a report that could not be written does. It says which code it hides.
func (n *newmanFlags) verdict(c *cobra.Command, err error) error {
	var end *exit
	if n.suppress && errors.As(err, &end) && (end.code == exitFailed || end.code == exitNoReply || end.code == exitUsage && errors.Is(err, errUntested)) {
		if end.err != nil {
			fmt.Fprintln(c.ErrOrStderr(), end.message())
		}
		fmt.Fprintf(c.ErrOrStderr(), "note: the exit code is 0 because of --suppress-exit-code; it would be %d\n", end.code)
		return nil
	}
	return err
}

// limited gives a run the time that --timeout says.
func (n *newmanFlags) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if n.whole == 0 {
		return ctx, func() {}
	}
	limit := time.Duration(n.whole) * time.Millisecond
	return context.WithTimeoutCause(ctx, limit, runner.Overtime{Limit: limit})
}

// late makes an error of a run that has had its time, whatever its requests came to.
func late(ctx context.Context, err error) error {
	var why runner.Overtime
	if !errors.As(context.Cause(ctx), &why) {
		return err
	}
	var end *exit
	if errors.As(err, &end) && end.code > exitNoReply {
		return err
	}
	return &exit{exitNoReply, fmt.Errorf("--timeout: %w", why)}
}

// outputs are where the console goes: with --silent nowhere. A report on standard output leaves the console standard error.
func (n *newmanFlags) outputs(c *cobra.Command, reports []string) (out, errOut io.Writer) {
	out, errOut = c.OutOrStdout(), c.ErrOrStderr()
	toOut := slices.ContainsFunc(reports, func(r string) bool { return strings.HasSuffix(r, "=-") })
	switch {
	case n.silent && toOut:
		errOut = io.Discard
	case n.silent:
		out = io.Discard
	}
	return out, errOut
}
