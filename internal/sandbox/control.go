package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const controlPath = "/__sandbox/"

func isControl(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, controlPath) }

// control answers the requests that steer the sandbox itself; every server has them, and none of them is logged.
func (s *Sandbox) control(r *http.Request) answer {
	// The servers listen on loopback only, which still leaves the browser on this machine and the pages it shows.
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return controlError(http.StatusForbidden, err.Error())
	}
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, controlPath) {
	case "GET clock":
		return s.clock()
	case "POST clock":
		return s.setClock(r)
	case "GET log":
		return jsonAnswer(http.StatusOK, s.Entries())
	}
	return controlError(http.StatusNotFound, "want GET clock, POST clock or GET log below "+controlPath)
}

func (s *Sandbox) clock() answer {
	return jsonAnswer(http.StatusOK, struct {
		Now      time.Time `json:"now"`
		Advanced string    `json:"advanced"` // beyond the machine's clock, as a Go duration
	}{s.Now().UTC(), time.Duration(s.offset.Load()).String()})
}

func (s *Sandbox) setClock(r *http.Request) answer {
	var order struct {
		Advance string `json:"advance"`
	}
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		return controlError(http.StatusBadRequest, `want {"advance":"61s"}: `+err.Error())
	}
	d, err := time.ParseDuration(order.Advance)
	if err != nil || d < 0 {
		return controlError(http.StatusBadRequest, "advance: want a positive duration such as 61s")
	}
	s.Advance(d)
	return s.clock()
}

func controlError(status int, message string) answer {
	return jsonAnswer(status, map[string]string{"error": message})
}
