// Package script runs the JavaScript of Postman collections, boxed in memory and time, and knows neither the network nor the files of the machine.
package script

import (
	"context"
	"net/http"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// Script is one script as it stands in a file of the user.
type Script struct {
	Pos   source.Pos
	Text  string
	Lines []source.Pos // where each line of Text stands; nil where it is known of the first alone

	// Inside returns where a character stands, line and column from 1; nil where no more is known than of its line.
	Inside func(line, col int) source.Pos
}

// Event is what happens while a script runs, and what the script may see and change of it.
type Event struct {
	Info     Info
	Request  *Request       // as it will be sent or was sent
	Exchange *wire.Exchange // nil until there is one
	Scopes   Scopes
	Cookies  http.CookieJar // nil for none
	Send     Sender         // nil where the script may send nothing
}

// The two events that scripts listen to, in the words of Postman.
const (
	Prerequest = "prerequest" // before a request is sent
	Test       = "test"       // after it was answered
)

// Info says where a script runs.
type Info struct {
	Listen      string   // Prerequest or Test
	Request     string   // the name of the request
	ID          string   // the id of the request, if it has one
	Path        []string // from the collection to the request, by name
	Environment string   // the name of the environment
	Iteration   int      // counted from 0
	Iterations  int
}

// Sender sends what a script asks for with pm.sendRequest. It is called on a goroutine of its own, and several may run at once. An error is what the
// script is told; whether the request may be sent at all is the sender's to decide.
type Sender func(context.Context, *Request) (*wire.Exchange, error)

// Scopes are the variables that a script can reach, by their names in Postman. A nil one is empty and takes nothing.
type Scopes struct {
	Environment Variables
	Globals     Variables
	Collection  Variables
	Local       Variables // pm.variables
	Data        Variables // pm.iterationData
}

// Variables is one scope. Values are nil, bool, float64, string, or JSON for objects and lists. The engine calls it from one goroutine at a time.
type Variables interface {
	Get(name string) (value any, ok bool)
	Set(name string, value any) // Unset removes the variable
	Names() []string
}

// JSON is an object or a list that a script has stored: its text.
type JSON string

// Unset is what a variable is set to when a script removes it.
type Unset struct{}

// Limits bound one script. Each zero value stands for the default.
type Limits struct {
	Time   time.Duration // of running; the default is 10 s
	Wait   time.Duration // from start to end, with all that is waited for; the default is 2 min
	Memory int64         // bytes that all values of the VM may take together; the default is 128 MiB
	Depth  int           // of calls, about one for each function; the default is 2,000
}

func (l Limits) orDefaults() Limits {
	if l.Time == 0 {
		l.Time = 10 * time.Second
	}
	if l.Wait == 0 {
		l.Wait = 2 * time.Minute
	}
	if l.Memory == 0 {
		l.Memory = 128 << 20
	}
	if l.Depth == 0 {
		l.Depth = 2000
	}
	return l
}

// Outcome is what a script has done. Its texts may hold secrets: whoever shows them redacts them.
type Outcome struct {
	Tests   []Verdict
	Console []Line
	Errors  []*source.Error // what the script threw, a limit that it hit, a promise that nobody awaited; each at its line
	Request *Request        // what a prerequest script has made of the request; nil where it never looked at it
	Next    *Next           // nil where the script leaves the order as it is
	Skip    bool            // the request shall not be sent
}

// Next is what a script wants to run next.
type Next struct {
	Name string // of a request, or its id; empty with Stop
	Stop bool   // nothing more of this iteration
}

// Verdict is the result of one pm.test, or of one entry of the legacy tests.
type Verdict struct {
	Name    string
	Err     *source.Error // nil where it passed or was skipped
	Skipped bool
}

// Line is what a script has written to the console.
type Line struct {
	Level string // log, info, warn, error, debug
	Text  string
}
