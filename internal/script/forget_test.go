package script

import "testing"

func TestAnotherRoundFindsNothingThatScriptsHaveSetWithoutDeclaringIt(t *testing.T) {
	t.Parallel()
	var engine Engine
	vm := engine.Open(Limits{})
	defer vm.Close()
	seen := func() string {
		out := vm.Run(t.Context(), one(`pm.test(typeof leaked + " " + typeof lodash + " " + typeof require("lodash").map, () => pm.expect(1).to.equal(1))`), &Event{})
		if len(out.Tests) != 1 || out.Tests[0].Err != nil {
			t.Fatalf("got %+v", out)
		}
		return out.Tests[0].Name
	}
	vm.Forget()
	vm.Run(t.Context(), one(`leaked = 1; globalThis.lodash = require("lodash")`), &Event{})
	if got, want := seen(), "number function function"; got != want {
		t.Errorf("in the round: got %q, want %q", got, want)
	}
	vm.Forget()
	if got, want := seen(), "undefined undefined function"; got != want {
		t.Errorf("in the next: got %q, want %q", got, want)
	}
}
