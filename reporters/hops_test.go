package reporters

import (
	"net/http"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

func TestATranscriptShowsTheHeadsOfRedirects(t *testing.T) {
	t.Parallel()
	a := &runner.Attempt{Method: "POST", URL: "https://h.example/login", Status: 200, Reason: "OK", Timings: wire.Timings{Total: 9 * time.Millisecond}, Detail: &runner.Detail{
		RequestHeader: http.Header{"Host": {"h.example"}}, Proto: "HTTP/1.1", URL: "https://h.example/home",
		Hops: []wire.Hop{
			{Status: 307, URL: "https://h.example/login", Header: http.Header{"Location": {"/in"}}, Next: http.Header{"Host": {"h.example"}}},
			{Status: 303, URL: "https://h.example/in", Header: http.Header{"Set-Cookie": {"sid=‹cookie sha256:1a2b3c4d›"}}, Next: http.Header{"Cookie": {"sid=‹cookie sha256:1a2b3c4d›"}}},
		},
	}}
	want := `> POST https://h.example/login
> Host: h.example

< 307 from https://h.example/login, followed
< Location: /in
> POST https://h.example/in
> Host: h.example

< 303 from https://h.example/in, followed
< Set-Cookie: sid=‹cookie sha256:1a2b3c4d›
> GET https://h.example/home
> Cookie: sid=‹cookie sha256:1a2b3c4d›

< HTTP/1.1 200 OK after 9 ms
`
	if got := transcript(a, 1<<10); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for i := range a.Detail.Hops { // as an older record has it
		a.Detail.Hops[i].Header, a.Detail.Hops[i].Next = nil, nil
	}
	want = `> POST https://h.example/login
> Host: h.example

< 307 from https://h.example/login, followed
< 303 from https://h.example/in, followed
< HTTP/1.1 200 OK after 9 ms
`
	if got := transcript(a, 1<<10); got != want {
		t.Errorf("without heads: got\n%s\nwant\n%s", got, want)
	}
}
