package sandbox

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Servers are those that only start when asked for, each of them twice: beside "sandbox" and beside "production". Their
// ports follow the first four in the order of the fields. Each adds its variables to those of the environment.
type Servers struct {
	// SMART is a server of SMART Backend Services: client credentials with a signed assertion (smart_…).
	SMART bool
	// WWW is a second host of each Health Gorilla-like server, which answers every unknown path with HTML and 200, and
	// which discovery names as issuer and token endpoint (www_…).
	WWW bool
	// DPoP is a server whose tokens are bound to a key that each request must prove to have (RFC 9449); it has the clients of
	// the environment (dpop_…).
	DPoP bool
	// MTLS is a server behind TLS whose one client authenticates with a certificate, to which its tokens are bound (RFC
	// 8705; mtls_…).
	MTLS bool
	// Kinds is a server with a page for each kind of credentials that is not OAuth 2.0 (kinds_…).
	Kinds bool
}

// Need turns on the server that has a variable of the name, if one does.
func (v *Servers) Need(variable string) {
	for _, kind := range sideServers() {
		if strings.HasPrefix(variable, kind.name+"_") {
			*kind.asked(v) = true
		}
	}
}

// A sideServer is a kind of server that only starts when asked for.
type sideServer struct {
	name   string // also the start of the names of its variables
	scheme string
	asked  func(*Servers) *bool
	open   func(e *environment, origin string) opened
}

// opened is what became of a sideServer beside an environment.
type opened struct {
	beside    string // the environment
	name      string // for Entry.Server
	flows     *flows // in which devices may wait; nil: none
	judges    bool   // assertions, by an audience rule of its own
	answer    endpoint
	variables func() []Variable
	tls       *tls.Config // nil for plain HTTP
	authority *authority  // that made the certificates; nil for plain HTTP
}

// sideServers returns the kinds in the order of their ports.
func sideServers() []sideServer {
	return []sideServer{
		{"smart", "http", func(v *Servers) *bool { return &v.SMART }, openSMART},
		{"www", "http", func(v *Servers) *bool { return &v.WWW }, openWWW},
		{"dpop", "http", func(v *Servers) *bool { return &v.DPoP }, openDPoP},
		{"mtls", "https", func(v *Servers) *bool { return &v.MTLS }, openMTLS},
		{"kinds", "http", func(v *Servers) *bool { return &v.Kinds }, openKinds},
	}
}

// wanted returns the kinds that were asked for.
func (v Servers) wanted() []sideServer {
	if v == (Servers{}) {
		return nil
	}
	var kinds []sideServer
	for _, kind := range sideServers() {
		if *kind.asked(&v) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// invent makes up the origins of a Sandbox that listens nowhere.
func invent(wanted []sideServer) origins {
	at := origins{
		"http://sandbox.hg.example", "http://api.hg.example",
		"http://sandbox.pattern.example", "http://api.pattern.example",
	}
	for _, kind := range wanted {
		for _, host := range []string{"sandbox", "api"} {
			at = append(at, kind.scheme+"://"+host+"."+kind.name+".example")
		}
	}
	return at
}

// openSideServers adds those that were asked for; at holds the origins of them alone.
func (s *Sandbox) openSideServers(wanted []sideServer, at origins) {
	for i, kind := range wanted {
		for j, e := range s.environments {
			n := 2*i + j
			side := kind.open(e, at[n])
			side.beside = e.name
			s.sides = append(s.sides, side)
			s.hosts[at.host(n)] = s.handler(side.name, side.answer)
		}
	}
}

// beside makes an environment with the clients and the seeds of e, and with records, tokens and routes of its own.
func (e *environment) beside(kind, origin string) *environment {
	n := &environment{
		place:   place{name: kind + " " + e.name, deployment: e.deployment, origin: origin},
		sandbox: e.sandbox, clients: e.clients, jtis: replays{used: map[string]int64{}}, routes: map[string]endpoint{},
		flows: &flows{}, signing: sync.OnceValue(newSigningKey),
	}
	n.fhir = newFHIRServer(n)
	return n
}

// in is a handler's host called from inside: what it answers to a GET, without a network.
func (s *Sandbox) in(address string) (status int, body []byte) {
	u, err := url.Parse(address)
	if err != nil || s.hosts[u.Host] == nil {
		return 0, nil
	}
	r := &http.Request{
		Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{}, Body: http.NoBody,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	w := &kept{header: http.Header{}}
	defer func() {
		if fault := recover(); fault == http.ErrAbortHandler { // a broken connection, which somebody injected
			status, body = 0, nil
		} else if fault != nil {
			panic(fault)
		}
	}()
	s.hosts[u.Host].ServeHTTP(w, r)
	return w.status, w.body
}

// kept is an http.ResponseWriter for an answer that does not leave the process.
type kept struct {
	header http.Header
	status int
	body   []byte
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) { k.status = status }

func (k *kept) Write(b []byte) (int, error) {
	k.body = append(k.body, b...)
	return len(b), nil
}
