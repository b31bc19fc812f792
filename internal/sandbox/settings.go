package sandbox

import (
	"net/http"
	"sync"
)

// Switches are the ways in which servers that follow the same specifications differ; the zero value is the vendor's.
type Switches struct {
	AssertionSwitches
	// PlainClientID answers an invalid_client of the default error mode with the text "improper client id" alone.
	PlainClientID bool `json:"plain_client_id"`
	// DownScope leaves scopes out that the client has not registered, and grants the rest, instead of refusing.
	DownScope bool `json:"down_scope"`
	// OmitScope leaves the member scope out of the answer when the scope granted is not the one asked for.
	OmitScope bool `json:"omit_scope"`
	// Password supports the password grant, whose user is in the variables username and password.
	Password bool `json:"password"`
	// RefreshAlias takes refresh tokens at /oauth/token too.
	RefreshAlias bool `json:"refresh_alias"`
	// ExpiredToken answers an expired access token with error="expired_token", which the vendor's pages mention and no
	// specification does.
	ExpiredToken bool `json:"expired_token"`
	// Cursor links the pages of a search by _cursor, which ends after ten minutes, instead of _offset.
	Cursor bool `json:"cursor"`
	// History serves the versions of a resource at [type]/[id]/_history/[version].
	History bool `json:"history"`
	// PatternRate is how many requests a Pattern Health-like server answers each second; the others are a 429. 0 means all.
	PatternRate int `json:"pattern_rate"`
}

// AssertionSwitches are those about assertions.
type AssertionSwitches struct {
	// NeedJTI refuses assertions without a jti, as SMART, panva, glewlwyd and fosite do.
	NeedJTI bool `json:"need_jti"`
	// AllowReplay lets an assertion be used as often as one likes until it expires.
	AllowReplay bool `json:"allow_replay"`
	// MaxLifetime is how many seconds ahead exp may lie; 0 means 48 hours, or 300 s at the SMART server.
	MaxLifetime int64 `json:"max_lifetime"`
	// FetchKeys has the SMART server fetch the JWKS of its client from smart_jwks_url, instead of looking into what the
	// client registered. The sandbox itself publishes it there, so that a fault on that route is one of the client's.
	FetchKeys bool `json:"fetch_keys"`
}

// settings are what may change while the sandbox runs.
type settings struct {
	mu        sync.RWMutex
	errors    ErrorMode
	switches  Switches
	audience  Audience
	audiences map[string]Audience // of servers that differ from audience
}

func (s *settings) now() (ErrorMode, Switches) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.errors, s.switches
}

// Errors returns how the token endpoints word their refusals.
func (s *Sandbox) Errors() ErrorMode {
	mode, _ := s.settings.now()
	return mode
}

// SetErrors changes how the token endpoints word their refusals from now on. It fails for a mode that does not exist.
func (s *Sandbox) SetErrors(m ErrorMode) error {
	if err := m.check(); err != nil {
		return err
	}
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	s.settings.errors = m
	return nil
}

// Switches returns the switches as they stand.
func (s *Sandbox) Switches() Switches {
	_, switches := s.settings.now()
	return switches
}

// SetSwitches replaces all switches.
func (s *Sandbox) SetSwitches(switches Switches) {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	s.settings.switches = switches
}

// controlErrors is GET and POST /__sandbox/errors.
func (s *Sandbox) controlErrors(r *http.Request) answer {
	order := struct {
		Mode ErrorMode `json:"mode"`
	}{s.Errors()}
	if r.Method == http.MethodPost {
		if bad := readOrder(r, &order, `{"mode":"silent"}`); bad != nil {
			return *bad
		}
		if err := s.SetErrors(order.Mode); err != nil {
			return controlError(http.StatusBadRequest, err.Error())
		}
	}
	return jsonAnswer(http.StatusOK, order)
}

// controlSwitches is GET and POST /__sandbox/switches; switches that a POST does not name stay as they are.
func (s *Sandbox) controlSwitches(r *http.Request) answer {
	switches := s.Switches()
	if r.Method == http.MethodPost {
		if bad := readOrder(r, &switches, `{"plain_client_id":true}`); bad != nil {
			return *bad
		}
		s.SetSwitches(switches)
	}
	return jsonAnswer(http.StatusOK, switches)
}
