package sandbox

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // what NTLMv2 is made of
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"net/http"
	"strings"
	"unicode/utf16"
)

// ntlm is a handshake on one connection: a challenge that is made of the address of the client, so that the answer is good on no
// other connection. It wants NTLMv2 in Unicode (MS-NLMP).
func (s *kindsServer) ntlm(r *http.Request, _ []byte) ruling {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "NTLM ")
	raw, err := base64.StdEncoding.DecodeString(text)
	switch {
	case !ok || err != nil || len(raw) < 32 || string(raw[:8]) != "NTLMSSP\x00":
		return refused(NoCredentials, "NTLM", "no NTLM")
	case raw[8] == 1:
		return refused(NoCredentials, "NTLM "+base64.StdEncoding.EncodeToString(s.ntlmChallenge(r)), "the first message")
	case raw[8] != 3 || len(raw) < 64:
		return refused(MalformedBasic, "NTLM", "neither the first message nor the third")
	}
	field := func(at int) []byte {
		from, size := int(binary.LittleEndian.Uint32(raw[at+4:])), int(binary.LittleEndian.Uint16(raw[at:]))
		if from+size > len(raw) {
			return nil
		}
		return raw[from : from+size]
	}
	nt, domain, user := field(20), field(28), field(36)
	if len(nt) < 48 || !bytes.Equal(user, wide(s.user.name)) {
		return refused(UnknownClient, "NTLM", "the user name")
	}
	key := macMD5(md4Sum(wide(s.user.password)), append(wide(strings.ToUpper(s.user.name)), domain...))
	if !hmac.Equal(macMD5(key, append(s.ntlmNonce(r), nt[16:]...)), nt[:16]) {
		return refused(WrongSignature, "NTLM", "the proof: the password, or another connection")
	}
	return ruling{reason: OK}
}

func (s *kindsServer) ntlmNonce(r *http.Request) []byte {
	return s.sandbox.mac([]byte("ntlm " + r.RemoteAddr))[:8]
}

func (s *kindsServer) ntlmChallenge(r *http.Request) []byte {
	name := wide("KINDS")
	info := append([]byte{2, 0, byte(len(name)), 0}, name...)
	info = append(info, 0, 0, 0, 0)
	b := append([]byte("NTLMSSP\x00\x02\x00\x00\x00"), byte(len(name)), 0, byte(len(name)), 0, 48, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, 0x00880205)
	b = append(append(b, s.ntlmNonce(r)...), make([]byte, 8)...)
	b = append(b, byte(len(info)), 0, byte(len(info)), 0, byte(48+len(name)), 0, 0, 0)
	return append(append(b, name...), info...)
}

func wide(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}

func macMD5(key, text []byte) []byte {
	mac := hmac.New(md5.New, key)
	mac.Write(text) // a hash never fails
	return mac.Sum(nil)
}

// md4Sum is MD4 (RFC 1320), which the standard library does not have.
func md4Sum(text []byte) []byte {
	padded := append(bytes.Clone(text), 0x80)
	for len(padded)%64 != 56 {
		padded = append(padded, 0)
	}
	padded = binary.LittleEndian.AppendUint64(padded, uint64(len(text))*8)
	state := [4]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}
	for ; len(padded) > 0; padded = padded[64:] {
		var x [16]uint32
		for i := range x {
			x[i] = binary.LittleEndian.Uint32(padded[4*i:])
		}
		md4Block(&state, &x)
	}
	var sum []byte
	for _, word := range state {
		sum = binary.LittleEndian.AppendUint32(sum, word)
	}
	return sum
}

func md4Block(state *[4]uint32, x *[16]uint32) {
	rounds := [3]struct {
		mix   func(x, y, z uint32) uint32
		add   uint32
		order [16]int
		turn  [4]int
	}{
		{func(x, y, z uint32) uint32 { return x&y | ^x&z }, 0, [16]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, [4]int{3, 7, 11, 19}},
		{func(x, y, z uint32) uint32 { return x&y | x&z | y&z }, 0x5a827999, [16]int{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15}, [4]int{3, 5, 9, 13}},
		{func(x, y, z uint32) uint32 { return x ^ y ^ z }, 0x6ed9eba1, [16]int{0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15}, [4]int{3, 9, 11, 15}},
	}
	a, b, c, d := state[0], state[1], state[2], state[3]
	for _, r := range rounds {
		for i, k := range r.order {
			a, b, c, d = d, bits.RotateLeft32(a+r.mix(b, c, d)+x[k]+r.add, r.turn[i%4]), b, c
		}
	}
	state[0], state[1], state[2], state[3] = state[0]+a, state[1]+b, state[2]+c, state[3]+d
}
