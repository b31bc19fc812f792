package reporters

import (
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/runner"
)

// tokenClass is where the token exchanges of a collection stand together: which request needed a token first
// differs from run to run, and a testcase must not move.
const tokenClass = "Token exchanges"

// scriptClass is where the requests of scripts stand.
const scriptClass = "Requests of scripts"

// suiteNames makes the names of suites unique, because Jenkins merges those that are equal.
type suiteNames map[string]bool

func (n *suiteNames) unique(s runner.Suite) string {
	if *n == nil {
		*n = suiteNames{}
	}
	name := oneLine(s.Name)
	if name == "" {
		name = oneLine(s.File)
	}
	if (*n)[name] && s.File != "" {
		name += " (" + oneLine(s.File) + ")"
	}
	for first, i := name, 2; (*n)[name]; i++ {
		name = first + " #" + strconv.Itoa(i)
	}
	(*n)[name] = true
	return name
}

// classname is the collection and the folders, joined by dots. Dots within a segment would split it.
func classname(suite string, n runner.Name) string {
	if n.Phase == runner.Token {
		return segment(suite) + "." + tokenClass
	}
	if n.Phase == runner.FromScript {
		return segment(suite) + "." + scriptClass
	}
	if len(n.Folders) == 0 {
		return segment(suite)
	}
	segments := make([]string, 1, 1+len(n.Folders))
	segments[0] = segment(suite)
	for _, folder := range n.Folders {
		if folder = segment(folder); folder != "" {
			segments = append(segments, folder)
		}
	}
	return strings.Join(segments, ".")
}

func segment(name string) string { return strings.ReplaceAll(oneLine(name), ".", "_") }

// caseNames makes names of testcases unique within a suite. It keeps a hash of each, so that a hundred thousand take little room; of
// rows, which end in a label that no other row has, it keeps those of the last one alone.
type caseNames struct {
	seed maphash.Seed
	next map[uint64]int32 // hash of class and name -> number of the next one of that name
	row  int              // that rows is of
	rows *caseNames       // of the row; nil before the first
}

// of returns the names among which that of a request must be unique.
func (n *caseNames) of(name runner.Name) *caseNames {
	if name.Row == 0 {
		return n
	}
	if n.rows == nil {
		n.rows = &caseNames{}
	}
	if n.row != name.Row {
		n.row = name.Row
		clear(n.rows.next)
	}
	return n.rows
}

func (n *caseNames) unique(class, name string) string {
	if n.next == nil {
		n.seed, n.next = maphash.MakeSeed(), map[uint64]int32{}
	}
	if name == "" {
		name = "unnamed"
	}
	key := n.hash(class, name)
	number := n.next[key]
	if number == 0 {
		n.next[key] = 2
		return name
	}
	for ; ; number++ {
		candidate := name + " #" + strconv.Itoa(int(number))
		if other := n.hash(class, candidate); n.next[other] == 0 {
			n.next[other], n.next[key] = 2, number+1
			return candidate
		}
	}
}

func (n *caseNames) hash(class, name string) uint64 {
	var h maphash.Hash
	h.SetSeed(n.seed)
	h.WriteString(class)
	h.WriteByte(0)
	h.WriteString(name)
	return h.Sum64()
}
