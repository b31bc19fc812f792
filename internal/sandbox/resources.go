package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func read(r fhirRequest) answer {
	found := r.server.records().find(r.kind, r.id)
	if found == nil {
		return missing(r.kind, r.id)
	}
	if !r.covers(found) {
		return r.outside()
	}
	if r.Header.Get("If-None-Match") == found.etag() {
		return silent(http.StatusNotModified, OK).with("Etag", found.etag())
	}
	return found.answer(http.StatusOK)
}

// readVersion is the vread interaction.
func readVersion(r fhirRequest) answer {
	if found := r.server.records().findVersion(r.kind, r.id, r.version); found != nil {
		if !r.covers(found) {
			return r.outside()
		}
		return found.answer(http.StatusOK)
	}
	return missing(r.kind, r.id+"/_history/"+r.version)
}

// covers reports whether the scope reaches a record: one of levels above "patient" reaches all.
func (r fhirRequest) covers(found *record) bool {
	return r.patient == "" || found.kind == "Patient" && found.id == r.patient ||
		slices.Contains(found.values()["patient"], r.patient)
}

func (r fhirRequest) outside() answer {
	return outcome(http.StatusForbidden, "forbidden", "the token is for the records of one patient", OutsideCompartment).
		because(OutsideCompartment, "the patient in context is %s", r.patient)
}

func missing(kind, id string) answer {
	return outcome(http.StatusNotFound, "not-found", kind+"/"+id+" is not known", UnknownResource)
}

func (r *record) answer(status int) answer {
	return answer{status: status, body: r.body, reason: OK, header: map[string]string{
		"Content-Type": fhirType, "Etag": r.etag(), "Last-Modified": r.modified.Format(http.TimeFormat),
	}}
}

// everything is Patient/[id]/$everything: the patient, then all that is about it.
func everything(r fhirRequest) answer {
	path := r.kind + "/" + r.id + "/$everything"
	query, refused := r.server.follow(path, r.URL.Query())
	if refused != nil {
		return *refused
	}
	p, bad := readPage(query)
	if bad != "" {
		return outcome(http.StatusBadRequest, "invalid", bad, WrongParameter)
	}
	records := r.server.records()
	patient := records.find(r.kind, r.id)
	if patient == nil {
		return missing(r.kind, r.id)
	}
	if !r.covers(patient) {
		return r.outside()
	}
	found := []*record{patient}
	for _, kind := range []string{"Observation", "DocumentReference"} {
		found = append(found, records.all(kind, func(each *record) bool {
			return slices.Contains(each.values()["patient"], r.id)
		})...)
	}
	return r.server.bundle(path, url.Values{}, p, found)
}

func create(r fhirRequest) answer {
	resource, refused := r.resource()
	if refused != nil {
		return *refused
	}
	records := r.server.records()
	records.mu.Lock()
	defer records.mu.Unlock()
	n, err := newRecord(r.kind, strconv.Itoa(records.next), 1, r.now(), resource)
	if err == nil {
		err = n.validate()
	}
	if err != nil {
		return outcome(http.StatusUnprocessableEntity, "invariant", err.Error(), InvalidResource)
	}
	if twin := records.twin(n); twin != "" {
		return outcome(http.StatusConflict, "duplicate", "the identifier belongs to "+twin, DuplicateRecord)
	}
	records.next++
	records.put(n)
	return n.answer(http.StatusCreated).with("Location", r.server.base+"/"+r.kind+"/"+n.id+"/_history/1")
}

// update replaces a resource that is there. If-Match must name its version; without that header, so must meta.versionId
// if the body has one.
func update(r fhirRequest) answer {
	resource, refused := r.resource()
	if refused != nil {
		return *refused
	}
	var stated struct {
		ID   string
		Meta struct{ VersionID string }
	}
	if err := json.Unmarshal(encode(resource), &stated); err != nil || stated.ID != r.id {
		return outcome(http.StatusBadRequest, "invalid", "the id of the resource must be the one in the URL", UnreadableBody)
	}
	records := r.server.records()
	records.mu.Lock()
	defer records.mu.Unlock()
	current := records.current(r.kind, r.id)
	if current == nil {
		return missing(r.kind, r.id)
	}
	if got := r.Header.Get("If-Match"); got != "" && got != current.etag() {
		return outcome(http.StatusPreconditionFailed, "conflict", "the current version is "+current.etag(), StaleVersion)
	} else if v := stated.Meta.VersionID; got == "" && v != "" && v != strconv.Itoa(current.version) {
		return outcome(http.StatusConflict, "conflict", "the current version is "+current.etag(), StaleVersion)
	}
	n, err := newRecord(r.kind, r.id, current.version+1, r.now(), resource)
	if err == nil {
		err = n.validate()
	}
	if err != nil {
		return outcome(http.StatusUnprocessableEntity, "invariant", err.Error(), InvalidResource)
	}
	records.put(n)
	return n.answer(http.StatusOK)
}

func (r fhirRequest) now() time.Time { return r.server.environment.sandbox.Now() }

// resource reads the body of a request that writes.
func (r fhirRequest) resource() (map[string]json.RawMessage, *answer) {
	fail := func(status int, code, why string, reason Reason) (map[string]json.RawMessage, *answer) {
		a := outcome(status, code, why, reason)
		return nil, &a
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != fhirType && kind != jsonType {
		return fail(http.StatusUnsupportedMediaType, "not-supported", "want the Content-Type "+fhirType, WrongContentType)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return fail(http.StatusBadRequest, "invalid", "the body cannot be read", UnreadableBody)
	}
	var resource map[string]json.RawMessage
	if err := json.Unmarshal(body, &resource); err != nil || resource == nil {
		return fail(http.StatusBadRequest, "structure", "the body is not a JSON object", UnreadableBody)
	}
	var got string
	if err := json.Unmarshal(resource["resourceType"], &got); err != nil || got != r.kind {
		return fail(http.StatusBadRequest, "invalid", "resourceType must be "+r.kind, UnreadableBody)
	}
	return resource, nil
}

// twin returns the reference of another resource of the kind that has one of the record's identifiers, or "". The caller
// holds the lock.
func (r *records) twin(n *record) string {
	if s := r.byKind[n.kind]; s != nil {
		for _, each := range s.records {
			for _, identifier := range n.values()["identifier"] {
				if slices.Contains(each.values()["identifier"], identifier) {
					return each.kind + "/" + each.id
				}
			}
		}
	}
	return ""
}

// validate is a small part of what the FHIR profiles want.
func (r *record) validate() error {
	if r.kind != "Patient" {
		if !slices.ContainsFunc(r.values()["patient"], func(id string) bool { return id != "" }) {
			return fmt.Errorf("%s.subject: want a reference to a patient", r.kind)
		}
		return nil
	}
	if !slices.ContainsFunc(r.values()["name"], func(name string) bool { return name != "" }) {
		return fmt.Errorf("%s.name: want at least one name", r.kind)
	}
	if gender := strings.TrimPrefix(r.values()["gender"][0], "|"); gender != "" &&
		!slices.Contains([]string{"male", "female", "other", "unknown"}, gender) {
		return fmt.Errorf("%s.gender: got %q, want male, female, other or unknown", r.kind, gender)
	}
	if date := r.values()["birthdate"][0]; date != "" {
		if !isDate(date) {
			return fmt.Errorf("Patient.birthDate: got %q, want a date such as 1984-03-09", date)
		}
	}
	return nil
}

// isDate reports whether s is a year, a month or a day.
func isDate(s string) bool {
	return slices.ContainsFunc([]string{"2006", "2006-01", time.DateOnly}, func(layout string) bool {
		_, err := time.Parse(layout, s)
		return err == nil
	})
}
