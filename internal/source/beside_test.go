package source_test

import (
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

// TestPartsOfAnotherFileKeepTheirPlaces puts values of one file into another, and finds each where it was written.
func TestPartsOfAnotherFileKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	const other = "# a comment\nname: b\nlist:\n  - x: 1\n  - {y: 2}\n"
	err := source.Parse("a.yaml", []byte("name: a\n"), func(n source.Node) {
		b, ok := n.Beside("b.yaml", []byte(other))
		if !ok {
			t.Error("the other file is refused")
			return
		}
		inner := b.Mapping().With("inner", b)
		made := n.Mapping().With("own", n).With("items", n.List(n, inner))
		items, _ := made.Get("items")
		both := items.Items()
		found, _ := both[1].Get("inner")
		list, _ := found.Get("list")
		own, _ := both[0].Get("name")
		own.Errorf("of the first")
		list.Items()[1].Entries()[0].Value.Errorf("of the second")
		both[1].Map(source.Keys{"other": func(source.Node) {}})
	})
	want := `a.yaml:1:7: of the first
b.yaml:2:1: unknown key "inner"; known here: other
b.yaml:5:9: of the second`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestAnotherFileThatIsRefusedIsAProblemOfItsOwn(t *testing.T) {
	t.Parallel()
	err := source.Parse("a.yaml", []byte("name: a\n"), func(n source.Node) {
		if _, ok := n.Beside("b.yaml", []byte("a: [1\n")); ok {
			t.Error("a broken file is taken")
		}
		c, ok := n.Beside("c.yaml", []byte("a: 1\n"))
		if !ok {
			t.Error("the third file is refused")
			return
		}
		if _, ok := c.Beside("d.yaml", nil); ok { // beside one that is beside another
			t.Error("an empty file is taken")
		}
	})
	want := "b.yaml:1:4: not YAML: did not find expected ',' or ']' (while parsing a flow sequence that starts here)\nd.yaml:1:1: the file is empty"
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}
