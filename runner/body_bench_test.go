package runner

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

// answers is a transport that gives the same answer to everybody.
type answers struct{ body []byte }

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Status: "200 OK", Proto: "HTTP/1.1", Header: http.Header{}, Request: req,
		ContentLength: int64(len(a.body)), Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}

// BenchmarkAShortAnswer is a body of a kilobyte: what large ones need must cost it nothing.
func BenchmarkAShortAnswer(b *testing.B) {
	b.ReportAllocs()
	c := &client{transport: answers{make([]byte, 1<<10)}, agent: []string{"hgrun"}}
	for b.Loop() {
		x := c.send(context.Background(), trip{req: &wire.Request{Method: "GET", URL: "http://api.test/"}, timeout: time.Minute, take: small()})
		if x.Err != nil {
			b.Fatal(x.Err)
		}
	}
}

// nobody keeps no secret.
type nobody struct{}

func (nobody) Hide(string, string) {}

// BenchmarkLearning is the search of a body of a kilobyte for members with secret names, of which it has none.
func BenchmarkLearning(b *testing.B) {
	b.ReportAllocs()
	body := bytes.Repeat([]byte(`{"family":"Lindqvist","given":["Marta"],"value":"MRN-4471"},`), 17)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		learnJSON(nobody{}, body)
	}
}
