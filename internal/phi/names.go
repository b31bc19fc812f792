package phi

import "strings"

// personal reports whether a member of JSON, an element of XML, a column or a variable tells of a person by its name, however it is
// written: firstName, first_name, FIRST-NAME.
func personal(name string) bool {
	switch folded(name) {
	case "firstname", "lastname", "middlename", "fullname", "givenname", "givennames", "familyname", "given", "family", "surname", "maidenname",
		"nickname", "patientname", "membername", "participantname", "subjectname", "username", "preferredusername", "personname", "legalname",
		"email", "emailaddress", "mail", "phone", "phonenumber", "mobile", "mobilephone", "homephone", "workphone", "cellphone", "telephone", "fax", "faxnumber",
		"telecom", "dob", "dateofbirth", "birthdate", "birthday", "birthtime", "dateofdeath", "deathdate", "deceaseddatetime",
		"ssn", "socialsecuritynumber", "mrn", "medicalrecordnumber", "memberid", "patientid", "patientidentifier", "participantid", "subscriberid", "policynumber",
		"nationalid", "nationalidentifier", "passport", "passportnumber", "driverslicense", "licensenumber", "insuranceid", "healthplannumber",
		"accountnumber", "fhiruser", "nhsnumber", "taxid", "deviceserial",
		"address", "addressline", "addressline1", "addressline2", "address1", "address2", "street", "streetaddress", "streetaddressline", "streetname",
		"city", "town", "county", "zip", "zipcode", "postalcode", "postcode", "latitude", "longitude", "ipaddress", "emergencycontact":
		return true
	}
	return false
}

// Personal reports whether a variable or a column of data holds patient data by its name: firstName, patient_email, mrn.
func Personal(name string) bool {
	if personal(name) {
		return true
	}
	name = folded(name)
	for _, whose := range []string{"patient", "member", "participant", "person", "subject", "user"} {
		if rest, ok := strings.CutPrefix(name, whose); ok && (rest == "" && (whose == "patient" || whose == "person") || rest == "name" || personal(rest)) {
			return true
		}
	}
	return false
}

// folded returns a name in small letters, without what separates its words.
func folded(name string) string {
	plain := true
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			plain = false
			break
		}
	}
	if plain {
		return name
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == ' ' || r == '.':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// person reports whether a member or a segment of a path is called as persons are.
func person(noun string) bool {
	switch folded(noun) {
	case "patient", "patients", "member", "members", "participant", "participants", "person", "persons", "people", "subject", "subjects", "user", "users",
		"practitioner", "practitioners", "caregiver", "caregivers", "contact", "contacts", "guardian", "guardians", "dependents", "dependent", "subscriber",
		"subscribers", "beneficiary", "enrollee", "enrollees", "insured", "profile":
		return true
	}
	return false
}

// parameter reports whether a search parameter of FHIR takes patient data (R4, section 3.1.1; search parameters of Patient, Person,
// RelatedPerson and Practitioner).
func parameter(name string) bool {
	if strings.HasPrefix(name, "_has:") || strings.Contains(name, ".") { // Observation?subject:Patient.name=…
		name = name[max(strings.LastIndexByte(name, '.'), strings.LastIndexByte(name, ':'))+1:]
	}
	name, _, _ = strings.Cut(name, ":")
	switch name {
	case "name", "phonetic", "_id", "identifier", "death-date", "deceased", "birthdate", "telecom", "patient", "subject", "person", "individual", "participant",
		"_content", "_text", "_filter", "address-city", "address-postalcode", "near", "user":
		return true
	}
	return personal(name)
}

// header reports whether a header holds patient data by its name: X-Patient-Id.
func header(name string) bool {
	name, _ = strings.CutPrefix(name, "X-")
	return Personal(name) || personal(name)
}

// conformance reports whether resources of a type describe a server or a terminology, and nobody (FHIR R4, modules Conformance,
// Terminology and Definitional).
func conformance(resource string) bool {
	switch resource {
	case "CapabilityStatement", "CodeSystem", "CompartmentDefinition", "ConceptMap", "GraphDefinition", "ImplementationGuide", "MessageDefinition",
		"NamingSystem", "OperationDefinition", "SearchParameter", "StructureDefinition", "StructureMap", "TerminologyCapabilities", "ValueSet",
		"ActivityDefinition", "PlanDefinition", "Questionnaire", "Library", "Measure", "TestScript", "TestReport", "ExampleScenario", "EventDefinition",
		"ChargeItemDefinition", "ObservationDefinition", "SpecimenDefinition", "ResearchDefinition", "ResearchElementDefinition", "EvidenceVariable",
		"DeviceDefinition", "Medication", "Substance", "MedicationKnowledge", "SubscriptionTopic", "Requirements", "ActorDefinition", "metadata":
		return true
	}
	return false
}

// institution reports whether resources of a type are about no person, although persons may be named in them.
func institution(resource string) bool {
	switch resource {
	case "Organization", "Location", "HealthcareService", "Endpoint", "OrganizationAffiliation", "InsurancePlan":
		return true
	}
	return false
}

// resourceType reports whether a segment of a path is a type of resource whose ids are patient data: the compartments of Patient,
// Practitioner and RelatedPerson (FHIR R4 and R5, section 2.2).
func resourceType(segment string) bool {
	if len(segment) < 4 || segment[0] < 'A' || segment[0] > 'Z' {
		return false
	}
	switch segment {
	case "Patient", "Person", "Practitioner", "PractitionerRole", "RelatedPerson", "Group",
		"Account", "AdverseEvent", "AllergyIntolerance", "Appointment", "AppointmentResponse", "AuditEvent", "Basic", "Binary", "BiologicallyDerivedProduct",
		"BodyStructure", "CarePlan", "CareTeam", "ChargeItem", "Claim", "ClaimResponse", "ClinicalImpression", "Communication", "CommunicationRequest",
		"Composition", "Condition", "Consent", "Contract", "Coverage", "CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue", "Device",
		"DeviceRequest", "DeviceUsage", "DeviceUseStatement", "DiagnosticReport", "DocumentManifest", "DocumentReference", "Encounter", "EnrollmentRequest",
		"EnrollmentResponse", "EpisodeOfCare", "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "GuidanceResponse", "ImagingSelection",
		"ImagingStudy", "Immunization", "ImmunizationEvaluation", "ImmunizationRecommendation", "Invoice", "List", "Linkage", "MeasureReport", "Media",
		"MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "MolecularSequence", "NutritionIntake", "NutritionOrder",
		"Observation", "PaymentNotice", "PaymentReconciliation", "Procedure", "Provenance", "QuestionnaireResponse", "RequestGroup", "RequestOrchestration",
		"ResearchSubject", "RiskAssessment", "Schedule", "ServiceRequest", "Slot", "Specimen", "SupplyDelivery", "SupplyRequest", "Task", "Transport",
		"VisionPrescription":
		return true
	}
	return false
}
