package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

func TestTimesAreToldInWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, claim string
		value       any
		want        string
	}{
		{"expired", "exp", json.Number("1790855958"), "expired 42 s ago"},
		{"at this moment", "exp", json.Number("1790856000"), "expired 0 s ago"},
		{"lives", "exp", json.Number("1790856018"), "expires in 18 s"},
		{"minutes", "exp", json.Number("1790856600"), "expires in 10 min"},
		{"hours", "exp", json.Number("1790866800"), "expires in 3 h"},
		{"days", "iat", json.Number("1790596800"), "3 days ago"},
		{"begins", "nbf", json.Number("1790856002"), "in 2 s"},
		{"centuries", "exp", json.Number("32503680000"), "expires in 355472 days"},
		{"fraction", "exp", json.Number("1790855958.5"), "expired 42 s ago"},
		{"milliseconds", "exp", json.Number("1790855958000"), "is in milliseconds (2026-10-01T11:59:18Z), want seconds"},
		{"beyond time", "exp", json.Number("1e300"), "is no time that could be meant"},
		{"text", "exp", "1790855958", "is no number; servers refuse that"},
		{"missing", "exp", nil, "is no number; servers refuse that"},
	}
	for _, tt := range tests {
		at, err := moment(tt.value)
		got := fmt.Sprint(err)
		if err == nil {
			got = when(tt.claim, at, now)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got, want := span(-700), "-11 min"; got != want {
		t.Errorf("a lifetime below zero: got %q, want %q", got, want)
	}
}

func TestUnwrapTakesOffWhatWasCopiedAlong(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a.b.c", " a.b.c\r\n", `"a.b.c"`, "'a.b.c'\n", "Bearer a.b.c", `"Bearer a.b.c"`, "Authorization: Bearer a.b.c", "DPoP a.b.c", "a.\n  b.\n  c", "\ufeffa.b.c",
		"client_assertion=a.b.c", `Bearer "a.b.c"`,
	} {
		if got := unwrap(text); got != "a.b.c" {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestWhatATerminalWouldObeyIsEscaped(t *testing.T) {
	t.Parallel()
	const text = "{\n  \"ü\": \"\u009b31m\u202e\x7f\"\n}"
	if got, want := visible(text), "{\n  \"ü\": \"\\u009b31m\\u202e\\u007f\"\n}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
