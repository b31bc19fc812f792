package sandbox

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	seedPatients = 45
	seedSystem   = "https://hg.example/medical-record-number"
	loinc        = "http://loinc.org"
)

// seedPatientID is 1001 and up in the sandbox, 2001 and up in production.
func seedPatientID(environment string, i int) string {
	first := 1001
	if environment == "production" {
		first = 2001
	}
	return strconv.Itoa(first + i)
}

// seedRecords makes the resources every environment starts with: the same in every process, and nobody's.
func seedRecords(environment string) *records {
	r := &records{byKind: map[string]*shelf{}}
	at := time.Date(2025, 1, 15, 8, 0, 0, 0, time.UTC)
	for i := range seedPatients {
		id := seedPatientID(environment, i)
		r.seed("Patient", id, at, seedPatient(id, i))
		r.seed("Observation", "o-"+id+"-1", at, seedObservation(id, at, "29463-7", "Body weight", "kg", 52+i))
		r.seed("Observation", "o-"+id+"-2", at, seedObservation(id, at, "8867-4", "Heart rate", "/min", 58+i%30))
		r.seed("DocumentReference", "d-"+id, at, seedDocument(id, at))
		at = at.Add(time.Minute)
		r.next, _ = strconv.Atoi(id) // made of digits above
	}
	r.next++
	return r
}

// seed adds a resource whose members after meta are written out already. It is indexed when first searched for: the first
// request waits for all seeds to be made, and often it only reads one of them.
func (r *records) seed(kind, id string, at time.Time, members []byte) {
	n := &record{kind: kind, id: id, version: 1, modified: at}
	n.body = fmt.Appendf(nil, `{"resourceType":%q,"id":%q,"meta":{"lastUpdated":%q,"versionId":"1"},%s}`,
		kind, id, at.Format(instant), members)
	n.values = sync.OnceValue(func() map[string][]string {
		values, err := index(id, n.body)
		if err != nil {
			panic("sandbox: " + err.Error()) // a mistake in this file
		}
		return values
	})
	r.put(n)
}

// seedPatient invents a person. The first is Maren Isolde Quillon, born on 9 March 1984; three share each family name.
func seedPatient(id string, i int) []byte {
	families := [...]string{
		"Quillon", "Abernasse", "Brindelow", "Corvanth", "Dunmarrow", "Elverstad", "Fennimoor", "Grellwick", "Hartevane",
		"Ildenroth", "Jasperling", "Korrigane", "Lundemar", "Morvayne", "Nettlebeck",
	}
	given := [...]string{
		"Maren", "Tobin", "Alodie", "Casper", "Ysolde", "Fenwick", "Liora", "Anselm", "Odette", "Brannoc", "Sunniva", "Leofric",
	}
	second := [...]string{"Isolde", "Hale", "Wren", "Sorrel", "Lark"}
	genders := [...]string{"female", "male", "female", "male", "other"}
	family, first := families[i%len(families)], given[i%len(given)]
	born := time.Date(1984+i%7-i%4, time.March, 9+i, 0, 0, 0, 0, time.UTC)
	return fmt.Appendf(nil, `"active":true,"identifier":[{"system":%q,"value":"MRN-%s"}],`+
		`"name":[{"use":"official","family":%q,"given":[%q,%q]}],"telecom":[{"system":"phone","value":"+1-555-01%02d"},`+
		`{"system":"email","value":"%s@mail.example"}],"gender":%q,"birthDate":%q,`+
		`"address":[{"line":["%d Larkspur Lane"],"city":"Emberford","state":"OR","postalCode":"97000"}]`,
		seedSystem, id, family, first, second[i%len(second)], i, strings.ToLower(first+"."+family),
		genders[i%len(genders)], born.Format(time.DateOnly), 10+i)
}

func seedObservation(patient string, at time.Time, code, display, unit string, value int) []byte {
	return fmt.Appendf(nil, `"status":"final","code":{"coding":[{"system":%q,"code":%q,"display":%q}]},`+
		`"subject":{"reference":"Patient/%s"},"effectiveDateTime":%q,`+
		`"valueQuantity":{"value":%d,"unit":%q,"system":"http://unitsofmeasure.org","code":%q}`,
		loinc, code, display, patient, at.Format(time.RFC3339), value, unit, unit)
}

func seedDocument(patient string, at time.Time) []byte {
	text := base64.StdEncoding.EncodeToString([]byte("Visit summary of patient " + patient + ": nothing of note.\n"))
	return fmt.Appendf(nil, `"status":"current","type":{"coding":[{"system":%q,"code":"34133-9",`+
		`"display":"Summary of episode note"}]},"subject":{"reference":"Patient/%s"},"date":%q,`+
		`"content":[{"attachment":{"contentType":"text/plain","title":"Visit summary","data":%q}}]`,
		loinc, patient, at.Format(time.RFC3339), text)
}
