package environments

import (
	"errors"
	"testing"
	"time"
)

func TestACommandLinePresentsACertificateAndTrustsAuthorities(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ca := issue(t, "hgrun test CA", now.Add(-year), now.Add(year), nil)
	client := issue(t, "client.test", now.Add(-year), now.Add(year), &ca)
	files := tree("ca.pem", ca.certPEM(), "c.pem", client.certPEM(), "c.key", "locked", "both.pem", client.certPEM()+client.keyPEM(t))
	unlock := func(text []byte) ([]byte, error) {
		if string(text) != "locked" {
			return nil, errors.New("not locked")
		}
		return []byte(client.keyPEM(t)), nil
	}
	var with TLS
	same(t, errorText(with.Present(files, "ca.pem", "c.pem", "c.key", unlock)), "")
	c, err := with.Config()
	if err != nil || len(c.Certificates) != 1 || c.RootCAs == nil {
		t.Fatalf("got %v, %v", c, err)
	}
	var both TLS
	same(t, errorText(both.Present(files, "", "both.pem", "", nil)), "")
	for _, test := range []struct{ ca, certificate, key, want string }{
		{"", "c.pem", "nope.key", "nope.key: file does not exist"},
		{"c.key", "", "", "ca: c.key is not PEM: no line of it starts with -----BEGIN"},
		{"", "c.pem", "", "c.pem: not locked"},
		{"", "c.pem", "both.pem", "both.pem: not locked"},
	} {
		var wrong TLS
		same(t, errorText(wrong.Present(files, test.ca, test.certificate, test.key, unlock)), test.want)
	}
}
