package hgrun_test

import (
	"flag"
	"os"
	"testing"

	"github.com/hgrun/hgrun/diagnosis"
)

var updatePages = flag.Bool("update", false, "write docs/diagnoses.md and docs/schema from the tables")

func TestThePagesOfTheFindingsComeFromTheTableOfRules(t *testing.T) {
	t.Parallel()
	const file = "docs/diagnoses.md"
	if *updatePages {
		if err := os.WriteFile(file, []byte(diagnosis.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != diagnosis.Markdown() {
		t.Errorf("%s is not what the rules say; go test . -update writes it", file)
	}
}
