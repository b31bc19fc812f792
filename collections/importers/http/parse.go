package http

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/hgrun/hgrun/internal/source"
)

// block is what stands between two lines of ###.
type block struct {
	pos     source.Pos // of the request line
	title   string     // behind the ###
	marks   []field    // # @name value
	line    string     // METHOD URL
	headers []field
	body    []line
	scripts []line // of {% … %}, and asserts of httpyac
	notes   []note
}

type line struct {
	number int
	text   string
}

type field struct {
	name, value string
	number      int
}

// note is what has no counterpart.
type note struct {
	number int
	text   string
}

// state is what the lines of a block are read as.
type state int

const (
	before state = iota
	heads
	bodies
	scripts
)

// reader takes a file apart, line by line.
type reader struct {
	file      string
	blocks    []*block
	now       *block
	in        state
	back      state // after a script
	variables []field
}

func read(file, text string) *reader {
	r := &reader{file: file}
	r.begin("")
	for i, text := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		r.line(line{i + 1, text})
	}
	r.end()
	return r
}

func (r *reader) begin(title string) {
	r.now, r.in = &block{title: strings.TrimSpace(title)}, before
}

func (r *reader) end() {
	for n := len(r.now.body); n > 0 && strings.TrimSpace(r.now.body[n-1].text) == ""; n-- {
		r.now.body = r.now.body[:n-1]
	}
	if r.now.line != "" {
		r.blocks = append(r.blocks, r.now)
	}
}

func (r *reader) line(l line) {
	text := strings.TrimSpace(l.text)
	if title, ok := strings.CutPrefix(l.text, "###"); ok && r.in != scripts {
		r.end()
		r.begin(strings.TrimLeft(title, "#"))
		return
	}
	switch r.in {
	case scripts:
		r.script(l)
	case before:
		r.head(l, text)
	case heads:
		r.header(l, text)
	case bodies:
		r.content(l, text)
	}
}

// head reads what stands above a request line, and that line.
func (r *reader) head(l line, text string) {
	comment, isComment := strings.CutPrefix(text, "#")
	if !isComment {
		comment, isComment = strings.CutPrefix(text, "//")
	}
	switch {
	case text == "":
	case isComment:
		if mark, ok := strings.CutPrefix(strings.TrimSpace(comment), "@"); ok {
			name, value := apart(mark)
			r.now.marks = append(r.now.marks, field{name, value, l.number})
		} else if r.now.title == "" {
			r.now.title = strings.TrimSpace(comment)
		}
	case strings.HasPrefix(text, "@"):
		name, value, _ := strings.Cut(text[1:], "=")
		r.variables = append(r.variables, field{strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(name), ":")), strings.TrimSpace(value), l.number})
	case r.opens(l, text):
	default:
		r.now.line, r.in = text, heads
		r.now.pos = source.Pos{File: r.file, Line: l.number, Col: 1 + len(l.text) - len(strings.TrimLeftFunc(l.text, unicode.IsSpace))}
	}
}

// apart cuts a name from its value, at a space or a =.
func apart(text string) (name, value string) {
	at := strings.IndexAny(text, " =\t:")
	if at < 0 {
		return text, ""
	}
	return text[:at], strings.Trim(text[at:], " =\t:")
}

// opens begins a script, or notes what leads to one.
func (r *reader) opens(l line, text string) bool {
	rest := strings.TrimSpace(strings.TrimLeft(text, "<>"))
	switch {
	case strings.HasPrefix(rest, "{%") && rest != text:
		r.back, r.in = r.in, scripts
		if text[0] == '<' {
			r.now.notes = append(r.now.notes, note{l.number, "a script that runs before the request is left out; write set: or variables:"})
		}
		r.script(line{l.number, rest[2:]})
	case strings.HasPrefix(text, ">>") || strings.HasPrefix(text, "<>"): // where answers are written
	case strings.HasPrefix(text, ">"):
		r.now.notes = append(r.now.notes, note{l.number, "the script in " + rest + " is left out; write expect: and capture:"})
	case strings.HasPrefix(text, "??"):
		r.now.scripts = append(r.now.scripts, line{l.number, text})
	default:
		return false
	}
	return true
}

func (r *reader) script(l line) {
	text, ended, found := strings.Cut(l.text, "%}")
	if strings.TrimSpace(text) != "" {
		r.now.scripts = append(r.now.scripts, line{l.number, strings.TrimSpace(text)})
	}
	if found {
		r.in = r.back
		_ = ended // nothing may stand behind a script
	}
}

// header reads headers, and a query that goes on over lines.
func (r *reader) header(l line, text string) {
	switch {
	case text == "":
		r.in = bodies
	case strings.HasPrefix(text, "?") && !strings.HasPrefix(text, "??"), strings.HasPrefix(text, "&"), len(r.now.headers) == 0 && l.text != text && text[0] == '/':
		method, address, version := requestLine(r.now.line)
		r.now.line = strings.TrimSpace(method + " " + address + text + " " + version)
	case strings.HasPrefix(text, "#") || strings.HasPrefix(text, "//") || r.opens(l, text):
	default:
		name, value, found := strings.Cut(text, ":")
		if !found {
			r.now.notes = append(r.now.notes, note{l.number, "this line is no header; it is left out"})
			return
		}
		r.now.headers = append(r.now.headers, field{strings.TrimSpace(name), strings.TrimSpace(value), l.number})
	}
}

func (r *reader) content(l line, text string) {
	if len(r.now.body) == 0 && text == "" || r.opens(l, text) {
		return
	}
	r.now.body = append(r.now.body, l)
}

// requestLine takes METHOD URL HTTP/1.1 apart; method and version may be left out.
func requestLine(text string) (method, address, version string) {
	method, address = "GET", text
	if first, rest, ok := strings.Cut(text, " "); ok && first == strings.ToUpper(first) && !strings.ContainsAny(first, ":/{.") {
		method, address = first, strings.TrimSpace(rest)
	}
	if at := versions().FindStringIndex(address); at != nil {
		address, version = strings.TrimSpace(address[:at[0]]), strings.TrimSpace(address[at[0]:])
	}
	return method, address, version
}

func versions() *regexp.Regexp { return regexp.MustCompile(`\s+HTTP/[0-9.]+.*$`) }

// mark returns the value of # @name.
func (b *block) mark(name string) (string, bool) {
	for _, m := range b.marks {
		if m.name == name {
			return m.value, true
		}
	}
	return "", false
}

func (b *block) header(name string) string {
	for _, h := range b.headers {
		if strings.EqualFold(h.name, name) {
			return h.value
		}
	}
	return ""
}

func (b *block) text() string {
	lines := make([]string, len(b.body))
	for i, l := range b.body {
		lines[i] = l.text
	}
	return strings.Join(lines, "\n")
}
