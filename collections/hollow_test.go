package collections_test

import (
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
)

func TestACollectionWhoseFoldersAreAllEmptyIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty folders", "requests:\n  - {name: A, requests: []}\n  - {name: B, requests: [{name: C, requests: []}]}\n", "c.yaml:1:1: no requests: its folders are all empty"},
		{"one request among them", "requests:\n  - {name: A, requests: []}\n  - {name: B, requests: [{request: GET http://x/}]}\n", ""},
		{"nothing at all", "requests: []\n", "c.yaml:1:1: no requests: write at least one under requests:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if _, err := collections.Load(fstest.MapFS{"c.yaml": {Data: []byte(test.text)}}, "c.yaml", collections.Options{}); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
