package script

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// TestExpectationsSayWhatThoseOfChaiSay holds what js/expect.js makes quicker against chai as it comes, in chains of expectations that are made by chance.
func TestExpectationsSayWhatThoseOfChaiSay(t *testing.T) {
	t.Parallel()
	chains, err := os.ReadFile("testdata/chains.js")
	if err != nil {
		t.Fatal(err)
	}
	source, err := text("chai")
	if err != nil {
		t.Fatal(err)
	}
	count := 2000
	if slow {
		count = 50
	}
	var engine Engine
	vm := engine.Open(patient())
	defer vm.Close()
	o := vm.Run(t.Context(), one(fmt.Sprintf("const source = %s, from = 0, to = %d;\n%s", quoted(t, source), count, chains)), tests())
	if got := errorsOf(o); got != "" || len(o.Console) == 0 {
		t.Fatalf("got %s and %d lines", got, len(o.Console))
	}
	last := len(o.Console) - 1
	for _, line := range o.Console[:last] {
		t.Error(line.Text)
	}
	if held, err := strconv.Atoi(o.Console[last].Text); err != nil || held < count/20 {
		t.Errorf("%s of %d chains hold (%v): too few to judge by", o.Console[last].Text, count, err)
	}
}
