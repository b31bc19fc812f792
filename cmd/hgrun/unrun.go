package main

import (
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
)

// unrun refuses to run a collection whose scripts nobody runs: its tests would be green without having been made.
func unrun(c *collections.Collection) error {
	var problems source.Problems
	seen := map[*collections.Script]bool{}
	for _, r := range c.Requests() {
		for _, listen := range []string{collections.Prerequest, collections.Test} {
			for _, s := range r.Scripts(listen) {
				if !seen[s] {
					seen[s] = true
					problems = append(problems, s.Pos.Errorf("the %s script of %s cannot be run yet; check and list read it", listen, s.Of))
				}
			}
		}
	}
	return problems.Err()
}
