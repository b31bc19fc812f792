package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
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
	orders := s.orders()
	if order, ok := orders[r.Method+" "+strings.TrimPrefix(r.URL.Path, controlPath)]; ok {
		return order(r)
	}
	return controlError(http.StatusNotFound, "want one of these below "+controlPath+": "+
		strings.Join(slices.Sorted(maps.Keys(orders)), ", "))
}

// orders returns what can be asked of the sandbox, by method and path.
func (s *Sandbox) orders() map[string]endpoint {
	return map[string]endpoint{
		"GET audience":  s.controlAudience,
		"POST audience": s.controlAudience,
		"GET clock":     func(*http.Request) answer { return s.clock() },
		"POST clock":    s.setClock,
		"POST device":   s.controlDevice,
		"GET errors":    s.controlErrors,
		"POST errors":   s.controlErrors,
		"DELETE faults": s.controlFaults,
		"GET faults":    s.controlFaults,
		"POST faults":   s.controlFaults,
		"GET log":       func(*http.Request) answer { return jsonAnswer(http.StatusOK, s.Entries()) },
		"GET switches":  s.controlSwitches,
		"POST switches": s.controlSwitches,
	}
}

// readOrder reads the JSON object of a POST; one that is not like the example is answered with it.
func readOrder(r *http.Request, order any, example string) *answer {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(order); err != nil {
		bad := controlError(http.StatusBadRequest, "want "+example+": "+err.Error())
		return &bad
	}
	return nil
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
	if bad := readOrder(r, &order, `{"advance":"61s"}`); bad != nil {
		return *bad
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
