package runner

import (
	"fmt"
	"slices"
)

// leftovers are the names that nothing defined while a request was made, and that were sent as {{name}}: with CompatNewman alone.
type leftovers []string

func (l *leftovers) note(name string) {
	if !slices.Contains(*l, name) {
		*l = append(*l, name)
	}
}

// lines tell of them beside what the scripts wrote.
func (l *leftovers) lines() []ConsoleLine {
	var lines []ConsoleLine
	for _, name := range *l {
		lines = append(lines, ConsoleLine{Level: "warn", Text: fmt.Sprintf("variable %q is not defined; it was sent as {{%s}}", name, name)})
	}
	return lines
}
