package expect

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// agreeOnSyntax compares checkSyntax with encoding/json: whether a text is JSON, and where it is not.
func agreeOnSyntax(t *testing.T, text string) {
	t.Helper()
	at, deep, ok := checkSyntax(text)
	if want := json.Valid([]byte(text)); ok != want {
		t.Fatalf("%q: got %v, want %v", text, ok, want)
	}
	if ok != (gjson.Valid(text)) && !deep {
		t.Fatalf("%q: got %v, and a path finds things in it", text, ok)
	}
	var wrong *json.SyntaxError
	if ok || deep || !errors.As(json.Unmarshal([]byte(text), new(json.RawMessage)), &wrong) {
		return
	}
	want := int(wrong.Offset) - 1
	if strings.HasPrefix(wrong.Error(), "unexpected end") || int(wrong.Offset) == len(text) && text[want] != ' ' && strings.HasPrefix(wrong.Error(), "invalid character ' '") {
		want = len(text) // encoding/json puts a space behind the text to see where it ends
	}
	if at != want {
		t.Fatalf("%q: got byte %d, want %d: %v", text, at, want, wrong)
	}
}

func TestWhatIsNoJSONIsFoundAtItsByte(t *testing.T) {
	t.Parallel()
	const document = `{"a": [1, -2.5e+10, 0, "a longer text with \"quotes\", \u00e9 and é in it", true, false, null], "b":{}, "c":[[]], "d":"x"}`
	agreeOnSyntax(t, document)
	for i := range document {
		agreeOnSyntax(t, document[:i])
		agreeOnSyntax(t, document[i:])
		for _, b := range []string{"", "\"", "\\", "x", "\x00", "\x1f", "0", "-", ".", "e", "{", "}", "[", "]", ",", ":", " ", "\n", "\x0b", "\xff", "\u2028"} {
			agreeOnSyntax(t, document[:i]+b+document[i+1:])
			agreeOnSyntax(t, document[:i]+b+document[i:])
		}
	}
	for _, text := range []string{"", " ", "01", "1.", "1e", "--1", "+1", ".5", "1 2", "nul", "nulll", `"`, `"\`, `"\u12`, `"\u12g4"`, "\ufeff{}", "{,}", "[1,]", "[,1]", `{"a"}`, `{"a":}`,
		`{"a":1,}`, `{1:1}`, "[}", "{]", "[1}", `{"a":1]`, "\t[ ]\r\n", strings.Repeat(`"`, 20), `"` + strings.Repeat("x", 7) + "\x1f" + `"`, `"` + strings.Repeat("\x7f", 9) + `"`} {
		agreeOnSyntax(t, text)
	}
}

func TestJSONThatIsNestedTooDeepIsRefused(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	mixed := strings.Repeat(`{"a":[`, maxDepth/2) + strings.Repeat("]}", maxDepth/2)
	for _, tt := range []struct {
		name, text string
		deep, ok   bool
	}{
		{"as deep as may be", nested(maxDepth), false, true},
		{"a level deeper", nested(maxDepth + 1), true, false},
		{"objects and lists", mixed, false, true},
		{"objects and lists, a level deeper", "[" + mixed + "]", true, false},
		{"without an end", strings.Repeat("[", 1<<20), true, false},
		{"brackets in a text", `"` + nested(maxDepth+1) + `"`, false, true},
		{"one after the other", "[" + strings.Repeat("[],", maxDepth) + "[]]", false, true},
	} {
		if _, deep, ok := checkSyntax(tt.text); deep != tt.deep || ok != tt.ok {
			t.Errorf("%s: got deep %v, JSON %v, want %v, %v", tt.name, deep, ok, tt.deep, tt.ok)
		}
	}
}

func TestAControlCharacterIsNoHexadecimalDigit(t *testing.T) {
	t.Parallel()
	digits := ""
	for c := range 256 {
		if hexDigit(byte(c)) {
			digits += string(rune(c))
		}
	}
	if digits != "0123456789ABCDEFabcdef" {
		t.Errorf("got %q", digits)
	}
	if isUUID("f47ac10b-58cc-4372-a567-0e02b2c3d47\x19") || isHex("0\x11") {
		t.Error("a control character passes for a digit")
	}
}

func FuzzSyntax(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e-1,"\u00e9\\"],"b":null}`, `[true,false`, `"abcdefgh\x"`, "[[[[]]]]", "-0.1E+5"} {
		f.Add(seed)
	}
	f.Fuzz(agreeOnSyntax)
}

func BenchmarkSyntax(b *testing.B) {
	body := "[" + strings.Repeat(string(patient().Response.Body)+",", 1000) + "1]"
	for name, check := range map[string]func(string) bool{"ours": isJSON, "gjson": gjson.Valid} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if !check(body) {
					b.Fatal("no JSON")
				}
			}
		})
	}
}
