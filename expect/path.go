package expect

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/jsonpath"
	"github.com/hgrun/hgrun/internal/source"
)

// pathError says what is wrong with a path, and at which byte of it.
type pathError struct {
	offset int
	text   string
}

func (e *pathError) Error() string { return e.text }

const emptyPath = "the path is empty; @this is the whole body"

// pathChecker reads a gjson path as gjson does, and refuses what gjson would take for a member that is missing: it
// never reports a bad path itself.
type pathChecker struct {
	path   string
	pieces []piece // of the path itself, not of the paths within it
	always bool    // the path makes a list, whatever is there
	nested bool
}

// piece is one component of a path: what stands between two dots.
type piece struct{ from, to int }

func (c *pathChecker) fail(offset int, text string) error { return &pathError{offset, text} }

// check reads the whole path.
func (c *pathChecker) check() error {
	if err := c.foreign(); err != nil {
		return err
	}
	return c.sequence(0, len(c.path))
}

// foreign recognises the paths of other languages by how they start.
func (c *pathChecker) foreign() error {
	p := c.path
	switch {
	case strings.TrimSpace(p) == "":
		return c.fail(0, emptyPath)
	case p == "$" || p == "." || p == "/":
		return c.fail(0, strconv.Quote(p)+" is no path; @this is the whole body")
	case strings.HasPrefix(p, "$.") || strings.HasPrefix(p, "$["):
		return c.fail(0, "a path starts with a member, not with $"+cmp.Or(write(p), asItIs(p)))
	case strings.HasPrefix(p, ".."):
		return c.fail(0, "a path cannot start with .."+write(p))
	case p[0] == '.':
		return c.fail(0, "a path starts with a member, not with a dot"+write(p))
	case p[0] == '/':
		return c.fail(0, "a path has dots, not slashes"+write(p)+`; a member whose name starts with / is written \/`)
	}
	return nil
}

// asItIs tells where a path of JSONPath that is none here can stand.
func asItIs(path string) string {
	if _, err := jsonpath.Parse(path); err != nil {
		return ""
	}
	return "; write it below jsonpath:"
}

// write suggests what a path of another language is here.
func write(path string) string {
	if s, ok := translatePath(path); ok {
		return "; write " + s
	}
	return ""
}

// sequence reads components with dots and pipes between them.
func (c *pathChecker) sequence(from, to int) error {
	if from >= to {
		return c.fail(min(from, len(c.path)), "a path within the path is empty")
	}
	at := from
	for {
		end, err := c.component(at, to)
		if err != nil {
			return err
		}
		if !c.nested {
			c.pieces = append(c.pieces, piece{at, end})
		}
		if end == to {
			return nil
		}
		if sep := c.path[end]; sep != '.' && sep != '|' {
			return c.fail(end, "want . or | before "+strconv.Quote(c.path[end:to]))
		}
		at = end + 1
		if at == to {
			return c.fail(end, "the path ends in "+c.path[end:at])
		}
	}
}

// component reads one piece of the path and returns where it ends.
func (c *pathChecker) component(from, to int) (int, error) {
	switch c.path[from] {
	case '.':
		return 0, c.fail(from, "there is no .. to search at any depth"+write(c.path)+"; @dig:name finds name wherever it is")
	case '|':
		return 0, c.fail(from, "nothing stands before |")
	case '@':
		return c.modifier(from, to)
	case '#':
		return c.hash(from, to)
	case '[', '{':
		return c.several(from, to)
	case '!':
		return c.literal(from, to)
	case '"', '\'':
		return 0, c.fail(from, "the name of a member has no quotes"+write(c.path))
	}
	return c.key(from, to)
}

// key reads the name of a member, an index or a pattern with * and ?.
func (c *pathChecker) key(from, to int) (int, error) {
	i := from
	for ; i < to; i++ {
		switch ch := c.path[i]; ch {
		case '.', '|':
			return i, c.index(from, i)
		case '\\':
			if i++; i == to {
				return 0, c.fail(i-1, `the path ends in \`)
			}
		case '[':
			return 0, c.fail(i, "an index stands behind a dot"+write(c.path)+`; the character itself is written \[`)
		case ']', '(', ')', '{', '}':
			return 0, c.fail(i, "unexpected "+string(ch)+" in a path"+write(c.path)+`; the character itself is written \`+string(ch))
		}
	}
	return i, c.index(from, i)
}

// index refuses what counts from the end.
func (c *pathChecker) index(from, to int) error {
	key := c.path[from:to]
	if len(key) < 2 || key[0] != '-' || digits(key[1:]) != len(key)-1 {
		return nil
	}
	n, _ := strconv.Atoi(key[1:])
	return c.fail(from, "an index cannot count from the end; write "+c.path[:from]+"@reverse."+strconv.Itoa(max(n-1, 0))+c.path[to:])
}

// modifier reads @name or @name:argument.
func (c *pathChecker) modifier(from, to int) (int, error) {
	end := from + 1
	for end < to && !strings.ContainsRune(".|:", rune(c.path[end])) {
		end++
	}
	name := c.path[from+1 : end]
	if !gjson.ModifierExists(name, nil) {
		return 0, c.fail(from, "unknown modifier @"+name+" ("+modifierHint(name)+`); a member of that name is written \@`+name)
	}
	if end == to || c.path[end] != ':' {
		return end, nil
	}
	start := end + 1
	if start < to && strings.ContainsRune(`{["`, rune(c.path[start])) {
		return c.balanced(start, to)
	}
	for end = start; end < to && c.path[end] != '|'; end++ {
		if strings.ContainsRune(`{["(`, rune(c.path[end])) {
			closing, err := c.balanced(end, to)
			if err != nil {
				return 0, err
			}
			end = closing - 1
		}
	}
	if name == "dig" {
		return end, c.within(start, end)
	}
	return end, nil
}

func modifierHint(name string) string {
	names := []string{"dig", "flatten", "fromstr", "group", "join", "keys", "pretty", "reverse", "this", "tostr", "ugly", "valid", "values"}
	for i := range names {
		names[i] = "@" + names[i]
	}
	return source.Suggest("@"+name, names)
}

// within checks a path that stands inside this one.
func (c *pathChecker) within(from, to int) error {
	inner := pathChecker{path: c.path[:to], nested: true}
	return inner.sequence(from, to)
}

// hash reads #, #(query), #(query)# or a member whose name starts with #.
func (c *pathChecker) hash(from, to int) (int, error) {
	i := from + 1
	switch {
	case i == to:
		return i, nil
	case c.path[i] == '.' || c.path[i] == '|':
		c.always = c.always || !c.nested
		return i, nil
	case c.path[i] != '(' && c.path[i] != '[':
		return c.key(i, to)
	}
	end, err := c.balanced(i, to)
	if err != nil {
		return 0, err
	}
	if inside := c.path[i+1 : end-1]; c.path[i] == '[' && (inside == "*" || digits(inside) == len(inside)) {
		return 0, c.fail(i, "an index stands behind a dot"+write(c.path))
	}
	if err := c.query(i+1, end-1); err != nil {
		return 0, err
	}
	if end < to && c.path[end] == '#' {
		end++
		c.always = c.always || !c.nested
	}
	return end, nil
}

// several reads [path,path] or {"name":path,path}.
func (c *pathChecker) several(from, to int) (int, error) {
	end, err := c.balanced(from, to)
	if err != nil {
		return 0, err
	}
	inside := c.path[from+1 : end-1]
	if inside == "" {
		return 0, c.fail(from, c.path[from:end]+" has no paths in it")
	}
	if c.path[from] == '[' && (inside == "*" || digits(strings.TrimPrefix(inside, "-")) == len(strings.TrimPrefix(inside, "-")) || strings.ContainsRune(`'"?`, rune(inside[0]))) {
		return 0, c.fail(from, "an index or a name stands without brackets"+write(c.path))
	}
	c.always = c.always || !c.nested
	for _, p := range c.selectors(from+1, end-1) {
		if err := c.within(p.from, p.to); err != nil {
			return 0, err
		}
	}
	return end, nil
}

// selectors splits the inside of a multipath at its commas, and takes the names before colons off.
func (c *pathChecker) selectors(from, to int) []piece {
	var parts []piece
	start := from
	named := c.path[from-1] == '{'
	for i := from; i < to; i++ {
		switch c.path[i] {
		case '\\':
			i++
		case '"', '[', '(', '{':
			if end, err := c.balanced(i, to); err == nil {
				i = end - 1
			}
		case ':':
			if named && !strings.Contains(c.path[start:i], "@") {
				start = i + 1
				named = false
			}
		case ',':
			parts = append(parts, piece{start, i})
			start = i + 1
			named = c.path[from-1] == '{'
		}
	}
	return append(parts, piece{start, to})
}

// literal reads !"text", !{…}, !true.
func (c *pathChecker) literal(from, to int) (int, error) {
	i := from + 1
	if i < to && strings.ContainsRune(`{["`, rune(c.path[i])) {
		return c.balanced(i, to)
	}
	for i < to && c.path[i] != '.' && c.path[i] != '|' {
		i++
	}
	return i, nil
}

// balanced returns what follows the bracket or quote that closes the one at from.
func (c *pathChecker) balanced(from, to int) (int, error) {
	pairs := map[byte]byte{'(': ')', '[': ']', '{': '}'}
	var open []int
	for i := from; i < to; i++ {
		switch ch := c.path[i]; ch {
		case '\\':
			i++
		case '"':
			end := closingQuote(c.path[:to], i)
			if end < 0 {
				return 0, c.fail(i, `" without its closing "`)
			}
			i = end
		case '(', '[', '{':
			open = append(open, i)
		case ')', ']', '}':
			if n := len(open); n == 0 || pairs[c.path[open[n-1]]] != ch {
				return 0, c.fail(i, "unexpected "+string(ch)+" in a path")
			}
			open = open[:len(open)-1]
		}
		if len(open) == 0 {
			return min(i+1, to), nil
		}
	}
	last := open[len(open)-1]
	return 0, c.fail(last, string(c.path[last])+" without its closing "+string(pairs[c.path[last]]))
}

func closingQuote(s string, from int) int {
	for i := from + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
