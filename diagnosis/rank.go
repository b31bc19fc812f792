package diagnosis

import (
	"cmp"
	"slices"
	"strings"
)

// scored is a finding and how well it explains the answer.
type scored struct {
	Finding
	score  int
	family string
	covers []string
}

// What a finding's score is made of. The weights are chosen so that
//   - what the server itself names beats what is only seen here, unless that is two steps surer,
//   - a surer finding beats a more special one,
//   - among equally sure findings the more special one comes first: an expired assertion before a secret that looks like base64.
const (
	scoreStep  = 100 // for each step of confidence
	scoreWords = 150 // where the server's words speak for it
	scoreRank  = 10  // for each step of the rule's rank, which goes up to 9
)

// score fills in what the rule knows, and weighs a finding. The answer is nil before sending.
func (r *Rule) score(f Finding, a *answer) scored {
	f.Code, f.Title = r.Code, r.Title
	s := scored{Finding: f, score: scoreStep*int(f.Confidence) + scoreRank*r.Rank, family: r.Family, covers: r.Covers}
	if a != nil && a.says(r.Words) {
		s.score += scoreWords
		s.Confidence = min(s.Confidence+1, Certain)
	}
	return s
}

// rank orders findings, keeps the best of each rule, and leaves out what another one tells better, and guesses where
// something is certain.
func rank(list []scored) []scored {
	slices.SortStableFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.Code, b.Code))
	})
	var out []scored
	certain := slices.ContainsFunc(list, func(s scored) bool { return s.Confidence == Certain })
	for _, s := range list {
		told := slices.ContainsFunc(out, func(o scored) bool { return o.Code == s.Code })
		covered := slices.ContainsFunc(list, func(o scored) bool { return o.Confidence >= s.Confidence && slices.Contains(o.covers, s.Code) })
		if told || covered || certain && s.Confidence == Possible || len(out) == maxFindings {
			continue
		}
		out = append(out, s)
	}
	return out
}

func compareText(a, b string) int { return strings.Compare(a, b) }
