package runner

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

// transportText says in plain words why there is no answer, and what to look at.
func transportText(ex *wire.Exchange) string {
	host := ex.Request.URL
	if u, err := url.Parse(ex.Request.URL); err == nil {
		host = u.Host
	}
	err := ex.Err
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("no address for host %s: %s", dns.Name, dns.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("connection refused by %s: nothing listens there", host)
	case errors.Is(err, syscall.ECONNRESET):
		return fmt.Sprintf("connection reset by %s before the answer was complete", host)
	case errors.As(err, &authority):
		return fmt.Sprintf("%s shows a certificate of an authority that is not trusted; name it in tls: ca of the environment", host)
	case errors.As(err, &hostname):
		return fmt.Sprintf("the certificate of %s is for other names: %s", host, strings.Join(hostname.Certificate.DNSNames, ", "))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s is expired or not yet valid: %s to %s", host,
			invalid.Cert.NotBefore.Format(time.DateOnly), invalid.Cert.NotAfter.Format(time.DateOnly))
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return fmt.Sprintf("%s answers plain HTTP; use http:// or the TLS port", host)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("the answer of %s breaks off: %v", host, err)
	case errors.Is(err, io.EOF):
		return fmt.Sprintf("%s closed the connection without an answer", host)
	}
	return err.Error()
}
