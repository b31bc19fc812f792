package phi

import "strings"

// action is what becomes of a value.
type action int

const (
	keep  action = iota
	mask         // all of it
	place        // a URL or a reference: its ids
	words        // free text: what is patient data by its shape
)

// mode is by which rules values are judged.
type mode int

const (
	named    mode = iota // no FHIR: by names
	clinical             // a resource about a person: what is not known to be harmless is masked
	civil                // a resource about an institution: persons in it
	outcome              // OperationOutcome: the words of a server
	clear                // what describes a server or a terminology
)

// modeOf returns by which rules a resource is judged.
func modeOf(resource string) mode {
	switch {
	case resource == "OperationOutcome":
		return outcome
	case conformance(resource):
		return clear
	case institution(resource):
		return civil
	}
	return clinical
}

// spot is where a value stands.
type spot struct {
	mode     mode
	resource string // the type of the resource around it; empty for none
	parent   string // the member that holds the object around it: name
	member   string // its own: family; of the elements of a list that of the list
	whose    bool   // the object around it is about a person, by a name or by its href
	depth    int
}

// datatype names what an object is, by the member that holds it.
func datatype(member string) string {
	member = strings.TrimPrefix(member, "value")
	switch member {
	case "name", "HumanName":
		return "HumanName"
	case "address", "Address":
		return "Address"
	case "telecom", "ContactPoint":
		return "ContactPoint"
	case "identifier", "Identifier":
		return "Identifier"
	case "text":
		return "Narrative"
	case "note", "Annotation":
		return "Annotation"
	case "photo", "attachment", "content", "data", "Attachment":
		return "Attachment"
	case "extension", "modifierExtension":
		return "Extension"
	case "coding", "Coding", "tag", "security", "class":
		return "Coding"
	case "subject", "patient", "author", "performer", "recorder", "participant", "generalPractitioner", "requester", "Reference":
		return "Reference"
	}
	return member
}

// label names a value in its mask: HumanName.family.
func (s *spot) label() string {
	switch of := datatype(s.parent); {
	case s.mode == named || s.member == "id":
		return s.member
	case of != "":
		return of + "." + s.member
	case s.resource != "":
		return s.resource + "." + s.member
	}
	return s.member
}

// judge says what becomes of a text.
func (s *spot) judge() action {
	switch s.mode {
	case clear:
		return keep
	case outcome:
		if s.member == "diagnostics" || s.member == "text" || s.member == "div" || s.member == "display" || strings.HasPrefix(s.member, "value") {
			return words
		}
		return keep
	case named:
		return s.byName()
	case civil:
		return s.inInstitution()
	}
	return s.clinical()
}

// clinical judges a text of a resource about a person. What is not listed is masked.
func (s *spot) clinical() action {
	of := datatype(s.parent)
	switch s.member {
	case "resourceType", "status", "use", "system", "code", "version", "versionId", "unit", "comparator", "language", "profile", "gender", "mode", "intent",
		"priority", "kind", "type", "category", "criticality", "contentType", "rank", "relation", "method", "linkId", "definition", "questionnaire", "mimeType",
		"instantiatesCanonical", "expression", "severity", "currency", "valueCode", "valueCanonical", "etag", "verificationStatus", "clinicalStatus":
		return keep
	case "reference", "fullUrl", "source", "location", "ifNoneExist":
		return place
	case "url":
		return s.address(of)
	case "state", "country":
		return onlyIn(of, "Address")
	case "display":
		return onlyIn(of, "Coding")
	case "text":
		return onlyIn(s.parent, "item") // of a questionnaire: the question
	case "name":
		if s.resource == "Parameters" {
			return keep
		}
	case "id":
		if s.resource == "Bundle" && s.parent == "" {
			return keep
		}
	}
	return mask
}

// address judges an url: an extension has its definition there, an attachment its document.
func (s *spot) address(of string) action {
	switch {
	case of == "Extension":
		return keep
	case of == "Attachment":
		return mask
	}
	return place
}

func onlyIn(of, want string) action {
	if of == want {
		return keep
	}
	return mask
}

func (s *spot) inInstitution() action {
	switch datatype(s.parent) {
	case "HumanName":
		return onlyIn(s.member, "use")
	case "Reference":
		return s.clinical()
	}
	if s.member == "reference" {
		return place
	}
	return keep
}

// byName judges a text of what is no FHIR.
func (s *spot) byName() action {
	switch folded(s.member) {
	case "name", "title", "displayname", "label", "sub", "initials":
		if s.whose {
			return mask
		}
	case "id", "uuid", "guid", "externalid", "identifier":
		if s.whose {
			return mask
		}
	case "patient", "birthplace":
		return mask
	case "href", "url", "uri", "link", "self", "next", "previous", "location", "reference", "fhircontext", "path":
		return place
	case "message", "detail", "details", "description", "errordescription", "error", "reason", "comment", "note", "notes", "text", "diagnostics":
		if s.whose && folded(s.member) != "message" {
			return mask
		}
		return words
	}
	if personal(s.member) || personal(s.parent) && folded(s.parent) != "phone" {
		if m := folded(s.member); m == "state" || m == "country" || m == "type" || m == "use" {
			return keep
		}
		return mask
	}
	return keep
}

// number reports whether a number, true or false is masked: what it means is known of few.
func (s *spot) number(literal byte) bool {
	isNumber := literal == '-' || literal >= '0' && literal <= '9'
	switch {
	case !isNumber || s.mode == clear || s.mode == outcome || s.mode == civil:
		return false
	case s.mode == named:
		return s.byName() == mask
	}
	return strings.HasPrefix(s.member, "value") && (s.parent == "extension" || s.parent == "answer") || s.member == "multipleBirthInteger" || s.member == "deceasedAge"
}

// PersonalPath reports whether what stands at a path of a resource about a person is patient data: name.0.family is, status is not.
func PersonalPath(path string) bool {
	var s spot
	for name := range strings.SplitSeq(path, ".") {
		if name != "" && name != "#" && !digits(name) {
			s.parent, s.member = s.member, name
		}
	}
	s.mode = clinical
	return s.member != "" && s.judge() == mask
}
