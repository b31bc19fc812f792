package assertions

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// readPEM reads the one key of a PEM text. Certificates and parameters beside a private key are passed over.
func readPEM(text, passphrase string) (keys, error) {
	clean, repairs := repairPEM(text)
	blocks, err := pemBlocks(clean)
	if err != nil {
		return keys{}, err
	}
	var private, public []*pem.Block
	for _, b := range blocks {
		switch {
		case strings.HasSuffix(b.Type, "PRIVATE KEY"):
			private = append(private, b)
		case strings.HasSuffix(b.Type, "PUBLIC KEY"), b.Type == "CERTIFICATE":
			public = append(public, b)
		}
	}
	var chosen *pem.Block
	switch {
	case len(private) > 1:
		return keys{}, fmt.Errorf("the PEM holds %d private keys, want one", len(private))
	case len(private) == 1:
		chosen = private[0]
	case len(public) > 0:
		chosen = public[0] // of a chain the first certificate is the owner's
	default:
		return keys{}, fmt.Errorf("the PEM is a %s, want a key", blocks[0].Type)
	}
	k, err := readBlock(chosen, passphrase)
	if err != nil {
		return keys{}, err
	}
	out := keys{list: []key{k}}
	if len(repairs) > 0 {
		out.notes = []string{"the PEM was repaired before use: " + strings.Join(repairs, ", ")}
	}
	return out, nil
}

// pemBlocks returns every block of a text that has at least one BEGIN line.
func pemBlocks(text string) ([]*pem.Block, error) {
	var blocks []*pem.Block
	rest := []byte(text)
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		blocks = append(blocks, b)
	}
	if len(blocks) > 0 {
		return blocks, nil
	}
	_, after, _ := strings.Cut(text, "-----BEGIN ")
	label, _, ok := strings.Cut(after, "-----")
	switch {
	case !ok || strings.Contains(label, "\n"):
		return nil, errors.New("the PEM's BEGIN line has no ----- at its end")
	case !strings.Contains(after, "-----END "+label+"-----"):
		return nil, fmt.Errorf("the PEM has no line -----END %s-----; it is cut off", label)
	}
	return nil, fmt.Errorf("what stands between BEGIN and END of the PEM %s is not base64; it is damaged", label)
}

func readBlock(b *pem.Block, passphrase string) (key, error) {
	if b.Type == "OPENSSH PRIVATE KEY" {
		return readOpenSSH(b.Bytes)
	}
	if l, encrypted, err := lockedPEM(b); encrypted {
		if err != nil {
			return key{}, err
		}
		return l.read(passphrase)
	}
	k, known, err := readDER(b.Bytes, passphrase)
	switch {
	case !known:
		return key{}, fmt.Errorf("the PEM %s is damaged: its content is no key", b.Type)
	case err != nil:
		return key{}, err
	}
	k.origin = "PEM " + b.Type
	return k, nil
}

// readDER reads a private key, a public key or a certificate whatever its label said; known is false for bytes that are
// none of them.
func readDER(der []byte, passphrase string) (k key, known bool, err error) {
	var whole asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &whole); err != nil || len(rest) > 0 || whole.Tag != asn1.TagSequence {
		return key{}, false, nil
	}
	if isPKCS12(whole.Bytes) {
		return key{}, true, errors.New("the key is a PKCS#12 file (.p12, .pfx); convert it: openssl pkcs12 -in key.p12 -nodes -nocerts -out key.pem")
	}
	if info, ok := isEncrypted(der); ok {
		l, err := lockedPKCS8(info)
		if err != nil {
			return key{}, true, err
		}
		k, err := l.read(passphrase)
		return k, true, err
	}
	if inner, ok := pssKey(der); ok {
		k, known, err = readDER(inner, passphrase)
		k.pssOnly = true
		return k, known, err
	}
	if bits := modulusBits(der); bits > 0 && checkSize(bits) != nil { // crypto/rsa would refuse it in other words
		return key{}, true, checkSize(bits)
	}
	var refused error
	for _, p := range parsers() {
		parsed, err := p.parse(der)
		if err == nil {
			k, err := signingKey(parsed, p.origin)
			return k, true, err
		}
		if refused == nil && p.shaped(der) {
			refused = p.refusal(err)
		}
	}
	return key{}, refused != nil, refused
}

// parser reads one of the structures that keys come in; shaped tells whether bytes are meant to be that structure.
type parser struct {
	origin string
	parse  func([]byte) (any, error)
	shaped func([]byte) bool
}

// refusal says what is wrong with a key of the right structure.
func (p parser) refusal(err error) error {
	if strings.HasSuffix(err.Error(), "unknown elliptic curve") {
		return errors.New("the EC key's curve is not known; JWTs are signed on P-256, P-384 or P-521")
	}
	if _, id, ok := strings.Cut(err.Error(), "unknown algorithm: "); ok {
		return fmt.Errorf("the %s is of a kind that signs no JWT (object identifier %s)", p.origin, id)
	}
	return fmt.Errorf("the %s is damaged: its numbers cannot be read or do not belong together", p.origin)
}

func parsers() []parser {
	return []parser{
		{"PKCS#8 private key", x509.ParsePKCS8PrivateKey, func(der []byte) bool { return fill(der, &pkcs8{}) }},
		{"PKCS#1 private key", func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) }, func(der []byte) bool { return fill(der, &pkcs1{}) }},
		{"SEC1 private key", func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) }, func(der []byte) bool { return fill(der, &sec1{}) }},
		{"public key", x509.ParsePKIXPublicKey, func([]byte) bool { return false }},
		{"PKCS#1 public key", func(der []byte) (any, error) { return x509.ParsePKCS1PublicKey(der) }, func([]byte) bool { return false }},
		{"CERTIFICATE", parseCertificate, func([]byte) bool { return false }},
	}
}

func parseCertificate(der []byte) (any, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return c.PublicKey, nil
}

// pkcs8 is the head of a PrivateKeyInfo (RFC 5208, section 5).
type pkcs8 struct {
	Version   int
	Algorithm pkix.AlgorithmIdentifier
	Key       []byte
	Rest      asn1.RawValue `asn1:"optional"`
}

// pkcs1 is the head of an RSAPrivateKey (RFC 8017, appendix A.1.2).
type pkcs1 struct {
	Version int
	N       *big.Int
	E       *big.Int
	D, P, Q *big.Int
	Dp, Dq  *big.Int
	Qinv    *big.Int
	Rest    []asn1.RawValue `asn1:"optional"`
}

// sec1 is the head of an ECPrivateKey (RFC 5915, section 3).
type sec1 struct {
	Version int
	Key     []byte
	Curve   asn1.RawValue `asn1:"optional,explicit,tag:0"`
	Public  asn1.RawValue `asn1:"optional,explicit,tag:1"`
}

func fill(der []byte, into any) bool {
	_, err := asn1.Unmarshal(der, into)
	return err == nil
}

// spki is a SubjectPublicKeyInfo (RFC 5280, section 4.1).
type spki struct {
	Algorithm pkix.AlgorithmIdentifier
	Key       asn1.BitString
}

// pssKey returns the RSA key in a structure that allows PSS only (id-RSASSA-PSS, RFC 4055, section 3.1), which
// crypto/x509 does not read.
func pssKey(der []byte) ([]byte, bool) {
	pss := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	var private pkcs8
	if fill(der, &private) && private.Algorithm.Algorithm.Equal(pss) {
		return private.Key, true
	}
	var public spki
	if fill(der, &public) && public.Algorithm.Algorithm.Equal(pss) {
		return public.Key.Bytes, true
	}
	return nil, false
}

// modulusBits returns the size of an RSA private key, 0 for anything else.
func modulusBits(der []byte) int {
	var outer pkcs8
	if fill(der, &outer) {
		der = outer.Key
	}
	var p pkcs1
	if !fill(der, &p) {
		return 0
	}
	return p.N.BitLen()
}

// isPKCS12 recognises the content of a PFX: version 3, then a structure that holds an object identifier (RFC 7292, section 4).
func isPKCS12(content []byte) bool {
	var version int
	rest, err := asn1.Unmarshal(content, &version)
	if err != nil || version != 3 {
		return false
	}
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"optional"`
	}
	_, err = asn1.Unmarshal(rest, &info)
	return err == nil
}

// repairPEM undoes what environment variables, YAML and editors do to a PEM, and names what it undid.
func repairPEM(text string) (clean string, repairs []string) {
	note := func(happened bool, what string) {
		if happened {
			repairs = append(repairs, what)
		}
	}
	clean = strings.TrimPrefix(text, byteOrderMark)
	note(clean != text, "a byte order mark")
	if t := strings.TrimSpace(clean); len(t) > 1 && (t[0] == '"' || t[0] == '\'') {
		clean = strings.Trim(t, t[:1])
		note(true, "quotes around it")
	}
	if strings.Contains(clean, `\n`) {
		clean = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n").Replace(clean)
		note(true, `\n written for line breaks`)
	}
	clean, indented, joined := pemLines(clean)
	note(indented, "indentation")
	note(joined, "everything on one line")
	return clean, repairs
}

// pemLines puts BEGIN and END on lines of their own and takes the white space off every line.
func pemLines(text string) (clean string, indented, joined bool) {
	var b bytes.Buffer
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		bare := strings.TrimLeft(line, " \t")
		indented = indented || bare != line && (inside || strings.HasPrefix(bare, "-----"))
		begin := strings.HasPrefix(bare, "-----BEGIN ")
		inside = (inside || begin) && !strings.HasPrefix(bare, "-----END ")
		if end := strings.Index(bare, "-----END "); begin && end > 0 {
			bare, joined, inside = oneLine(bare, end), true, false
		}
		b.WriteString(bare)
		b.WriteByte('\n')
	}
	return b.String(), indented, joined
}

// oneLine breaks a PEM whose line breaks became spaces; end is where its END stands.
func oneLine(line string, end int) string {
	head := strings.Index(line[len("-----BEGIN "):end], "-----")
	if head < 0 {
		return line
	}
	head += len("-----BEGIN ") + len("-----")
	words := strings.Fields(line[head:end])
	fields := ""
	for len(words) > 1 && strings.HasSuffix(words[0], ":") { // Proc-Type: and DEK-Info: of an encrypted key
		fields += words[0] + " " + words[1] + "\n"
		words = words[2:]
	}
	if fields != "" {
		fields += "\n"
	}
	return line[:head] + "\n" + fields + strings.Join(words, "\n") + "\n" + line[end:]
}
