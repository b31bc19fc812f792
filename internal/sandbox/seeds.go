package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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

func (r *records) seed(kind, id string, at time.Time, resource any) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(encode(resource), &members); err != nil {
		panic("sandbox: " + err.Error()) // a mistake in this file
	}
	n, err := newRecord(kind, id, 1, at, members)
	if err != nil {
		panic("sandbox: " + err.Error()) // a mistake in this file
	}
	r.put(n)
}

type object = map[string]any

// seedPatient invents a person. The first is Maren Isolde Quillon, born on 9 March 1984; three share each family name.
func seedPatient(id string, i int) object {
	families := strings.Fields("Quillon Abernasse Brindelow Corvanth Dunmarrow Elverstad Fennimoor Grellwick Hartevane " +
		"Ildenroth Jasperling Korrigane Lundemar Morvayne Nettlebeck")
	given := strings.Fields("Maren Tobin Alodie Casper Ysolde Fenwick Liora Anselm Odette Brannoc Sunniva Leofric")
	second := strings.Fields("Isolde Hale Wren Sorrel Lark")
	genders := []string{"female", "male", "female", "male", "other"}
	family, first := families[i%len(families)], given[i%len(given)]
	return object{
		"active":     true,
		"identifier": []object{{"system": seedSystem, "value": "MRN-" + id}},
		"name":       []object{{"use": "official", "family": family, "given": []string{first, second[i%len(second)]}}},
		"gender":     genders[i%len(genders)],
		"birthDate":  time.Date(1984, 3, 9, 0, 0, 0, 0, time.UTC).AddDate(i%7-i%4, i%11, 3*i).Format(time.DateOnly),
		"telecom": []object{
			{"system": "phone", "value": fmt.Sprintf("+1-555-01%02d", i)},
			{"system": "email", "value": strings.ToLower(first+"."+family) + "@mail.example"},
		},
		"address": []object{{
			"line": []string{fmt.Sprintf("%d Larkspur Lane", 10+i)}, "city": "Emberford", "state": "OR", "postalCode": "97000",
		}},
	}
}

func seedObservation(patient string, at time.Time, code, display, unit string, value int) object {
	return object{
		"status":            "final",
		"code":              object{"coding": []object{{"system": loinc, "code": code, "display": display}}},
		"subject":           object{"reference": "Patient/" + patient},
		"effectiveDateTime": at.Format(time.RFC3339),
		"valueQuantity":     object{"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
	}
}

func seedDocument(patient string, at time.Time) object {
	text := base64.StdEncoding.EncodeToString([]byte("Visit summary of patient " + patient + ": nothing of note.\n"))
	return object{
		"status":  "current",
		"type":    object{"coding": []object{{"system": loinc, "code": "34133-9", "display": "Summary of episode note"}}},
		"subject": object{"reference": "Patient/" + patient},
		"date":    at.Format(time.RFC3339),
		"content": []object{{"attachment": object{"contentType": "text/plain", "title": "Visit summary", "data": text}}},
	}
}
