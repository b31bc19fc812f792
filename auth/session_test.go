package auth

import "testing"

func TestAKeyThatIsMadeForTheRunIsThatOfOneSession(t *testing.T) {
	t.Parallel()
	tokens := &Tokens{}
	made := func(session, text string) any {
		k, err := tokens.proofKey(session, "ES256", text)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	if made("alice", "") == made("bob", "") || made("", "") == made("bob", "") {
		t.Error("two sessions prove with one key")
	}
	if made("alice", "") != made("alice", "") {
		t.Error("one session proves with two keys")
	}
}
