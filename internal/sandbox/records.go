package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A record is one version of a resource, encoded once. It never changes: an update puts another in its place.
type record struct {
	kind, id string
	version  int
	modified time.Time
	body     []byte
	values   func() map[string][]string // by search parameter, as the matchers want them
}

func (r *record) etag() string { return `W/"` + strconv.Itoa(r.version) + `"` }

// records are the resources of one environment in the order in which they were made.
type records struct {
	mu     sync.RWMutex
	byKind map[string]*shelf
	next   int // number of the next resource to be created
}

type shelf struct {
	records []*record
	at      map[string]int // index in records by id
	past    []*record      // versions that were replaced
}

// find returns the current version of a resource, or nil.
func (r *records) find(kind, id string) *record {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.current(kind, id)
}

// findVersion returns one version of a resource, or nil.
func (r *records) findVersion(kind, id, version string) *record {
	r.mu.RLock()
	defer r.mu.RUnlock()
	current := r.current(kind, id)
	if current == nil {
		return nil
	}
	for _, each := range append([]*record{current}, r.byKind[kind].past...) {
		if each.id == id && strconv.Itoa(each.version) == version {
			return each
		}
	}
	return nil
}

// current is find for a caller who holds the lock.
func (r *records) current(kind, id string) *record {
	if s := r.byKind[kind]; s != nil {
		if i, ok := s.at[id]; ok {
			return s.records[i]
		}
	}
	return nil
}

// all returns the resources of a kind that match, oldest first.
func (r *records) all(kind string, match func(*record) bool) []*record {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var found []*record
	if s := r.byKind[kind]; s != nil {
		for _, each := range s.records {
			if match(each) {
				found = append(found, each)
			}
		}
	}
	return found
}

// put adds a record or replaces the version before it. The caller holds the lock, or nobody else knows r yet.
func (r *records) put(n *record) {
	s := r.byKind[n.kind]
	if s == nil {
		s = &shelf{at: map[string]int{}}
		r.byKind[n.kind] = s
	}
	if i, ok := s.at[n.id]; ok {
		s.past = append(s.past, s.records[i])
		s.records[i] = n
		return
	}
	s.at[n.id] = len(s.records)
	s.records = append(s.records, n)
}

// newRecord gives a resource its id and version and encodes it, resourceType, id and meta first.
func newRecord(kind, id string, version int, modified time.Time, resource map[string]json.RawMessage) (*record, error) {
	var meta map[string]json.RawMessage
	if raw, ok := resource["meta"]; ok {
		if err := json.Unmarshal(raw, &meta); err != nil {
			return nil, fmt.Errorf("meta: want an object")
		}
	}
	if meta == nil {
		meta = map[string]json.RawMessage{}
	}
	modified = modified.UTC().Truncate(time.Millisecond)
	meta["versionId"], meta["lastUpdated"] = encode(strconv.Itoa(version)), encode(modified.Format(instant))
	rest := make(map[string]json.RawMessage, len(resource))
	for name, value := range resource {
		if name != "resourceType" && name != "id" && name != "meta" {
			rest[name] = value
		}
	}
	body := fmt.Appendf(nil, `{"resourceType":%q,"id":%q,"meta":%s`, kind, id, encode(meta))
	if tail := encode(rest); len(rest) > 0 {
		body = append(append(body, ','), tail[1:]...)
	} else {
		body = append(body, '}')
	}
	values, err := index(id, body)
	return &record{kind, id, version, modified, body, func() map[string][]string { return values }}, err
}

const instant = "2006-01-02T15:04:05.000Z07:00" // the FHIR type

// indexed is what search and validation need of the three kinds of resource.
type indexed struct {
	Identifier []struct{ System, Value string }
	Name       []struct {
		Family, Text string
		Given        []string
	}
	Gender     string
	BirthDate  string
	Subject    struct{ Reference string }
	Code, Type struct {
		Coding []struct{ System, Code string }
	}
	EffectiveDateTime string
	Date              string
}

// index finds the values of the search parameters of a resource.
func index(id string, body []byte) (map[string][]string, error) {
	var x indexed
	if err := json.Unmarshal(body, &x); err != nil {
		return nil, fmt.Errorf("an element has the wrong type: %w", err)
	}
	v := map[string][]string{"_id": {id}}
	for _, name := range x.Name {
		family, given := strings.ToLower(name.Family), strings.ToLower(strings.Join(name.Given, "\n"))
		v["family"] = append(v["family"], family)
		v["given"] = append(v["given"], strings.Split(given, "\n")...)
		v["name"] = append(append(v["name"], family, strings.ToLower(name.Text)), strings.Split(given, "\n")...)
	}
	for _, identifier := range x.Identifier {
		if identifier.Value != "" {
			v["identifier"] = append(v["identifier"], identifier.System+"|"+identifier.Value)
		}
	}
	for _, coding := range append(x.Code.Coding, x.Type.Coding...) {
		v["code"] = append(v["code"], coding.System+"|"+coding.Code)
	}
	v["gender"] = []string{"|" + x.Gender}
	v["birthdate"] = []string{x.BirthDate}
	v["date"] = []string{x.EffectiveDateTime + x.Date}
	v["patient"] = []string{strings.TrimPrefix(x.Subject.Reference, "Patient/")}
	v["subject"], v["type"] = v["patient"], v["code"]
	return v, nil
}
