package vars

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

func dateFilters() map[string]filter {
	return map[string]filter{
		"date_format":     {"layout", bindDateFormat},
		"to_date":         {"[layout]", bindToDate},
		"date_add":        {"span", bindDateAdd},
		"days_after_now":  always(func(v Value) (Value, error) { return days(v, func(m time.Time) time.Duration { return time.Until(m) }) }),
		"days_before_now": always(func(v Value) (Value, error) { return days(v, func(m time.Time) time.Duration { return time.Since(m) }) }),
	}
}

// moment is a time and the way in which it was written.
type moment struct {
	time.Time
	layout string // of Go; empty for seconds since 1970
}

// httpDate is IMF-fixdate of RFC 9110, section 5.6.7, which is always in GMT.
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// lastSecond is the end of the year 9999. What is more than that is no number of seconds.
const lastSecond = 253402300799

// layouts are the ways in which dates are written, as RFC 3339, FHIR, HTTP and JavaScript have them. Without a zone they are in UTC.
func layouts() []string {
	return []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01", "2006", httpDate, time.RFC1123Z, jsDate}
}

// momentOf reads a date: text in one of the layouts, or the seconds since 1970.
func momentOf(v Value) (moment, error) {
	shape := shapeOf(v)
	if shape != textShape && shape != numberShape {
		return moment{}, unfit(v, "a date")
	}
	text := strings.TrimSpace(v.Text)
	if shape == numberShape || len(text) > 8 && strings.Trim(text, digits) == "" {
		return seconds(v, text)
	}
	if at := strings.Index(text, " ("); at > 0 { // the name of the zone, behind a date of JavaScript
		text = text[:at]
	}
	for _, layout := range layouts() {
		if t, err := time.Parse(layout, text); err == nil {
			return moment{t, layout}, nil
		}
	}
	return moment{}, unfit(v, "a date such as 2026-11-22 or 2026-11-22T17:32:24Z; to_date reads others")
}

func seconds(v Value, text string) (moment, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) > lastSecond {
		return moment{}, unfit(v, "seconds since 1970; to_date: unix_ms reads milliseconds")
	}
	whole, fraction := math.Modf(f)
	return moment{time.Unix(int64(whole), int64(math.Round(fraction*1e6))*1e3).UTC(), ""}, nil
}

// value writes a moment as it was written, or, where that would lose something, as RFC 3339 does.
func (m moment) value() Value {
	if m.layout == "" {
		return Value{Text: strconv.FormatInt(m.Unix(), 10), JSON: true}
	}
	for _, layout := range []string{m.layout, time.DateOnly} {
		text := m.Format(layout)
		if again, err := time.Parse(layout, text); err == nil && again.Equal(m.Time) {
			return Value{Text: text}
		}
	}
	return Value{Text: m.Format(time.RFC3339Nano)}
}

func bindDateFormat(args []Value) (change, error) {
	l, err := layoutOf(args[0])
	if err != nil {
		return nil, err
	}
	return func(v Value) (Value, error) {
		m, err := momentOf(v)
		if err != nil {
			return Value{}, err
		}
		return l.format(m.Time), nil
	}, nil
}

// bindToDate makes a date as RFC 3339 writes it, with the zone that it had.
func bindToDate(args []Value) (change, error) {
	read := momentOf
	if len(args) == 1 {
		l, err := layoutOf(args[0])
		if err != nil {
			return nil, err
		}
		read = func(v Value) (moment, error) {
			text, err := textOf(v)
			if err != nil {
				return moment{}, unfit(v, "a date")
			}
			t, err := l.parse(strings.TrimSpace(text))
			if err != nil {
				return moment{}, unfit(v, "a date of the layout "+l.written)
			}
			return moment{Time: t}, nil
		}
	}
	return func(v Value) (Value, error) {
		m, err := read(v)
		return Value{Text: m.Format(time.RFC3339Nano)}, err
	}, nil
}

// days counts whole days of 24 hours, towards zero.
func days(v Value, distance func(time.Time) time.Duration) (Value, error) {
	m, err := momentOf(v)
	if err != nil {
		return Value{}, err
	}
	return integer(int(distance(m.Time) / day)), nil
}

// shift is a span of the calendar and of the clock.
type shift struct {
	months, days int
	clock        time.Duration
}

func bindDateAdd(args []Value) (change, error) {
	s, err := parseShift(args[0].Text)
	if err != nil {
		return nil, fmt.Errorf("span: %w", unfit(args[0], err.Error()))
	}
	return func(v Value) (Value, error) {
		m, err := momentOf(v)
		if err != nil {
			return Value{}, err
		}
		m.Time = s.from(m.Time)
		if m.Year() < 1 || m.Year() > 9999 {
			return Value{}, errors.New(got(v) + ", want a date that stays between the years 1 and 9999")
		}
		return m.value(), nil
	}, nil
}

// from adds months first; a day that the month does not have becomes its last.
func (s shift) from(t time.Time) time.Time {
	if s.months != 0 {
		first := time.Date(t.Year(), t.Month()+time.Month(s.months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		last := first.AddDate(0, 1, -1).Day()
		t = first.AddDate(0, 0, min(t.Day(), last)-1)
	}
	return t.AddDate(0, 0, s.days).Add(s.clock)
}

// parseShift reads +2d, -3h, 1w2d, 90m, 1mo, 1y. The sign is that of all pieces.
func parseShift(text string) (shift, error) {
	const want = "a span such as +2d, -3h, 1w2d or 1mo; units: y, mo, w, d, h, m, s, ms"
	const most = 1_000_000 // of each unit; more is a mistake, and would overflow
	var s shift
	rest, sign := strings.TrimSpace(text), 1
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		if rest[0] == '-' {
			sign = -1
		}
		rest = rest[1:]
	}
	if rest == "" {
		return s, errors.New(want)
	}
	for rest != "" {
		size := len(rest) - len(strings.TrimLeft(rest, digits))
		n, err := strconv.Atoi(rest[:size])
		rest = rest[size:]
		size = len(rest) - len(strings.TrimLeft(rest, smalls))
		if err != nil || n > most || !s.add(sign*n, rest[:size]) {
			return s, errors.New(want)
		}
		rest = rest[size:]
	}
	return s, nil
}

// add adds n units, if there is such a unit.
func (s *shift) add(n int, unit string) bool {
	switch unit {
	case "y":
		s.months += 12 * n
	case "mo":
		s.months += n
	case "w":
		s.days += 7 * n
	case "d":
		s.days += n
	case "h":
		s.clock += time.Duration(n) * time.Hour
	case "m":
		s.clock += time.Duration(n) * time.Minute
	case "s":
		s.clock += time.Duration(n) * time.Second
	case "ms":
		s.clock += time.Duration(n) * time.Millisecond
	default:
		return false
	}
	return true
}
