package environments

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryKeyHasItsPlaceInTheLayout(t *testing.T) {
	t.Parallel()
	_, err := Load(tree("e.yaml", "'?': 1\n"), "e.yaml")
	_, list, _ := strings.Cut(errorText(err), "known here: ")
	order := slices.Clone(Layout().Order)
	slices.Sort(order)
	same(t, strings.Join(order, ", "), list)
}
