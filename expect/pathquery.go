package expect

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// query checks the inside of #(…): a path, an operator and a value.
func (c *pathChecker) query(from, to int) error {
	inside := c.path[from:to]
	trimmed := strings.TrimSpace(inside)
	switch {
	case trimmed == "":
		return c.fail(from-1, "#() has no condition in it")
	case strings.HasPrefix(trimmed, "@.") || strings.HasPrefix(trimmed, "?") || strings.HasPrefix(trimmed, "@["):
		return c.fail(from, "a condition starts with a member of the element, without @")
	}
	op := c.operator(from, to)
	if op < 0 {
		return c.condition(from, to)
	}
	if err := c.condition(from, op); err != nil {
		return err
	}
	return c.operand(op, to)
}

// operator finds where the comparison starts, or -1.
func (c *pathChecker) operator(from, to int) int {
	depth := 0
	for i := from; i < to; i++ {
		switch c.path[i] {
		case '\\':
			i++
		case '"':
			i = max(closingQuote(c.path[:to], i), i)
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '!', '=', '<', '>', '%':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// condition checks the path on the left of an operator. It may be missing: #(=="a") looks at the elements themselves.
func (c *pathChecker) condition(from, to int) error {
	path := c.path[from:to]
	left := len(path) - len(strings.TrimLeft(path, " "))
	right := len(path) - len(strings.TrimRight(path, " "))
	if left == len(path) {
		return nil
	}
	return c.within(from+left, to-right)
}

// operand checks what stands on the right of an operator, the operator included.
func (c *pathChecker) operand(from, to int) error {
	text := c.path[from:to]
	i := 1
	for i < len(text) && strings.ContainsRune("=<>%~!", rune(text[i])) {
		i++
	}
	op, rest := text[:i], strings.TrimLeft(text[i:], " ")
	switch op {
	case "=", "==", "!=", "<", "<=", ">", ">=", "%", "!%", "==~", "!=~":
	case "=~":
		return c.fail(from, `a condition knows no regular expressions; % compares with * and ?: #(name%"A*")`)
	default:
		return c.fail(from, "unknown operator "+op+"; there are == != < <= > >= % !%")
	}
	if strings.TrimSpace(rest) == "null" && !strings.HasSuffix(op, "~") {
		return c.fail(from, op+"null finds nothing; write "+op+"~null")
	}
	if strings.HasPrefix(rest, "'") {
		return c.fail(to-len(rest), `a text in a condition stands in double quotes: "`+strings.Trim(strings.TrimSpace(rest), "'")+`"`)
	}
	for i := from; i < to-1; i++ {
		switch {
		case c.path[i] == '"':
			i = max(closingQuote(c.path[:to], i), i)
		case c.path[i:i+2] == "&&" || c.path[i:i+2] == "||":
			return c.fail(i, "#() has one condition, and no "+c.path[i:i+2]+`; both of two are asked with #(a=="x")#|#(b=="y")`)
		}
	}
	return nil
}

// translatePath turns JSONPath, jq and JSON Pointer into a gjson path, as far as people write them by hand.
func translatePath(path string) (string, bool) {
	if strings.HasPrefix(path, "/") {
		return translated(strings.Split(path[1:], "/"), func(s string) string {
			return strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
		})
	}
	rest := strings.TrimPrefix(path, "$")
	var pieces []string
	for rest != "" {
		p, n := translatePiece(rest)
		if n == 0 {
			return "", false
		}
		pieces = append(pieces, p...)
		rest = rest[n:]
	}
	out := strings.Join(pieces, ".")
	return out, out != "" && out != path && (&pathChecker{path: out}).check() == nil
}

func translated(names []string, unescape func(string) string) (string, bool) {
	for i, name := range names {
		names[i] = gjson.Escape(unescape(name))
	}
	out := strings.Join(names, ".")
	return out, (&pathChecker{path: out}).check() == nil
}

// translatePiece translates the next step of a path, and says how much of it that was: 0 for what has no translation.
func translatePiece(s string) (pieces []string, n int) {
	switch {
	case strings.HasPrefix(s, "..["):
		return nil, 0
	case strings.HasPrefix(s, ".."):
		name := wordAt(s[2:])
		return []string{"@dig:" + name}, 2 + len(name)
	case strings.HasPrefix(s, ".["):
		return nil, 1
	case strings.HasPrefix(s, ".*"):
		return []string{"#"}, 2
	case s[0] == '.':
		name := wordAt(s[1:])
		if name == "" {
			return nil, 0
		}
		return []string{name}, 1 + len(name)
	case s[0] == '[':
		return translateBracket(s)
	case s[0] == '\'' || s[0] == '"':
		if end := strings.IndexByte(s[1:], s[0]); end > 0 {
			return []string{gjson.Escape(s[1 : 1+end])}, end + 2
		}
		return nil, 0
	}
	name := wordAt(s)
	return []string{name}, len(name)
}

// wordAt returns the name that s starts with.
func wordAt(s string) string {
	if i := strings.IndexAny(s, ".[]()'\" "); i >= 0 {
		return s[:i]
	}
	return s
}

func translateBracket(s string) (pieces []string, n int) {
	end := strings.IndexByte(s, ']')
	if end < 2 {
		return nil, 0
	}
	inside := s[1:end]
	switch {
	case inside == "*":
		return []string{"#"}, end + 1
	case digits(inside) == len(inside):
		return []string{inside}, end + 1
	case inside[0] == '-' && digits(inside[1:]) == len(inside)-1:
		back, _ := strconv.Atoi(inside[1:])
		return []string{"@reverse", strconv.Itoa(max(back-1, 0))}, end + 1
	case len(inside) > 2 && (inside[0] == '\'' || inside[0] == '"') && inside[len(inside)-1] == inside[0]:
		return []string{gjson.Escape(inside[1 : len(inside)-1])}, end + 1
	case strings.HasPrefix(inside, "?"):
		condition := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(inside[1:], "("), ")"), "@.")
		return []string{"#(" + strings.ReplaceAll(condition, "'", `"`) + ")#"}, end + 1
	}
	return nil, 0
}
