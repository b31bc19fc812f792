package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// clinic answers tokens and patients and counts the patients.
func clinic(t *testing.T, patients *atomic.Int64) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		if strings.Count(r.PostFormValue("assertion"), ".") != 2 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{}`)
			return
		}
		fmt.Fprint(w, `{"access_token":"good"}`)
	})
	mux.HandleFunc("GET /fhir/R4/Patient/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer good" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		patients.Add(1)
		fmt.Fprintf(w, `{"id":"%s","name":[{"family":"Lindqvist"}]}`, r.PathValue("id"))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestTheLoopReadsEveryPatientAndJudgesEach(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, token, family, want string
		judge                     func([]byte, string, string) error
		workers                   int
		reads                     int64
	}{
		{"json", "", "Lindqvist", "", judgeJSON, 1, 20},
		{"text", "", "Lindqvist", "", judgeText, 1, 20},
		{"four at a time", "", "Lindqvist", "", judgeJSON, 4, 20},
		{"a token that was given", "good", "Lindqvist", "", judgeJSON, 1, 20},
		{"a token that is not good", "bad", "Lindqvist", "patient 1000: got 401 Unauthorized, want 200", judgeJSON, 1, 0},
		{"another family, json", "", "Nobody", errWrong.Error(), judgeJSON, 1, 1},
		{"another family, text", "", "Nobody", errWrong.Error(), judgeText, 1, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var reads atomic.Int64
			l := loop{base: clinic(t, &reads).URL, requests: 20, workers: row.workers, first: 1000, family: row.family, token: row.token, secret: "s", judge: row.judge}
			got := ""
			if err := l.run(); err != nil {
				got = err.Error()
			}
			if got != row.want || reads.Load() != row.reads {
				t.Errorf("got %q after %d patients, want %q after %d", got, reads.Load(), row.want, row.reads)
			}
		})
	}
}

func TestAnotherPatientThanAskedForIsWrong(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"8","name":[{"family":"Lindqvist"}]}`)
	for name, judge := range map[string]func([]byte, string, string) error{"json": judgeJSON, "text": judgeText} {
		if err := judge(body, "7", "Lindqvist"); err == nil {
			t.Errorf("%s: patient 8 passed for patient 7", name)
		}
		if err := judge(body, "8", "Lindqvist"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
