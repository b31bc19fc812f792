package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

const (
	maxBody  = 1 << 20 // bytes of a request body
	jsonType = "application/json"
)

// An endpoint answers a request and writes nothing, so that its answer can be logged or altered before it leaves.
type endpoint func(*http.Request) answer

// An answer is a response together with the true reason for it, which the client is not told.
type answer struct {
	status int
	header map[string]string // names in canonical form
	body   []byte            // empty: no Content-Type either
	reason Reason
	detail string // names and public values only, never a secret
}

// because notes the true reason of an answer.
func (a answer) because(reason Reason, format string, args ...any) answer {
	a.reason, a.detail = reason, fmt.Sprintf(format, args...)
	return a
}

// with adds a header.
func (a answer) with(name, value string) answer {
	header := make(map[string]string, len(a.header)+1)
	for n, v := range a.header {
		header[n] = v
	}
	header[name] = value
	a.header = header
	return a
}

func (a answer) write(w http.ResponseWriter) {
	header := w.Header()
	for name, value := range a.header {
		header[name] = []string{value}
	}
	if len(a.body) > 0 {
		header["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	}
	w.WriteHeader(a.status)
	if len(a.body) > 0 {
		_, _ = w.Write(a.body) // fails only when the client is gone, and there is nobody left to tell
	}
}

// silent is the answer that explains nothing: a status without body and Content-Type.
func silent(status int, reason Reason) answer { return answer{status: status, reason: reason} }

// jsonAnswer encodes v as the body.
func jsonAnswer(status int, v any) answer {
	return answer{status: status, header: map[string]string{"Content-Type": jsonType}, body: encode(v), reason: OK}
}

// An object is a JSON object of which the order of members does not matter.
type object = map[string]any

// encode writes v as JSON without the escapes meant for HTML, so that the URLs of links stay readable.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("sandbox: " + err.Error()) // only strings, numbers, maps and structs of them are ever encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// handler serves an endpoint under the name of its server: bounds the request, logs the exchange, writes the answer.
func (s *Sandbox) handler(server string, e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil { // a request handed over in process
			r.Body = http.NoBody
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if isControl(r) {
			s.control(r).write(w)
			return
		}
		n := s.faults.pick(server, r)
		var a answer
		if n == nil {
			a = e(r)
		} else {
			a = n.serve(&fault{server, r}, e)
		}
		entry := s.journal.add(Entry{
			Time: s.Now(), Server: server, Method: r.Method, Path: r.URL.Path,
			Status: a.status, Reason: a.reason, Detail: a.detail,
		})
		if s.options.Log != nil {
			s.options.Log(entry)
		}
		if s.options.ReasonHeader {
			w.Header().Set("X-Sandbox-Reason", entry.cause())
		}
		if n == nil {
			a.write(w)
		} else {
			n.write(w, r, a)
		}
	})
}
