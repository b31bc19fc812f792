package draft

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Map is a mapping in the order in which it is written. The zero value is empty. Values are nil, bool, int, json.Number,
// string, []any and *Map.
type Map struct{ entries []entry }

type entry struct {
	key     string
	value   any
	comment string // lines above the key; empty for none
}

// M returns a mapping of keys and values that alternate.
func M(pairs ...any) *Map {
	m := &Map{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		m.Set(key, pairs[i+1])
	}
	return m
}

// Set gives a key its value, at its place where it is there already and else at the end.
func (m *Map) Set(key string, value any) {
	if i := m.index(key); i >= 0 {
		m.entries[i].value = value
		return
	}
	m.entries = append(m.entries, entry{key: key, value: value})
}

// SetSome is Set unless the value is an empty text, list or mapping.
func (m *Map) SetSome(key string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case []any:
		if len(v) == 0 {
			return
		}
	case *Map:
		if v.Len() == 0 {
			return
		}
	}
	m.Set(key, value)
}

// Add gives a key one value more: the second makes a list of them.
func (m *Map) Add(key string, value any) {
	i := m.index(key)
	if i < 0 {
		m.Set(key, value)
		return
	}
	if list, ok := m.entries[i].value.([]any); ok {
		m.entries[i].value = append(list, value)
		return
	}
	m.entries[i].value = []any{m.entries[i].value, value}
}

// Comment writes lines above a key that is there.
func (m *Map) Comment(key, text string) {
	if i := m.index(key); i >= 0 {
		m.entries[i].comment = strings.TrimPrefix(m.entries[i].comment+"\n"+text, "\n")
	}
}

// Get returns the value of a key, nil where there is none.
func (m *Map) Get(key string) any {
	if i := m.index(key); i >= 0 {
		return m.entries[i].value
	}
	return nil
}

// Map returns the mapping below a key, which is made where there is none.
func (m *Map) Map(key string) *Map {
	if below, ok := m.Get(key).(*Map); ok {
		return below
	}
	below := &Map{}
	m.Set(key, below)
	return below
}

// Has reports whether a key is there.
func (m *Map) Has(key string) bool { return m.index(key) >= 0 }

// Delete takes a key away.
func (m *Map) Delete(key string) {
	if i := m.index(key); i >= 0 {
		m.entries = append(m.entries[:i:i], m.entries[i+1:]...)
	}
}

// Len returns how many keys there are; a nil mapping has none.
func (m *Map) Len() int {
	if m == nil {
		return 0
	}
	return len(m.entries)
}

// Keys returns the keys in their order.
func (m *Map) Keys() []string {
	keys := make([]string, 0, m.Len())
	if m != nil {
		for _, e := range m.entries {
			keys = append(keys, e.key)
		}
	}
	return keys
}

func (m *Map) index(key string) int {
	if m == nil {
		return -1
	}
	for i, e := range m.entries {
		if e.key == key {
			return i
		}
	}
	return -1
}

// Decode reads JSON and keeps the order of members and every digit. What YAML could not say again is an error: a member that
// stands twice, more than one value.
func Decode(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	v, err := decode(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

const maxDepth = 200

func decode(dec *json.Decoder, depth int) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errors.New("the JSON is nested too deeply")
	}
	if number, ok := token.(json.Number); ok {
		if _, err := number.Float64(); err != nil {
			return nil, errors.New("a number that is too large for YAML")
		}
	}
	switch token {
	case json.Delim('{'):
		return decodeMap(dec, depth)
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := decode(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	}
	return token, nil
}

func decodeMap(dec *json.Decoder, depth int) (any, error) {
	m := &Map{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if m.Has(name) {
			return nil, errors.New("a member stands twice in the JSON")
		}
		v, err := decode(dec, depth+1)
		if err != nil {
			return nil, err
		}
		m.Set(name, v)
	}
	_, err := dec.Token()
	return m, err
}
