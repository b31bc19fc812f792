package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A fhirServer is the FHIR R4 side of an environment. Its records are made when they are first asked for.
type fhirServer struct {
	environment *environment
	base        string   // its URL, without a slash at the end
	level       string   // of the scopes it names: "user" or "system"
	discover    endpoint // .well-known/smart-configuration
	records     func() *records
	results     results
}

// A fhirRequest is a request that may be answered: its token is good for what it wants.
type fhirRequest struct {
	*http.Request
	server  *fhirServer
	token   token
	kind    string // resource type
	id      string // empty for a request about all resources of a kind
	version string // empty for the current one
	patient string // id of the only patient whose records the scope covers; empty: those of all
}

// An interaction is one thing to do with resources, and the SMART 2 letter of the right to do it.
type interaction struct {
	right string // c, r, u or s
	do    func(fhirRequest) answer
}

func newFHIRServer(e *environment) *fhirServer {
	s := &fhirServer{
		environment: e, base: e.origin + fhirPath, level: "user", discover: e.smartConfiguration,
		results: results{byID: map[string]*result{}},
	}
	s.records = sync.OnceValue(func() *records { return seedRecords(e.deployment) })
	return s
}

// firstPatient is the id of a patient that is always there, known without making the records.
func (s *fhirServer) firstPatient() string { return seedPatientID(s.environment.deployment, 0) }

// interactions returns what can be done below a path of some shape, by method. HEAD is answered like GET.
func interactions(shape string) map[string]interaction {
	switch shape {
	case "Type":
		return map[string]interaction{http.MethodGet: {"s", search}, http.MethodPost: {"c", create}}
	case "Type/_search":
		return map[string]interaction{http.MethodPost: {"s", searchForm}}
	case "Type/id":
		return map[string]interaction{http.MethodGet: {"r", read}, http.MethodPut: {"u", update}}
	case "Type/id/$everything":
		return map[string]interaction{http.MethodGet: {"r", everything}}
	}
	return nil
}

// history is what can be done with one version of a resource.
func history() map[string]interaction {
	return map[string]interaction{http.MethodGet: {"r", readVersion}}
}

// answer serves a path below the FHIR base.
func (s *fhirServer) answer(r *http.Request, path string) answer {
	switch path {
	case "metadata":
		return s.metadata(r)
	case ".well-known/smart-configuration":
		return s.discover(r)
	}
	t, reason, detail := s.environment.credentials(r)
	if reason != OK {
		return s.environment.unauthenticated(reason, detail)
	}
	if !acceptable(r.Header.Get("Accept")) {
		return outcome(http.StatusNotAcceptable, "not-supported", "only "+fhirType+" is served", WrongAccept)
	}
	segments := strings.Split(path, "/")
	if len(segments) == 2 && segments[0] == "RequestResult" {
		return s.poll(r, segments[1], t)
	}
	if r.Method == http.MethodPost && (path == "" || path == "Bundle") {
		return s.batch(fhirRequest{Request: r, server: s, token: t})
	}
	return s.interact(fhirRequest{Request: r, server: s, token: t}, segments)
}

// interact finds the interaction for a path, checks the right to it and lets it answer now or later.
func (s *fhirServer) interact(r fhirRequest, segments []string) answer {
	r.kind = segments[0]
	if _, known := searchParameters(r.kind); !known {
		return outcome(http.StatusNotFound, "not-supported", "unknown resource type "+r.kind, UnknownResource)
	}
	possible := s.possible(&r, segments)
	if possible == nil {
		return outcome(http.StatusNotFound, "not-found", "nothing at this path", UnknownPath)
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	i, ok := possible[method]
	if !ok {
		return outcome(http.StatusMethodNotAllowed, "not-supported", "the method is not supported here", WrongMethod).
			with("Allow", strings.Join(slices.Sorted(maps.Keys(possible)), ", "))
	}
	if !r.token.scope.allows(r.kind, i.right) {
		return forbidden(s.level, r.kind, i.right)
	}
	if l := r.token.launch; l != nil && !r.token.scope.above("patient").allows(r.kind, i.right) {
		r.patient = l.patient
	}
	if method == http.MethodGet && prefers(r.Request, "respond-async") {
		return s.later(r, i.do(r))
	}
	return i.do(r)
}

// possible returns what can be done below a path, and notes in r which resource it is about.
func (s *fhirServer) possible(r *fhirRequest, segments []string) map[string]interaction {
	shape := "Type"
	if len(segments) > 1 {
		if shape += "/id"; segments[1] == "_search" {
			shape = "Type/_search"
		}
		r.id = segments[1]
	}
	if len(segments) == 4 && segments[2] == "_history" && s.environment.sandbox.Switches().History {
		r.version = segments[3]
		return history()
	}
	if len(segments) > 2 {
		shape += "/" + strings.Join(segments[2:], "/")
	}
	if strings.HasSuffix(shape, "$everything") && r.kind != "Patient" {
		return nil
	}
	return interactions(shape)
}

func forbidden(level, kind, right string) answer {
	needed := level + "/" + kind + "." + right
	return outcome(http.StatusForbidden, "forbidden", "the token's scope does not cover this", InsufficientScope).
		with("Www-Authenticate", `Bearer error="insufficient_scope", scope="`+needed+`"`).
		because(InsufficientScope, "needs %s", needed)
}

// acceptable reports whether an Accept header lets the server answer in JSON.
func acceptable(accept string) bool {
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "*/*", "application/*", fhirType, jsonType:
			return true
		}
	}
	return false
}

// prefers reports whether a Prefer header holds the preference.
func prefers(r *http.Request, preference string) bool {
	for _, header := range r.Header.Values("Prefer") {
		for part := range strings.FieldsFuncSeq(header, func(c rune) bool { return c == ',' || c == ';' }) {
			if strings.TrimSpace(part) == preference {
				return true
			}
		}
	}
	return false
}
