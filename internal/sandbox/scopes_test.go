package sandbox

import "testing"

func TestAScopeCoversWhatItSpellsOut(t *testing.T) {
	t.Parallel()
	cases := []struct {
		have, want string
		covers     bool
	}{
		{"patient360", "patient360", true},
		{"patient360", "rls", false},
		{"user/*.*", "user/Patient.read", true},
		{"user/*.read", "user/Patient.rs", true},
		{"user/*.read", "user/Patient.s", true},
		{"user/*.read", "user/Patient.write", false},
		{"user/*.cruds", "user/*.*", true},
		{"user/Patient.*", "user/*.read", false},
		{"user/*.*", "system/Patient.read", false},
		{"user/*.*", "user/Patient.sr", false}, // out of order
		{"user/*.*", "user/Patient.", false},
		{"user/*.*", "user/.read", false},
		{"user/*.*", "user/Patient", false},
		{"user/*.*", "nobody/Patient.read", false},
	}
	for _, c := range cases {
		if got := covers(c.have, c.want); got != c.covers {
			t.Errorf("%s covers %s: got %t, want %t", c.have, c.want, got, c.covers)
		}
	}
}
