package runner_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func TestACourierTriesAgainWhereItIsWorthWhile(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		statuses []int
		arrived  int
		want     string
	}{
		{"taken", []int{200}, 1, "200"},
		{"busy, then taken", []int{503, 429, 200}, 3, "200"},
		{"refused", []int{400, 200}, 1, "got 400 Bad Request, want 200: 400"},
		{"moved", []int{307}, 1, "got 307 Temporary Redirect, want 200; it redirects to /elsewhere"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var arrived []string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				arrived = append(arrived, r.Method+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("X-Key")+" "+string(body))
				status := row.statuses[min(len(arrived), len(row.statuses))-1]
				if status == 307 {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(status)
				fmt.Fprint(w, status)
			}))
			defer s.Close()
			c := runner.Courier{To: s.URL, Header: http.Header{"X-Key": {"k"}}}
			defer c.Close()
			reply, err := c.Deliver(t.Context(), "application/json", []byte("{}"))
			got := string(reply)
			if err != nil {
				got = err.Error()
			}
			if got != row.want || len(arrived) != row.arrived || arrived[len(arrived)-1] != "POST application/json k {}" {
				t.Errorf("got %s after %q, want %s after %d", got, arrived, row.want, row.arrived)
			}
		})
	}
}

func TestACourierGivesUp(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	s.Close() // nobody listens
	c := runner.Courier{To: s.URL, Timeout: time.Second}
	if _, err := c.Deliver(t.Context(), "application/json", nil); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
}
