package jsonpath

import "testing"

func TestPatternsMeanWhatRFC9485Says(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ pattern, fits, other string }{
		{`a.c`, "a\u2028c", "a\nc"},
		{`a.c`, "a𝄞c", "a\rc"},
		{`[-a]`, "-", "b"},
		{`[a-]`, "-", "b"},
		{`[--]`, "-", "a"},
		{`[^-]`, "a", "-"},
		{`[^^]`, "a", "^"},
		{`[a^]`, "^", "b"},
		{`[a\]]`, "]", "["},
		{`[a\-c]`, "-", "b"},
		{`[a-c\n]`, "\n", "-"},
		{`[.*+?(){}|$]`, "$", "a"},
		{`[\p{Lu}0-9]+`, "Ж7", "ж7"},
		{`[^\p{L}]`, "7", "x"},
		{`\P{Nd}`, "x", "7"},
		{`\p{L}+`, "éЖ", "7"},
		{`\.\*\?\+\(\)\[\]\{\}\|\\\^\-`, `.*?+()[]{}|\^-`, "x"},
		{`\t\r\n`, "\t\r\n", "trn"},
		{`(ab|c)*d`, "abcabd", "acd"},
		{`a{2}`, "aa", "aaa"},
		{`a{2,}`, "aaaa", "a"},
		{`a{0,2}b`, "aab", "aaab"},
		{`(a|)b`, "b", "cb"},
		{`a|b`, "b", "ab"},
		{``, "", "a"},
		{`^a$`, "a", "^a$"},
		{`-,:;<=>@_~"'/&%#!`, `-,:;<=>@_~"'/&%#!`, "-"},
		{"é☺", "é☺", "e"},
	} {
		re, err := compile(tt.pattern, true)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if !re.MatchString(tt.fits) || re.MatchString(tt.other) {
			t.Errorf("%s is %s: %q %v, %q %v", tt.pattern, re, tt.fits, re.MatchString(tt.fits), tt.other, re.MatchString(tt.other))
		}
	}
}
