package assertions_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hgrun/hgrun/assertions"
)

func TestTheMappingTellsWhereItsPartsStand(t *testing.T) {
	t.Parallel()
	a := parse(t, `alg: RS256
key: "{{key}}"
passphrase: "{{passphrase}}"
kid: k1
typ: JWT
aud: issuer
lifetime: 2m
certificate: "{{certificate}}"
jku: https://a
header: {crit: [b64], x5u: u}
claims:
  iss: i
  sub: s
x5c: true
`)
	for of, want := range map[string]string{
		"alg": "a.yaml:1:6 true", "key": "a.yaml:2:6 true", "passphrase": "a.yaml:3:13 true", "kid": "a.yaml:4:6 true", "typ": "a.yaml:5:6 true",
		"aud": "a.yaml:6:6 true", "lifetime": "a.yaml:7:11 true", "certificate": "a.yaml:8:14 true", "jku": "a.yaml:9:6 true",
		"header": "a.yaml:10:10 true", "header.x5u": "a.yaml:10:23 true", "claims": "a.yaml:12:3 true", "claims.sub": "a.yaml:13:3 true",
		"claims.jti": "a.yaml:1:1 false", "nothing": "a.yaml:1:1 false", "": "a.yaml:1:1 false",
	} {
		if pos, written := a.Place(of); fmt.Sprint(pos, written) != want {
			t.Errorf("%s: got %v %v, want %s", of, pos, written, want)
		}
	}
	claim, written := a.Claim("sub")
	if v, err := claim.Any(scope()); v != "s" || err != nil || !written {
		t.Errorf("claim sub: got %v, %v, %v", v, err, written)
	}
	if _, written := a.Claim("jti"); written {
		t.Error("claim jti is written")
	}
	got := fmt.Sprintf("%s %s %s %s %s %s", a.Algorithm(), a.Key(), a.KeyID(), a.KeyEncoding(), a.Lifetime(), a.Audience().Pos())
	if want := "RS256 {{key}} k1 raw 2m0s a.yaml:6:6"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatIsNotWrittenStandsWithTheMapping(t *testing.T) {
	t.Parallel()
	a := parse(t, "key: '{{key}}'")
	for _, of := range []string{"alg", "kid", "aud", "lifetime", "claims", "header", "claims.aud"} {
		if pos, written := a.Place(of); written || pos.String() != "a.yaml:1:1" {
			t.Errorf("%s: got %v %v", of, pos, written)
		}
	}
	if a.Lifetime() != time.Minute || !a.Algorithm().IsZero() || !a.KeyID().IsZero() {
		t.Errorf("got %s %s %s", a.Lifetime(), a.Algorithm(), a.KeyID())
	}
	var zero assertions.Assertion
	if pos, written := zero.Place("key"); written || pos.Line != 0 {
		t.Errorf("zero: got %v %v", pos, written)
	}
}
