package sandbox

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault is something that goes wrong on the way between server and client, on some requests to a route.
type Fault struct {
	// Route is a path, in which * stands for any text, also none: "/fhir/R4/Patient/*". A method and a space may come first.
	Route string `json:"route"`
	// Server is the name of the only server that has the fault, as in Entry.Server; empty means all.
	Server string `json:"server,omitempty"`
	// Kind is one of FaultKinds.
	Kind string `json:"fault"`
	// After is how many requests to the route pass before the fault may happen.
	After int `json:"after,omitempty"`
	// Times is how often it happens; 0 means always.
	Times int `json:"times,omitempty"`
	// Probability that it happens to a request, between 0 and 1; 0 means that it is certain.
	Probability float64 `json:"probability,omitempty"`
	// Seed makes the chances the same in every run.
	Seed uint64 `json:"seed,omitempty"`
	// RetryAfter is the Retry-After header of the kinds 429 and 503: seconds as they stand, "date" for a date two seconds
	// ahead, empty for none.
	RetryAfter string `json:"retry_after,omitempty"`
	// Delay is a Go duration: how long slow_headers waits (1s when empty), or slow_body before each of its pieces (100ms).
	Delay string `json:"delay,omitempty"`
	// Skew is a Go duration that date_skew adds to the Date header; it may be negative.
	Skew string `json:"skew,omitempty"`
	// To is where the redirects lead: empty for the same URL, "cross-host" for another host, or a URL.
	To string `json:"to,omitempty"`
}

// FaultKinds returns the kinds of fault, sorted.
func FaultKinds() []string { return slices.Sorted(maps.Keys(faultKinds())) }

// Inject adds a fault; where several fit a request, the one injected first that happens is the only one. It fails for a
// kind that does not exist and for values that cannot be read.
func (s *Sandbox) Inject(f Fault) error {
	n, err := newInjected(f)
	if err != nil {
		return err
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, n)
	return nil
}

// ClearFaults removes all faults.
func (s *Sandbox) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// Faults returns the faults that were injected, those that are used up included.
func (s *Sandbox) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := []Fault{}
	for _, each := range s.faults.list {
		list = append(list, each.Fault)
	}
	return list
}

// faults are those of a sandbox in the order in which they were injected; the zero value has none.
type faults struct {
	mu   sync.Mutex
	list []*injected
}

// An injected fault knows what has become of it.
type injected struct {
	Fault
	kind        faultKind
	method      string // empty: any
	path        string
	delay, skew time.Duration
	chance      *rand.Rand
	seen, done  int // requests to the route, and faults that happened
}

func newInjected(f Fault) (*injected, error) {
	kind, ok := faultKinds()[f.Kind]
	if !ok {
		return nil, fmt.Errorf("fault: got %q, want one of %s", f.Kind, strings.Join(FaultKinds(), ", "))
	}
	n := &injected{Fault: f, kind: kind, path: f.Route, delay: kind.delay, chance: rand.New(rand.NewPCG(f.Seed, 0))}
	if method, path, ok := strings.Cut(f.Route, " "); ok {
		n.method, n.path = method, path
	}
	switch {
	case !strings.HasPrefix(n.path, "/") && !strings.HasPrefix(n.path, "*"):
		return nil, fmt.Errorf("route: got %q, want a path such as /oauth/token or /fhir/R4/Patient/*", f.Route)
	case f.After < 0 || f.Times < 0:
		return nil, fmt.Errorf("after and times: got %d and %d, want numbers that are not negative", f.After, f.Times)
	case f.Probability < 0 || f.Probability > 1:
		return nil, fmt.Errorf("probability: got %v, want a number between 0 and 1", f.Probability)
	}
	for name, field := range map[string]struct {
		text  string
		value *time.Duration
	}{"delay": {f.Delay, &n.delay}, "skew": {f.Skew, &n.skew}} {
		if field.text == "" {
			continue
		}
		d, err := time.ParseDuration(field.text)
		if err != nil {
			return nil, fmt.Errorf("%s: got %q, want a duration such as 250ms", name, field.text)
		}
		*field.value = d
	}
	return n, nil
}

// pick returns the fault that happens to a request, or nil.
func (f *faults) pick(server string, r *http.Request) *injected {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, each := range f.list {
		if each.happens(server, r) {
			return each
		}
	}
	return nil
}

// happens counts a request and decides. The caller holds the lock.
func (n *injected) happens(server string, r *http.Request) bool {
	if n.Server != "" && n.Server != server || n.method != "" && n.method != r.Method || !glob(n.path, r.URL.Path) {
		return false
	}
	n.seen++
	if n.seen <= n.After || n.Times > 0 && n.done >= n.Times {
		return false
	}
	if n.Probability > 0 && n.chance.Float64() >= n.Probability {
		return false
	}
	n.done++
	return true
}

// glob reports whether the text is like the pattern, in which * stands for any text.
func glob(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, last)
}

// controlFaults is GET, POST and DELETE /__sandbox/faults.
func (s *Sandbox) controlFaults(r *http.Request) answer {
	switch r.Method {
	case http.MethodPost:
		var f Fault
		if bad := readOrder(r, &f, `{"route":"/oauth/token","fault":"429","times":2}`); bad != nil {
			return *bad
		}
		if err := s.Inject(f); err != nil {
			return controlError(http.StatusBadRequest, err.Error())
		}
	case http.MethodDelete:
		s.ClearFaults()
	}
	return jsonAnswer(http.StatusOK, struct {
		Faults []Fault  `json:"faults"`
		Kinds  []string `json:"kinds"`
	}{s.Faults(), FaultKinds()})
}
