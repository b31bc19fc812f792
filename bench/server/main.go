// Command server is the loopback server that every contestant of bench/compare talks to: one token endpoint and
// one FHIR patient, so little work that what is measured is the client.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`address` to listen on; port 0 picks a free one")
	delay := flag.Duration("delay", 0, "how long each patient takes")
	token := flag.String("token", "", "a bearer token that is good from the start")
	untilEOF := flag.Bool("until-eof", false, "stop when standard input ends, so that no server outlives its starter")
	flag.Parse()
	if err := serve(*addr, *token, *delay, *untilEOF); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// serve prints the port on a line of its own once connections are accepted, and answers until it is stopped.
func serve(addr, token string, delay time.Duration, untilEOF bool) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	c := newClinic(delay)
	if token != "" {
		c.admit(token)
	}
	s := &http.Server{Handler: c.handler(), ReadHeaderTimeout: 10 * time.Second}
	if !untilEOF {
		return s.Serve(l)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		ended <- err
	}()
	return <-ended
}
