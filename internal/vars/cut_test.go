package vars

import "testing"

func TestTheBeginningOfASecretBeforeACutIsMasked(t *testing.T) {
	t.Parallel()
	var s Secrets
	s.Hide("key", "0123456789abcdef")
	mask := Mask("key", "0123456789abcdef")
	for in, want := range map[string]string{
		`got "xx0123456"… (99 characters)`:    `got "xx` + mask + `"… (99 characters)`,
		"0123…":                               mask + "…",
		"012…":                                "012…",
		"a 01230123456… b 0123456789abcdef c": "a 0123" + mask + "… b " + mask + " c",
		"0123456789abcdef…":                   mask + "…",
		"no cut 0123456":                      "no cut 0123456",
		"0123456 not at the cut… 01234… 0123x…": "0123456 not at the cut… " + mask + "… 0123x…",
	} {
		if got := s.Redact(in); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}
