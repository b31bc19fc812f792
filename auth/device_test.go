package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

const (
	deviceURL    = "https://as.example/oauth/device"
	deviceBlock  = `oauth2: {grant: device, token_url: "` + tokenURL + `", device_url: "` + deviceURL + `", client_id: c, scope: a b}`
	deviceAnswer = `{"device_code":"device-code-1","user_code":"WDJB-MJHT","verification_uri":"https://as.example/device","expires_in":1800,"interval":3}`
	pending      = `{"error":"authorization_pending"}`
)

// person is somebody who is shown prompts.
type person struct {
	prompts []auth.Prompt
	gone    bool // ctx ended
}

func (p *person) consent(ctx context.Context, prompt auth.Prompt) (url.Values, error) {
	p.prompts = append(p.prompts, prompt)
	<-ctx.Done()
	p.gone = true
	return nil, nil
}

// deviceServer answers with device, then with each of the polls; it notes when they came.
func deviceServer(device string, polls ...string) (*desk, *[]time.Duration) {
	start, times := time.Now(), &[]time.Duration{}
	return &desk{answer: func(nth int, _ auth.Call) (*wire.Response, error) {
		if nth == 1 {
			return response(200, "application/json", device), nil
		}
		*times = append(*times, time.Since(start))
		switch poll := polls[nth-2]; {
		case poll == "":
			return nil, errors.New("connection reset")
		case strings.Contains(poll, "error"):
			return response(400, "application/json", poll), nil
		default:
			return response(200, "application/json", poll), nil
		}
	}}, times
}

func TestADeviceIsPolledUntilThePersonAgrees(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, times := deviceServer(deviceAnswer, pending, `{"error":"slow_down"}`, "", pending, `{"access_token":"abcdef","token_type":"Bearer"}`)
		s, p := session(d), &person{}
		s.Consent = p.consent
		same(t, "Authorization", authorize(t, read(t, deviceBlock), s), "Bearer abcdef")
		synctest.Wait()
		same(t, "times", fmt.Sprint(*times), "[3s 6s 14s 30s 46s]")
		same(t, "names", strings.Join(d.names()[:3], ", "), "device authorization, token exchange (device), token exchange (device)")
		same(t, "device request", dump(d.calls[0].Request), "POST "+deviceURL+"\nAccept: application/json\n"+formType+"scope=a+b&client_id=c")
		same(t, "poll", dump(d.calls[1].Request), formHead+formType+"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=device-code-1&client_id=c")
		if len(p.prompts) != 1 || !p.gone || s.Scope.Redact("device-code-1") == "device-code-1" {
			t.Errorf("got %d prompts, gone %t", len(p.prompts), p.gone)
		}
		prompt := p.prompts[0]
		same(t, "prompt", fmt.Sprint(prompt.URL, prompt.UserCode, prompt.RedirectURI, prompt.Listens), "https://as.example/deviceWDJB-MJHTfalse")
		if left := time.Until(prompt.Expires); left != 1800*time.Second-46*time.Second {
			t.Errorf("got %s left", left)
		}
	})
}

func TestEveryPollSignsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, _ := deviceServer(deviceAnswer, pending, `{"access_token":"abcdef","token_type":"Bearer"}`)
		s := session(d, "pem", privatePEM(t))
		s.Consent = (&person{}).consent
		authorize(t, read(t, strings.Replace(deviceBlock, "{", `{assertion: {alg: ES384, key: "{{pem}}"}, `, 1)), s)
		seen := map[any]bool{}
		for _, c := range d.calls {
			claims, _ := signed(t, c, "ES384", signingKey().Public())
			seen[claims["jti"]] = claims["aud"] == tokenURL
		}
		if fmt.Sprint(len(seen), len(d.calls)) != "3 3" {
			t.Errorf("got %v", seen)
		}
	})
}

func TestADeviceMayNeverGetItsToken(t *testing.T) {
	t.Parallel()
	const refusedAt = "a.yaml:1:9: no access token: "
	const asked = "a.yaml:1:82: no access token: the device authorization endpoint answered "
	const ok = `{"access_token":"abcdef","token_type":"Bearer"}`
	for _, c := range []struct {
		name, device string
		polls        []string
		want         string
	}{
		{"no", deviceAnswer, []string{`{"error":"access_denied"}`}, refusedAt + "the token endpoint answered 400 Bad Request with the error access_denied\nthe person, or the server for the person, said no"},
		{"late", deviceAnswer, []string{pending, `{"error":"expired_token"}`}, refusedAt + "the token endpoint answered 400 Bad Request with the error expired_token\nnobody said yes in time; try again"},
		{"never", strings.Replace(deviceAnswer, "1800", "7", 1), []string{pending, pending}, refusedAt + "nobody said yes before the device code ended; try again"},
		{"no line", deviceAnswer, []string{"", pending, "", "", ""}, refusedAt + "connection reset"},
		{"used", deviceAnswer, []string{`{"error":"invalid_grant"}`}, refusedAt + "the token endpoint answered 400 Bad Request with the error invalid_grant\ncheck: the device code may have ended, or been used before"},
		{"half an answer", `{"device_code":"device-code-1","user_code":"X"}`, nil, asked + "without device_code, user_code or verification_uri (members: device_code, user_code)"},
		{"no device code", `{"user_code":"X"}`, nil, refusedAt + "the device authorization endpoint answered 200 OK without device_code (members: user_code)"},
		{"a strange page", strings.Replace(deviceAnswer, "https:", "javascript:", 1), nil, asked + `with a verification_uri that no browser should open: got "javascript://as.example/device", want a URL such as https://host/path`},
		{"a strange interval", strings.Replace(deviceAnswer, `"interval":3`, `"interval":"soon"`, 1), nil, asked + `with an interval that is not seconds: "soon"`},
		{"a strange end", strings.Replace(deviceAnswer, `1800`, `-1`, 1), nil, asked + `with expires_in -1, want a time to come`},
		{"refused", `{"error":"invalid_client"}`, nil, refusedAt + "the device authorization endpoint answered 200 OK with the error invalid_client\ncheck: no client authentication was sent (client_auth: none); a client with a secret needs basic or post"},
		{"complete", strings.Replace(deviceAnswer, `"interval":3`, `"verification_uri_complete":"https://as.example/device?user_code=WDJB-MJHT"`, 1), []string{ok}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, times := deviceServer(c.device, c.polls...)
				s, p := session(d), &person{}
				s.Consent = p.consent
				err := read(t, deviceBlock).Authorize(t.Context(), request(), s)
				synctest.Wait()
				if c.want == "" {
					same(t, "page", p.prompts[0].URL, "https://as.example/device?user_code=WDJB-MJHT")
					same(t, "times", fmt.Sprint(*times), "[5s]")
					c.want = "<nil>"
				}
				same(t, "error", fmt.Sprint(err), c.want)
				if len(p.prompts) > 0 && !p.gone {
					t.Error("the person is still asked")
				}
			})
		})
	}
}

func TestAPersonWhoCannotBeAskedEndsTheDeviceGrant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, _ := deviceServer(deviceAnswer)
		s := session(d)
		same(t, "nobody", fmt.Sprint(read(t, deviceBlock).Authorize(t.Context(), request(), s)), "a.yaml:1:9: no access token: grant: device needs a person with a browser, and this run has none")
		s.Consent = func(context.Context, auth.Prompt) (url.Values, error) { return nil, errors.New("no terminal") }
		same(t, "error", fmt.Sprint(read(t, deviceBlock).Authorize(t.Context(), request(), s)), "a.yaml:1:9: no access token: the person could not be asked: no terminal")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		d, _ = deviceServer(deviceAnswer)
		s = session(d)
		s.Consent = (&person{}).consent
		same(t, "interrupted", fmt.Sprint(read(t, deviceBlock).Authorize(ctx, request(), s)), "a.yaml:1:9: no access token: context deadline exceeded")
	})
}
