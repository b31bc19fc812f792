package hgrun_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/docs/schema"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// FuzzFilesOfTheLanguage draws a file, then damages it line by line: whatever comes of it, nothing panics, every problem that
// check tells has a place inside the file, and what can be formatted is formatted for good.
func FuzzFilesOfTheLanguage(f *testing.F) {
	var roots [2]object
	for i, text := range [][]byte{schema.Collection(), schema.Environment()} {
		if err := json.Unmarshal(text, &roots[i]); err != nil {
			f.Fatal(err)
		}
	}
	for seed := range uint64(20) {
		f.Add(seed, uint8(seed%4), "  x: [")
	}
	f.Fuzz(func(t *testing.T, seed uint64, damage uint8, piece string) {
		kind := seed % 4 / 3 // three collections, then an environment
		a := careless(roots[kind], seed)
		a.t = t
		text := newPen(a.r).page(a.file())
		for range damage % 5 {
			text = damaged(a.r, text, piece)
		}
		layout := collections.Layout()
		if kind == 1 {
			layout = environments.Layout()
			_, err := environments.Load(tree([]byte(text)), "f.yaml")
			placed(t, err, text)
		} else if c, err := collections.Load(tree([]byte(text)), "f.yaml", collections.Options{}); err != nil {
			placed(t, err, text)
		} else {
			placed(t, c.Check(vars.NewScope(nil)), text)
		}
		once, err := source.Format("f.yaml", []byte(text), layout)
		if err != nil {
			if placed(t, err, text); strings.Contains(err.Error(), "report this as a bug") {
				t.Errorf("%v\n%s", err, text)
			}
			return
		}
		if twice, err := source.Format("f.yaml", once, layout); err != nil || string(once) != string(twice) {
			t.Errorf("%v: formatted a second time: %s\nof\n%s", err, firstDifference(string(once), string(twice)), text)
		}
	})
}

// damaged returns text with a line lost, doubled, moved, indented, or with something else in it.
func damaged(r *rand.Rand, text, piece string) string {
	lines := strings.SplitAfter(text, "\n")
	i, j := r.IntN(len(lines)), r.IntN(len(lines))
	switch r.IntN(6) {
	case 0:
		lines[i] = ""
	case 1:
		lines[i] += lines[i]
	case 2:
		lines[i], lines[j] = lines[j], lines[i]
	case 3:
		lines[i] = " " + lines[i]
	case 4:
		lines[i] = piece + lines[i]
	default:
		at := r.IntN(len(lines[i]) + 1)
		lines[i] = lines[i][:at] + piece + lines[i][at:]
	}
	return strings.Join(lines, "")
}

// placed demands of every problem that it lies inside the file.
func placed(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || strings.ContainsAny(strings.ReplaceAll(text, "\r\n", ""), "\r\u0085\u2028\u2029") {
		return // or lines are counted as no editor does
	}
	var problems source.Problems
	if !errors.As(err, &problems) {
		one, ok := errors.AsType[*source.Error](err)
		if !ok {
			t.Fatalf("got a %T without a place: %v\n%s", err, err, text)
		}
		problems = source.Problems{one}
	}
	for _, p := range problems {
		file := tree([]byte(text))[p.Pos.File] // f.yaml, or what it includes
		if file == nil {
			t.Errorf("%v: there is no such file\n%s", p, text)
			continue
		}
		lines := strings.Split(string(file.Data), "\n")
		known := p.Pos.Line >= 1 && p.Pos.Line <= len(lines)
		if !known || p.Pos.Col < 1 || p.Pos.Col > utf8.RuneCountInString(lines[p.Pos.Line-1])+1 {
			t.Errorf("%v: the place is not in the file\n%s", p, text)
		}
	}
}
