package vars

import (
	crypto "crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"math/rand/v2"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// Random is where names such as $randomInt take their values from. The zero Random cannot be foreseen (crypto/rand); a
// seeded one says the same again in every run. It serves many goroutines.
type Random struct {
	mu  sync.Mutex
	pcg *rand.PCG // nil: crypto/rand
}

// NewRandom returns a source whose values depend on nothing but seed and stream.
func NewRandom(seed uint64, stream string) *Random {
	h := fnv.New64a()
	_, _ = h.Write([]byte(stream)) // never fails
	return &Random{pcg: rand.NewPCG(seed, h.Sum64())}
}

// Uint64 returns 64 random bits. A nil Random is like the zero one.
func (r *Random) Uint64() uint64 {
	if r == nil || r.pcg == nil {
		var b [8]byte
		_, _ = crypto.Read(b[:]) // never fails (Go 1.24)
		return binary.LittleEndian.Uint64(b[:])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pcg.Uint64()
}

// Seed makes the names that start with $ repeat from run to run, in s and in the children it has from now on. The values
// depend on the seed, on the file of the collection as the user named it and on the number of the round through it, counted
// from 0, and so not on what else runs beside it. Zero is no seed and changes nothing.
func (s *Scope) Seed(seed uint64, file string, round int) {
	if seed == 0 {
		return
	}
	stream := path.Clean(filepath.ToSlash(file))
	if round > 0 {
		stream += "#" + strconv.Itoa(round)
	}
	s.random = NewRandom(seed, stream)
}

// Draws returns a child whose names that start with $ take their values from r; nil is one that cannot be foreseen.
func (s *Scope) Draws(r *Random) *Scope {
	child := *s
	child.random = r
	return &child
}

// draw makes values of one source.
type draw struct{ *rand.Rand }

func (s *Scope) draw() draw { return draw{rand.New(s.random)} }

// pick returns one of the words of a list, which | separates.
func (d draw) pick(list string) string {
	for range d.IntN(strings.Count(list, "|") + 1) {
		_, list, _ = strings.Cut(list, "|")
	}
	word, _, _ := strings.Cut(list, "|")
	return word
}

// picks returns n words with sep between them.
func (d draw) picks(n int, list, sep string) string {
	words := make([]string, n)
	for i := range words {
		words[i] = d.pick(list)
	}
	return strings.Join(words, sep)
}

// between returns a number from low to high, both included.
func (d draw) between(low, high int) int { return low + d.IntN(high-low+1) }

// of returns n of the characters of an alphabet in ASCII.
func (d draw) of(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.IntN(len(alphabet))]
	}
	return string(b)
}

func (d draw) digits(n int) string { return d.of(n, digits) }

// decimal returns a number from low to high with some digits behind the point.
func (d draw) decimal(low, high, places int) string {
	scale := 1
	for range places {
		scale *= 10
	}
	n := d.between(low*scale, high*scale)
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	fraction := strconv.Itoa(scale + n%scale)[1:]
	return sign + strconv.Itoa(n/scale) + "." + fraction
}

const (
	digits   = "0123456789"
	hexes    = "0123456789abcdef"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smalls   = "abcdefghijklmnopqrstuvwxyz"
	alphanum = digits + capitals + smalls
)

// uuid returns a random UUID (RFC 9562, version 4).
func (d draw) uuid() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], d.Uint64())
	binary.LittleEndian.PutUint64(b[8:], d.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
