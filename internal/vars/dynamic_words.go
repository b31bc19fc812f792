package vars

import (
	"strings"
	"unicode"
)

const (
	abbreviations  = "ADP|AGP|AI|API|COM|CSS|DNS|EXE|FTP|GB|HDD|HTTP|IB|IP|JBOD|JSON|PCI|PNG|RAM|RSS|SAS|SCSI|SDD|SMS|SMTP|SQL|SSD|SSL|TCP|THX|USB|UTF8|XML|XSS"
	wordAdjectives = "auxiliary|back-end|bluetooth|cross-platform|digital|haptic|mobile|multi-byte|neural|online|open-source|optical|primary|redundant|solid-state|virtual|wireless"
	wordNouns      = "alarm|application|array|bandwidth|bus|capacitor|card|circuit|driver|feed|firewall|interface|matrix|microchip|monitor|panel|pixel|port|program|protocol|sensor|system|transmitter"
	wordVerbs      = "back up|bypass|calculate|compress|connect|copy|generate|hack|index|input|navigate|override|parse|program|quantify|reboot|synthesize|transmit"
	wordIngverbs   = "backing up|bypassing|calculating|compressing|connecting|copying|generating|hacking|indexing|navigating|overriding|parsing|programming|quantifying|rebooting|synthesizing|transmitting"
	anyWords       = bsNouns + "|" + wordAdjectives + "|" + wordIngverbs + "|" + "Borders|Bronze|Coordinator|Cotton|Gloves|Granite|Grocery|Handmade|Island|Refined|Savings|Steel|Tools|withdrawal"
)

func wordNames() family {
	return family{texts: map[string]func(draw) string{
		"$randomNoun":      func(d draw) string { return d.pick(wordNouns) },
		"$randomVerb":      func(d draw) string { return d.pick(wordVerbs) },
		"$randomIngverb":   func(d draw) string { return d.pick(wordIngverbs) },
		"$randomAdjective": func(d draw) string { return d.pick(wordAdjectives) },
		"$randomWord":      func(d draw) string { return d.pick(anyWords) },
		"$randomWords":     func(d draw) string { return d.picks(d.between(2, 5), anyWords, " ") },
		"$randomPhrase":    draw.phrase,
	}}
}

func (d draw) phrase() string {
	thing := d.pick(abbreviations) + " " + d.pick(wordNouns)
	switch verb, adjective := d.pick(wordVerbs), d.pick(wordAdjectives); d.IntN(3) {
	case 0:
		return "Let us " + verb + " the " + adjective + " " + thing + " before the others do!"
	case 1:
		return "Nobody can " + verb + " the " + thing + " without " + d.pick(wordIngverbs) + " the " + adjective + " one."
	default:
		return "If we " + verb + " the " + thing + ", we reach the " + adjective + " " + d.pick(wordNouns) + "!"
	}
}

const loremWords = "ad|adipisci|aliquam|amet|anima|aqua|arbor|aut|bonum|caelum|casus|causa|civis|color|corpus|cum|debitis|dicta|dolor|domus|eius|enim|error|est|et|ex|facere|forma|fuga|genus|gloria|hic|hora|id|illo|in|ipsum|iter|iure|labor|laus|lex|liber|locus|lorem|lux|magna|mare|mens|modi|mons|natura|nemo|nihil|non|nox|odit|omnis|opus|pax|quae|qui|ratio|rerum|saepe|sed|sit|sol|tempus|terra|totam|umbra|unda|ut|vel|ver|via|vita|vox"

func loremNames() family {
	return family{texts: map[string]func(draw) string{
		"$randomLoremWord":       func(d draw) string { return d.pick(loremWords) },
		"$randomLoremWords":      func(d draw) string { return d.picks(3, loremWords, " ") },
		"$randomLoremSlug":       func(d draw) string { return d.picks(3, loremWords, "-") },
		"$randomLoremSentence":   draw.sentence,
		"$randomLoremSentences":  func(d draw) string { return d.repeat(d.between(2, 6), draw.sentence, " ") },
		"$randomLoremParagraph":  draw.paragraph,
		"$randomLoremParagraphs": func(d draw) string { return d.repeat(3, draw.paragraph, "\n") },
		"$randomLoremLines":      func(d draw) string { return d.repeat(d.between(1, 5), draw.sentence, "\n") },
		"$randomLoremText": func(d draw) string {
			if d.IntN(2) == 0 {
				return d.paragraph()
			}
			return d.repeat(d.between(2, 6), draw.sentence, " ")
		},
	}}
}

func (d draw) sentence() string {
	text := d.picks(d.between(3, 10), loremWords, " ")
	return string(unicode.ToUpper(rune(text[0]))) + text[1:] + "."
}

func (d draw) paragraph() string { return d.repeat(d.between(3, 6), draw.sentence, " ") }

// repeat returns n of what make makes.
func (d draw) repeat(n int, make func(draw) string, sep string) string {
	parts := []string{}
	for range n {
		parts = append(parts, make(d))
	}
	return strings.Join(parts, sep)
}
