// Package runner turns collections and an environment into a sequence of events and knows nothing of who looks at them.
package runner
