package newman_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// byNewman runs all collections by Newman, whose folder NEWMAN names. False means that it names none.
func byNewman(t *testing.T, all []job) (map[string]outcome, bool) {
	t.Helper()
	dir := os.Getenv("NEWMAN")
	if dir == "" {
		return nil, false
	}
	in, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "run.js", dir)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("newman: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var list []outcome
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	byName := map[string]outcome{}
	for _, o := range list {
		byName[o.Name] = o
	}
	return byName, true
}

// story words a run: its requests on the wire, then the verdicts.
func story(wire []exchange, o outcome) string {
	var b strings.Builder
	if o.Error != "" {
		fmt.Fprintf(&b, "error: %s\n", o.Error)
	}
	for _, x := range wire {
		b.WriteString(x.text(x.body))
	}
	b.WriteString("--\n")
	refs := map[string]bool{}
	for _, r := range o.Requests {
		if r.Ref != "" && refs[r.Ref] {
			continue // it lists a request once for each exchange
		}
		refs[r.Ref] = true
		fmt.Fprintf(&b, "%s\n", r.Name)
		for _, t := range r.Tests {
			fmt.Fprintf(&b, "  %s: %s", t.Outcome, t.Name)
			if t.Message != "" {
				fmt.Fprintf(&b, " (%s)", t.Message)
			}
			b.WriteByte('\n')
		}
		for _, e := range r.Errors {
			fmt.Fprintf(&b, "  error: %s\n", e)
		}
		for _, e := range o.Errors {
			if e.Request == r.Name && e.Iteration == r.Iteration {
				fmt.Fprintf(&b, "  error: %s\n", e.Message)
			}
		}
	}
	return b.String()
}
