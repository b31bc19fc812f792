package vars

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// family is some of the names that make a new value each time. A name whose value is a number or a boolean is a fresh;
// all others are texts.
type family struct {
	texts map[string]func(draw) string
	fresh map[string]func(draw) string // JSON literals
}

// dynamics is the table of the names that make a new value each time: Postman's, by Postman's names.
var dynamics = sync.OnceValue(func() map[string]func(draw) Value {
	all := make(map[string]func(draw) Value, 128)
	for _, f := range []family{plainNames(), personNames(), placeNames(), moneyNames(), companyNames(), productNames(), netNames(), imageNames(), fileNames(), dateNames(), wordNames(), loremNames()} {
		for name, make := range f.texts {
			all[name] = func(d draw) Value { return Value{Text: make(d)} }
		}
		for name, make := range f.fresh {
			all[name] = func(d draw) Value { return Value{Text: make(d), JSON: true} }
		}
	}
	return all
})

func (s *Scope) isDynamic(name string) bool {
	if !strings.HasPrefix(name, "$") {
		return false
	}
	if _, ok := s.ofRound(name); ok {
		return true
	}
	_, ok := dynamics()[name]
	return ok
}

// dynamic returns the value of a name that starts with $: that of the round, or a new one.
func (s *Scope) dynamic(name string) (Value, bool) {
	if !strings.HasPrefix(name, "$") {
		return Value{}, false
	}
	if v, ok := s.ofRound(name); ok {
		return v, true
	}
	if fresh, ok := dynamics()[name]; ok {
		return fresh(s.draw()), true
	}
	return Value{}, false
}

// FreshNames returns the names that make a new value each time.
func FreshNames() []string { return slices.Sorted(maps.Keys(dynamics())) }

// DynamicNames returns the names that start with $: those that make new values, $assertion, and those of a round.
func DynamicNames() []string {
	names := append(slices.Collect(maps.Keys(dynamics())), Assertion, Iteration, IterationCount, RowName)
	slices.Sort(names)
	return names
}

// Assertion is the name of the JWT assertion that a request with assertion: signs anew for each attempt.
const Assertion = "$assertion"

// isoTime is a time in UTC as JavaScript's toISOString writes it.
const isoTime = "2006-01-02T15:04:05.000Z"

func plainNames() family {
	return family{
		texts: map[string]func(draw) string{
			"$guid":               draw.uuid,
			"$isoTimestamp":       func(draw) string { return time.Now().UTC().Format(isoTime) },
			"$randomUUID":         draw.uuid,
			"$randomAlphaNumeric": func(d draw) string { return d.of(1, digits+smalls) },
			"$randomHexColor":     func(d draw) string { return "#" + d.of(6, hexes) },
			"$randomColor": func(d draw) string {
				return d.pick("amber|azure|black|blue|bronze|brown|coral|cyan|fuchsia|gold|green|grey|indigo|ivory|lavender|lime|magenta|mint|olive|orange|pink|plum|purple|red|salmon|silver|tan|teal|violet|white|yellow")
			},
			"$randomAbbreviation": func(d draw) string { return d.pick(abbreviations) },
		},
		fresh: map[string]func(draw) string{
			"$timestamp":     func(draw) string { return strconv.FormatInt(time.Now().Unix(), 10) },
			"$randomInt":     func(d draw) string { return strconv.Itoa(d.between(0, 1000)) },
			"$randomBoolean": func(d draw) string { return strconv.FormatBool(d.IntN(2) == 1) },
		},
	}
}

// jsDate is a date as JavaScript's toString writes it, which is what Postman makes.
const jsDate = "Mon Jan 02 2006 15:04:05 GMT-0700"

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// dateNames are dates that count from now: the distance is what a seed repeats.
func dateNames() family {
	away := func(least, most time.Duration) func(draw) string {
		return func(d draw) string {
			distance := least + time.Duration(d.Int64N(int64(most-least)))
			return time.Now().UTC().Add(distance).Format(jsDate) + " (Coordinated Universal Time)"
		}
	}
	return family{texts: map[string]func(draw) string{
		"$randomDateFuture": away(time.Minute, year),
		"$randomDatePast":   away(-year, -time.Minute),
		"$randomDateRecent": away(-day, 0),
		"$randomWeekday":    func(d draw) string { return time.Weekday(d.IntN(7)).String() },
		"$randomMonth":      func(d draw) string { return time.Month(d.between(1, 12)).String() },
	}}
}
