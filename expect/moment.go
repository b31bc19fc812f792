package expect

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

func readBefore(n source.Node, t Terms) Predicate { return moment(n, t, "before", -1) }
func readAfter(n source.Node, t Terms) Predicate  { return moment(n, t, "after", 1) }

// moment reads a time to compare with: now, a date or a date with time.
func moment(n source.Node, t Terms, word string, side int) Predicate {
	return t.counted(raw(n, func(v any) (matcher, error) {
		x := valueOf(v)
		if x.kind == text || x.kind == number { // a year is a number in YAML
			if x.text == "now" {
				return beside{word, "now", period{}, side}, nil
			}
			if p, ok := parsePeriod(x.text); ok {
				return beside{word, x.text, p, side}, nil
			}
		}
		return nil, errors.New(word + " wants now, a date or a date with time and zone (2024-05-31T12:00:00Z), got " + described(v))
	}))
}

// counter is a query whose times are numbers: of seconds since 1970.
type counter interface{ counts() }

// counted makes a predicate over times one over numbers of seconds too, where the subject has those.
func (t Terms) counted(p Predicate) Predicate {
	if _, ok := t.query.(counter); !ok {
		return p
	}
	return around(p, func(m matcher) matcher { return inSeconds{m} })
}

// inSeconds judges a number as the time that it stands for.
type inSeconds struct{ m matcher }

// time writes a number of seconds since 1970 as RFC 3339 does; what is none stays as it is.
func (inSeconds) time(v value) (value, bool) {
	seconds, err := strconv.ParseFloat(v.text, 64)
	if v.kind != number || err != nil || math.Abs(seconds) > 253402300799 { // the end of the year 9999
		return v, false
	}
	whole, part := math.Modf(seconds)
	at := time.Unix(int64(whole), int64(part*1e9)).UTC()
	return value{kind: text, text: at.Format(time.RFC3339Nano)}, true
}

func (i inSeconds) judge(v value) verdict {
	v, _ = i.time(v)
	return i.m.judge(v)
}

func (i inSeconds) want(what string, not bool) string { return i.m.want(what, not) }

// explain shows the time beside the number. Milliseconds are a mistake of its own.
func (i inSeconds) explain(v value, not bool) string {
	at, ok := i.time(v)
	if !ok {
		if v.kind == number {
			return "got " + render(v) + ", want a number of seconds since 1970, and " + i.want("it", not) + "; are these milliseconds?"
		}
		return ""
	}
	return "got " + render(v) + " (" + at.text + "), want " + i.want("it", not)
}

// period is a stretch of time: a date in FHIR may be a day, a month or a year. An instant has no length.
type period struct{ from, to time.Time } // to is not part of it, except where both are one instant

// parsePeriod reads RFC 3339, the dates of FHIR and those of HTTP headers. A date without a zone is one of UTC.
func parsePeriod(s string) (period, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return period{t, t}, true
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return period{t, t.AddDate(0, 0, 1)}, true
	}
	if t, err := time.Parse("2006-01", s); err == nil {
		return period{t, t.AddDate(0, 1, 0)}, true
	}
	if t, err := time.Parse("2006", s); err == nil {
		return period{t, t.AddDate(1, 0, 0)}, true
	}
	if t, err := http.ParseTime(s); err == nil {
		return period{t, t}, true
	}
	return period{}, false
}

// beside holds for times that are wholly on one side of another.
type beside struct {
	word   string // "before"
	shown  string // "now", or the time as it is written
	period period // zero for now
	side   int
}

func (b beside) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	got, ok := parsePeriod(v.text)
	if !ok {
		return unfit
	}
	limit := b.period
	if b.shown == "now" {
		now := time.Now()
		limit = period{now, now}
	}
	if b.side < 0 {
		return of(!got.to.After(limit.from) && got.from.Before(limit.from))
	}
	if limit.from.Equal(limit.to) {
		return of(got.from.After(limit.to))
	}
	return of(!got.from.Before(limit.to))
}

func (b beside) want(what string, not bool) string {
	if what == "it" && not {
		return "a time not " + b.word + " " + b.shown
	}
	if what == "it" {
		return "a time " + b.word + " " + b.shown
	}
	return toBe(what, b.word+" "+b.shown, not)
}

func readWithin(n source.Node, t Terms) Predicate {
	return t.counted(raw(n, func(v any) (matcher, error) {
		x := valueOf(v)
		if x.kind != text && x.kind != number {
			return nil, errors.New("within wants a time span such as 5m, got " + described(v))
		}
		d, err := source.ParseDuration(x.text)
		return within(d), err
	}))
}

// within holds for times that are not farther from now than a time span, in either direction.
type within time.Duration

func (w within) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	got, ok := parsePeriod(v.text)
	if !ok {
		return unfit
	}
	now := time.Now()
	return of(!got.from.After(now.Add(time.Duration(w))) && !got.to.Before(now.Add(-time.Duration(w))))
}

// spanText writes a time span as collections do: 5m and not 5m0s.
func spanText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

func (w within) want(what string, not bool) string {
	if what == "it" && not {
		return "a time not within " + spanText(time.Duration(w)) + " of now"
	}
	if what == "it" {
		return "a time within " + spanText(time.Duration(w)) + " of now"
	}
	return toBe(what, "within "+spanText(time.Duration(w))+" of now", not)
}
