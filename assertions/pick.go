package assertions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pick returns the key that signs. alg and kid are "" where nobody says.
func (ks keys) pick(alg, kid string) (key, *fault) {
	if ks.set {
		return ks.pickFromSet(alg, kid)
	}
	k := ks.list[0]
	if _, isSecret := k.value.([]byte); wantsSecret(alg) && !isSecret { // half a key pair is no better as a secret
		return key{}, &fault{aboutAlg, k.fits(alg)}
	}
	if err := k.signable(); err != nil {
		return key{}, &fault{aboutKey, err}
	}
	return k, nil
}

func (ks keys) pickFromSet(alg, kid string) (key, *fault) {
	named := ks.named(kid)
	if len(named) == 0 {
		return key{}, faultf(aboutKid, "no key of the JWKS has the kid %q; %s", kid, ks.kids())
	}
	able := slices.DeleteFunc(slices.Clone(named), func(k key) bool { return k.signable() != nil })
	switch {
	case len(able) == 0 && len(named) == 1:
		return key{}, &fault{aboutKey, named[0].signable()}
	case len(able) == 0:
		return key{}, faultf(aboutKey, "none of the %d keys in the JWKS can sign; the first: %w", len(named), named[0].signable())
	}
	if fitting := forAlgorithm(able, alg); len(fitting) > 0 {
		able = fitting
	}
	if len(able) > 1 {
		return key{}, faultf(aboutKid, "%d keys of the JWKS can sign; choose one with kid; %s", len(able), keys{list: able}.kids())
	}
	return able[0], nil
}

// named returns the keys with a key id; "" returns all.
func (ks keys) named(kid string) []key {
	if kid == "" {
		return ks.list
	}
	return slices.DeleteFunc(slices.Clone(ks.list), func(k key) bool { return k.kid != kid })
}

// forAlgorithm returns the keys that can be used with alg and that do not say another.
func forAlgorithm(list []key, alg string) []key {
	if alg == "" {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(k key) bool {
		return k.err != nil || k.fits(alg) != nil || k.alg != "" && k.alg != alg
	})
}

// kids lists the key ids for a message.
func (ks keys) kids() string {
	var kids []string
	bare := 0
	for _, k := range ks.list {
		switch {
		case k.kid == "":
			bare++
		case !slices.Contains(kids, strconv.Quote(k.kid)):
			kids = append(kids, strconv.Quote(k.kid))
		}
	}
	switch {
	case len(kids) == 0:
		return "none of them has a kid"
	case bare > 0:
		return fmt.Sprintf("there are: %s and %d without", strings.Join(kids, ", "), bare)
	}
	return "there are: " + strings.Join(kids, ", ")
}
