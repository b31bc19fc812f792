// Package curl writes a request as a curl command, quoted for a shell; it knows nothing of where the request comes from.
package curl

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/wire"
)

// maxBody is the size of a body that still fits an argument, in bytes: Linux allows 128 KiB for one.
const maxBody = 64 << 10

// Shell is how a command is quoted.
type Shell string

// The shells. PowerShell means 7.3 or later: before it, quotes in arguments of programs were lost.
const (
	POSIX      Shell = "posix"
	PowerShell Shell = "powershell"
)

// Shells returns the names of all shells.
func Shells() []string { return []string{string(POSIX), string(PowerShell)} }

// Hole is a mark in a request and what the command has in its place.
type Hole struct {
	Mark     string // letters and digits only, so that no escape has changed it
	Variable string // of the shell's environment; empty where Text stands there
	Text     string
}

// Command is a request to be written, and how curl is to send it.
type Command struct {
	Request wire.Request
	User    string   // name:password for Basic, in the place of an Authorization header; empty for none
	Flags   []string // more arguments, in the order in which they are written: "--location", "--cacert", "ca.pem"
	Holes   []Hole
}

// Text returns the command, its arguments one to a line. A body that no argument can hold is taken from a file named body,
// and a comment before the command says so.
func (c *Command) Text(shell Shell) string {
	w := &writer{quoter: quoter{powershell: shell == PowerShell, holes: c.Holes}}
	w.program()
	c.target(w)
	c.headers(w)
	if c.User != "" {
		w.option("--user", c.User)
	}
	comment := c.body(w)
	for _, f := range c.Flags {
		if strings.HasPrefix(f, "-") {
			w.flag(f)
		} else {
			w.value(f)
		}
	}
	return comment + w.b.String()
}

// target writes the method and the URL.
func (c *Command) target(w *writer) {
	method, implied := c.Request.Method, "GET"
	if c.Request.Body != nil {
		implied = "POST"
	}
	switch {
	case method == "HEAD" && c.Request.Body == nil:
		w.inline("--head")
	case method != implied:
		w.inline("--request")
		w.value(method)
	}
	before, query, found := strings.Cut(c.Request.URL, "?")
	address := c.Request.URL
	encoded := found && w.variable(query)
	if encoded {
		address = before
	}
	if strings.ContainsAny(w.filled(address), "{}[]") {
		w.inline("--globoff")
	}
	w.value(address)
	if !encoded {
		return
	}
	for pair := range strings.SplitSeq(query, "&") {
		w.option("--url-query", pairOf(pair, w.variable(pair)))
	}
}

// pairOf returns a parameter as curl encodes it anew. One without a variable goes as it is, which + says in --url-query.
func pairOf(pair string, decode bool) string {
	if !decode {
		return "+" + pair
	}
	return decoded(pair)
}

func decoded(pair string) string {
	name, value, _ := strings.Cut(pair, "=")
	if plain, err := url.QueryUnescape(value); err == nil {
		value = plain
	}
	return name + "=" + value
}

func (c *Command) headers(w *writer) {
	for _, name := range slices.Sorted(maps.Keys(c.Request.Header)) {
		for _, v := range c.Request.Header[name] {
			text := name + ": " + v
			if v == "" {
				text = name + ";" // which sends it empty, where a colon would leave it out
			}
			w.option("--header", text)
		}
	}
}

// body writes the body and returns the comment that it needs.
func (c *Command) body(w *writer) (comment string) {
	body := string(c.Request.Body)
	switch {
	case c.Request.Body == nil:
	case !utf8.ValidString(body) || strings.ContainsRune(body, 0) || len(body) > maxBody:
		w.option("--data-binary", "@body")
		return fmt.Sprintf("# the body, %d bytes, fits no argument: it is read from a file named body\n", len(body))
	case strings.HasPrefix(c.Request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && w.variable(body):
		for pair := range strings.SplitSeq(body, "&") {
			if w.variable(pair) {
				w.option("--data-urlencode", decoded(pair))
			} else {
				w.option("--data-raw", pair)
			}
		}
	default:
		w.option("--data-raw", body)
	}
	return ""
}
