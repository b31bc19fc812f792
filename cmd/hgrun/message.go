package main

import (
	"fmt"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// message words an error for the end of a command: the problems, one a line, and how many there are.
func message(err error) string {
	problems := gather(nil, err)
	var b strings.Builder
	for i, p := range problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		if p.Pos == (source.Pos{}) {
			b.WriteString("hgrun: ")
		}
		b.WriteString(p.Error())
	}
	if len(problems) > 1 {
		fmt.Fprintf(&b, "\n%d problems; nothing was sent", len(problems))
	}
	return b.String()
}
