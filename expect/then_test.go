package expect

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// taken captures from a JSON body and returns the scope it went to.
func taken(t *testing.T, body, yaml string) (*vars.Scope, []Failure) {
	t.Helper()
	var c Captures
	if err := source.Parse("x.yaml", []byte(yaml), c.Read); err != nil {
		t.Fatal(err)
	}
	s := vars.NewScope(nil)
	return s, c.Take(NewAnswer(&wire.Exchange{Response: &wire.Response{Status: 200, Body: []byte(body)}}), s)
}

func TestWhatStepsMakeOfASecretIsHiddenAtEveryStep(t *testing.T) {
	t.Parallel()
	inner := `{"user": "jane-doe", "parts": ["part-one", {"deep": 987654}], "password": "hunter22"}`
	raw, err := json.Marshal(map[string]string{"secret": base64.StdEncoding.EncodeToString([]byte(inner)), "config": inner})
	if err != nil {
		t.Fatal(err)
	}
	body := string(raw)
	for yaml, hidden := range map[string]string{
		`{x: {json: secret, then: [base64_decode, {json: user}]}}`:                                    "jane-doe",
		`{x: {json: secret, then: [base64_decode, {json: parts}]}}`:                                   "part-one|987654",
		`{x: {json: secret, then: [base64_decode, {json: parts}, first]}}`:                            "part-one",
		`{x: {json: config, then: [{json: password}]}}`:                                               "hunter22",
		`{x: {json: config, then: [{json: password}, reverse]}}`:                                      "22retnuh",
		`{password: {json: config, then: [{json: user}]}}`:                                            "jane-doe",
		`{x: {json: config, secret: true, then: [{json: user}, upper]}}`:                              "JANE-DOE|jane-doe",
		`{x: {json: secret, then: [base64_decode, {json: nope}], optional: true}}`:                    inner,
		`{x: {json: secret, then: [base64_decode, {json: parts}, {json: "1.deep"}, {date_add: 1d}]}}`: "987654|1074054",
	} {
		s, failures := taken(t, body, yaml)
		if len(failures) > 0 {
			t.Errorf("%s: %v", yaml, failures)
		}
		for secret := range strings.SplitSeq(hidden, "|") {
			if shown := s.Redact("<" + secret + ">"); strings.Contains(shown, secret) {
				t.Errorf("%s: %s shows", yaml, secret)
			}
		}
		if v, ok := s.Captured()["x"]; ok && !v.Secret {
			t.Errorf("%s: got %+v, want a secret", yaml, v)
		}
	}
	s, _ := taken(t, body, `{x: {json: secret, secret: false, then: [base64_decode, {json: user}]}}`)
	if got := s.Redact("jane-doe"); got != "jane-doe" || s.Captured()["x"].Secret {
		t.Errorf("secret: false: got %s, want nothing hidden", got)
	}
}

func TestAStepThatFailsShowsNoSecret(t *testing.T) {
	t.Parallel()
	body := `{"password":"hunter22hunter22","n":1}`
	for _, step := range append(vars.FilterNames(), `{json: a}`, `{nth: 99}`, `{regex: zzz}`, `{to_date: "%Y"}`, `{date_format: iso}`, `{jwt_claim: x}`, `{url_query: x}`) {
		var c Captures
		yaml := `{x: {json: password, then: [` + step + `]}}`
		if source.Parse("x.yaml", []byte(yaml), c.Read) != nil {
			continue // it wants arguments
		}
		_, failures := taken(t, body, yaml)
		for _, f := range failures {
			if text := f.Message + strings.Join(f.Details, "\n"); strings.Contains(text, "hunter") {
				t.Errorf("%s: %s", step, text)
			}
		}
	}
}

func TestWhatStepsMakeOfASecretIsHiddenWhereItIsJudged(t *testing.T) {
	t.Parallel()
	secret := map[string]vars.Value{"hidden": {Text: "the-hidden-value", Secret: true}}
	for yaml, hidden := range map[string]string{
		`{json: {access_token: {then: upper, equals: x}}}`:                     "THE-TOKEN-VALUE",
		`{json: {access_token: {then: [upper, {replace: [THE, A]}], not: x}}}`: "A-TOKEN-VALUE",
		`{variables: {hidden: {then: upper, equals: x}}}`:                      "THE-HIDDEN-VALUE",
	} {
		s := vars.NewScope(nil, vars.Layer{Values: secret})
		_, err := readExpectations(t, yaml).Judge(NewAnswer(&wire.Exchange{Response: &wire.Response{Body: []byte(`{"access_token":"the-token-value"}`)}}), s)
		if err != nil {
			t.Fatal(err)
		}
		if shown := s.Redact(hidden); shown == hidden {
			t.Errorf("%s: %s shows", yaml, hidden)
		}
	}
}

func TestStepsTellWhichNamesTheyNeed(t *testing.T) {
	t.Parallel()
	var c Captures
	if err := source.Parse("x.yaml", []byte(`{x: {json: "{{a}}", then: [{hmac_sha256: "{{b}}"}, trim, {json: "{{c}}"}], default: "{{d}}"}}`), c.Read); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range c.Uses() {
		names = append(names, u.Name+" "+u.Pos.String())
	}
	if got, want := strings.Join(names, ", "), "a x.yaml:1:12, b x.yaml:1:42, c x.yaml:1:65, d x.yaml:1:85"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzCapturesLoadOrSayWhereTheyDoNot(f *testing.F) {
	f.Add(`{a: {json: b, then: [base64_decode, {json: c.0}, {regex: "(.)"}, {nth: -1}, {default: "{{x}}"}]}}`, `{"b":"eyJjIjpbMV19"}`)
	f.Add(`{a: {text: true, then: [{split: ","}, sort, unique, sum, {date_add: 1mo}]}, b: {json: b, then: {substring: [1, -1]}, optional: true}}`, `1,2,2`)
	f.Fuzz(func(t *testing.T, yaml, body string) {
		var c Captures
		if err := source.Parse("x.yaml", []byte(yaml), c.Read); err != nil {
			return
		}
		s := vars.NewScope(nil)
		for _, failure := range c.Take(NewAnswer(&wire.Exchange{Response: &wire.Response{Status: 200, Body: []byte(body)}}), s) {
			if failure.Pos.Line < 1 || failure.Message == "" {
				t.Errorf("%q: a failure without place or message: %+v", yaml, failure)
			}
		}
		for name, v := range s.Captured() {
			if v.JSON && !json.Valid([]byte(v.Text)) {
				t.Errorf("%q: %s is no JSON: %q", yaml, name, v.Text)
			}
		}
	})
}
