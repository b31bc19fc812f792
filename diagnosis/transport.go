package diagnosis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
)

func proxyRefusal() Rule {
	return Rule{
		Code: "HG058", Title: "the proxy wants a login", Rank: 8,
		Answers: ProxyRefusal | NoAnswer, Words: []string{"proxy authentication required"}, Explain: explainProxy,
		Page: Page{
			Symptom:   "407; for https URLs no answer at all, and the error \"Proxy Authentication Required\".",
			Cause:     "A proxy stands between this machine and the server, and does not know who is asking.",
			Detection: "The status, or the text of the error.",
			Evidence:  "The proxy, if hgrun is configured with one.",
			Fix:       "proxy: http://user:{{proxy_password}}@host, or NO_PROXY for hosts that need none.",
			Sources:   "RFC 9110, section 15.5.8; measured with Go's client.",
		},
	}
}

func explainProxy(c *Case) []Finding {
	a := c.answer()
	if a.class == NoAnswer && !strings.Contains(a.text, "proxy authentication required") {
		return nil
	}
	f := Finding{
		Confidence: Certain, Pos: c.at("proxy", "request"),
		Cause:    "the proxy did not let the request through: it wants a login",
		Evidence: []Evidence{line(Sent, "%s", shownURL(c.request().URL))},
		Fix:      "proxy: http://user:{{proxy_password}}@host:port in the environment; or set NO_PROXY for this host",
	}
	if a.status != 0 {
		f.Evidence = append(f.Evidence, c.serverLine())
	}
	if proxy := c.Environment.Proxy; proxy != "" {
		f.Evidence = append(f.Evidence, line(Configured, "proxy %s", shownURL(proxy)))
	} else {
		f.Evidence = append(f.Evidence, line(Configured, "no proxy in the environment; HTTP_PROXY or HTTPS_PROXY of the system name it"))
	}
	return one(f)
}

func untrustedTLS() Rule {
	return Rule{
		Code: "HG059", Title: "the server's certificate or TLS version is not accepted", Rank: 7,
		Answers: NoAnswer, Explain: explainTLS,
		Page: Page{
			Symptom:   "No answer; an error about a certificate or the TLS version.",
			Cause:     "The certificate is of an authority that this machine does not know, for another host, expired, or not valid yet; or both sides share no TLS version.",
			Detection: "The type of the error.",
			Evidence:  "Subject, issuer and dates of the certificate.",
			Fix:       "tls: {ca: …} for a private authority; the right host; the right clock.",
			Sources:   "RFC 5280, section 6; RFC 6125.",
		},
	}
}

func explainTLS(c *Case) []Finding {
	err := c.Exchange.Err
	f := Finding{Confidence: Certain, Pos: c.at("tls", "url", "request")}
	var failed *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	errors.As(err, &failed)
	switch {
	case errors.As(err, &authority):
		f.Cause = "the server's certificate was issued by an authority that this machine does not know"
		f.Fix = "tls: {ca: certs/ca.pem} in the environment, with the certificate of that authority"
		f.Evidence = certificate(authority.Cert)
	case errors.As(err, &host):
		f.Cause = fmt.Sprintf("the server's certificate is not for the host %s", quote(clip(host.Host, 80)))
		f.Fix = "use a host that the certificate names"
		f.Evidence = certificate(host.Certificate)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		f.Cause = "the server's certificate has expired or is not valid yet, by this machine's clock"
		f.Fix = "check this machine's clock; otherwise the server's operators have to renew the certificate"
		f.Evidence = append(certificate(invalid.Cert), line(Measured, "the time here is %s", clock(c.now())))
	case errors.As(err, &invalid):
		f.Cause = "the server's certificate is not valid for this use"
		f.Evidence = certificate(invalid.Cert)
		f.Fix = "show it to the server's operators"
	case strings.Contains(c.answer().text, "protocol version") || strings.Contains(c.answer().text, "no supported versions"):
		f.Cause = "client and server share no version of TLS"
		f.Evidence = []Evidence{line(Measured, "a TLS version was refused")}
		f.Fix = "the server needs TLS 1.2 or newer"
	case strings.Contains(c.answer().text, "x509: ") || failed != nil:
		f.Cause = "the server's certificate was not accepted"
		f.Evidence = []Evidence{line(Measured, "verification of the certificate failed")}
		f.Fix = "tls: {ca: …} in the environment for a private authority"
	default:
		return nil
	}
	if failed != nil && len(f.Evidence) == 0 && len(failed.UnverifiedCertificates) > 0 {
		f.Evidence = certificate(failed.UnverifiedCertificates[0])
	}
	return one(f)
}

// certificate shows whose a certificate is, who issued it, and from when to when it is valid.
func certificate(cert *x509.Certificate) []Evidence {
	if cert == nil {
		return nil
	}
	list := []Evidence{
		line(Server, "subject %s, issuer %s", quote(clip(cert.Subject.String(), maxValue)), quote(clip(cert.Issuer.String(), maxValue))),
		line(Server, "valid from %s to %s", clock(cert.NotBefore), clock(cert.NotAfter)),
	}
	if len(cert.DNSNames) > 0 {
		list = append(list, line(Server, "for %s", clip(strings.Join(cert.DNSNames, ", "), maxValue)))
	}
	return list
}

func wrongScheme() Rule {
	return Rule{
		Code: "HG060", Title: "http and https are mixed up", Rank: 8,
		Answers: NoAnswer | BadRequest | OtherRefusal, Words: []string{"http request to an https server", "plain http request", "http response to https client"}, Explain: explainScheme,
		Page: Page{
			Symptom:   "400 \"Client sent an HTTP request to an HTTPS server\", or \"server gave HTTP response to HTTPS client\".",
			Cause:     "The URL says http for a port that speaks TLS, or https for one that does not.",
			Detection: "The words of the server or of the error.",
			Evidence:  "The URL.",
			Fix:       "Change the scheme or the port.",
			Sources:   "Measured with Go, nginx and Node servers.",
		},
	}
}

func explainScheme(c *Case) []Finding {
	a := c.answer()
	f := Finding{Confidence: Certain, Pos: c.at("url", "oauth2 token_url", "request"), Evidence: []Evidence{line(Sent, "%s", shownURL(c.request().URL))}}
	switch {
	case a.says([]string{"http request to an https server", "plain http request was sent to https port", "http request was sent to https"}):
		f.Cause = "the URL says http, and the server speaks TLS at this port"
		f.Fix = "write https"
		f.Evidence = append(f.Evidence, c.serverLine())
	case a.class == NoAnswer && (a.says([]string{"server gave http response to https client"}) || errors.As(c.Exchange.Err, new(tls.RecordHeaderError))):
		f.Cause = "the URL says https, and the server speaks plain HTTP at this port"
		f.Fix = "write http, or the port that speaks TLS; never send secrets over plain HTTP beyond this machine"
	default:
		return nil
	}
	return one(f)
}

func clientCertificate() Rule {
	return Rule{
		Code: "HG061", Title: "the server wants a client certificate, or another one", Rank: 8,
		Answers: NoAnswer | InvalidClient | Silent | OtherRefusal | BadRequest, Words: []string{"certificate", "mtls"}, Explain: explainClientCertificate,
		Page: Page{
			Symptom:   "The connection breaks off after the TLS handshake; invalid_client; 400 \"No required SSL certificate was sent\".",
			Cause:     "The server authenticates clients by certificate (mTLS), and none was sent, or one that has expired.",
			Detection: "The words of the error, client_auth: mtls, and the dates of the configured certificate.",
			Evidence:  "Subject and end of the certificate.",
			Fix:       "tls: {certificate: …, key: …} in the environment.",
			Sources:   "RFC 8705, section 2.",
		},
	}
}

func explainClientCertificate(c *Case) []Finding {
	a := c.answer()
	cert := c.Environment.Certificate
	asked := a.says([]string{
		"certificate required", "bad certificate", "no required ssl certificate", "client certificate", "unknown certificate authority", "tls: unknown certificate",
	}) || a.class == NoAnswer && a.says([]string{"handshake failure"})
	configured := c.role() == TokenRequest && (c.Token.ClientAuth == "mtls" || contains(c.discovery().AuthMethods, "tls_client_auth") && len(c.discovery().AuthMethods) == 1)
	expired := cert != nil && cert.Expires.Before(c.now())
	if !asked && !configured && !(expired && a.class != BadRequest) {
		return nil
	}
	f := Finding{Confidence: Likely, Pos: c.at("tls certificate", "tls", "oauth2 client_auth", "request"), Fix: "tls: {certificate: certs/client.pem, key: certs/client.key} in the environment"}
	switch {
	case expired:
		f.Confidence = Certain
		f.Cause = fmt.Sprintf("the client certificate ended %s ago", spanText(c.now().Sub(cert.Expires)))
		f.Evidence = []Evidence{line(Configured, "subject %s, valid to %s", quote(clip(cert.Subject, maxValue)), clock(cert.Expires))}
		f.Fix = "renew the certificate"
	case cert == nil:
		f.Confidence = Certain
		f.Cause = "the server wants a client certificate, and none is configured"
		f.Evidence = []Evidence{line(Configured, "no certificate under tls:")}
	case asked:
		f.Cause = "the server does not take the client certificate"
		f.Evidence = []Evidence{line(Sent, "subject %s, valid to %s", quote(clip(cert.Subject, maxValue)), clock(cert.Expires))}
		f.Fix = "have this certificate, or its authority, registered with the server"
	default:
		return nil
	}
	if a.status != 0 {
		f.Evidence = append(f.Evidence, c.serverLine())
	}
	return one(f)
}

func brokenConnection() Rule {
	return Rule{
		Code: "HG062", Title: "the connection failed on its way", Rank: 4,
		Answers: NoAnswer, Explain: explainConnection,
		Page: Page{
			Symptom:   "No answer: no such host, connection refused, reset, timeout, or a body that breaks off.",
			Cause:     "The name does not resolve, nothing listens, something between closed the connection, or the server is too slow.",
			Detection: "The type of the error.",
			Evidence:  "What failed, and how long each phase took.",
			Fix:       "Check host and port; retry: for what comes and goes; timeout: for what is slow.",
			Sources:   "RFC 9112, section 8; measured with Go's client.",
		},
	}
}

// broken words what went wrong, and what to do.
func broken(err error) (cause, fix string) {
	var dns *net.DNSError
	var timeout net.Error
	var parse *url.Error
	text := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		return "", ""
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the host " + quote(clip(dns.Name, 100)) + " does not exist, as far as name resolution tells", "check the host name, and the VPN that may know it"
	case errors.As(err, &dns):
		return "the name " + quote(clip(dns.Name, 100)) + " could not be resolved", "check the network and its DNS"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at this host and port", "check host and port, and that the server runs"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset while the exchange was under way", "retry: {times: 2} for what comes and goes; a firewall or a proxy may cut it"
	case errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(text, "body ends after"), strings.Contains(text, "breaks off"):
		return "the answer breaks off before its end", "retry: {times: 2}; if it happens every time, the server or a proxy declares a wrong length"
	case errors.Is(err, io.EOF), strings.Contains(text, "server closed"):
		return "the server closed the connection without an answer", "retry: {times: 2}; check that the port speaks HTTP"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no way to this host from here", "check the network and the VPN"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(), strings.Contains(text, "no answer within"):
		return "no answer came in time", "timeout: with a longer span if the server is known to be slow"
	case errors.As(err, &parse), strings.Contains(text, "not a URL"):
		return "the URL cannot be read", "write https://host/path"
	}
	return "", ""
}

func explainConnection(c *Case) []Finding {
	cause, fix := broken(c.Exchange.Err)
	if cause == "" {
		return nil
	}
	t := c.Exchange.Timings
	return one(Finding{
		Confidence: Likely, Pos: c.at("url", "oauth2 token_url", "request"),
		Cause: cause,
		Evidence: []Evidence{
			line(Sent, "%s %s", c.request().Method, shownURL(c.request().URL)),
			line(Measured, "dns %s, connect %s, tls %s, first byte %s, total %s", spanText(t.DNS), spanText(t.Connect), spanText(t.TLS), spanText(t.FirstByte), spanText(t.Total)),
		},
		Fix: fix,
	})
}
