package reporters

import (
	"strconv"
	"strings"
	"time"
)

const (
	barLeast = 8 // columns; a shorter bar says nothing
	barMost  = 30
	nameRoom = 12 // columns that a name needs to be told from others
)

// barState is what a line of progress tells.
type barState struct {
	done, total int // requests; a total of 0 is not known
	failed      int
	elapsed     time.Duration
	current     string // the request that began last
}

// part is a piece of a line in one style.
type part struct {
	how  style
	text string
}

const between = " · "

// line returns the parts of a line of at most width columns. What matters least is left out first: the name, the bar, the rate,
// the time that is left, and how long it has taken.
func (s *barState) line(width int) []part {
	counts := fit(s.counts(), width)
	room := width - columns(counts)
	takes := func(text string) bool {
		fits := text != "" && columns(text) <= room
		if fits {
			room -= columns(text)
		}
		return fits
	}
	parts := []part{{"", counts}}
	if s.failed > 0 {
		for _, text := range []string{between + thousands(s.failed) + " failed", " ✗" + thousands(s.failed)} {
			if takes(text) {
				parts = append(parts, part{red, text})
				break
			}
		}
	}
	var rest string
	if text := between + clock(s.elapsed); takes(text) {
		rest = text
		if left := s.left(); left != "" && takes(", "+left) {
			rest += ", " + left
		}
	}
	if rate := s.rate(); rate != "" && takes(between+rate) {
		rest = between + rate + rest
	}
	parts = append(parts, part{dim, rest})
	if s.total > 0 && room > barLeast {
		name := 0
		if s.current != "" {
			name = nameRoom + columns(between)
		}
		wide := min(max(room-1-name, barLeast), barMost, room-1)
		parts = append(s.bar(wide), parts...)
		room -= wide + 1
	}
	if s.current != "" && room >= nameRoom+columns(between) {
		parts = append(parts, part{dim, between + fit(s.current, room-columns(between))})
	}
	return parts
}

// bar is full when everything is done, and not before.
func (s *barState) bar(wide int) []part {
	full := min(wide*s.done/s.total, wide)
	how := green
	if s.failed > 0 {
		how = red
	}
	return []part{{how, strings.Repeat("█", full)}, {dim, strings.Repeat("░", wide-full)}, {"", " "}}
}

// words are what the line tells, without the bar.
func (s *barState) words() []string {
	words := []string{s.counts()}
	if s.failed > 0 {
		words = append(words, thousands(s.failed)+" failed")
	}
	if rate := s.rate(); rate != "" {
		words = append(words, rate)
	}
	took := clock(s.elapsed)
	if left := s.left(); left != "" {
		took += ", " + left
	}
	words = append(words, took)
	if s.current != "" {
		words = append(words, s.current)
	}
	return words
}

func (s *barState) counts() string {
	if s.total == 0 {
		return plural(s.done, "request")
	}
	return thousands(s.done) + "/" + thousands(s.total)
}

// rate is how many requests ended in a second, or in a minute where that is less than one.
func (s *barState) rate() string { return rateText(s.done, s.elapsed) }

func rateText(n int, in time.Duration) string {
	if n == 0 || in <= 0 {
		return ""
	}
	switch rate := float64(n) / in.Seconds(); {
	case rate >= 10:
		return thousands(int(rate)) + "/s"
	case rate >= 1:
		return strconv.FormatFloat(rate, 'f', 1, 64) + "/s"
	case rate >= 10.0/60:
		return strconv.Itoa(int(rate*60)) + "/min"
	default:
		return strconv.FormatFloat(rate*60, 'f', 1, 64) + "/min"
	}
}

// left is how long the rest will take if it goes on like this.
func (s *barState) left() string {
	if s.done == 0 || s.done >= s.total {
		return ""
	}
	return clock(time.Duration(float64(s.elapsed)/float64(s.done)*float64(s.total-s.done))) + " left"
}

// clock is a time in whole seconds, which does not flicker: "31 s", "2 m 03 s".
func clock(d time.Duration) string {
	d = d.Truncate(time.Second)
	if d < time.Minute {
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
	return timeText(d)
}
