package source

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestReadersStoreWhatIsWritten(t *testing.T) {
	t.Parallel()
	var v struct {
		s, word, quoted string
		yes             bool
		i, hex, text    int
		d, zero         time.Duration
		one, many       []string
	}
	v.quoted, v.zero = "x", 1
	same(t, problems("s: 1.10\nword: mask\nquoted: \"\"\nyes: true\ni: 1_000\nhex: 0x1F\ntext: \"5\"\nd: 1m30s\nzero: 0\none: a\nmany: [a, 007]\n", func(n Node) {
		n.Map(Keys{
			"s": String(&v.s), "word": OneOf(&v.word, "show", "mask"), "quoted": String(&v.quoted), "yes": Bool(&v.yes),
			"i": Int(&v.i, 0), "hex": Int(&v.hex, 0), "text": Int(&v.text, 0), "d": Duration(&v.d), "zero": Duration(&v.zero),
			"one": Strings(&v.one), "many": Strings(&v.many),
		})
	}), "")
	same(t, fmt.Sprintf("%+v", v), "{s:1.10 word:mask quoted: yes:true i:1000 hex:31 text:5 d:90000000000 zero:0 one:[a] many:[a 007]}")
}

func TestReadersRefuseWhatTheyCannotStore(t *testing.T) {
	t.Parallel()
	var s string
	var b bool
	var i int
	var d time.Duration
	var list []string
	tests := []struct {
		name, value, want string
		read              func(Node)
	}{
		{"String of nothing", "", "want text, got nothing", String(&s)},
		{"String of a list", "[a]", "want text, got a list", String(&s)},
		{"String of a mapping", "{a: b}", "want text, got a mapping", String(&s)},
		{"Bool of an old word", "yes", `want true or false, got "yes"`, Bool(&b)},
		{"Bool of a text", `"true"`, `want true or false, got "true"`, Bool(&b)},
		{"Bool of nothing", "", "want true or false, got nothing", Bool(&b)},
		{"Int of a fraction", "1.5", `want a whole number of at least 1, got "1.5"`, Int(&i, 1)},
		{"Int below the least", "0", "want a whole number of at least 1, got 0", Int(&i, 1)},
		{"Int of nothing", "", "want a whole number of at least 1, got nothing", Int(&i, 1)},
		{"Int of a list", "[1]", "want a whole number of at least 1, got a list", Int(&i, 1)},
		{"Int with a zero in front", "010", `010 starts with 0 and would lose it as a number; quote it: "010"`, Int(&i, 0)},
		{"Duration without its unit", "5", `want a time span such as 500ms, 5s or 2m, got "5"; say the unit: 5s or 5ms`, Duration(&d)},
		{"Duration below zero", "-5s", `want a time span such as 500ms, 5s or 2m, got "-5s"`, Duration(&d)},
		{"Duration of a word", "soon", `want a time span such as 500ms, 5s or 2m, got "soon"`, Duration(&d)},
		{"Duration of nothing", "", "want text, got nothing", Duration(&d)},
		{"OneOf, nearly", "mast", `unknown value "mast"; did you mean "mask"?`, OneOf(&s, "show", "mask")},
		{"OneOf, far", "elephant", `unknown value "elephant"; known here: show, mask`, OneOf(&s, "show", "mask")},
		{"OneOf of empty text", `""`, `unknown value ""; known here: show, mask`, OneOf(&s, "show", "mask")},
		{"OneOf of nothing", "", "want text, got nothing", OneOf(&s, "show", "mask")},
		{"Strings of a mapping", "{a: b}", "want a list, got a mapping", Strings(&list)},
		{"Strings with a hole", "[a, ~]", "want text, got nothing", Strings(&list)},
		{"Strings of nothing", "", "want text, got nothing", Strings(&list)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := problems("k: "+tt.value+"\n", func(n Node) { n.Map(Keys{"k": tt.read}) })
			if lines := strings.Split(got, "\n"); !strings.HasPrefix(got, "f:1:") || !strings.HasSuffix(lines[0], ": "+tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if strings.Contains(got, "\n") && tt.name != "Int with a zero in front" {
				t.Errorf("more than one problem: %s", got)
			}
		})
	}
}

func TestSuggestNamesTheNearestOrAll(t *testing.T) {
	t.Parallel()
	names := []string{"header", "headers", "status"}
	tests := []struct{ got, want string }{
		{"haeders", `did you mean "headers"?`},
		{"HEADER", `did you mean "header"?`},
		{"sttaus", `did you mean "status"?`},
		{"x", "known here: header, headers, status"},
		{"", "known here: header, headers, status"},
	}
	for _, tt := range tests {
		same(t, Suggest(tt.got, names), tt.want)
	}
	same(t, Suggest("b", []string{"a"}), "known here: a")
	same(t, Suggest("x", nil), "nothing is known here")
}

func TestDistanceCountsSwappedNeighboursAsOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "", 3}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"é", "e", 1}, {"ca", "abc", 3}} {
		same(t, Distance(tt.a, tt.b), tt.want)
		same(t, Distance(tt.b, tt.a), tt.want)
	}
}
