package vars

import "strings"

// ellipsis stands in a message where a long value was cut.
const ellipsis = "…"

// redactCuts masks what a cut left of a secret: its beginning, before the ellipsis. A closing quote may stand between.
func (x *index) redactCuts(text string) string {
	for end := len(text); ; {
		i := strings.LastIndex(text[:end], ellipsis)
		if i < 0 {
			return text
		}
		end = i
		shown := strings.TrimRight(text[:i], `"'`)
		if from, mask := x.beginning(shown); from >= 0 {
			text = text[:from] + mask + text[len(shown):]
			end = from
		}
	}
}

// beginning returns where the longest beginning of a secret starts that ends the text, or -1.
func (x *index) beginning(text string) (from int, mask string) {
	from = -1
	for _, patterns := range x.tails {
		for _, p := range patterns {
			window := max(0, len(text)-len(p.text)+1)
			for at := window; ; at++ {
				i := strings.Index(text[at:], p.text[:minSecret])
				if i < 0 {
					break
				}
				at += i
				if strings.HasPrefix(p.text, text[at:]) && (from < 0 || at < from) {
					from, mask = at, p.mask
				}
			}
		}
	}
	return from, mask
}
