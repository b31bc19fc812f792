package source_test

import (
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func TestDefaultAddsWhatAMappingLacks(t *testing.T) {
	t.Parallel()
	err := source.Parse("a.yaml", []byte("own: {alg: RS256}\nother: text\n"), func(n source.Node) {
		entries := n.Entries()
		own, other := entries[0].Value, entries[1].Value
		full := own.Default("alg", own.Scalar("HS256")).Default("key", own.Scalar("k"))
		got := map[string]string{}
		for _, e := range full.Entries() {
			got[e.Name()] = e.Value.Text() + " at " + e.Value.Pos().String()
		}
		if len(got) != 2 || got["alg"] != "RS256 at a.yaml:1:12" || got["key"] != "k at a.yaml:1:6" {
			t.Errorf("got %v", got)
		}
		if own.Has("key") {
			t.Error("Default changed the mapping it was called on")
		}
		if n := other.Default("key", other); n.IsMap() || n.Text() != "text" {
			t.Error("Default made something else of a text")
		}
		if empty := other.Mapping(); len(empty.Entries()) != 0 || empty.Pos() != other.Pos() {
			t.Errorf("got a mapping of %d at %s, want an empty one at %s", len(empty.Entries()), empty.Pos(), other.Pos())
		}
	})
	if err != nil {
		t.Error(err)
	}
}
