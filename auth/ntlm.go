package auth

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // what NTLMv2 is made of
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// ntlm answers the challenge of a Windows server with NTLMv2 (MS-NLMP, MS-NTHT). The challenge belongs to a connection, so that each
// request has a connection of its own.
type ntlm struct{ block }

// Connected is an Authorizer whose exchanges within one attempt of a request must go over one connection, which no other request uses.
type Connected interface {
	// OneConnection reports whether that is so.
	OneConnection() bool
}

// Handshake is what the first exchange of an attempt leaves to its second. The zero Handshake is empty.
type Handshake struct {
	challenge []byte // of a server: an NTLM CHALLENGE_MESSAGE
}

func ntlmKeys() []textKey {
	return []textKey{{name: "username", needed: true}, {name: "password", needed: true, secret: true}, {name: "domain"}, {name: "workstation"}}
}

func readNTLM(n source.Node) Authorizer { return &ntlm{readBlock(n, "ntlm", ntlmKeys(), nil)} }

// OneConnection is true: an NTLM challenge is good for the connection on which it came.
func (l *ntlm) OneConnection() bool { return true }

// Flags of the messages (MS-NLMP, section 2.2.2.5).
const (
	ntlmUnicode   = 0x00000001
	ntlmOEM       = 0x00000002
	ntlmTarget    = 0x00000004 // asks for the server's name
	ntlmNTLM      = 0x00000200
	ntlmSign      = 0x00008000
	ntlmExtended  = 0x00080000 // extended session security, which NTLMv2 has
	ntlmInfo      = 0x00800000
	ntlm128       = 0x20000000
	ntlm56        = 0x80000000
	ntlmWanted    = ntlmUnicode | ntlmOEM | ntlmTarget | ntlmNTLM | ntlmSign | ntlmExtended | ntlm128 | ntlm56
	ntlmSignature = "NTLMSSP\x00"
	ntlmTimestamp = 7 // of the pairs in the target information: the server's time
)

func (l *ntlm) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := l.expand(s.Scope)
	if err != nil {
		return err
	}
	if err := vacant(req, l.pos, l.kind); err != nil {
		return err
	}
	if s.Handshake == nil || s.Handshake.challenge == nil {
		setHeader(req, "Authorization", "NTLM "+base64.StdEncoding.EncodeToString(ntlmNegotiate()))
		return nil
	}
	c, err := readNTLMChallenge(s.Handshake.challenge)
	if err != nil {
		return l.pos.Errorf("the server's NTLM challenge cannot be read: %w", err)
	}
	domain, user := v.text("domain"), v.text("username")
	if before, after, found := strings.Cut(user, `\`); found && domain == "" {
		domain, user = before, after
	}
	var nonce [8]byte
	_, _ = rand.Read(nonce[:]) // never fails (Go 1.24)
	a := ntlmAnswer{user: user, domain: domain, workstation: v.text("workstation"), nonce: nonce, now: time.Now()}
	message := base64.StdEncoding.EncodeToString(a.authenticate(v.text("password"), c))
	s.Scope.Hide("ntlm", message) // somebody who has it could try passwords on it
	setHeader(req, "Authorization", "NTLM "+message)
	return nil
}

// Observe keeps the challenge that answers the first message.
func (l *ntlm) Observe(e *wire.Exchange, s Session) (why string) {
	if s.Handshake == nil || s.Handshake.challenge != nil || e.Response == nil || e.Response.Status != http.StatusUnauthorized || !sameOrigin(e.Request.URL, e.Response.URL) {
		return ""
	}
	for _, c := range Challenges(e.Response.Header) {
		if raw, err := base64.StdEncoding.DecodeString(c.Token); err == nil && c.Is("NTLM") && len(raw) > 0 {
			s.Handshake.challenge = raw
			return "the server sent its NTLM challenge and was given the answer"
		}
	}
	return ""
}

// ntlmNegotiate is the first message (MS-NLMP, section 2.2.1.1), without a name: the answer to the challenge has it.
func ntlmNegotiate() []byte {
	b := append([]byte(ntlmSignature), 1, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, ntlmWanted)
	return append(b, make([]byte, 16)...)
}

// ntlmChallenge is the server's message (MS-NLMP, section 2.2.1.2), as far as the answer needs it.
type ntlmChallenge struct {
	flags  uint32
	nonce  [8]byte
	info   []byte // the target information: pairs of kind and value
	serves []byte // the server's time, in eight bytes; nil where it does not say
}

func readNTLMChallenge(b []byte) (ntlmChallenge, error) {
	var c ntlmChallenge
	if len(b) < 48 || string(b[:8]) != ntlmSignature || binary.LittleEndian.Uint32(b[8:]) != 2 {
		return c, errors.New("it is no CHALLENGE_MESSAGE with target information, and NTLMv2 needs that")
	}
	c.flags = binary.LittleEndian.Uint32(b[20:])
	copy(c.nonce[:], b[24:32])
	size, at := int(binary.LittleEndian.Uint16(b[40:])), uint64(binary.LittleEndian.Uint32(b[44:]))
	if at+uint64(size) > uint64(len(b)) {
		return c, errors.New("its target information lies beyond its end")
	}
	c.info = b[at : at+uint64(size)]
	for rest := c.info; len(rest) >= 4; {
		kind, n := binary.LittleEndian.Uint16(rest), int(binary.LittleEndian.Uint16(rest[2:]))
		if kind == 0 || len(rest) < 4+n {
			break
		}
		if kind == ntlmTimestamp && n == 8 {
			c.serves = rest[4:12]
		}
		rest = rest[4+n:]
	}
	return c, nil
}

// ntlmAnswer is who answers, and with what that is new.
type ntlmAnswer struct {
	user, domain, workstation string
	nonce                     [8]byte
	now                       time.Time
}

// authenticate is the third message (MS-NLMP, section 2.2.1.3).
func (a ntlmAnswer) authenticate(password string, c ntlmChallenge) []byte {
	nt, lm := a.responses(password, c)
	encode := utf16LE
	if c.flags&ntlmUnicode == 0 {
		encode = func(text string) []byte { return []byte(text) }
	}
	flags := uint32(ntlmWanted) &^ ntlmOEM
	if c.flags&ntlmUnicode == 0 {
		flags = flags&^ntlmUnicode | ntlmOEM
	}
	head := append([]byte(ntlmSignature), 3, 0, 0, 0)
	var payload []byte
	for _, part := range [][]byte{lm, nt, encode(a.domain), encode(a.user), encode(a.workstation), nil} {
		size := uint16(len(part)) //nolint:gosec // the parts are names and hashes; a server's information is shorter than that by its own field
		head = binary.LittleEndian.AppendUint16(head, size)
		head = binary.LittleEndian.AppendUint16(head, size)
		head = binary.LittleEndian.AppendUint32(head, uint32(64+len(payload))) //nolint:gosec // as above
		payload = append(payload, part...)
	}
	head = binary.LittleEndian.AppendUint32(head, flags)
	return append(head, payload...)
}

// responses are the two proofs of NTLMv2 (MS-NLMP, section 3.3.2). The older one is empty for servers that say their time.
func (a ntlmAnswer) responses(password string, c ntlmChallenge) (nt, lm []byte) {
	key := ntowfv2(password, a.user, a.domain)
	at := c.serves
	lm = make([]byte, 24)
	if at == nil {
		at = fileTime(a.now)
		lm = append(hmacMD5(key, c.nonce[:], a.nonce[:]), a.nonce[:]...)
	}
	blob := bytes.Join([][]byte{{1, 1, 0, 0, 0, 0, 0, 0}, at, a.nonce[:], {0, 0, 0, 0}, c.info, {0, 0, 0, 0}}, nil)
	return append(hmacMD5(key, c.nonce[:], blob), blob...), lm
}

// ntowfv2 is the key that a password makes.
func ntowfv2(password, user, domain string) []byte {
	return hmacMD5(md4(utf16LE(password)), utf16LE(strings.ToUpper(user)+domain))
}

func hmacMD5(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(md5.New, key)
	for _, part := range parts {
		mac.Write(part) // a hash never fails
	}
	return mac.Sum(nil)
}

func utf16LE(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

// fileTime is a moment as Windows counts: in tenths of a microsecond since 1601.
func fileTime(t time.Time) []byte {
	const before = 11644473600                                                                           // seconds from 1601 to 1970
	return binary.LittleEndian.AppendUint64(nil, uint64(t.Unix()+before)*1e7+uint64(t.Nanosecond()/100)) //nolint:gosec // after 1601
}
