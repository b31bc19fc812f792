package main

import (
	"fmt"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// message words the error of an exit for the end of a command: the problems, one a line, and how many there are.
func (e *exit) message() string {
	text, n := problemLines(e.err)
	switch {
	case n > 1 && e.code == exitUsage:
		text += fmt.Sprintf("\n%d problems; nothing was sent", n)
	case n > 1:
		text += fmt.Sprintf("\n%d problems", n)
	}
	return text
}

// problemLines words an error as its problems, one a line.
func problemLines(err error) (text string, problems int) {
	all := gather(nil, err)
	var b strings.Builder
	for i, p := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		if p.Pos == (source.Pos{}) {
			b.WriteString("hgrun: ")
		}
		b.WriteString(p.Error())
	}
	return b.String(), len(all)
}
