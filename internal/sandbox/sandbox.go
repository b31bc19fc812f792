// Package sandbox is a Health Gorilla-like and a Pattern Health-like service on this machine, so that a collection runs
// without an account and without a network. It knows nothing of collections, of the runner, or of the packages that sign
// assertions: it judges what arrives, from the standard library alone.
package sandbox

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options says how a Sandbox is reached and what it tells about its answers; the zero value works.
type Options struct {
	// Address is the host to listen on; empty means 127.0.0.1. Start refuses anything but a loopback address.
	Address string
	// Port is the first of the consecutive ports in use, four and two for each of Servers; 0 means free ports chosen by the
	// system.
	Port int
	// ReasonHeader adds X-Sandbox-Reason, the true cause of the answer, to every response.
	ReasonHeader bool
	// Errors is how the token endpoints word their refusals until SetErrors; empty means as the vendor does.
	Errors ErrorMode
	// Audience is what every server takes for the aud of an assertion until SetAudience; empty means the token URL.
	Audience Audience
	// Switches are what the servers do differently until SetSwitches.
	Switches Switches
	// Servers are those to start beside the ones that always start.
	Servers Servers
	// Log is told of each exchange with its true reason, by several goroutines at once; nil means nobody is.
	Log func(Entry)
}

// A Sandbox is two environments, "sandbox" and "production", each with a Health Gorilla-like and a Pattern Health-like
// server, and one clock for all of them. All its methods are safe for concurrent use.
type Sandbox struct {
	options      Options
	offset       atomic.Int64 // nanoseconds the clock is ahead of the machine's
	tokens       *tokens
	journal      journal
	settings     settings
	faults       faults
	environments []*environment
	sides        []opened      // in the order of their ports
	key          func() []byte // of what the sandbox makes for itself and shows to others: cursors, nonces
	hosts        map[string]http.Handler
	servers      []*http.Server
	serving      sync.WaitGroup
}

// A Variable is something a collection needs to know about an environment of the sandbox.
type Variable struct {
	Name, Value string
	Secret      bool // Value is to be masked wherever it would be shown
}

// New makes a Sandbox that listens nowhere: its servers are the handlers of Hosts, under invented host names. Tests give
// them to an http.RoundTripper; inside a testing/synctest bubble the sandbox follows the bubble's time. New panics
// where Start would fail: Options that name something that does not exist are a mistake in the caller's code.
func New(o Options) *Sandbox {
	if err := o.check(); err != nil {
		panic(err)
	}
	wanted := o.Servers.wanted()
	return assemble(o, wanted, invent(wanted))
}

// Start makes a Sandbox that listens on four loopback ports: the Health Gorilla-like servers of sandbox and production,
// then the Pattern Health-like ones; and on two more for each of Options.Servers. It fails when the address is not a
// loopback address, when a port is taken, and when the Options name something that does not exist.
func Start(o Options) (*Sandbox, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	wanted := o.Servers.wanted()
	listeners, at, err := listen(o.Address, o.Port, invent(wanted))
	if err != nil {
		return nil, err
	}
	s := assemble(o, wanted, at)
	for i, l := range listeners {
		if i >= firstServers && s.sides[i-firstServers].tls != nil {
			l = tls.NewListener(l, s.sides[i-firstServers].tls)
		}
		server := newServer(s.hosts[at.host(i)])
		s.servers = append(s.servers, server)
		s.serving.Go(func() { _ = server.Serve(l) }) // always ErrServerClosed, or a listener that died: Close reports it
	}
	return s, nil
}

func (o Options) check() error { return errors.Join(o.Errors.check(), o.Audience.check()) }

// Close stops listening and drops every open connection. A Sandbox made by New has nothing to close.
func (s *Sandbox) Close() error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// Hosts returns the handler of every server by the host part of its URL: "sandbox.hg.example" under New,
// "127.0.0.1:49152" under Start.
func (s *Sandbox) Hosts() map[string]http.Handler {
	hosts := make(map[string]http.Handler, len(s.hosts))
	for name, handler := range s.hosts {
		hosts[name] = handler
	}
	return hosts
}

// Now is the sandbox's time: the machine's plus everything Advance added.
func (s *Sandbox) Now() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }

// Advance moves the sandbox's clock forward, so that assertions and tokens expire without anybody sleeping; zero and
// negative durations do nothing. The Date header keeps the machine's time.
func (s *Sandbox) Advance(d time.Duration) {
	if d > 0 {
		s.offset.Add(int64(d))
	}
}

// Entries returns the newest exchanges, oldest first, each with the true reason of its answer.
func (s *Sandbox) Entries() []Entry { return s.journal.entries() }

// Variables returns what a collection needs to know about the environment "sandbox" or "production"; nil for any other
// name. The refresh token is one that is valid now, even when an earlier one was used up.
func (s *Sandbox) Variables(environment string) []Variable {
	for _, e := range s.environments {
		if e.name != environment {
			continue
		}
		variables := e.variables()
		for _, side := range s.sides {
			if side.beside == environment {
				variables = append(variables, side.variables()...)
			}
		}
		return variables
	}
	return nil
}

func assemble(o Options, wanted []sideServer, at origins) *Sandbox {
	s := &Sandbox{
		options: o, tokens: newTokens(), settings: settings{errors: o.Errors, switches: o.Switches, audience: o.Audience},
		hosts: make(map[string]http.Handler, len(at)),
		key:   sync.OnceValue(func() []byte { return []byte(rand.Text() + rand.Text()) }),
	}
	for i, name := range []string{"sandbox", "production"} {
		e := newEnvironment(s, name, at[i], at[i+2])
		s.environments = append(s.environments, e)
		s.hosts[at.host(i)] = s.handler(name, e.answer)
		s.hosts[at.host(i+2)] = s.handler(e.pattern.realm, e.pattern.answer)
	}
	s.openSideServers(wanted, at[firstServers:])
	return s
}
