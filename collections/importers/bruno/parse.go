package bruno

import (
	"regexp"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// file is one .bru file: its blocks by name, in the order in which they stand.
type file struct {
	name   string
	blocks []*block

	items, environments []*file // of a collection in one file
}

// block is a dictionary, a list or a text.
type block struct {
	pos   source.Pos
	name  string // "params:query"
	pairs []pair // of a dictionary; those of a list have a key alone
	text  string // as a text, outdented
}

type pair struct {
	key, value string
	disabled   bool
	pos        source.Pos
}

// get returns a block, an empty one where there is none.
func (f *file) get(name string) *block {
	for _, b := range f.blocks {
		if b.name == name {
			return b
		}
	}
	return &block{}
}

// value returns what stands under a key, unless it is disabled.
func (b *block) value(key string) string {
	for _, p := range b.pairs {
		if p.key == key && !p.disabled {
			return p.value
		}
	}
	return ""
}

// parse takes a file apart. What stands outside of blocks is a problem.
func parse(name, text string) (*file, error) {
	f := &file{name: name}
	var problems source.Problems
	opening := regexp.MustCompile(`^([A-Za-z][\w:-]*)\s*([{\[])\s*$`)
	lines := strings.Split(strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff"), "\n")
	for i := 0; i < len(lines); i++ {
		found := opening.FindStringSubmatch(strings.TrimRight(lines[i], " \t"))
		if found == nil {
			if strings.TrimSpace(lines[i]) != "" {
				problems = append(problems, (source.Pos{File: name, Line: i + 1, Col: 1}).Errorf("want a block such as get { at the start of a line"))
				break
			}
			continue
		}
		closing := map[string]string{"{": "}", "[": "]"}[found[2]]
		end := i + 1
		for end < len(lines) && strings.TrimRight(lines[end], " \t") != closing {
			end++
		}
		b := &block{pos: source.Pos{File: name, Line: i + 1, Col: 1}, name: found[1]}
		if end == len(lines) {
			problems = append(problems, b.pos.Errorf("the block %s is never closed; want %s at the start of a line", b.name, closing))
			break
		}
		b.read(lines[i+1 : end])
		f.blocks = append(f.blocks, b)
		i = end
	}
	return f, problems.Err()
}

// read reads the lines of a block as a text and as pairs; which of them counts follows from its name.
func (b *block) read(lines []string) {
	outdented := make([]string, len(lines))
	for i, line := range lines {
		outdented[i] = strings.TrimPrefix(line, "  ")
	}
	b.text = strings.Join(outdented, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "@") && !strings.Contains(line, ":") {
			continue
		}
		p := pair{pos: source.Pos{File: b.pos.File, Line: b.pos.Line + i + 1, Col: 1 + len(lines[i]) - len(strings.TrimLeft(lines[i], " \t"))}}
		line, p.disabled = strings.CutPrefix(line, "~")
		p.key, p.value = cut(strings.TrimSuffix(line, ","))
		switch {
		case strings.HasPrefix(p.value, "'''"):
			i += p.several(lines[i:])
		case p.value == "[":
			var items []string
			for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "]"; i++ {
				items = append(items, strings.TrimSpace(lines[i]))
			}
			p.value = strings.Join(items, "\n")
		}
		b.pairs = append(b.pairs, p)
	}
}

// cut takes key and value apart; a key in quotes may hold a colon.
func cut(line string) (key, value string) {
	if strings.HasPrefix(line, `"`) {
		for i := 1; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++
			case '"':
				rest := strings.TrimSpace(line[i+1:])
				return strings.ReplaceAll(line[1:i], `\"`, `"`), strings.TrimSpace(strings.TrimPrefix(rest, ":"))
			}
		}
	}
	key, value, _ = strings.Cut(line, ":")
	return strings.TrimSpace(key), strings.TrimSpace(value)
}

// several reads a value in ”'…”' and returns how many lines more it takes.
func (p *pair) several(lines []string) int {
	const quote = "'''"
	first := strings.TrimPrefix(p.value, quote)
	if text, _, ok := strings.Cut(first, quote); ok {
		p.value = text
		return 0
	}
	var texts []string
	if first != "" {
		texts = append(texts, first)
	}
	for i := 1; i < len(lines); i++ {
		text, _, ok := strings.Cut(lines[i], quote)
		if !ok || strings.TrimSpace(text) != "" {
			texts = append(texts, strings.TrimPrefix(text, "    "))
		}
		if ok {
			p.value = strings.Join(texts, "\n")
			return i
		}
	}
	p.value = strings.Join(texts, "\n")
	return len(lines) - 1
}
