package expect

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"math"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// protocolQuery finds the protocol of the response: HTTP/1.1 or HTTP/2.
type protocolQuery struct{}

func (protocolQuery) String() string { return "protocol" }

// Find returns a string, or Absent.
func (protocolQuery) Find(a *Answer) (any, error) {
	if a.response.Proto == "" {
		return Absent{}, nil
	}
	return protocolName(a.response.Proto), nil
}

// protocolName writes HTTP/2 as people do: it has no minor versions (RFC 9113, section 3).
func protocolName(s string) string {
	if version, ok := strings.CutPrefix(s, "HTTP/"); ok && len(version) == 3 && version[0] >= '2' {
		return strings.TrimSuffix(s, ".0")
	}
	return s
}

// operand reads HTTP/1.1, HTTP/2.0, and the versions alone.
func (q protocolQuery) operand(v any) (any, error) {
	if l, ok := v.([]any); ok {
		out := make([]any, len(l))
		for i, e := range l {
			var err error
			if out[i], err = q.operand(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	x := valueOf(v)
	switch name := strings.TrimPrefix(strings.ToUpper(x.text), "HTTP/"); {
	case x.kind != text && x.kind != number:
	case name == "1.0" || name == "1.1" || name == "2" || name == "3":
		return "HTTP/" + name, nil
	case name == "2.0" || name == "3.0":
		return "HTTP/" + name[:1], nil
	}
	return nil, errors.New("want HTTP/1.1 or HTTP/2, got " + described(v))
}

// addressQuery finds the IP address that the connection led to: that of the proxy, where there is one.
type addressQuery struct{}

func (addressQuery) String() string { return "ip" }

// Find returns a string, or Absent.
func (addressQuery) Find(a *Answer) (any, error) {
	if tcp, ok := a.exchange.Remote.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().String(), nil
	}
	return Absent{}, nil
}

func (addressQuery) operand(v any) (any, error) { return amongTexts(v, "an address") }

// phaseQuery finds how long a part of the exchange took.
type phaseQuery struct {
	name string
	of   func(*wire.Timings) time.Duration
}

// phases is the table of the parts of an exchange.
func phases() map[string]func(*wire.Timings) time.Duration {
	return map[string]func(*wire.Timings) time.Duration{
		"dns":        func(t *wire.Timings) time.Duration { return t.DNS },
		"connect":    func(t *wire.Timings) time.Duration { return t.Connect },
		"tls":        func(t *wire.Timings) time.Duration { return t.TLS },
		"first_byte": func(t *wire.Timings) time.Duration { return t.FirstByte },
		"total":      func(t *wire.Timings) time.Duration { return t.Total },
	}
}

func readPhaseQuery(n source.Node) Query {
	table := phases()
	of, ok := table[n.Text()]
	if !ok {
		n.Errorf("unknown phase %q; %s", n.Text(), source.Suggest(n.Text(), sortedNames(table)))
		return nil
	}
	return phaseQuery{n.Text(), of}
}

func (p phaseQuery) String() string { return "phase " + p.name }

// Find returns a time.Duration. It is zero for a phase that did not happen, such as dns on a connection that was open.
func (p phaseQuery) Find(a *Answer) (any, error) { return p.of(&a.exchange.Timings), nil }

func (p phaseQuery) look(a *Answer) (value, error) {
	return value{kind: span, span: p.of(&a.exchange.Timings)}, nil
}

func (phaseQuery) operand(v any) (any, error) { return durationQuery{}.operand(v) }

// redirectQuery finds how many redirects were followed, or one of them.
type redirectQuery struct {
	name  string // "count", "0.status"
	index int    // from 0; -1 is the last
	part  string // count, status or url
}

// redirectName matches the names of redirects: the first is 0.
const redirectName = `^(\d{1,3}|last)\.(status|url)$`

func readRedirectQuery(n source.Node) Query {
	name := n.Text()
	if name == "count" {
		return redirectQuery{name, 0, name}
	}
	m := regexp.MustCompile(redirectName).FindStringSubmatch(name)
	if m == nil {
		n.Errorf("unknown redirect %q; want count, or one with what is asked of it: 0.status, 0.url, last.url", name)
		return nil
	}
	index := -1
	if m[1] != "last" {
		index, _ = strconv.Atoi(m[1])
	}
	return redirectQuery{name, index, m[2]}
}

// readRedirects reads how many there are, or a mapping.
func readRedirects(n source.Node, t Terms) {
	if !n.IsMap() {
		t.expect(redirectQuery{"count", 0, "count"}, n)
		return
	}
	if n.IsEmpty() {
		n.Errorf("expects nothing of redirects")
	}
	for _, e := range n.Entries() {
		if q := readRedirectQuery(e.Key); q != nil {
			t.expect(q, e.Value)
		}
	}
}

func (r redirectQuery) String() string {
	if r.part == "count" {
		return "redirects"
	}
	return "redirect " + r.name
}

// Find returns a json.Number, a string, or Absent.
func (r redirectQuery) Find(a *Answer) (any, error) {
	hops := a.response.Hops
	if r.part == "count" {
		return json.Number(strconv.Itoa(len(hops))), nil
	}
	i := r.index
	if i < 0 {
		i = len(hops) - 1
	}
	if i < 0 || i >= len(hops) {
		return Absent{}, nil
	}
	if r.part == "status" {
		return json.Number(strconv.Itoa(hops[i].Status)), nil
	}
	return hops[i].URL, nil
}

func (r redirectQuery) operand(v any) (any, error) {
	switch {
	case r.part == "status":
		return statusQuery{}.operand(v)
	case r.part == "url":
		return amongTexts(v, "a URL")
	}
	if n, ok := numeric(v).(json.Number); ok {
		return n, nil
	}
	return nil, errors.New("want a number of redirects, got " + described(v))
}

func (r redirectQuery) hint(a *Answer) string {
	switch n := len(a.response.Hops); n {
	case 0:
		return "no redirect was followed"
	case 1:
		return "one redirect was followed"
	default:
		return strconv.Itoa(n) + " redirects were followed"
	}
}

// certificateQuery finds what the certificate of the server says.
type certificateQuery struct {
	name string
	of   func(*x509.Certificate) any
}

// certificateParts is the table of what is asked of a certificate.
func certificateParts() map[string]func(*x509.Certificate) any {
	return map[string]func(*x509.Certificate) any{
		"subject":    func(c *x509.Certificate) any { return c.Subject.String() },
		"issuer":     func(c *x509.Certificate) any { return c.Issuer.String() },
		"serial":     func(c *x509.Certificate) any { return serial(c) },
		"not_before": func(c *x509.Certificate) any { return c.NotBefore.UTC().Format(time.RFC3339) },
		"not_after":  func(c *x509.Certificate) any { return c.NotAfter.UTC().Format(time.RFC3339) },
		"days_left":  daysLeft,
		"dns_names":  dnsNames,
	}
}

// serial is in lower-case hexadecimal digits, two to the byte.
func serial(c *x509.Certificate) string {
	s := c.SerialNumber.Text(16)
	if len(s)%2 != 0 {
		s = "0" + s
	}
	return s
}

// daysLeft counts whole days; it is negative for a certificate that has expired.
func daysLeft(c *x509.Certificate) any {
	days := math.Floor(time.Until(c.NotAfter).Hours() / 24)
	return json.Number(strconv.FormatFloat(days, 'f', 0, 64))
}

func dnsNames(c *x509.Certificate) any {
	names := make([]any, len(c.DNSNames))
	for i, name := range c.DNSNames {
		names[i] = name
	}
	return names
}

func readCertificateQuery(n source.Node) Query {
	parts := certificateParts()
	of, ok := parts[n.Text()]
	if !ok {
		n.Errorf("a certificate has no %q; %s", n.Text(), source.Suggest(n.Text(), sortedNames(parts)))
		return nil
	}
	return certificateQuery{n.Text(), of}
}

func (c certificateQuery) String() string { return "certificate " + c.name }

// Find returns a string, a json.Number, a []any of strings, or Absent where the response came without TLS.
func (c certificateQuery) Find(a *Answer) (any, error) {
	if a.response.TLS == nil || len(a.response.TLS.PeerCertificates) == 0 {
		return Absent{}, nil
	}
	return c.of(a.response.TLS.PeerCertificates[0]), nil
}

// operand reads a serial number as tools print it, and other things as they are.
func (c certificateQuery) operand(v any) (any, error) {
	switch c.name {
	case "days_left":
		if n, ok := numeric(v).(json.Number); ok {
			return n, nil
		}
		return nil, errors.New("want a number of days, got " + described(v))
	case "serial":
		if x := valueOf(v); x.kind == text || x.kind == number {
			digits := strings.TrimPrefix(plainHex(x.text), "0x")
			if len(digits)%2 != 0 {
				digits = "0" + digits
			}
			if isHex(digits) {
				return digits, nil
			}
		}
		return nil, errors.New("want a serial number in hexadecimal digits, got " + described(v))
	case "dns_names":
		return v, nil
	}
	return amongTexts(v, "what a certificate says")
}

func (c certificateQuery) hint(a *Answer) string {
	if a.response.TLS == nil {
		return "the response came without TLS"
	}
	return ""
}
