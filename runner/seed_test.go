package runner_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

func TestASeedRepeatsARunHoweverManyCollectionsRunBesideEachOther(t *testing.T) {
	t.Parallel()
	sent := func(seed uint64, jobs int) string {
		s := serve(func(w http.ResponseWriter, _ *http.Request) {})
		var all []runner.Job
		for i := range 6 {
			all = append(all, runner.Job{Environment: environment(nil, nil), Collection: loadAs(t, fmt.Sprintf("c%d.yaml", i), `
variables: {patient: "{{$randomUUID}}"}
requests:
  - request: GET http://api.test/{{patient}}/{{$randomInt}}
  - request: GET http://api.test/{{$randomFirstName | lower}}
    set: {kept: "{{$guid}}"}
  - request: GET http://api.test/{{kept}}
`)})
		}
		for range (&runner.Runner{Transport: s, Seed: seed, Jobs: jobs}).RunAll(t.Context(), all) {
		}
		lines := s.lines()
		slices.Sort(lines)
		same(t, fmt.Sprint(len(lines)), "18")
		return strings.Join(lines, "\n")
	}
	same(t, sent(42, 1), sent(42, 4))
	first, second := sent(0, 2), sent(0, 2)
	if sent(42, 2) == sent(43, 2) || first == second {
		t.Error("another seed, or none, made the same values")
	}
}
