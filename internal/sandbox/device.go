package sandbox

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"
)

const (
	devicePath     = "/oauth/device"
	verifyPath     = "/oauth/device/verify"
	deviceLife     = 10 * time.Minute
	deviceInterval = 5 * time.Second
)

// A device is an authorization that waits for somebody to type its user code elsewhere (RFC 8628).
type device struct {
	client   *client
	userCode string
	scope    scope
	expires  time.Time
	interval time.Duration
	polled   time.Time
	approved bool
	denied   bool
}

// authorizeDevice is the device authorization endpoint.
func (e *environment) authorizeDevice(r *http.Request) answer {
	form, c, refused := e.clientRequest(r, devicePath)
	if refused == nil && !c.may(deviceGrant) {
		refused = refuse(unauthorized, UnauthorizedGrant, "%s may not use %s", c.id, deviceGrant)
	}
	var granted scope
	if refused == nil {
		granted, refused = e.userScope(c, parseScope(form.Get("scope")))
	}
	if refused != nil {
		return e.answers(refused, r)
	}
	now := e.sandbox.Now()
	d := &device{client: c, userCode: newUserCode(), scope: granted, expires: now.Add(deviceLife), interval: deviceInterval}
	code := rand.Text()
	e.flows.mu.Lock()
	defer e.flows.mu.Unlock()
	for name, old := range e.flows.devices {
		if now.Sub(old.expires) > keepDead {
			delete(e.flows.devices, name)
		}
	}
	if e.flows.devices == nil {
		e.flows.devices = map[string]*device{}
	}
	e.flows.devices[code] = d
	return jsonAnswer(http.StatusOK, struct {
		DeviceCode string `json:"device_code"`
		UserCode   string `json:"user_code"`
		URI        string `json:"verification_uri"`
		Complete   string `json:"verification_uri_complete"`
		ExpiresIn  int    `json:"expires_in"`
		Interval   int    `json:"interval"`
	}{
		code, d.userCode, e.origin + verifyPath, e.origin + verifyPath + "?user_code=" + d.userCode,
		int(deviceLife.Seconds()), int(deviceInterval.Seconds()),
	}).with("Cache-Control", "no-store")
}

// newUserCode is eight consonants, which spell no word (RFC 8628, section 6.1).
func newUserCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b[:4]) + "-" + string(b[4:])
}

// verifyDevice is the page a user would see.
func (e *environment) verifyDevice(*http.Request) answer {
	return htmlAnswer(http.StatusOK, "Connect a device",
		`<p>POST {"user_code":"…"} to `+controlPath+`device approves a device, with "deny":true it is refused.</p>`)
}

// ApproveDevice does what a user would: it approves or denies the device that shows the user code. It fails when no device
// waits with that code.
func (s *Sandbox) ApproveDevice(userCode string, approve bool) error {
	flows := []*flows{}
	for _, e := range s.environments {
		flows = append(flows, e.flows)
	}
	for _, side := range s.sides {
		if side.flows != nil {
			flows = append(flows, side.flows)
		}
	}
	for _, f := range flows {
		if f.decide(strings.ToUpper(userCode), approve, s.Now()) {
			return nil
		}
	}
	return errors.New("user_code: no device waits with it")
}

func (f *flows) decide(userCode string, approve bool, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.devices {
		if d.userCode == userCode && now.Before(d.expires) {
			d.approved, d.denied = approve, !approve
			return true
		}
	}
	return false
}

// controlDevice is POST /__sandbox/device.
func (s *Sandbox) controlDevice(r *http.Request) answer {
	var order struct {
		UserCode string `json:"user_code"`
		Deny     bool   `json:"deny"`
	}
	if bad := readOrder(r, &order, `{"user_code":"BCDF-GHJK"}`); bad != nil {
		return *bad
	}
	if err := s.ApproveDevice(order.UserCode, !order.Deny); err != nil {
		return controlError(http.StatusNotFound, err.Error())
	}
	return jsonAnswer(http.StatusOK, map[string]bool{"approved": !order.Deny})
}

// exchangeDeviceCode is the grant of RFC 8628, section 3.4.
func exchangeDeviceCode(e *environment, r tokenRequest) (tokenResponse, *refusal) {
	code := r.form.Get("device_code")
	if code == "" {
		return tokenResponse{}, refuse(invalidRequest, MissingParameter, "device_code")
	}
	c, refused := e.authenticate(r)
	if refused != nil {
		return tokenResponse{}, refused
	}
	now := e.sandbox.Now()
	e.flows.mu.Lock()
	defer e.flows.mu.Unlock()
	d := e.flows.devices[code]
	if d == nil || d.client != c {
		return tokenResponse{}, refuse(invalidGrant, UnknownCode, "not issued to %s, or used before", c.id)
	}
	if refused := d.poll(now); refused != nil {
		return tokenResponse{}, refused
	}
	delete(e.flows.devices, code)
	return e.grantToUser(c, d.scope, e.standalone(d.scope), now), nil
}

// poll says why there is no token yet; nil when there is.
func (d *device) poll(now time.Time) *refusal {
	early := !d.polled.IsZero() && now.Sub(d.polled) < d.interval
	d.polled = now
	switch {
	case !now.Before(d.expires):
		return refuse(expiredToken, ExpiredCode, "expired %s ago", now.Sub(d.expires).Round(time.Second))
	case early:
		d.interval += deviceInterval
		return refuse(slowDown, PolledTooSoon, "want %s between requests from now on", d.interval)
	case d.denied:
		return refuse(accessDenied, DeniedDevice, "the user refused")
	case !d.approved:
		return refuse(authorizationPending, PendingDevice, "nobody has typed the user code")
	}
	return nil
}
