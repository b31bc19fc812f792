package diagnosis

import (
	"fmt"
	"sort"
	"testing"
	"testing/synctest"

	"github.com/hgrun/hgrun/internal/sandbox"
)

func modes() map[string]sandbox.ErrorMode {
	return map[string]sandbox.ErrorMode{
		"HG": sandbox.DefaultErrors, "strict": sandbox.StrictErrors, "silent": sandbox.SilentErrors, "generic": sandbox.GenericErrors,
		"fosite": sandbox.FositeErrors, "legacy": sandbox.LegacyErrors,
	}
}

// TestTheTrueCauseComesFirst makes every mistake at servers that tell much, little and nothing, and counts how often the
// first finding is the truth.
func TestTheTrueCauseComesFirst(t *testing.T) {
	t.Parallel()
	right, all := map[string]int{}, map[string]int{}
	for mode, errors := range modes() {
		for _, m := range proofMistakes() {
			t.Run(mode+"/"+m.code+" "+m.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "sandbox", errors, sandbox.Servers{})
					c := m.make(r)
					if got := r.reason(); got != m.reason {
						t.Fatalf("the sandbox says %s, want %s: the mistake was not made", got, m.reason)
					}
					all[mode]++
					got := Explain(c)
					if first(got) == m.code {
						right[mode]++
						return
					}
					t.Logf("got %s first, want %s; answer %d %.200s; findings:%s", first(got), m.code, c.Exchange.Response.Status, c.Exchange.Response.Body, tell(got))
				})
			})
		}
	}
	hits, total := 0, 0
	var names []string
	for mode := range all {
		names = append(names, mode)
		hits, total = hits+right[mode], total+all[mode]
	}
	sort.Strings(names)
	for _, mode := range names {
		t.Logf("%-8s %3d of %3d", mode, right[mode], all[mode])
	}
	accuracy := float64(hits) / float64(max(total, 1))
	fmt.Printf("diagnosis: the first finding is the true cause in %d of %d cases (%.1f %%)\n", hits, total, 100*accuracy)
	if accuracy < 0.95 {
		t.Errorf("the first finding is the true cause in %.1f %% of all cases, want 95 %%", 100*accuracy)
	}
}

func TestMistakesOfRequestsAreNamed(t *testing.T) {
	t.Parallel()
	for mode, errors := range map[string]sandbox.ErrorMode{"HG": sandbox.DefaultErrors, "strict": sandbox.StrictErrors, "silent": sandbox.SilentErrors, "generic": sandbox.GenericErrors} {
		for _, m := range requestMistakes() {
			t.Run(mode+"/"+m.code+" "+m.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, "sandbox", errors, sandbox.Servers{})
					c := m.make(r)
					if got := r.reason(); got != m.reason {
						t.Fatalf("the sandbox says %s, want %s: the mistake was not made", got, m.reason)
					}
					if got := Explain(c); first(got) != m.code {
						t.Errorf("got %s first, want %s; answer %d %.200s; findings:%s", first(got), m.code, c.Exchange.Response.Status, c.Exchange.Response.Body, tell(got))
					}
				})
			})
		}
	}
}
