package sandbox

import (
	"net/http"
	"strconv"
	"sync"
)

const (
	pollsBefore = 2   // 202 answers before a result is ready
	maxResults  = 256 // results kept; the oldest is forgotten first
)

// A result is the answer to a request that wanted it later.
type result struct {
	answer answer
	client *client // the only one who may fetch it
	polls  int
}

// results are the answers in waiting.
type results struct {
	mu    sync.Mutex
	byID  map[string]*result
	count int // results ever made
}

// later keeps a success for polling; a failure is told at once.
func (s *fhirServer) later(r fhirRequest, done answer) answer {
	if done.status != http.StatusOK {
		return done
	}
	s.results.mu.Lock()
	defer s.results.mu.Unlock()
	s.results.count++
	id := "rr-" + strconv.Itoa(s.results.count)
	s.results.byID[id] = &result{answer: done, client: r.token.client}
	delete(s.results.byID, "rr-"+strconv.Itoa(s.results.count-maxResults))
	return silent(http.StatusAccepted, OK).with("Content-Location", s.base+"/RequestResult/"+id)
}

// poll answers 202 with X-Progress twice for each result, and from then on with the result.
func (s *fhirServer) poll(r *http.Request, id string, t token) answer {
	if r.Method != http.MethodGet {
		return outcome(http.StatusMethodNotAllowed, "not-supported", "the method is not supported here", WrongMethod).
			with("Allow", http.MethodGet)
	}
	s.results.mu.Lock()
	defer s.results.mu.Unlock()
	waiting := s.results.byID[id]
	if waiting == nil || waiting.client != t.client {
		return outcome(http.StatusNotFound, "not-found", "no such result", UnknownResource)
	}
	if waiting.polls < pollsBefore {
		waiting.polls++
		return silent(http.StatusAccepted, StillInProgress).with("X-Progress", "in progress")
	}
	return waiting.answer
}
