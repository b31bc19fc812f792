package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"
)

const deviceName = "device"

// device gets a token that a person agrees to on another device (RFC 8628).
func device() grant {
	return grant{
		wire:    "urn:ietf:params:oauth:grant-type:device_code",
		also:    []string{"device_code", "device-flow", "device-authorization", "device-authorization-grant", "limited-input"},
		needs:   []string{"token_url", "device_url"},
		own:     []key{{name: "device_url", check: checkTokenURL}},
		auth:    "none",
		earlier: true,
		refused: "the device code may have ended, or been used before",
		fill: func(ctx context.Context, x *exchange) error {
			if x.consented == nil {
				if err := x.askForDevice(ctx); err != nil {
					return err
				}
			}
			x.form.add("device_code", x.consented.code)
			return nil
		},
		again: pollAgain,
	}
}

const (
	pollInterval = 5 * time.Second // where the server names none, and what slow_down adds (RFC 8628, sections 3.2 and 3.5)
	maxFailures  = 3               // polls in a row that bring no answer at all
)

// poll is a device code while a person decides.
type poll struct {
	interval time.Duration
	until    time.Time
	person   <-chan brought
	failures int // in a row
	stop     context.CancelFunc
}

// askForDevice gets a device code, shows the user code and waits until the first poll is due.
func (x *exchange) askForDevice(ctx context.Context) error {
	if err := x.require("device_url"); err != nil {
		return err
	}
	if x.session.Consent == nil {
		return x.nobody("")
	}
	var f form
	f.add("scope", x.scope())
	f.add("audience", x.text("audience"))
	f.add("resource", x.text("resource"))
	start := time.Now()
	e := endpoint{name: "device authorization endpoint", member: "device_code"}
	members, err := x.aside(ctx, "device authorization", e, x.text("device_url"), f)
	if err != nil {
		return err
	}
	c, prompt, err := readDevice(members, start)
	if err != nil {
		return x.block.at("device_url").Errorf("the device authorization endpoint answered %w", err)
	}
	ctx, c.poll.stop = context.WithCancel(ctx)
	c.poll.person = x.show(ctx, prompt)
	x.consented = c
	return x.consented.poll.wait(ctx)
}

// readDevice reads a device authorization response (RFC 8628, section 3.2).
func readDevice(members map[string]json.RawMessage, start time.Time) (*consented, Prompt, error) {
	c := &consented{poll: poll{interval: pollInterval}}
	var prompt Prompt
	c.code, _ = text(members["device_code"])
	prompt.UserCode, _ = text(members["user_code"])
	for _, name := range []string{"verification_uri_complete", "verification_uri", "verification_url"} {
		page, _ := text(members[name])
		prompt.URL = cmp.Or(prompt.URL, page)
	}
	life, _, err := lifetime(members["expires_in"], time.Second)
	interval, _, wrong := lifetime(members["interval"], time.Second)
	switch {
	case c.code == "" || prompt.UserCode == "" || prompt.URL == "":
		return nil, prompt, fmt.Errorf("without device_code, user_code or verification_uri (members: %s)", memberNames(members))
	case err != nil:
		return nil, prompt, fmt.Errorf("with %w", err)
	case wrong != nil:
		return nil, prompt, fmt.Errorf("with an interval that is not seconds: %s", shown(string(members["interval"])))
	}
	if err := checkPage(prompt.URL); err != nil {
		return nil, prompt, fmt.Errorf("with a verification_uri that no browser should open: %w", err)
	}
	c.poll.until = start.Add(cmp.Or(life, 10*time.Minute))
	c.poll.interval = cmp.Or(interval, pollInterval)
	prompt.Expires = c.poll.until
	return c, prompt, nil
}

// checkPage refuses what would make a browser do anything but show a page.
func checkPage(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("got %q, want a URL such as https://host/path", shown(text))
	}
	return nil
}

// wait waits until the next poll is due.
func (p *poll) wait(ctx context.Context) error {
	if time.Until(p.until) < p.interval {
		return errors.New("nobody said yes before the device code ended; try again")
	}
	timer := time.NewTimer(p.interval)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return nil
		case b := <-p.person:
			if b.err != nil {
				return fmt.Errorf("the person could not be asked: %w", b.err)
			}
			p.person = nil // shown; the rest comes by polling
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// pollAgain waits as long as the server only says that nobody has agreed yet (RFC 8628, section 3.5).
func pollAgain(ctx context.Context, x *exchange, err error) error {
	p := &x.consented.poll
	var refused *Refusal
	switch {
	case !errors.As(err, &refused):
		if p.failures++; p.failures == maxFailures || ctx.Err() != nil {
			return err
		}
		p.interval *= 2
		return p.wait(ctx)
	case refused.Code == "slow_down":
		p.interval += pollInterval
	case refused.Code != "authorization_pending":
		return err
	}
	p.failures = 0
	return p.wait(ctx)
}

// end stops asking. A nil consented asks nobody.
func (c *consented) end() {
	if c != nil && c.poll.stop != nil {
		c.poll.stop()
	}
}
