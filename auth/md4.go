package auth

import (
	"encoding/binary"
	"math/bits"
)

// md4 is the hash of RFC 1320. It protects nothing any more; NTLM turns passwords into keys with it, and only there it is used.
func md4(text []byte) []byte {
	text = append(append(make([]byte, 0, len(text)+72), text...), 0x80)
	size := uint64(len(text)-1) * 8
	text = append(text, make([]byte, (120-len(text)%64)%64)...)
	text = binary.LittleEndian.AppendUint64(text, size)
	h := [4]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}
	for ; len(text) > 0; text = text[64:] {
		md4Block(&h, text)
	}
	sum := make([]byte, 0, 16)
	for _, word := range h {
		sum = binary.LittleEndian.AppendUint32(sum, word)
	}
	return sum
}

// md4Block does the three rounds of sixteen steps (RFC 1320, section 3.4).
func md4Block(h *[4]uint32, block []byte) {
	shifts := [3][4]int{{3, 7, 11, 19}, {3, 5, 9, 13}, {3, 9, 11, 15}}
	v := *h
	for step := range 48 {
		x, y, z := v[1], v[2], v[3]
		var f uint32
		word := step % 16
		switch step / 16 {
		case 0:
			f = z ^ x&(y^z)
		case 1:
			f = (x&y | z&(x|y)) + 0x5a827999
			word = word/4 + word%4*4
		default:
			f = (x ^ y ^ z) + 0x6ed9eba1
			word = int(bits.Reverse8(uint8(word)) >> 4) //nolint:gosec // below 16
		}
		f += v[0] + binary.LittleEndian.Uint32(block[4*word:])
		v = [4]uint32{z, bits.RotateLeft32(f, shifts[step/16][step%4]), x, y}
	}
	for i := range h {
		h[i] += v[i]
	}
}
