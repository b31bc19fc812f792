package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/auth"
)

// asker asks the person at the terminal for the grants that need one. Several exchanges ask one after the other.
type asker struct {
	code string    // given by --code: used for the first prompt that wants one
	in   *os.File  // where the person types
	out  io.Writer // never a report

	pause func() (resume func()) // keeps the screen for who is asked; nil where nothing else is written to it
	turn  sync.Mutex
}

// consent implements auth.Consent.
func (a *asker) consent(ctx context.Context, p auth.Prompt) (url.Values, error) {
	a.turn.Lock()
	defer a.turn.Unlock()
	if code := a.code; code != "" && p.RedirectURI != "" {
		a.code = ""
		return auth.ReadCallback(code)
	}
	if a.pause != nil {
		defer a.pause()()
	}
	fmt.Fprintf(a.out, "\nopen this address in a browser and agree:\n  %s\n", p.URL)
	if p.UserCode != "" {
		fmt.Fprintf(a.out, "the code is %s\n", p.UserCode)
	}
	if p.RedirectURI == "" || p.Listens {
		fmt.Fprintln(a.out, "waiting; this goes on by itself")
		return nil, nil
	}
	if !isTerminal(a.in) {
		return nil, errors.New("nobody is at the terminal; give the address that the browser ends up at, or the code in it, with --code")
	}
	fmt.Fprintf(a.out, "the browser ends up at %s…; paste that address here: ", p.RedirectURI)
	return a.read(ctx)
}

// read reads one line, or gives up when the run does. The read itself cannot be taken back: it ends with the process.
func (a *asker) read(ctx context.Context) (url.Values, error) {
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(a.in).ReadString('\n') // at its end it returns what there is, or nothing
		line <- strings.TrimSpace(text)
	}()
	select {
	case text := <-line:
		return auth.ReadCallback(text)
	case <-ctx.Done():
		fmt.Fprintln(a.out) // the cursor stands behind the question
		return nil, context.Cause(ctx)
	}
}
