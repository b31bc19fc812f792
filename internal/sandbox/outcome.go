package sandbox

import "net/http"

const fhirType = "application/fhir+json"

// outcome is an OperationOutcome with one issue, which is how a FHIR server says no.
func outcome(status int, code, diagnostics string, reason Reason) answer {
	type issue struct {
		Severity    string `json:"severity"`
		Code        string `json:"code"`
		Diagnostics string `json:"diagnostics"`
	}
	return fhirAnswer(status, encode(struct {
		ResourceType string  `json:"resourceType"`
		Issue        []issue `json:"issue"`
	}{"OperationOutcome", []issue{{"error", code, diagnostics}}})).because(reason, "%s", diagnostics)
}

// fhirAnswer sends an encoded resource.
func fhirAnswer(status int, body []byte) answer {
	return answer{status: status, header: map[string]string{"Content-Type": fhirType}, body: body, reason: OK}
}

// unauthenticated is the 401 of the server as it is switched at present.
func (e *environment) unauthenticated(reason Reason, detail string) answer {
	a := unauthenticated(reason, detail)
	if e.guard != nil {
		return a.with("Www-Authenticate", e.guard.challenge(reason))
	}
	if reason == ExpiredToken && e.sandbox.Switches().ExpiredToken {
		return a.with("Www-Authenticate", `Bearer error="expired_token"`)
	}
	return a
}

// unauthenticated is the 401 of the FHIR server, whose body never says more than its header.
func unauthenticated(reason Reason, detail string) answer {
	status, text := http.StatusUnauthorized, "Invalid Token"
	switch reason {
	case NoCredentials, TokenInQuery:
		text = "Authentication required"
	case SeveralCredentials:
		status, text = http.StatusBadRequest, "Invalid Request"
	}
	return outcome(status, "login", text, reason).with("Www-Authenticate", challenge(reason)).because(reason, "%s", detail)
}
