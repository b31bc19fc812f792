package environments

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

// TLS is how connections are secured. The zero TLS trusts what the system trusts and shows no certificate.
type TLS struct {
	CA          TLSFile // PEM certificates that are trusted besides those of the system
	Certificate TLSFile // PEM certificate that the client shows, with those that lead to its root; may hold the key too
	Key         TLSFile // its PEM key, not encrypted
	Insecure    bool    // every certificate of a server is believed
	ServerName  string  // that the server must prove; empty means the host of the URL
	MinVersion  string  // "1.2" or "1.3"; empty means 1.2

	fsys fs.FS
}

// TLSFile names a file and where it is named. The zero TLSFile is none.
type TLSFile struct {
	Path string // relative to the file of Pos
	Pos  source.Pos
}

// ReadTLS reads a tls: mapping. The files it names are opened by Config and not before.
func ReadTLS(fsys fs.FS, n source.Node) TLS {
	t := TLS{fsys: fsys}
	n.Map(source.Keys{
		"ca":          t.CA.read,
		"certificate": t.Certificate.read,
		"insecure":    source.Bool(&t.Insecure),
		"key":         t.Key.read,
		"min_version": source.OneOf(&t.MinVersion, "1.2", "1.3"),
		"server_name": source.String(&t.ServerName),
	})
	if t.Key.Path != "" && t.Certificate.Path == "" {
		n.ErrorAt(t.Key.Pos, "a key without its certificate; add certificate: path")
	}
	return t
}

func (f *TLSFile) read(n source.Node) { f.Path, f.Pos = n.Text(), n.Pos() }

// Config reads the files and returns what they say. The error is a *source.Error where the file is named.
func (t TLS) Config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: t.Insecure, ServerName: t.ServerName} //nolint:gosec // insecure: is what the user asked for
	if t.MinVersion == "1.3" {
		c.MinVersion = tls.VersionTLS13
	}
	if t.CA.Path != "" {
		pool, err := t.pool()
		if err != nil {
			return nil, t.CA.Pos.Errorf("ca: %w", err)
		}
		c.RootCAs = pool
	}
	if t.Certificate.Path != "" {
		pair, err := t.pair()
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{*pair}
	}
	return c, nil
}

// pool returns the roots of the system and those of the CA file.
func (t TLS) pool() (*x509.CertPool, error) {
	blocks, err := t.blocks(t.CA)
	if err != nil {
		return nil, err
	}
	certs, err := certificates(t.CA, blocks)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if !slices.ContainsFunc(certs, func(c *x509.Certificate) bool { return outdated(c, now) == nil }) {
		return nil, fmt.Errorf("%s: %w", t.CA.Path, outdated(certs[0], now))
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool, nil
}

// pair returns the client's certificate and key.
func (t TLS) pair() (*tls.Certificate, error) {
	certBlocks, err := t.blocks(t.Certificate)
	if err != nil {
		return nil, t.Certificate.Pos.Errorf("certificate: %w", err)
	}
	certs, err := certificates(t.Certificate, certBlocks)
	if err != nil {
		return nil, t.Certificate.Pos.Errorf("certificate: %w", err)
	}
	if err := outdated(certs[0], time.Now()); err != nil {
		return nil, t.Certificate.Pos.Errorf("certificate: %s: %w", t.Certificate.Path, err)
	}
	keyFile, keyBlocks := t.Key, certBlocks
	if t.Key.Path == "" {
		keyFile = t.Certificate
	} else if keyBlocks, err = t.blocks(t.Key); err != nil {
		return nil, t.Key.Pos.Errorf("key: %w", err)
	}
	key, err := privateKey(keyFile, keyBlocks)
	if err != nil {
		return nil, keyFile.Pos.Errorf("key: %w", err)
	}
	pair, err := tls.X509KeyPair(encode(certBlocks), pem.EncodeToMemory(key))
	switch {
	case err != nil && strings.Contains(err.Error(), "does not match"):
		return nil, keyFile.Pos.Errorf("key: %s does not belong to the certificate %s (%s)", keyFile.Path, t.Certificate.Path, certs[0].Subject)
	case err != nil:
		return nil, keyFile.Pos.Errorf("key: %s: %w", keyFile.Path, err)
	}
	return &pair, nil
}

// blocks returns what a PEM file holds, one at least.
func (t TLS) blocks(f TLSFile) ([]*pem.Block, error) {
	path := source.Beside(f.Pos.File, f.Path)
	rest, err := fs.ReadFile(t.fsys, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plain(err))
	}
	var blocks []*pem.Block
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		blocks = append(blocks, b)
	}
	if len(blocks) == 0 {
		return nil, fmt.Errorf("%s is not PEM: no line of it starts with -----BEGIN", path)
	}
	return blocks, nil
}

// certificates returns the certificates among the blocks, one at least.
func certificates(f TLSFile, blocks []*pem.Block) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for _, b := range blocks {
		if b.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: certificate %d: %s", f.Path, len(certs)+1, strings.TrimPrefix(err.Error(), "x509: "))
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%s holds %s, want CERTIFICATE", f.Path, labels(blocks))
	}
	return certs, nil
}

// privateKey returns the one key among the blocks.
func privateKey(f TLSFile, blocks []*pem.Block) (*pem.Block, error) {
	for _, b := range blocks {
		encrypted := b.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED")
		switch {
		case encrypted:
			return nil, fmt.Errorf("%s is encrypted; decrypt it: openssl pkey -in %s -out plain.key", f.Path, f.Path)
		case strings.HasSuffix(b.Type, "PRIVATE KEY"):
			return b, nil
		}
	}
	return nil, fmt.Errorf("%s holds %s, want PRIVATE KEY", f.Path, labels(blocks))
}

func labels(blocks []*pem.Block) string {
	var names []string
	for _, b := range blocks {
		if !slices.Contains(names, b.Type) {
			names = append(names, b.Type)
		}
	}
	return strings.Join(names, " and ")
}

func encode(blocks []*pem.Block) []byte {
	var out []byte
	for _, b := range blocks {
		if b.Type == "CERTIFICATE" {
			out = append(out, pem.EncodeToMemory(b)...)
		}
	}
	return out
}

// outdated says why a certificate holds no more, or not yet.
func outdated(c *x509.Certificate, now time.Time) error {
	switch {
	case now.After(c.NotAfter):
		return fmt.Errorf("the certificate of %s expired on %s", c.Subject, c.NotAfter.UTC().Format("2 January 2006, 15:04 MST"))
	case now.Before(c.NotBefore):
		return fmt.Errorf("the certificate of %s holds from %s on", c.Subject, c.NotBefore.UTC().Format("2 January 2006, 15:04 MST"))
	}
	return nil
}
