package main

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/source"
)

func sandboxCommand() *cobra.Command {
	var port int
	var reason bool
	var with []string
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the embedded sandbox on loopback until interrupted, and print the environment for it",
		Long: `sandbox serves a Health Gorilla-like and a Pattern Health-like API on loopback and prints an environment file for them.
All their credentials are invented and are new each time.`,
		Example: `  hgrun sandbox --port 8700 > environments/local.yaml &
  hgrun run collection.yaml -e local
  hgrun sandbox --with smart,dpop > environments/local.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			servers, err := sideServers(with)
			if err != nil {
				return usage(err)
			}
			s, err := sandbox.Start(sandbox.Options{Port: port, ReasonHeader: reason, Servers: servers})
			if err != nil {
				return usage(err)
			}
			if err := printEnvironment(c, s); err != nil {
				return err
			}
			return serve(ctx, c, s)
		},
	}
	c.Flags().IntVar(&port, "port", 0, "first of the ports to listen on; 0 takes free ones")
	c.Flags().StringSliceVar(&with, "with", nil, "more servers: smart, dpop, mtls, kinds or www, those of -e embedded that only start when a collection uses their variables; several with commas")
	c.Flags().BoolVar(&reason, "reason", false, "tell the true cause of each answer in an X-Sandbox-Reason header")
	return c
}

// sideServers turns names into the servers whose variables begin with them.
func sideServers(names []string) (sandbox.Servers, error) {
	var servers sandbox.Servers
	for _, name := range names {
		var one sandbox.Servers
		if one.Need(name + "_"); one == (sandbox.Servers{}) {
			return servers, fmt.Errorf("--with: no server %q; %s", name, source.Suggest(name, []string{"smart", "dpop", "mtls", "kinds", "www"}))
		}
		servers.Need(name + "_")
	}
	return servers, nil
}

// printEnvironment prints an environment file, so that the output can be run against as it is.
func printEnvironment(c *cobra.Command, s *sandbox.Sandbox) error {
	out := c.OutOrStdout()
	if _, err := fmt.Fprintln(out, "name: local sandbox\nvariables:"); err != nil {
		return err
	}
	for _, v := range s.Variables("sandbox") {
		note := ""
		if v.Secret {
			note = " # invented, and worth nothing elsewhere"
		}
		if _, err := fmt.Fprintf(out, "  %s: %q%s\n", v.Name, v.Value, note); err != nil {
			return err
		}
	}
	return nil
}

func serve(ctx context.Context, c *cobra.Command, s *sandbox.Sandbox) error {
	fmt.Fprintln(c.ErrOrStderr(), "the sandbox listens; interrupt to end it")
	<-ctx.Done()
	return s.Close()
}
