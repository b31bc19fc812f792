package runner

import (
	"fmt"
	"net/http"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/wire"
)

// job waits for an answer that the server gives later: 202 with the URL of a status, which is read until it is the answer
// (FHIR R5, asynchronous interactions; Bulk Data Access, section 2.5).
type job struct {
	*collections.Job
	course *course
	start  time.Time
	status string // the URL of the status; empty before the server told it
	count  int    // of looks at it
}

func newJob(c *course) *job {
	return &job{Job: c.req.Flow.Job, course: c, start: time.Now()}
}

// pending implements guide: 202 is on the way where the server says where to look, and 429 and 503 while it says when.
func (j *job) pending(_ *expect.Answer, x *wire.Exchange) ([]expect.Failure, error) {
	h := x.Response.Header
	at := h.Get("Content-Location")
	if at == "" {
		at = h.Get("Location")
	}
	switch status := x.Response.Status; {
	case status == http.StatusAccepted && (at != "" || j.status != ""):
	case (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && j.status != "" && h.Get("Retry-After") != "":
		at = ""
	default:
		return nil, nil
	}
	if at != "" {
		to, err := j.course.follow(x, at)
		if err != nil {
			return nil, j.course.req.Pos.Errorf("async: the status %w", err)
		}
		j.status = to
	}
	message := "async: the job is not done"
	if progress := h.Get("X-Progress"); progress != "" {
		message += " (" + progress + ")"
	}
	return []expect.Failure{{Pos: j.course.req.Pos, Message: message}}, nil
}

// next implements guide.
func (j *job) next(t *try) (leg, bool) {
	if !t.pending {
		return leg{}, false
	}
	wait := j.Every
	if after, ok := retryAfter(t.exchange.Response.Header, time.Now()); ok {
		wait = min(after, maxRetryAfter)
	}
	if spent := time.Since(j.start); spent+wait > j.For {
		j.course.overdue(t, fmt.Sprintf("looked %s in %s at %s; for: allows %s", times(j.count), spent.Round(time.Millisecond),
			j.course.url(j.status), j.For))
		return leg{}, false
	}
	j.count++
	return leg{wait: wait, step: StepJob, url: j.status, read: true}, true
}
