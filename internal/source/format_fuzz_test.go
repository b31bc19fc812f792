package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func layouts() *Layout {
	request := &Layout{Order: []string{"name", "request", "headers", "expect"}, Below: map[string]*Layout{}}
	request.Below["requests"] = &Layout{Items: request}
	return &Layout{Order: []string{"name", "variables", "requests"}, Below: map[string]*Layout{"requests": {Items: request}, "*": {Order: []string{"a", "b"}}}}
}

// FuzzFormat: what can be formatted is formatted for good, and means the same.
func FuzzFormat(f *testing.F) {
	for _, pattern := range []string{"../../examples/*/*.yaml", "../../examples/*/environments/*.yaml", "../../cmd/hgrun/template/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(src))
		}
	}
	for seed := range uint64(40) {
		f.Add(random(seed))
	}
	for _, text := range []string{
		"a: |+\n  x\n\n\nb: >2\n   y\n\n  z\n", "a: &x {b: 1}\nc: *x\n<<: *x\n", "- - a # one\n  - b\n- {c: 'it''s', d: \"\\u00e9\\n\"}\n",
		"? a\n: b\n", "a: [x, # one\n  # two\n  y, {z: 1} # three\n  # four\n]\n# five\n", "a:\n# zero\n- b\n# zero too\nc: 1\n", "- # of the item\n  a: 1\n",
		"a: long text that goes\n  over lines\n\n  and more\n", "'a': \"1\"\n\"b\": 'yes'\nc: \"12:30\"\n", "a: 1 # x\n  # y\n    # z\nb: 2\n", "--- # start\na: 1\n... # end\n",
		"a: !!str 5\nb: ! x\nc: !!str\n", "a: \"#\"\nb: 'x # y'\nc: x#y\n", "{a: 1}\n", "a:\n\n\n  b:\n\n    c: 1\n\n\n\n  # d\n\n\n# e\n\n\n", "a: \t|\n  \tx\n", "key: >-\n\n  first\n\n   more\n  last",
		"a: [b: c, d]\ne: {f, g: }\n", "\ufeffa: 1\r\nb: |\r\n  x\r\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, layout := range []*Layout{nil, layouts()} {
			once, err := Format("f.yaml", []byte(text), layout)
			if err != nil {
				if strings.Contains(err.Error(), "report this as a bug") {
					t.Errorf("%v\n%s", err, text)
				}
				continue
			}
			twice, err := Format("f.yaml", once, layout)
			if err != nil || string(once) != string(twice) {
				t.Errorf("%v: formatted once\n%s\ntwice\n%s\nof\n%s", err, once, twice, text)
			}
		}
	})
}

// random makes a collection with comments in every place.
func random(seed uint64) string {
	g := &generator{r: rand.New(rand.NewPCG(seed, 7))} //nolint:gosec // not for secrets
	g.b.WriteString(pick(g.r, "", "# header\n", "# header\n\n", "\n\n# header\n# more\n\n\n"))
	g.mapping(0, 0, []string{"variables", "name", "requests", "auth", "x"})
	g.between(0)
	return g.b.String()
}

type generator struct {
	r *rand.Rand
	b strings.Builder
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (g *generator) between(indent int) {
	for range g.r.IntN(4) - 1 {
		g.b.WriteString(pick(g.r, "\n", "\n\n", strings.Repeat(" ", indent)+"# comment\n", strings.Repeat(" ", max(0, indent+g.r.IntN(5)-2))+"#odd\n"))
	}
}

func (g *generator) end() {
	g.b.WriteString(pick(g.r, "\n", "\n", "\n", " # behind\n", "      # far behind\n", "  \n"))
}

func (g *generator) mapping(indent, depth int, keys []string) {
	for i, key := range keys[:1+g.r.IntN(len(keys))] {
		if i > 0 {
			g.between(indent)
			g.b.WriteString(strings.Repeat(" ", indent))
		}
		g.b.WriteString(pick(g.r, key, key, `"`+key+`"`, "'"+key+"'") + pick(g.r, ":", ":", " :"))
		g.value(indent, depth)
	}
}

func (g *generator) value(indent, depth int) {
	kind := g.r.IntN(8)
	if depth > 4 {
		kind = 0
	}
	deeper := indent + 1 + g.r.IntN(4)
	switch kind {
	case 1, 2:
		g.end()
		g.between(deeper)
		g.b.WriteString(strings.Repeat(" ", deeper))
		g.mapping(deeper, depth+1, []string{"name", "request", "expect", "b", "a", "headers"}[g.r.IntN(3):])
	case 3:
		g.end()
		for range 1 + g.r.IntN(3) {
			g.between(deeper)
			g.b.WriteString(strings.Repeat(" ", deeper) + "- ")
			if g.r.IntN(2) == 0 {
				g.b.WriteString(g.scalar())
				g.end()
				continue
			}
			g.mapping(deeper+2, depth+1, []string{"request", "name", "b", "a"})
		}
	case 4:
		g.b.WriteString(pick(g.r, " |", " >", " |-", " >+", " |+"))
		g.end()
		for range 1 + g.r.IntN(3) {
			g.b.WriteString(strings.Repeat(" ", deeper) + pick(g.r, "text # no comment\n", "'quoted'\n", "a: b\n", "\n", "  more\n", "x\n\n"))
		}
	case 5:
		g.b.WriteString(" {a: " + g.scalar() + pick(g.r, ", ", ",  # inside\n"+strings.Repeat(" ", deeper)) + "b: [" + g.flowScalar() + pick(g.r, "", ",") + "]}")
		g.end()
	default:
		g.b.WriteString(" " + g.scalar())
		g.end()
	}
}

func (g *generator) flowScalar() string {
	return pick(g.r, "x", "1", `"1"`, "'it''s'", "null", `"{{a}}"`, `"a, b"`, "https://h.example/?a=b", `"#"`)
}

func (g *generator) scalar() string {
	return pick(g.r, g.flowScalar(), "true", `"yes"`, `"plain text"`, "'1.10'", "007", `"a: b"`, `"tab\tnew\nline"`, "~", "2024-05-01", "'2024-05-01'", "x#y", fmt.Sprint(g.r.IntN(1000)))
}

func TestRandomCollectionsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		text := random(seed)
		if _, err := rootOf("r.yaml", text); err != nil {
			continue // indented in a way that is no YAML
		}
		once, err := Format("r.yaml", []byte(text), layouts())
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if twice, err := Format("r.yaml", once, layouts()); err != nil || string(twice) != string(once) {
			t.Fatalf("seed %d: %v: formatted once\n%s\ntwice\n%s\nof\n%s", seed, err, once, twice, text)
		}
	}
}
