package runner_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/runner"
)

// A credential that no row changes is asked for once: ten thousand refusals would lock the account.
func TestARefusedCredentialIsNotTriedAgainByEachRow(t *testing.T) {
	t.Parallel()
	rows := func(client string) string {
		return "data: {rows: [{who: a}, {who: b}, {who: a}, {who: c}]}\n" + strings.Replace(byBlock, "my-client", client, 1)
	}
	for _, row := range []struct {
		name, yaml string
		jobs       int
		status     int
		exchanges  int
	}{
		{"in sequence", rows("my-client"), 1, 400, 1},
		{"all at a time", rows("my-client"), 4, 401, 1},
		{"credentials of the row", rows("'{{who}}'"), 1, 400, 3},
		{"a server that is down for a while", rows("my-client"), 1, 503, 4},
		{"a server that was asked too often", rows("my-client"), 1, 429, 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := serve(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(row.status)
				fmt.Fprint(w, `{"error": "invalid_client"}`)
			})
			got := run(t.Context(), &runner.Runner{Transport: s, Jobs: row.jobs}, load(t, row.yaml), environment(nil, secrets()))
			sent := s.lines()
			if most := max(row.exchanges, row.jobs); len(sent) < row.exchanges || len(sent) > most { // rows that begin at the same time know nothing of each other yet
				t.Errorf("sent %q, want %d to %d exchanges", sent, row.exchanges, most)
			}
			counts := map[runner.Outcome]int{}
			for _, r := range got.results {
				counts[r.Outcome]++
				if r.Outcome == runner.Skipped && !strings.HasPrefix(r.Reason, "no token: ") {
					t.Errorf("%s: skipped because of %q", r.Name.Name, r.Reason)
				}
			}
			if counts[runner.Errored] != len(sent) || counts[runner.Skipped] != 8 {
				t.Errorf("got %v, want %d errored and 8 skipped:\n%s", counts, len(sent), got.story())
			}
		})
	}
}
