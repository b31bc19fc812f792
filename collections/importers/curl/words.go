package curl

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/source"
)

// command is the words of one command line and the comment above it.
type command struct {
	pos     source.Pos
	words   []word
	comment string
	piped   source.Pos // where a pipe takes the answer; zero for none
}

// word is one argument, quotes taken away. A variable of the shell is its name between two marks.
type word struct {
	pos  source.Pos
	text string
}

const mark = "\x00"

// scanner takes a text apart as a shell does (POSIX.1-2017, Shell Command Language, section 2.2, with the $'…' of bash).
type scanner struct {
	name string
	text string
	at   int
	line int
	head int // the offset of the line's start

	commands []command
	now      command
	comment  string
	word     strings.Builder
	inWord   bool
	start    source.Pos
	skipping bool // what a pipe leads to
	err      *source.Error
}

func split(name, text string) ([]command, error) {
	s := &scanner{name: name, text: strings.ReplaceAll(text, "\r\n", "\n"), line: 1}
	if fromCmd(s.text) {
		s.cmd()
	} else {
		s.posix()
	}
	s.endCommand()
	if s.err != nil {
		return nil, source.Problems{s.err}
	}
	return s.commands, nil
}

// fromCmd reports whether a text is quoted for cmd.exe, with ^.
func fromCmd(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		if strings.HasSuffix(line, "^") || strings.Contains(line, `^"`) {
			return true
		}
		if strings.HasSuffix(line, `\`) || strings.Contains(line, "'") {
			return false
		}
	}
	return false
}

func (s *scanner) pos() source.Pos {
	return source.Pos{File: s.name, Line: s.line, Col: utf8.RuneCountInString(s.text[s.head:min(s.at, len(s.text))]) + 1}
}

// next returns a byte and steps over it.
func (s *scanner) next() byte {
	c := s.text[s.at]
	s.at++
	if c == '\n' {
		s.line++
		s.head = s.at
	}
	return c
}

func (s *scanner) more() bool { return s.at < len(s.text) && s.err == nil }

func (s *scanner) begin() {
	if !s.inWord {
		s.inWord, s.start = true, s.pos()
	}
}

func (s *scanner) put(c byte) {
	if c != 0 {
		s.word.WriteByte(c)
	}
}

func (s *scanner) endWord() {
	if s.inWord && !s.skipping {
		if len(s.now.words) == 0 {
			s.now.pos = s.start
		}
		s.now.words = append(s.now.words, word{s.start, s.word.String()})
	}
	s.inWord = false
	s.word.Reset()
}

func (s *scanner) endCommand() {
	s.endWord()
	if len(s.now.words) > 0 {
		s.now.comment = s.comment
		s.commands = append(s.commands, s.now)
		s.comment = ""
	}
	s.now, s.skipping = command{}, false
}

func (s *scanner) posix() {
	for s.more() {
		switch c := s.text[s.at]; {
		case c == '\\' || c == '`' && strings.HasPrefix(s.text[s.at:], "`\n"):
			s.backslash()
		case c == '\'':
			s.begin()
			s.single()
		case c == '"':
			s.begin()
			s.double()
		case c == '$':
			s.begin()
			s.dollar()
		case c == '#' && !s.inWord:
			s.remark()
		case c == '|':
			s.endWord()
			if !s.skipping {
				s.now.piped = s.pos()
			}
			s.skipping = true
			s.next()
		case c == '\n' || c == ';' || c == '&':
			s.endCommand()
			s.next()
		case c == ' ' || c == '\t' || c == '\r':
			s.endWord()
			s.next()
		default:
			s.begin()
			s.put(s.next())
		}
	}
}

// remark keeps the comment above a command.
func (s *scanner) remark() {
	end := strings.IndexByte(s.text[s.at:], '\n')
	if end < 0 {
		end = len(s.text) - s.at
	}
	if text := strings.Trim(s.text[s.at:s.at+end], "# \t!"); len(s.now.words) == 0 {
		s.comment = text
	}
	s.at += end
}

func (s *scanner) backslash() {
	pos := s.pos()
	s.next()
	switch {
	case !s.more():
		s.err = pos.Errorf("a backslash at the end of the text; the command goes on nowhere")
	case s.text[s.at] == '\n':
		s.next()
	default:
		s.begin()
		s.put(s.next())
	}
}

func (s *scanner) single() {
	pos := s.pos()
	s.next()
	for s.more() {
		c := s.next()
		if c == '\'' {
			return
		}
		s.put(c)
	}
	s.err = pos.Errorf("a quote ' that is never closed")
}

func (s *scanner) double() {
	pos := s.pos()
	s.next()
	for s.more() {
		switch c := s.text[s.at]; {
		case c == '"':
			s.next()
			return
		case c == '\\' && s.at+1 < len(s.text):
			s.next()
			if after := s.next(); strings.IndexByte("$`\"\\", after) >= 0 {
				s.put(after)
			} else if after != '\n' {
				s.put('\\')
				s.put(after)
			}
		case c == '$':
			s.dollar()
		default:
			s.put(s.next())
		}
	}
	if s.err == nil {
		s.err = pos.Errorf(`a quote " that is never closed`)
	}
}

// dollar reads $NAME, ${NAME}, $'…' and $"…".
func (s *scanner) dollar() {
	pos := s.pos()
	s.next()
	rest := s.text[s.at:]
	switch {
	case strings.HasPrefix(rest, "'"):
		s.ansi()
	case strings.HasPrefix(rest, "{"):
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			s.err = pos.Errorf("${ without }")
			return
		}
		name, _, _ := strings.Cut(rest[1:end], ":")
		s.variable(name, end+1)
	case strings.HasPrefix(rest, "("):
		s.err = pos.Errorf("$(…) is a command of its own; run it first, and write its answer or a variable here")
	default:
		end := 0
		for end < len(rest) && (rest[end] == '_' || rest[end] >= '0' && rest[end] <= '9' || rest[end]|0x20 >= 'a' && rest[end]|0x20 <= 'z') {
			end++
		}
		if end == 0 {
			s.put('$')
			return
		}
		s.variable(rest[:end], end)
	}
}

func (s *scanner) variable(name string, length int) {
	s.word.WriteString(mark + name + mark)
	for range length {
		s.next()
	}
}

// ansi reads the escapes of $'…' (bash manual, section 3.1.2.4).
func (s *scanner) ansi() {
	pos := s.pos()
	s.next()
	for s.more() {
		c := s.next()
		switch {
		case c == '\'':
			return
		case c == '\\' && s.more():
			s.escape(s.next())
		default:
			s.put(c)
		}
	}
	s.err = pos.Errorf("a quote $' that is never closed")
}

func (s *scanner) escape(c byte) {
	digits := func(most, base int) rune {
		end := s.at
		for end < len(s.text) && end-s.at < most {
			if _, err := strconv.ParseUint(s.text[end:end+1], base, 8); err != nil {
				break
			}
			end++
		}
		code, _ := strconv.ParseUint(s.text[s.at:end], base, 32) // digits, or nothing: 0
		s.at = end
		return rune(code)
	}
	simple := map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'a': 7, 'b': 8, 'f': 12, 'v': 11, 'e': 27, 'E': 27}
	switch {
	case simple[c] != 0:
		s.put(simple[c])
	case c == 'x':
		s.put(byte(digits(2, 16)))
	case c == 'u' || c == 'U':
		if r := digits(map[byte]int{'u': 4, 'U': 8}[c], 16); r != 0 {
			s.word.WriteRune(r)
		}
	case c >= '0' && c <= '7':
		s.at--
		s.put(byte(digits(3, 8)))
	default:
		s.put(c)
	}
}
