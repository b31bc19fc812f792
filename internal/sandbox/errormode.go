package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// An ErrorMode is how the token endpoints of the Health Gorilla-like servers word their refusals. The truth stays in
// Entry.Reason whatever the client is told.
type ErrorMode string

// DefaultErrors words refusals as the vendor does: always 400, few descriptions, no body for a malformed assertion.
const DefaultErrors ErrorMode = ""

// The other modes, as their names stand in a request to /__sandbox/errors.
const (
	StrictErrors  ErrorMode = "strict"  // each mistake has its own code and description (RFC 6749, section 5.2; RFC 7521, section 4)
	GenericErrors ErrorMode = "generic" // every mistake of client or assertion is one and the same 401
	SilentErrors  ErrorMode = "silent"  // every mistake of client or assertion is a 403 without body and Content-Type
	LegacyErrors  ErrorMode = "legacy"  // as the vendor's old pages: "improper client id" and "Subject validation failed" as plain text
	FositeErrors  ErrorMode = "fosite"  // as strict, but an expired assertion is a 500, and a replay a 400 with a code of its own
)

// wordings returns how each mode words a refusal.
func wordings() map[ErrorMode]func(refusal) answer {
	return map[ErrorMode]func(refusal) answer{
		DefaultErrors: refusal.answer,
		StrictErrors:  refusal.strict,
		GenericErrors: refusal.generic,
		SilentErrors:  refusal.silent,
		LegacyErrors:  refusal.legacy,
		FositeErrors:  refusal.fosite,
	}
}

func (m ErrorMode) check() error {
	if m == DefaultErrors {
		return nil
	}
	known := wordings()
	if _, ok := known[m]; ok {
		return nil
	}
	return fmt.Errorf("sandbox errors: got %q, want one of %q", string(m), slices.Sorted(maps.Keys(known)))
}

// answers words a refusal of r as the server does at present.
func (e *environment) answers(f *refusal, r *http.Request) answer {
	f.basic = r.Header.Get("Authorization") != ""
	mode, switches := e.sandbox.settings.now()
	if f.isProtocol() {
		return f.strict()
	}
	if mode == DefaultErrors && e.wording != nil {
		return e.wording(*f)
	}
	if switches.PlainClientID && mode == DefaultErrors && f.code == invalidClient {
		return plainText(http.StatusBadRequest, describe(invalidClient), *f)
	}
	return wordings()[mode](*f)
}

// aboutProof reports whether the mistake is one of who asks or of the assertion, not of the rest of the request.
func (f refusal) aboutProof() bool {
	switch f.reason {
	case NoAuthentication, MalformedBasic, MalformedAssertion, UnknownClient, WrongAlgorithm, WrongSignature, DecodedSecret,
		WrongIssuer, WrongSubject, WrongAudience, WrongExpiry, ExpiredAssertion, DistantExpiry, FutureAssertion, WrongID,
		ReplayedAssertion, WrongSecret, WrongHeader, UnknownKey, UnreachableKeys,
		NoCertificate, WrongCertificate, UnencodedBasic, EncodedBasic:
		return true
	}
	return false
}

// strict says what is wrong in the words of the log. A mistake of an assertion is an invalid_grant where the assertion is
// the grant, and an invalid_client where it authenticates (RFC 7523, sections 3.1 and 3.2).
func (f refusal) strict() answer {
	if f.aboutProof() {
		if f.code = invalidClient; f.blame == invalidGrant {
			f.code = invalidGrant
		}
	}
	a := f.says(http.StatusBadRequest, f.code, f.sentence())
	switch {
	case f.reason == WrongMethod:
		a.status = http.StatusMethodNotAllowed
		return a.with("Allow", http.MethodPost)
	case f.code == invalidClient:
		a.status = http.StatusUnauthorized
		if f.basic {
			return a.with("Www-Authenticate", `Basic realm="token endpoint"`)
		}
	}
	return a
}

// sentence is the reason and the detail.
func (f refusal) sentence() string {
	words := strings.ReplaceAll(string(f.reason), "-", " ")
	if f.detail == "" {
		return words
	}
	return words + ": " + f.detail
}

// generic tells nothing of client and assertion, except that something without three segments is no assertion at all.
func (f refusal) generic() answer {
	switch {
	case f.unsegmented:
		return f.says(http.StatusBadRequest, invalidRequest, "invalid client_assertion format")
	case f.aboutProof():
		return f.says(http.StatusUnauthorized, invalidClient, "client authentication failed")
	case f.code == invalidGrant:
		return f.says(http.StatusBadRequest, invalidGrant, "grant request is invalid")
	}
	return f.answer()
}

// silent tells nothing but a status, and the name of a scope error.
func (f refusal) silent() answer {
	switch {
	case f.aboutProof():
		return silent(http.StatusForbidden, f.reason).because(f.reason, "%s", f.detail)
	case f.code == invalidScope:
		return jsonAnswer(http.StatusBadRequest, map[string]string{"error": "scope_invalid"}).because(f.reason, "%s", f.detail)
	}
	return silent(http.StatusBadRequest, f.reason).because(f.reason, "%s", f.detail)
}

// legacy is what the vendor's old error tables and examples show.
func (f refusal) legacy() answer {
	switch {
	case f.reason == MalformedAssertion:
		return f.answer()
	case f.reason == WrongSubject:
		return plainText(http.StatusBadRequest, "Subject validation failed", f)
	case f.code == invalidClient:
		return plainText(http.StatusBadRequest, "improper client id", f)
	case f.code == unsupportedGrant || f.reason == WrongMethod:
		return f.answer()
	}
	return f.says(http.StatusBadRequest, invalidRequest, "Invalid Request")
}

// fosite is strict with two surprises.
func (f refusal) fosite() answer {
	switch f.reason {
	case ExpiredAssertion:
		return jsonAnswer(http.StatusInternalServerError, map[string]string{"error": "error"}).because(f.reason, "%s", f.detail)
	case ReplayedAssertion:
		return jsonAnswer(http.StatusBadRequest, map[string]string{"error": "jti_known"}).because(f.reason, "%s", f.detail)
	}
	return f.strict()
}

// says is an error response of RFC 6749, section 5.2, which allows neither quotes nor backslashes in a description.
func (f refusal) says(status int, code, description string) answer {
	return jsonAnswer(status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, printable(description)}).with("Cache-Control", "no-store").because(f.reason, "%s", f.detail)
}

func printable(description string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == '\\':
			return '/'
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, description)
}

func plainText(status int, text string, f refusal) answer {
	return answer{status: status, header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, body: []byte(text)}.
		because(f.reason, "%s", f.detail)
}
