package reporters

import (
	"strings"
	"testing"
	"time"
)

func TestCleanTextDoesNoHarm(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ text, want string }{
		{"plain\ttext\n", "plain\ttext\n"},
		{"a\r\nb\rc", "a\nb\nc"},
		{"\x1b[1;31mred\x1b[0m", "red"},
		{"\x1b]0;title\x07after", "after"},
		{"\x1b]8;;http://x\x1b\\link", "link"},
		{"\x1b]0;never ends\nafter", "0;never ends\nafter"},
		{"\x1bcreset", "creset"},
		{"end\x1b", "end"},
		{"end\x1b[", "end"},
		{"a\x00b\x7fc\u009bd", "a\uFFFDb\uFFFDc\uFFFDd"},
		{"\xff\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
		{"\uFFFE \u202E \u2066", "\uFFFD \uFFFD \uFFFD"},
		{"Иван 日本 👩‍⚕️ שלום", "Иван 日本 👩‍⚕️ שלום"},
	} {
		if got := clean(row.text); got != row.want {
			t.Errorf("%q: got %q, want %q", row.text, got, row.want)
		}
	}
}

func TestTimesReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		d    time.Duration
		want string
	}{
		{-time.Second, "<1 ms"},
		{0, "<1 ms"},
		{999 * time.Microsecond, "<1 ms"},
		{1500 * time.Microsecond, "2 ms"},
		{999400 * time.Microsecond, "999 ms"},
		{999500 * time.Microsecond, "1.00 s"},
		{59994 * time.Millisecond, "59.99 s"},
		{59995 * time.Millisecond, "1 m 00 s"},
		{time.Hour - 501*time.Millisecond, "59 m 59 s"},
		{time.Hour - time.Millisecond, "1 h 00 m"},
		{26*time.Hour + 5*time.Minute, "26 h 05 m"},
	} {
		if got := timeText(row.d); got != row.want {
			t.Errorf("%v: got %s, want %s", row.d, got, row.want)
		}
	}
}

func TestABodyIsShownAsFarAsItCanBeRead(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, body string
		size       int
		sum, want  string
	}{
		{"json", `{"b":1,"a":[]}`, 14, "", "{\n  \"b\": 1,\n  \"a\": []\n}"},
		{"nearly json", `{"b":1`, 6, "", `{"b":1`},
		{"masked, so shorter than it was", `‹token›`, 900, "", `‹token›`},
		{"long", strings.Repeat("é", 60), 120, "", strings.Repeat("é", 50) + "\n… cut here, the whole body has 120 bytes"},
		{"binary", "\x00\x01\x02PNG", 6, "", "(6 bytes that are not text)"},
		{"one byte", "\x00", 1, "", "(1 byte that is not text)"},
		{"shortened", strings.Repeat("e", 60), 70000, "abcd", strings.Repeat("e", 60) + "\n… cut here, the whole body has 70,000 bytes, sha256 abcd"},
		{"binary and shortened", "\x00\x01\x02PNG", 70000, "abcd", "(70,000 bytes that are not text, sha256 abcd)"},
		{"empty", "", 0, "", ""},
	} {
		if got := excerpt(row.body, row.size, row.sum, 100); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func TestColumnsAreThoseOfATerminal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "abc": 3, "für": 3, "日本": 4, "e\u0301": 1, "👩‍⚕️": 2, "שלום": 4, "한국 a": 6, "✓": 1} {
		if got := columns(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestTheCaretStandsBelowItsCharacter(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100) + "HERE" + strings.Repeat("y", 100)
	for _, row := range []struct {
		line   string
		col    int
		want   string
		before int
	}{
		{"name: value", 7, "name: value", 6},
		{"日本: value", 5, "日本: value", 6},
		{"short", 40, "short", -1},
		{"short", 0, "short", -1},
		{long, 101, "…" + strings.Repeat("x", 20) + "HERE" + strings.Repeat("y", 14) + "…", 21},
	} {
		line, before := window(row.line, row.col, 40)
		if line != row.want || before != row.before {
			t.Errorf("%q at %d: got %q %d, want %q %d", row.line, row.col, line, before, row.want, row.before)
		}
	}
}
