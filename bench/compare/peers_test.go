package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEveryPeerReadsEveryPatientAndJudgesTheFamily(t *testing.T) {
	t.Parallel()
	for name, p := range peers() {
		for _, exchange := range []bool{false, true} {
			j := job{requests: 3, files: 1, exchange: exchange, family: "Okafor"}
			all := strings.Join(slices.Sorted(maps.Values(p.files(j))), "\n")
			want := []string{"1000", "1001", "1002", "Okafor"}
			if name == "k6" { // counts for itself
				want = []string{"1000 + exec", "iterations: 3", "Okafor"}
			}
			if exchange {
				want = append(want, "jwt-bearer")
			}
			for _, text := range want {
				if !strings.Contains(all, text) {
					t.Errorf("%s, exchange %v: no %q in\n%s", name, exchange, text, all)
				}
			}
		}
	}
}

func TestAPeerDoesOnlyWhatItCan(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		job  job
		want []string
	}{
		{"one file in turn", job{requests: 1, files: 1}, []string{"bruno", "httpyac", "k6", "newman", "venom"}},
		{"many at a time", job{requests: 8, files: 1, workers: 8}, []string{"k6"}},
		{"many files", job{requests: 8, files: 8}, nil},
		{"rows", job{requests: 8, files: 1, rows: true}, []string{"k6", "newman"}},
		{"a collection with scripts", job{requests: 3, files: 1, scripted: true}, []string{"newman"}},
		{"a large document", job{requests: 1, files: 1, megabytes: 100}, nil},
	} {
		var got []string
		for name, p := range peers() {
			if p.does(row.job) {
				got = append(got, name)
			}
		}
		if slices.Sort(got); !slices.Equal(got, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}

func TestAPeerThatIsNotThereIsAnErrorOnlyWhereItWasNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if es, err := invited("installed"); err != nil || len(es) != 0 {
		t.Errorf("installed: got %v, %v, want nobody and no error", es, err)
	}
	for _, row := range []struct{ list, want string }{
		{"newman", `-peers: newman: exec: "newman": executable file not found in $PATH`},
		{"postwoman", `-peers: got "postwoman", want installed or some of bruno, httpyac, k6, newman, venom`},
	} {
		if _, err := invited(row.list); err == nil || err.Error() != row.want {
			t.Errorf("%s: got %v, want %s", row.list, err, row.want)
		}
	}
}

func TestAPeersReportIsCountedToo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "junit.xml"), []byte(`<testsuites><testsuite name="a"/></testsuites>`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := bruno().inspect(dir, job{requests: 2}); err == nil || err.Error() != "junit.xml: got 1 testcases, want 2" {
		t.Errorf("got %v, want a count", err)
	}
}
