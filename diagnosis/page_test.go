package diagnosis

import (
	"strings"
	"testing"
)

func TestAPageIsFoundByItsCode(t *testing.T) {
	t.Parallel()
	got, ok := PageText("hg036")
	const want = `HG036 aud is the token URL in other bytes

Symptom
  aud looks right, and the assertion is refused as for a wrong audience.

Cause
  Servers compare bytes: a slash at the end, two slashes, http instead of https, a port, capitals, or www. make another audience.

Detection
  aud and the URL are equal once such differences are taken away, and different before.

Evidence
  Both values, with the first byte that differs.

Fix
  Copy the token URL verbatim, or leave aud out.

Sources
  RFC 7523, section 3: simple string comparison (RFC 3986, section 6.2.1); measured at panva, glewlwyd, fosite and zitadel.
`
	if !ok || got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestMarkdownHasEveryRuleOnce(t *testing.T) {
	t.Parallel()
	text := Markdown()
	for _, r := range Rules() {
		if n := strings.Count(text, "\n### "+r.Code+" "); n != 1 {
			t.Errorf("%s stands there %d times", r.Code, n)
		}
	}
}

func TestADifferencePointsAtTheFirstByte(t *testing.T) {
	t.Parallel()
	got := difference("aud", "https://a.example/oauth/token/", "posted to", "https://a.example/oauth/token")
	const want = `aud       https://a.example/oauth/token/
posted to https://a.example/oauth/token
                                       ^ byte 30`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestASurerFindingComesFirstUnlessTheServerNamesAnother(t *testing.T) {
	t.Parallel()
	expired := Rule{Code: "HG002", Rank: 6, Words: []string{"expired"}}
	secret := Rule{Code: "HG026", Rank: 5}
	special := Rule{Code: "HG036", Rank: 8, Words: []string{"audience"}}
	weaker := Rule{Code: "HG030", Rank: 5, Words: []string{"lifetime"}, Covers: []string{"HG026"}}
	order := func(list ...scored) string {

		var codes []string
		for _, s := range rank(list) {
			codes = append(codes, s.Code+" "+s.Confidence.String())
		}
		return strings.Join(codes, ", ")
	}
	silent, audience, lifetime := &answer{}, &answer{text: "bad audience"}, &answer{text: "lifetime too long"}
	for name, test := range map[string]struct{ got, want string }{
		"the surer one":             {order(secret.score(Finding{Confidence: Likely}, silent), expired.score(Finding{Confidence: Certain}, silent)), "HG002 certain, HG026 likely"},
		"the more special one":      {order(expired.score(Finding{Confidence: Certain}, silent), special.score(Finding{Confidence: Certain}, silent)), "HG036 certain, HG002 certain"},
		"guesses beside certainty":  {order(secret.score(Finding{Confidence: Possible}, silent), expired.score(Finding{Confidence: Certain}, silent)), "HG002 certain"},
		"the one that is named":     {order(expired.score(Finding{Confidence: Certain}, audience), special.score(Finding{Confidence: Likely}, audience)), "HG036 certain, HG002 certain"},
		"named, but a mere guess":   {order(expired.score(Finding{Confidence: Certain}, lifetime), weaker.score(Finding{Confidence: Possible}, lifetime)), "HG002 certain, HG030 likely"},
		"the one that covers":       {order(secret.score(Finding{Confidence: Likely}, silent), weaker.score(Finding{Confidence: Likely}, silent)), "HG030 likely"},
		"the one that is outranked": {order(secret.score(Finding{Confidence: Certain}, silent), weaker.score(Finding{Confidence: Likely}, silent)), "HG026 certain, HG030 likely"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %s, want %s", name, test.got, test.want)
		}
	}
}
