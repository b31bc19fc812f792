package environments

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// parseDotenv reads lines of KEY=value, as shells and docker compose do: export before the key, # comments, 'text as
// it stands', and "text with \n, \t, \" and \\", both over several lines if need be. Nothing is expanded. A key that
// stands twice has its last value. The error is source.Problems; it never holds what is written in the file.
func parseDotenv(file, src string) (map[string]string, error) {
	d := dotenv{file: file, lines: strings.Split(strings.TrimPrefix(src, "\ufeff"), "\n"), values: map[string]string{}}
	for d.at < len(d.lines) {
		d.line()
	}
	return d.values, d.problems.Err()
}

// dotenv is a .env file while it is read.
type dotenv struct {
	file     string
	lines    []string
	at       int // the line to read next, from 0
	values   map[string]string
	problems source.Problems
}

func (d *dotenv) line() {
	line := strings.TrimSpace(d.lines[d.at])
	number := d.at + 1
	d.at++
	if line == "" || line[0] == '#' {
		return
	}
	key, value, ok := strings.Cut(line, "=")
	key = strings.TrimSpace(key)
	if rest, found := strings.CutPrefix(key, "export"); found && strings.TrimLeft(rest, " \t") != rest {
		key = strings.TrimSpace(rest)
	}
	if !ok || !isKey(key) {
		d.errorf(number, "want KEY=value")
		return
	}
	value = strings.TrimLeft(value, " \t")
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		d.quoted(number, key, value)
		return
	}
	d.values[key] = uncommented(value)
}

func uncommented(value string) string {
	if strings.HasPrefix(value, "#") {
		return ""
	}
	for i := 1; i < len(value); i++ {
		if value[i] == '#' && (value[i-1] == ' ' || value[i-1] == '\t') {
			return strings.TrimRight(value[:i], " \t")
		}
	}
	return value
}

// quoted reads a value in quotes, which starts at the line number and may go on over the lines after it.
func (d *dotenv) quoted(number int, key, text string) {
	quote := text[0]
	var b strings.Builder
	for i := 1; ; i++ {
		for i >= len(text) {
			if d.at == len(d.lines) {
				d.errorf(number, "the %c of %s has no second %c", quote, key, quote)
				return
			}
			b.WriteByte('\n')
			text, i = strings.TrimSuffix(d.lines[d.at], "\r"), 0
			d.at++
		}
		switch c := text[i]; {
		case c == quote:
			if rest := strings.TrimSpace(text[i+1:]); rest != "" && rest[0] != '#' {
				d.errorf(d.at, "only a # comment may stand behind the second %c", quote)
				return
			}
			d.values[key] = b.String()
			return
		case c == '\\' && quote == '"' && i+1 < len(text):
			i++
			b.WriteString(unescaped(text[i]))
		default:
			b.WriteByte(c)
		}
	}
}

// unescaped is what \c stands for. An unknown escape stands for itself, backslash included.
func unescaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '"', '\\', '$', '`':
		return string(c)
	}
	return `\` + string(c)
}

func (d *dotenv) errorf(number int, format string, args ...any) {
	pos := source.Pos{File: d.file, Line: number, Col: 1}
	d.problems = append(d.problems, pos.Errorf(format, args...))
}

// isKey reports whether text can be the name of an environment variable.
func isKey(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '.' || c == '-')) {
			return false
		}
	}
	return text != ""
}
