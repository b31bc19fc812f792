package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const (
	around  = 3   // lines that are shown before and after a change
	maxEdit = 500 // lines that differ, beyond which everything between the first and the last is shown as replaced
)

// edit is a line that both texts have (' '), the old one alone ('-') or the new one alone ('+').
type edit struct {
	kind byte
	line string
}

// unified writes what changes from one text to another, as diff -u does, or nothing where they are the same.
func unified(name, before, after string) []byte {
	if before == after {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", name, name)
	edits := edits(lines(before), lines(after))
	oldLine, newLine := 1, 1
	for i := 0; i < len(edits); {
		next := i + slices.IndexFunc(edits[i:], func(e edit) bool { return e.kind != ' ' })
		if next < i {
			break
		}
		start := max(i, next-around)
		oldLine, newLine = oldLine+start-i, newLine+start-i
		end := hunkEnd(edits, next)
		i = end
		var was, is int
		var text bytes.Buffer
		for _, e := range edits[start:end] {
			if e.kind != '+' {
				was++
			}
			if e.kind != '-' {
				is++
			}
			text.WriteByte(e.kind)
			text.WriteString(e.line)
			if !strings.HasSuffix(e.line, "\n") {
				text.WriteString("\n\\ No newline at end of file\n")
			}
		}
		fmt.Fprintf(&b, "@@ -%s +%s @@\n", extent(oldLine, was), extent(newLine, is))
		b.Write(text.Bytes())
		oldLine, newLine = oldLine+was, newLine+is
	}
	return b.Bytes()
}

// extent is where lines are, as a hunk says it: of none, the line before.
func extent(line, count int) string {
	if count == 0 {
		line--
	}
	if count == 1 {
		return fmt.Sprint(line)
	}
	return fmt.Sprintf("%d,%d", line, count)
}

// hunkEnd returns the place behind the hunk that the change at i belongs to.
func hunkEnd(edits []edit, i int) int {
	last := i
	for ; i < len(edits) && i <= last+2*around+1; i++ {
		if edits[i].kind != ' ' {
			last = i
		}
	}
	return min(last+1+around, len(edits))
}

func lines(text string) []string {
	return slices.Collect(strings.Lines(text))
}

// edits returns the shortest way from one text to another (Myers, An O(ND) Difference Algorithm, 1986).
func edits(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, edit{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(tail)
	return slices.Concat(head, shortest(a, b), tail)
}

func shortest(a, b []string) []edit {
	reach := map[int]int{1: 0} // by diagonal, how far into a
	var steps []map[int]int    // reach before each step
	for d := 0; d <= min(len(a)+len(b), maxEdit); d++ {
		before := make(map[int]int, len(reach))
		for k, x := range reach {
			before[k] = x
		}
		steps = append(steps, before)
		for k := -d; k <= d; k += 2 {
			x := reach[k-1] + 1
			if down, ok := reach[k+1]; k == -d || ok && k != d && reach[k-1] < down {
				x = down
			}
			for x < len(a) && x-k >= 0 && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reach[k] = x
			if x >= len(a) && x-k >= len(b) {
				return back(a, b, steps)
			}
		}
	}
	var all []edit
	for _, line := range a {
		all = append(all, edit{'-', line})
	}
	for _, line := range b {
		all = append(all, edit{'+', line})
	}
	return all
}

// back walks from the ends of both texts to their starts.
func back(a, b []string, steps []map[int]int) []edit {
	var path []edit
	x, y := len(a), len(b)
	for d := len(steps) - 1; d >= 0; d-- {
		reach, k := steps[d], x-y
		from := k - 1
		if k == -d || k != d && reach[k-1] < reach[k+1] {
			from = k + 1
		}
		startX := reach[from]
		startY := startX - from
		for x > startX && y > startY {
			x, y = x-1, y-1
			path = append(path, edit{' ', a[x]})
		}
		switch {
		case d == 0:
		case x == startX:
			y--
			path = append(path, edit{'+', b[y]})
		default:
			x--
			path = append(path, edit{'-', a[x]})
		}
	}
	slices.Reverse(path)
	return path
}
