package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestADiffIsThatOfDiffU(t *testing.T) {
	t.Parallel()
	numbers := func(from, to int) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			fmt.Fprintln(&b, i)
		}
		return b.String()
	}
	for _, test := range []struct{ name, before, after, want string }{
		{"nothing changed", "a\n", "a\n", ""},
		{"one line", "a\nb\nc\n", "a\nx\nc\n", "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
		{"all of it", "", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n"},
		{"the end of the last line", "a\nb", "a\nb\n", "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
		{"two places far apart", "x\n" + numbers(1, 9) + "y\n", numbers(1, 9),
			"--- f\n+++ f\n@@ -1,4 +1,3 @@\n-x\n 1\n 2\n 3\n@@ -8,4 +7,3 @@\n 7\n 8\n 9\n-y\n"},
		{"two places near each other", "x\n" + numbers(1, 6) + "y\n", numbers(1, 6), "--- f\n+++ f\n@@ -1,8 +1,6 @@\n-x\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n"},
	} {
		if got := string(unified("f", test.before, test.after)); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

// TestADiffLeadsFromOneTextToTheOther takes random texts, some of which differ in more lines than the diff looks for.
func TestADiffLeadsFromOneTextToTheOther(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // not for secrets
	draw := func(n int) []string {
		var all []string
		for range r.IntN(n + 1) {
			all = append(all, fmt.Sprintf("%d\n", r.IntN(8)))
		}
		return all
	}
	for i := range 300 {
		n := 12
		if i == 0 {
			n = 2 * maxEdit
		}
		a, b := draw(n), draw(n)
		var before, after strings.Builder
		for _, e := range edits(a, b) {
			if e.kind != '+' {
				before.WriteString(e.line)
			}
			if e.kind != '-' {
				after.WriteString(e.line)
			}
		}
		if before.String() != strings.Join(a, "") || after.String() != strings.Join(b, "") {
			t.Errorf("%q to %q: got %q and %q", a, b, before.String(), after.String())
		}
	}
}
