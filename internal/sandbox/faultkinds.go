package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A faultKind is one way to go wrong: an answer instead of the true one, an alteration of the true one, or another way of
// sending it. Unless instead is set, the request is served first: what it did to the server is done.
type faultKind struct {
	instead func(*injected, *fault) answer
	alter   func(*injected, answer) answer
	send    func(*injected, http.ResponseWriter, *http.Request, answer)
	delay   time.Duration // where the fault names none
}

// A fault is an injected one as it happens to a request.
type fault struct {
	server string
	*http.Request
}

// faultKinds returns every kind by name.
func faultKinds() map[string]faultKind {
	kinds := map[string]faultKind{
		"407":               {instead: proxyRefusal},
		"html":              {instead: loginPage},
		"close":             {instead: nothing, send: hangUp},
		"reset":             {send: reset},
		"slow_headers":      {send: sendLate, delay: time.Second},
		"slow_body":         {send: sendSlowly, delay: 100 * time.Millisecond},
		"truncated_length":  {send: sendShort},
		"truncated_chunked": {send: sendHalfChunked},
		"content_type":      {alter: mistype},
		"invalid_json":      {alter: halve},
		"bom":               {alter: markByteOrder},
		"gzip":              {alter: compress},
		"date_skew":         {alter: misdate},
		"duplicate_members": {alter: repeatMember},
	}
	for _, status := range []int{429, 500, 502, 503, 504} {
		kinds[strconv.Itoa(status)] = faultKind{instead: refuseWith(status)}
	}
	for _, status := range []int{301, 302, 307, 308} {
		kinds[strconv.Itoa(status)] = faultKind{instead: redirectWith(status)}
	}
	return kinds
}

// serve answers a request with a fault in it.
func (n *injected) serve(f *fault, e endpoint) answer {
	if n.kind.instead != nil {
		return n.kind.instead(n, f).because(InjectedFault, "%s", n.Kind)
	}
	a := e(f.Request)
	reason := a.reason
	if n.kind.alter != nil {
		a = n.kind.alter(n, a)
	}
	return a.because(InjectedFault, "%s, else %s", n.Kind, reason)
}

// write sends an answer the way the fault wants.
func (n *injected) write(w http.ResponseWriter, r *http.Request, a answer) {
	if n.kind.send == nil {
		a.write(w)
		return
	}
	n.kind.send(n, w, r, a)
}

// refuseWith answers with a status, in the form errors have at the route.
func refuseWith(status int) func(*injected, *fault) answer {
	return func(n *injected, f *fault) answer {
		var a answer
		text := http.StatusText(status)
		switch {
		case strings.HasPrefix(f.server, "pattern "):
			if status == http.StatusTooManyRequests {
				text = "Too Many Requests: wait a few seconds"
			}
			a = patternError(status, text, InjectedFault)
		case strings.HasPrefix(f.URL.Path, fhirPath):
			code := "transient"
			if status == http.StatusTooManyRequests {
				code = "throttled"
			}
			a = outcome(status, code, text, InjectedFault)
		case status == http.StatusTooManyRequests:
			a = jsonAnswer(status, map[string]string{"error": "too_many_requests"})
		default:
			a = answer{status: status, header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, body: []byte(text)}
		}
		if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
			return a
		}
		switch n.RetryAfter {
		case "":
			return a
		case "date": // by the clock of Date and of the client, and rounded up: an HTTP date has no fractions
			at := time.Now().Add(3*time.Second - time.Nanosecond).Truncate(time.Second)
			return a.with("Retry-After", at.UTC().Format(http.TimeFormat))
		}
		return a.with("Retry-After", n.RetryAfter)
	}
}

func redirectWith(status int) func(*injected, *fault) answer {
	return func(n *injected, f *fault) answer {
		return answer{status: status}.with("Location", f.location(n.To))
	}
}

// location is where a redirect leads. Another host is this machine under its other name, or, where the host is invented,
// the same host with "other." before it.
func (f *fault) location(to string) string {
	switch to {
	case "":
		return f.URL.RequestURI()
	case "cross-host":
	default:
		return to
	}
	u := *f.URL
	u.Scheme, u.Host = "http", f.Host
	if f.TLS != nil {
		u.Scheme = "https"
	}
	port := u.Port()
	name := "other." + u.Hostname()
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsLoopback() {
		name = "localhost"
	} else if u.Hostname() == "localhost" {
		name = "127.0.0.1"
	}
	if u.Host = name; port != "" {
		u.Host = net.JoinHostPort(name, port)
	}
	return u.String()
}

func proxyRefusal(*injected, *fault) answer {
	return answer{status: http.StatusProxyAuthRequired, body: []byte("Proxy Authentication Required\n")}.
		with("Content-Type", "text/plain; charset=utf-8").with("Proxy-Authenticate", `Basic realm="sandbox proxy"`)
}

// loginPage is what a captive portal, a login wall or a soft 404 says: HTML and 200.
func loginPage(*injected, *fault) answer {
	return htmlAnswer(http.StatusOK, "Sign in", `<form method="post" action="/login"><input name="user"><button>Sign in</button></form>`)
}

func htmlAnswer(status int, title, body string) answer {
	page := "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title + "</title></head>\n<body>" +
		body + "</body></html>\n"
	return answer{status: status, header: map[string]string{"Content-Type": "text/html; charset=utf-8"}, body: []byte(page), reason: OK}
}

func nothing(*injected, *fault) answer { return answer{} }

func mistype(_ *injected, a answer) answer {
	return a.with("Content-Type", "text/plain; charset=utf-8")
}

// halve sends the first half as if it were everything.
func halve(_ *injected, a answer) answer {
	a.body = a.body[:(len(a.body)+1)/2]
	return a
}

func markByteOrder(_ *injected, a answer) answer {
	a.body = append([]byte("\ufeff"), a.body...)
	return a
}

func compress(_ *injected, a answer) answer {
	if len(a.body) == 0 {
		return a
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(a.body) // a Buffer takes everything
	_ = w.Close()
	a.body = b.Bytes()
	return a.with("Content-Encoding", "gzip").with("Vary", "Accept-Encoding")
}

func misdate(n *injected, a answer) answer {
	return a.with("Date", time.Now().Add(n.skew).UTC().Format(http.TimeFormat))
}

// repeatMember has the first member of an object there twice; the second, true one is what most parsers see.
func repeatMember(_ *injected, a answer) answer {
	d := json.NewDecoder(bytes.NewReader(a.body))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return a
	}
	name, err := d.Token()
	if text, ok := name.(string); err == nil && ok {
		first := append([]byte{'{'}, encode(text)...)
		a.body = append(append(first, `:"the first of two",`...), bytes.TrimLeft(a.body, " \t\r\n")[1:]...)
	}
	return a
}
