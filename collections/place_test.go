package collections_test

import (
	"fmt"
	"testing"
)

func TestAMessageKnowsWhereItsPartsStand(t *testing.T) {
	t.Parallel()
	r := find(t, load(t, `requests:
  - name: Exchange
    request: POST https://x.example/token
    headers: {accept: application/json, X-Key: "{{key}}"}
    query: {a: 1}
    form:
      grant_type: client_credentials
      client_secret: "{{secret}}"
`), "Exchange")
	for part, want := range map[string]string{
		"url":                "3:14 true",
		"method":             "3:14 true",
		"header Accept":      "4:23 true",
		"header x-key":       "4:48 false",
		"query a":            "5:16 true",
		"form grant_type":    "7:19 true",
		"form client_secret": "8:22 false",
		"form scope":         "0:0 false",
		"header Prefer":      "0:0 false",
		"body":               "0:0 false",
	} {
		pos, literal := r.Message.Place(part)
		if got := fmt.Sprintf("%d:%d %v", pos.Line, pos.Col, literal); got != want {
			t.Errorf("%s: got %s, want %s", part, got, want)
		}
	}
}
