package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestALargeBodyIsJudgedAsItIsAskedFor(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/bulk/7" {
			t.Errorf("got %s, want /bulk/7", r.URL.Path)
		}
		fmt.Fprint(w, `{"entry":[],"publisher":"Lindqvist"}`)
	}))
	t.Cleanup(s.Close)
	for name, want := range map[string]string{"json": "Lindqvist", "size": "36", "sha256": "64fa120a3d092eea64a33e8176c43aba444d426cd3443f1b0da558041b55258e"} {
		l := loop{base: s.URL}
		judge := bulkJudges()[name]
		if err := l.bulk(7, judge, want); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := l.bulk(7, judge, "else"); err == nil || err.Error() != fmt.Sprintf("got %q, want %q", want, "else") {
			t.Errorf("%s: got %v, want an error that names both", name, err)
		}
	}
	if _, err := publisher(io.LimitReader(strings.NewReader(`{"publisher":"Lindqvist"}`), 9)); err == nil {
		t.Error("half a document passed")
	}
}
