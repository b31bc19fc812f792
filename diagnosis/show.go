package diagnosis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/source"
)

// line makes a piece of evidence.
func line(label, format string, args ...any) Evidence {
	return Evidence{Label: label, Text: fmt.Sprintf(format, args...)}
}

// lineAt is line with the place where it was configured.
func lineAt(pos source.Pos, label, format string, args ...any) Evidence {
	return Evidence{Label: label, Text: fmt.Sprintf(format, args...), Pos: pos}
}

// fingerprint tells equal values from different ones without showing them.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:4])
}

const maxValue = 160 // characters of a value that is shown

// quote shows a public value: bounded, on one line, with what cannot be seen made visible.
func quote(text string) string {
	if r := []rune(text); len(r) > maxValue {
		return strconv.Quote(string(r[:maxValue])) + fmt.Sprintf(" … (%d characters)", len(r))
	}
	return strconv.Quote(text)
}

// identity shows a claim or an id that may be a person's: of an email only the domain.
func identity(text string) string {
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		return fmt.Sprintf("an email address (…@%s, %d characters)", clip(text[at+1:], 60), utf8.RuneCountInString(text))
	}
	return quote(text)
}

func clip(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n]) + "…"
	}
	return text
}

// difference shows two public values one above the other, with a caret under the first byte that differs.
func difference(gotName, got, wantName, want string) string {
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	width := max(len(gotName), len(wantName))
	from := 0
	if at > maxValue/2 {
		from = at - maxValue/2
	}
	row := func(name, text string) string {
		text = printable(text[min(from, len(text)):])
		return fmt.Sprintf("%-*s %s", width, name, clip(text, maxValue))
	}
	return row(gotName, got) + "\n" + row(wantName, want) + "\n" + strings.Repeat(" ", width+1+at-from) + "^ byte " + strconv.Itoa(at+1)
}

// printable replaces what would move the caret.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return '?'
		}
		return r
	}, text)
}

// spanText writes a time span as people say it.
func spanText(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 2*time.Minute:
		return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
	case d < 2*time.Hour:
		return strconv.FormatFloat(float64(d.Round(time.Minute)/time.Minute), 'f', -1, 64) + " min"
	case d < 72*time.Hour:
		return strconv.FormatFloat(d.Round(6*time.Minute).Hours(), 'f', -1, 64) + " h"
	}
	return strconv.FormatFloat(float64(d/(24*time.Hour)), 'f', -1, 64) + " days"
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// shownURL is a URL without user, password and values of the query.
func shownURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return quote(withoutQuery(text))
	}
	u.User = nil
	var names []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if name, _, ok := strings.Cut(pair, "="); ok {
			names = append(names, name+"=…")
		} else if pair != "" {
			names = append(names, "…")
		}
	}
	u.RawQuery, u.Fragment = "", ""
	shown := u.String()
	if len(names) > 0 {
		shown += "?" + strings.Join(names, "&")
	}
	return clip(shown, 2*maxValue)
}

func withoutQuery(text string) string {
	text, _, _ = strings.Cut(text, "?")
	text, _, _ = strings.Cut(text, "#")
	return text
}

// serverLine is what the server said, as evidence: without secrets, addresses and long numbers, which may be a person's.
func (c *Case) serverLine() Evidence {
	a := c.answer()
	if a.status == 0 {
		return line(Server, "no answer")
	}
	parts := []string{strconv.Itoa(a.status)}
	switch {
	case a.empty:
		parts = append(parts, "with an empty body")
	case a.html && a.title != "":
		parts = append(parts, "with an HTML page titled "+quote(c.clean(a.title)))
	case a.html:
		parts = append(parts, "with an HTML page")
	}
	if a.code != "" {
		parts = append(parts, printable(clip(c.clean(a.code), 60)))
	}
	if a.description != "" {
		parts = append(parts, quote(clip(c.clean(a.description), maxValue)))
	}
	return line(Server, "%s", strings.Join(parts, " "))
}

// clean takes out of a server's words what they may have echoed.
func (c *Case) clean(text string) string {
	hidden := c.secrets()
	for _, p := range c.params() {
		if p.in == inQuery && len(p.value) >= 4 { // what is searched for may be a person
			hidden = append(hidden, p.value, p.raw)
		}
	}
	text = scrub(oneLine(text), hidden)
	words := strings.Split(text, " ")
	for i, w := range words {
		switch {
		case strings.Contains(w, "://") && strings.Contains(w, "?"):
			words[i] = withoutQuery(w) + "?…"
		case strings.Contains(w, "@"):
			words[i] = "‹email›"
		case longNumber(w) || looksRandom(w):
			words[i] = "‹value›"
		}
	}
	return strings.Join(words, " ")
}

// longNumber reports whether six digits stand in a row.
func longNumber(word string) bool {
	run := 0
	for _, r := range word {
		if run++; r < '0' || r > '9' {
			run = 0
		}
		if run == 6 {
			return true
		}
	}
	return false
}

// looksRandom reports whether a word is long and has capitals, small letters and digits, as tokens and keys do.
func looksRandom(word string) bool {
	if len(word) < 20 || strings.Contains(word, "://") {
		return false
	}
	var upper, lower, digit bool
	for _, r := range word {
		upper, lower, digit = upper || r >= 'A' && r <= 'Z', lower || r >= 'a' && r <= 'z', digit || r >= '0' && r <= '9'
	}
	return upper && lower && digit
}

func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// finish orders findings and takes every secret that the case knows out of them: the one door by which findings leave.
func (c *Case) finish(list []scored) []Finding {
	best := rank(list)
	if len(best) == 0 {
		return nil
	}
	hidden := c.secrets()
	out := make([]Finding, len(best))
	for i := range best {
		f := &out[i]
		*f = best[i].Finding
		f.Cause, f.Fix = scrub(f.Cause, hidden), scrub(f.Fix, hidden)
		f.Evidence = slices.Clone(f.Evidence)
		for j := range f.Evidence {
			f.Evidence[j].Text = scrub(f.Evidence[j].Text, hidden)
		}
		if f.Pos == (source.Pos{}) {
			f.Pos = c.at("request")
		}
	}
	return out
}

// secrets returns every value of the case that must not be shown, longest first.
func (c *Case) secrets() []string {
	var list []string
	add := func(texts ...string) {
		for _, t := range texts {
			if len(strings.TrimSpace(t)) >= 4 {
				list = append(list, t, strings.TrimSpace(t), url.QueryEscape(t))
			}
		}
	}
	add(c.Keys.Secret, c.Keys.Key)
	for _, p := range c.params() {
		if secretName(p.name) {
			add(p.value, p.raw)
		}
	}
	if scheme, rest, ok := c.authorization(); ok {
		add(rest, c.basic().secret)
		if rest == "" {
			add(scheme)
		}
	}
	for _, name := range []string{"Dpop", "Cookie", "X-Api-Key", "Proxy-Authorization"} {
		add(c.request().Header.Get(name))
	}
	if r := c.response(); r != nil && c.role() == TokenRequest {
		add(c.granted().secrets()...)
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(list)
}

// scrub masks secrets, what has the shape of a JWT, and email addresses.
func scrub(text string, hidden []string) string {
	for _, s := range hidden {
		if strings.Contains(text, s) {
			text = strings.ReplaceAll(text, s, "‹"+fingerprint(s)+"›")
		}
	}
	if !strings.Contains(text, "eyJ") {
		return text
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !jwtRune(r) })
	for _, w := range words {
		if strings.HasPrefix(w, "eyJ") && len(w) > 20 {
			text = strings.ReplaceAll(text, w, "‹"+fingerprint(w)+"›")
		}
	}
	return text
}

func jwtRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
}

// secretName reports whether parameters of a name are secret whoever sends them.
func secretName(name string) bool {
	switch strings.ToLower(name) {
	case "assertion", "client_assertion", "client_secret", "refresh_token", "access_token", "id_token", "password", "code",
		"code_verifier", "device_code", "subject_token", "actor_token", "api_key", "apikey", "token", "secret", "key", "private_key":
		return true
	}
	return false
}
