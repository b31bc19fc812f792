package collections

import (
	"strconv"
	"time"

	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// DefaultTimeout is the time that a request may take where nothing says otherwise, from dialling to the last byte of
// the body.
const DefaultTimeout = 30 * time.Second

// DefaultRedirects is the number of redirects that are followed where nothing says otherwise.
const DefaultRedirects = 10

// Flow says when a request runs, how long it may take and how often it is tried.
type Flow struct {
	When      []*expect.Conditions // of the folders around it and its own; all must hold
	Set       []Assignment         // in the order of the file
	Delay     time.Duration        // before the first attempt
	Timeout   time.Duration        // of one attempt; never zero
	Redirects int                  // how many are followed; zero for none
	Bodies    BodyLimits           // of responses; never zero
	Retry     *Retry               // nil for one attempt
	Loop      *Loop                // nil for once
	Poll      *Poll                // nil where the first answer is judged
	Pages     *Pages               // nil for one page
	Job       *Job                 // nil where a 202 is an answer like any other
	Share     Share
}

// Assignment is a variable that a request sets before it is sent, for the rest of the run, or a parameter of an include.
type Assignment struct {
	Name  string
	Value vars.Document
	Pos   source.Pos // of the name
}

// Assign sets the variables of set: in s, one after the other, each expanded once. The error is a *source.Error.
func (f *Flow) Assign(s *vars.Scope) error {
	for _, a := range f.Set {
		v, err := a.Value.Value(s)
		if err != nil {
			return err
		}
		s.Set(a.Name, v)
	}
	return nil
}

// Hold judges every condition in s, the outermost folder's first. The reason tells of the first that does not hold; the
// error is a *source.Error.
func (f *Flow) Hold(s *vars.Scope) (holds bool, reason string, err error) {
	for _, c := range f.When {
		if holds, reason, err := c.Hold(s); err != nil || !holds {
			return false, reason, err
		}
	}
	return true, "", nil
}

func (f *Flow) whenUses() []vars.Use {
	var uses []vars.Use
	for _, c := range f.When {
		uses = append(uses, c.Uses()...)
	}
	return uses
}

func (f *Flow) setUses() []vars.Use {
	var uses []vars.Use
	for _, a := range f.Set {
		uses = append(uses, a.Value.Uses()...)
	}
	return uses
}

func (f *Flow) untilUses() []vars.Use {
	if f.Poll == nil {
		return nil
	}
	return f.Poll.Until.Uses()
}

func (f *Flow) readSet(n source.Node) {
	var names vars.Definitions
	names.Read(n) // refuses names that cannot be variables
	for _, e := range n.Entries() {
		f.Set = append(f.Set, Assignment{e.Name(), names[e.Name()], e.Key.Pos()})
	}
}

// Retry says how often a request is tried again, and when.
type Retry struct {
	Times    int           // attempts after the first
	Delay    time.Duration // before the first of them
	MaxDelay time.Duration // that Backoff does not exceed; zero for no limit
	Backoff  string        // constant, linear or exponential (doubled each time)
	Jitter   bool          // makes a part of each delay random
	Deadline time.Duration // from the start of the first attempt, after which none begins; zero for none
	On       []string      // what is tried again: failure, error, a status (429) or a class of them (5xx)
}

func retryKeys(r *Retry) source.Keys {
	return source.Keys{
		"times":     source.Int(&r.Times, 0),
		"delay":     source.Duration(&r.Delay),
		"max_delay": source.Duration(&r.MaxDelay),
		"backoff":   source.OneOf(&r.Backoff, "constant", "linear", "exponential"),
		"jitter":    source.Bool(&r.Jitter),
		"deadline":  source.Duration(&r.Deadline),
		"on":        r.readOn,
	}
}

func (f *Flow) readRetry(n source.Node) {
	r := &Retry{Delay: time.Second, Backoff: "exponential", On: []string{"failure", "error"}}
	f.Retry = r
	if n.IsScalar() {
		source.Int(&r.Times, 0)(n)
		return
	}
	keys := retryKeys(r)
	n.Map(keys)
	switch {
	case !n.IsMap():
	case !n.Has("times") && !unknown(n, keys):
		n.Errorf("retry has no times: write how many more attempts there may be")
	case n.Has("max_delay") && r.MaxDelay < r.Delay:
		n.Errorf("max_delay: got %s, want at least the delay of %s", r.MaxDelay, r.Delay)
	}
}

func (r *Retry) readOn(n source.Node) {
	source.Strings(&r.On)(n)
	if n.IsList() && len(r.On) == 0 {
		n.Errorf("on: got an empty list, want failure, error, a status such as 429 or a class such as 5xx")
	}
	for _, on := range r.On {
		if on != "" && on != "failure" && on != "error" && !isStatus(on) {
			n.Errorf("on: got %q, want failure, error, a status such as 429 or a class such as 5xx", on)
		}
	}
}

// isStatus reports whether text is a status or a class of them: 429, 5xx.
func isStatus(text string) bool {
	if len(text) != 3 || text[0] < '1' || text[0] > '5' {
		return false
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	return text[1:] == "xx" || digit(text[1]) && digit(text[2])
}

// readTimeout stores a time span of more than nothing.
func readTimeout(to *time.Duration) func(source.Node) {
	return func(n source.Node) {
		source.Duration(to)(n)
		if n.IsScalar() && nothing(n) {
			n.Errorf("timeout: got %s, want more than 0; every request ends in time", n.Text())
		}
	}
}

func nothing(n source.Node) bool {
	d, err := source.ParseDuration(n.Text())
	return err == nil && d == 0
}

// redirects is follow_redirects; the zero value is not given.
type redirects struct {
	given bool
	most  int
}

func (r *redirects) read(n source.Node) {
	if !n.IsScalar() {
		n.Errorf("follow_redirects: want true, false or how many")
		return
	}
	switch text := n.Text(); text {
	case "true":
		*r = redirects{true, DefaultRedirects}
	case "false":
		*r = redirects{true, 0}
	default:
		most, err := strconv.Atoi(text)
		if err != nil || most < 0 {
			n.Errorf("follow_redirects: want true, false or how many, got %q", text)
			return
		}
		*r = redirects{true, most}
	}
}
