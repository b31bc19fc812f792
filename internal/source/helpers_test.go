package source

import (
	"strings"
	"testing"
)

// problems parses text as file f, gives it to read, and returns everything that was wrong, one problem a line.
func problems(text string, read func(Node)) string {
	if err := Parse("f", []byte(text), read); err != nil {
		return err.Error()
	}
	return ""
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// child returns the value of a key path such as "a.b.0".
func child(t *testing.T, n Node, path string) Node {
	t.Helper()
	for _, step := range strings.Split(path, ".") {
		n = step1(t, n, step)
	}
	return n
}

func step1(t *testing.T, n Node, step string) Node {
	t.Helper()
	if n.IsList() {
		return n.Items()[int(step[0]-'0')]
	}
	for _, e := range n.Entries() {
		if e.Name() == step {
			return e.Value
		}
	}
	t.Fatalf("no %q", step)
	return Node{}
}

func nothing(Node) {}
