package source_test

import (
	"strings"
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

func TestChangedKeepsEverythingButTheValuesThatAreChanged(t *testing.T) {
	t.Parallel()
	err := source.Parse("a.yaml", []byte("a: 1\nb: [2, 3]\n"), func(n source.Node) {
		var keys []string
		upper := func(key string, value source.Node) source.Node {
			keys = append(keys, key)
			return value.Reworded(value.Raw() + "!")
		}
		made := n.Changed(func(key string, value source.Node) source.Node {
			if value.IsList() {
				return value.Noted("two").Changed(upper)
			}
			return upper(key, value)
		})
		text, err := source.Write(made, nil)
		if want := "a: 1!\n# two\nb:\n  - 2!\n  - 3!\n"; err != nil || string(text) != want {
			t.Errorf("got %q, %v, want %q", text, err, want)
		}
		if got, want := strings.Join(keys, ","), "a,,"; got != want {
			t.Errorf("got keys %q, want %q", got, want)
		}
		if a, _ := n.Get("a"); a.Raw() != "1" {
			t.Error("Changed changed the mapping it was called on")
		}
	})
	if err != nil {
		t.Error(err)
	}
}
