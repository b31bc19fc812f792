package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"html"
	"iter"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// planted is something that must be in no output.
type planted struct{ name, text string }

// plantedIn reads a file of testdata/leaks: a name and a text in each line.
func plantedIn(t *testing.T, file string) []planted {
	t.Helper()
	text, err := os.ReadFile("testdata/leaks/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all []planted
	for line := range strings.Lines(string(text)) {
		name, datum, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || len(datum) < 4 {
			t.Fatalf("%s: %q is no name and text", file, line)
		}
		all = append(all, planted{name, datum})
	}
	return all
}

// finder looks for what was planted, in every form that it can be decoded from. It decodes the text that it looks through, and so knows
// nothing of the forms that the program masks. Lines that it has seen it passes over.
type finder struct {
	planted []planted
	by      map[string][]int // the first four bytes in small letters -> which of planted
	seen    map[string]bool
}

func newFinder(all []planted) *finder {
	f := &finder{by: map[string][]int{}, seen: map[string]bool{}}
	for i, p := range all {
		p.text = strings.ToLower(p.text)
		f.planted = append(f.planted, p)
		f.by[p.text[:4]] = append(f.by[p.text[:4]], i)
	}
	return f
}

// in returns what a text holds of what was planted, by its name, with what stands around its first place.
func (f *finder) in(text string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(text) {
		if !f.seen[line] {
			f.seen[line] = true
			f.within(found, line, 3)
		}
	}
	for _, run := range wrapped().FindAllString(text, -1) { // base64 in lines
		f.within(found, strings.NewReplacer("\n", "", "\r", "", `\n`, "", `\r`, "").Replace(run), 0)
	}
	return found
}

// within looks at a text as it is and as it is decoded, so many times.
func (f *finder) within(found map[string]string, text string, times int) {
	f.plain(found, text)
	for run := range encodedRuns(text) {
		for _, plain := range decodedRun(run) {
			f.plain(found, plain)
			f.plain(found, unpercent(plain))
		}
	}
	if times == 0 {
		return
	}
	for _, decode := range []func(string) string{unpercent, unplus, unescapeJSON, html.UnescapeString, undouble} {
		if plain := decode(text); plain != text && !f.seen[plain] {
			f.seen[plain] = true
			f.within(found, plain, times-1)
		}
	}
}

func (f *finder) plain(found map[string]string, text string) {
	small := strings.ToLower(text)
	for at := 0; at+4 <= len(small); at++ {
		for _, i := range f.by[small[at:at+4]] {
			if p := f.planted[i]; found[p.name] == "" && strings.HasPrefix(small[at:], p.text) {
				found[p.name] = strconv.Quote(small[max(0, at-60):min(len(small), at+60)])
			}
		}
	}
}

func encodedRuns(text string) iter.Seq[string] {
	const shortest = 7
	return func(yield func(string) bool) {
		from := 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) && (text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' || text[i] >= '+' && text[i] <= '9' && text[i] != ',' && text[i] != '.' || text[i] == '_') {
				continue
			}
			if i-from >= shortest && !yield(text[from:i]) {
				return
			}
			from = i + 1
		}
	}
}

var wrapped = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[A-Za-z0-9+/_-]{60,76}(?:(?:\r\n|\n|\\r\\n|\\n)[A-Za-z0-9+/_-]{4,76})+`)
})

// decodedRun returns what a run of letters may encode: base64 from each of its first four letters, and hexadecimal digits.
func decodedRun(run string) []string {
	var plain []string
	letters := strings.NewReplacer("-", "+", "_", "/").Replace(run)
	for from := range 4 {
		rest := letters[from:]
		if raw, err := base64.RawStdEncoding.DecodeString(rest[:len(rest)-len(rest)%4]); err == nil {
			plain = append(plain, string(raw))
		}
	}
	for from := range 2 {
		rest := run[from:]
		if raw, err := hex.DecodeString(rest[:len(rest)-len(rest)%2]); err == nil {
			plain = append(plain, string(raw))
		}
	}
	return plain
}

// unpercent decodes each %2F that there is, whatever else stands there.
func unpercent(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return percentEscapes().ReplaceAllStringFunc(text, func(escape string) string {
		plain, err := url.PathUnescape(escape)
		if err != nil {
			return escape
		}
		return plain
	})
}

func unplus(text string) string { return unpercent(strings.ReplaceAll(text, "+", " ")) }

// undouble reads a field of CSV.
func undouble(text string) string { return strings.ReplaceAll(text, `""`, `"`) }

var (
	percentEscapes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`) })
	jsonEscapes    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:\\u[0-9A-Fa-f]{4})+|\\["\\/bfnrt]`) })
)

func unescapeJSON(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	return jsonEscapes().ReplaceAllStringFunc(text, func(escape string) string {
		if escape == `\/` {
			return "/"
		}
		plain, err := strconv.Unquote(`"` + escape + `"`)
		if err != nil { // half a pair
			return escape
		}
		return plain
	})
}

func TestTheFinderFindsEveryFormOfWhatIsPlanted(t *testing.T) {
	t.Parallel()
	for name, form := range mirrors() {
		text := form("name=en/planted+env secret==&<0>%41\"q'é; given=Wilhelmina and more")
		if got := newFinder([]planted{{"secret", `en/planted+env secret==&<0>%41"q'é`}, {"name", "wilhelmina"}}).in("a\n" + text + "\nb"); len(got) != 2 {
			t.Errorf("%s: got %q of %s", name, got, text)
		}
	}
	if got := newFinder([]planted{{"secret", "planted"}}).in("‹en sha256:1a2b3c4d› plan-ted cGxhbnQ="); len(got) > 0 {
		t.Errorf("got %q, want nothing", got)
	}
}

// fingerprintOf is the start of the SHA-256 digest by which a mask tells a secret.
func fingerprintOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:4])
}
