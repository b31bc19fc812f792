package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// newmanCertificates are the options of newman run about TLS. They are stronger than tls: of the environment.
type newmanCertificates struct {
	certificate, key, passphrase string
	ca                           string
}

// flags makes the flags and returns their names.
func (n *newmanCertificates) flags(f *pflag.FlagSet) []string {
	f.StringVar(&n.certificate, "ssl-client-cert", "", "the PEM file of the client's certificate")
	f.StringVar(&n.key, "ssl-client-key", "", "the PEM file of its key")
	f.StringVar(&n.passphrase, "ssl-client-passphrase", "", "of the key")
	f.StringVar(&n.ca, "ssl-extra-ca-certs", "", "a PEM file of authorities that are trusted too")
	return []string{"ssl-client-cert", "ssl-client-key", "ssl-client-passphrase", "ssl-extra-ca-certs"}
}

// apply lets the environments present the certificate and trust the authorities.
func (n *newmanCertificates) apply(jobs []runner.Job) error {
	switch {
	case n.certificate == "" && n.key+n.passphrase != "":
		return errors.New("--ssl-client-key: a key without its certificate; give --ssl-client-cert FILE too")
	case n.certificate+n.ca == "":
		return nil
	}
	var unlock func([]byte) ([]byte, error)
	if n.passphrase != "" {
		unlock = func(pem []byte) ([]byte, error) { return assertions.UnlockPEM(pem, n.passphrase) }
	}
	done := map[*environments.Environment]bool{}
	for _, job := range jobs {
		if done[job.Environment] {
			continue
		}
		done[job.Environment] = true
		if err := job.Environment.TLS.Present(source.Disk(), n.ca, n.certificate, n.key, unlock); err != nil {
			return fmt.Errorf("--ssl-client-cert, --ssl-client-key, --ssl-extra-ca-certs: %w", err)
		}
	}
	return nil
}
