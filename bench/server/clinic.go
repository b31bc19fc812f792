package main

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// clinic is the state of the server: the tokens it gave out and how many requests it answered well since it was last
// asked.
type clinic struct {
	delay    time.Duration
	tokens   sync.Map // token -> struct{}
	issued   atomic.Int64
	patients atomic.Int64
	refused  atomic.Int64
	bulks    atomic.Int64
}

// counts is what /counts answers: the requests since it was asked last. The driver compares them with what a
// contestant claims to have sent.
type counts struct {
	Tokens   int64 `json:"tokens"`
	Patients int64 `json:"patients"`
	Refused  int64 `json:"refused"`
	Bulks    int64 `json:"bulks"`
}

func newClinic(delay time.Duration) *clinic { return &clinic{delay: delay} }

// admit makes a token good.
func (c *clinic) admit(token string) { c.tokens.Store(token, struct{}{}) }

func (c *clinic) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", c.token)
	mux.HandleFunc("GET /fhir/R4/Patient/{id}", c.patient)
	mux.HandleFunc("GET /bulk/{megabytes}", c.bulk)
	mux.HandleFunc("GET /bulk/{megabytes}/{how}", c.bulk)
	mux.HandleFunc("GET /counts", c.counts)
	return mux
}

// token gives a token for a form of a known grant. It looks whether the members are there and never whether a
// signature or a secret is right: judging them costs the server, and the server is not what is measured.
func (c *clinic) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		c.refuse(w, http.StatusBadRequest, "invalid_request")
		return
	}
	switch r.PostForm.Get("grant_type") {
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		if strings.Count(r.PostForm.Get("assertion"), ".") != 2 {
			c.refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
	case "client_credentials":
		if user, _, ok := r.BasicAuth(); user == "" && !ok && r.PostForm.Get("client_id") == "" {
			c.refuse(w, http.StatusUnauthorized, "invalid_client")
			return
		}
	default:
		c.refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	token := rand.Text()
	c.admit(token)
	c.issued.Add(1)
	w.Header().Set("Cache-Control", "no-store")
	answer(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": r.PostForm.Get("scope")})
}

// patient answers about a kilobyte of FHIR in which only the id varies.
func (c *clinic) patient(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if _, good := c.tokens.Load(token); !good {
		w.Header().Set("WWW-Authenticate", `Bearer realm="bench", error="invalid_token"`)
		c.refuse(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	if delay := c.delayOf(r); delay > 0 {
		time.Sleep(delay)
	}
	id := r.PathValue("id")
	body := make([]byte, 0, len(beforeID)+len(id)+len(afterID))
	body = append(append(append(body, beforeID...), id...), afterID...)
	c.patients.Add(1)
	h := w.Header()
	h.Set("Content-Type", "application/fhir+json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("ETag", `W/"3"`)
	_, _ = w.Write(body) // a client that left is noticed by its own wrong count
}

// delayOf returns how long a patient takes: as long as the query asks for, or as always.
func (c *clinic) delayOf(r *http.Request) time.Duration {
	if r.URL.RawQuery != "" {
		if d, err := time.ParseDuration(r.URL.Query().Get("delay")); err == nil {
			return min(d, time.Second)
		}
	}
	return c.delay
}

func (c *clinic) counts(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, counts{c.issued.Swap(0), c.patients.Swap(0), c.refused.Swap(0), c.bulks.Swap(0)})
}

// refuse answers an OAuth error (RFC 6749, section 5.2).
func (c *clinic) refuse(w http.ResponseWriter, status int, code string) {
	c.refused.Add(1)
	answer(w, status, map[string]string{"error": code})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// The two halves of the patient, around the id.
const (
	beforeID = `{"resourceType":"Patient","id":"`
	afterID  = `","meta":{"versionId":"3","lastUpdated":"2026-03-14T09:26:53.589Z","source":"urn:bench:registry",` +
		`"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]},` +
		`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Marta Elin Lindqvist, born 1971-08-30</div>"},` +
		`"identifier":[{"use":"usual","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},` +
		`"system":"urn:oid:2.16.840.1.113883.19.5","value":"MRN-4471"}],"active":true,` +
		`"name":[{"use":"official","family":"Lindqvist","given":["Marta","Elin"]},{"use":"nickname","given":["Mia"]}],` +
		`"telecom":[{"system":"phone","value":"+1 555 0143","use":"mobile"},{"system":"email","value":"marta@example.org"}],` +
		`"gender":"female","birthDate":"1971-08-30","deceasedBoolean":false,` +
		`"address":[{"use":"home","line":["12 Harbour Lane","Flat 3"],"city":"Portsmouth","state":"NH","postalCode":"03801","country":"US"}],` +
		`"generalPractitioner":[{"reference":"Practitioner/88","display":"Dr Okafor"}],"managingOrganization":{"reference":"Organization/5"}}`
)
