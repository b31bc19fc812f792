package expect

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"
)

// tooDeep reports whether a text is JSON as far as the level that is one too many.
func tooDeep(s string) bool {
	_, deep, _ := checkSyntax(s)
	return deep
}

// fromJSON returns valid JSON as Go has it, numbers as json.Number with all their digits. Of two members of one name
// the first counts, as it does for a path.
func fromJSON(s string) any {
	p := jsonParser{s: s}
	return p.value(0)
}

// jsonParser walks JSON that was found to be valid; what is not valid ends it early and never breaks it.
type jsonParser struct {
	s string
	i int
}

func (p *jsonParser) space() {
	for p.i < len(p.s) && p.s[p.i] <= ' ' {
		p.i++
	}
}

// next steps over c and the space before it.
func (p *jsonParser) next(c byte) bool {
	p.space()
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *jsonParser) value(depth int) any {
	p.space()
	if p.i >= len(p.s) || depth > maxDepth {
		p.i = len(p.s)
		return nil
	}
	switch p.s[p.i] {
	case '{':
		return p.object(depth)
	case '[':
		return p.list(depth)
	case '"':
		return p.string()
	}
	switch word := p.word(); word {
	case "null":
		return nil
	case "true", "false":
		return word == "true"
	default:
		return json.Number(word)
	}
}

func (p *jsonParser) object(depth int) any {
	members := map[string]any{}
	p.i++
	for !p.next('}') {
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != '"' {
			p.i = len(p.s)
			break
		}
		name := p.string()
		p.next(':')
		v := p.value(depth + 1)
		if _, twice := members[name]; !twice {
			members[name] = v
		}
		p.next(',')
	}
	return members
}

func (p *jsonParser) list(depth int) any {
	elements := []any{}
	p.i++
	for !p.next(']') {
		if p.i >= len(p.s) {
			break
		}
		elements = append(elements, p.value(depth+1))
		p.next(',')
	}
	return elements
}

// string reads a string that starts at p.i.
func (p *jsonParser) string() string {
	start, escaped := p.i, false
	for p.i++; p.i < len(p.s) && p.s[p.i] != '"'; p.i++ {
		if p.s[p.i] == '\\' {
			escaped = true
			p.i++
		}
	}
	p.i = min(p.i+1, len(p.s))
	raw := p.s[start:p.i]
	if escaped {
		return gjson.Parse(raw).Str
	}
	return strings.TrimSuffix(raw[1:], `"`)
}

// word reads a number or a literal. It steps on at least once, so that no text makes the parser stand still.
func (p *jsonParser) word() string {
	start := p.i
	for p.i++; p.i < len(p.s); p.i++ {
		if c := p.s[p.i]; c <= ' ' || c == ',' || c == ']' || c == '}' {
			break
		}
	}
	return p.s[start:p.i]
}

// compact returns JSON without the space between its tokens, in memory of its own.
func compact(s string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		return strings.Clone(s)
	}
	return b.String()
}
