package diagnosis

import (
	"fmt"
	"testing"
)

func TestEveryRowOfTheCatalogueHasItsRule(t *testing.T) {
	t.Parallel()
	rules := Rules()
	if len(rules) != 76 {
		t.Fatalf("got %d rules, want 76", len(rules))
	}
	for i, r := range rules {
		if want := fmt.Sprintf("HG%03d", i+1); r.Code != want {
			t.Errorf("rule %d: got code %s, want %s", i+1, r.Code, want)
		}
		if r.Title == "" || r.Family == "" || r.Lint == nil && r.Explain == nil || r.Rank < 0 || r.Rank > 9 {
			t.Errorf("%s has no title, no family, nothing that finds it, or a rank outside 0 to 9", r.Code)
		}
	}
}

func TestEveryRuleHasAWholePage(t *testing.T) {
	t.Parallel()
	for _, r := range Rules() {
		for _, s := range r.Page.sections() {
			if s[1] == "" || s[1][len(s[1])-1] != '.' {
				t.Errorf("%s: the page's %s is empty or does not end in a full stop: %q", r.Code, s[0], s[1])
			}
		}
		if text, ok := PageText(r.Code); !ok || len(text) < 200 {
			t.Errorf("%s: got page %q", r.Code, text)
		}
	}
	if _, ok := PageText("HG077"); ok {
		t.Error("HG077 has a page")
	}
}
