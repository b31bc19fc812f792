package vars

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// dynamics is the table of the names that make a new value each time: Postman's, by Postman's names.
var dynamics = sync.OnceValue(func() map[string]func() Value {
	return map[string]func() Value{
		"$guid":         uuid,
		"$randomUUID":   uuid,
		"$randomInt":    randomInt,
		"$timestamp":    func() Value { return Value{Text: strconv.FormatInt(time.Now().Unix(), 10), JSON: true} },
		"$isoTimestamp": func() Value { return Value{Text: time.Now().UTC().Format("2006-01-02T15:04:05.000Z")} },
	}
})

func isDynamic(name string) bool {
	if !strings.HasPrefix(name, "$") {
		return false
	}
	_, ok := dynamics()[name]
	return ok
}

func dynamic(name string) (Value, bool) {
	if !strings.HasPrefix(name, "$") {
		return Value{}, false
	}
	if fresh, ok := dynamics()[name]; ok {
		return fresh(), true
	}
	return Value{}, false
}

// DynamicNames returns the names that start with $, $assertion among them.
func DynamicNames() []string {
	return slices.Sorted(maps.Keys(withAssertion()))
}

func withAssertion() map[string]func() Value {
	all := maps.Clone(dynamics())
	all[Assertion] = nil
	return all
}

// Assertion is the name of the JWT assertion that a request with assertion: signs anew for each attempt.
const Assertion = "$assertion"

// uuid returns a random UUID (RFC 9562, version 4).
func uuid() Value {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (Go 1.24)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return Value{Text: h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]}
}

// randomInt returns a number from 0 to 1000, as Postman does.
func randomInt() Value {
	i, err := rand.Int(rand.Reader, big.NewInt(1001))
	if err != nil {
		return Value{Text: "0", JSON: true}
	}
	return Value{Text: i.String(), JSON: true}
}
