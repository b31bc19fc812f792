package expect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

func TestEverySubjectAndPredicateStandsInATable(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	for _, words := range [][]string{sortedNames(Subjects()), sortedNames(Predicates()), sortedNames(Queries()), sortedNames(valueTypes())} {
		for _, word := range words {
			if s := all.String(); !strings.Contains(s, word+":") && !strings.Contains(s, "type: "+word) {
				t.Errorf("no table tries %s", word)
			}
		}
	}
}

func TestAPassingExpectationCostsNoMemory(t *testing.T) {
	e := readExpectations(t, `{status: 200, headers: {Content-Type: {contains: fhir}}, json: {resourceType: Patient, name.0.family: {matches: "^[A-Z]"}, count: {at_least: 12.0}}, duration: {below: 2s}}`)
	a, s := NewAnswer(patient()), vars.NewScope(nil)
	allocations := testing.AllocsPerRun(100, func() {
		if failures, err := e.Judge(a, s); len(failures) > 0 || err != nil {
			t.Fatal(failures, err)
		}
	})
	if allocations != 0 {
		t.Errorf("got %v allocations, want none", allocations)
	}
}

func TestExpectationsServeManyGoroutines(t *testing.T) {
	t.Parallel()
	e := readExpectations(t, `{status: 200, json: {name: {any: {includes: {family: Smith}}}, id: "{{id}}", gender: {not: male, one_of: [female]}}}`)
	var c Captures
	if err := source.Parse("x.yaml", []byte(`{family: name.0.family, whole: "@this"}`), c.Read); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := vars.NewScope(nil, vars.Layer{Values: map[string]vars.Value{"id": {Text: "1001"}}})
			for range 50 {
				a := NewAnswer(patient())
				if failures, err := e.Judge(a, s); len(failures) > 0 || err != nil {
					t.Error(failures, err)
				}
				if failures := c.Take(a, s); len(failures) > 0 {
					t.Error(failures)
				}
			}
		})
	}
	wg.Wait()
}

func TestWithinLooksAtTheClockWhenItJudges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock of a bubble starts at 2000-01-01
		m := compiled(t, `{within: 5m}`)
		after := compiled(t, `{after: now}`)
		expect := func(text string, want, later bool) {
			t.Helper()
			if got, _ := m.Match(text); got != want {
				t.Errorf("within of %s: got %v, want %v", text, got, want)
			}
			if got, _ := after.Match(text); got != later {
				t.Errorf("after of %s: got %v, want %v", text, got, later)
			}
		}
		expect("2000-01-01T00:04:59Z", true, true)
		expect("2000-01-01T00:05:01Z", false, true)
		expect("1999-12-31T23:55:01Z", true, false)
		expect("1999-12-31T23:54:59Z", false, false)
		expect("2000-01-01", true, false) // the day has begun
		expect("1999", true, false)
		time.Sleep(10 * time.Minute)
		expect("2000-01-01T00:04:59Z", false, false)
		expect("Sat, 01 Jan 2000 00:11:00 GMT", true, true)
	})
}

func TestUsesAreTheNamesThatExpectationsNeed(t *testing.T) {
	t.Parallel()
	e := readExpectations(t, `{status: "{{want}}", json: {"a.{{i}}": {not: {each: "{{x | default: 1}}"}}, b: {length: {above: "{{n}}"}}}}`)
	var names []string
	for _, u := range e.Uses() {
		name := u.Name
		if u.Optional {
			name += "?"
		}
		names = append(names, name)
	}
	if got, want := strings.Join(names, " "), "want i x? n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var c Conditions
	if err := source.Parse("x.yaml", []byte(`{env: "{{where}}", maybe: {exists: false}, count: {not: {exists: true}}}`), c.Read); err != nil {
		t.Fatal(err)
	}
	names = nil
	for _, u := range c.Uses() {
		name := u.Name
		if u.Optional {
			name += "?"
		}
		names = append(names, name)
	}
	if got, want := strings.Join(names, " "), "where env maybe? count?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExpectationsSayWhetherTheyJudgeTheStatus(t *testing.T) {
	t.Parallel()
	if readExpectations(t, `{json: {status: 5}}`).JudgesStatus() {
		t.Error("a member called status is not the status")
	}
	if !readExpectations(t, `{json: {a: 5}, status: {below: 500}}`).JudgesStatus() {
		t.Error("a range of statuses judges the status")
	}
	if n := readExpectations(t, `{json: {a: {above: 1, below: 5}}, status: 200}`).Len(); n != 3 {
		t.Errorf("got %d expectations, want 3", n)
	}
}

func TestFilesThatDoNotLoadAreSaidTogether(t *testing.T) {
	t.Parallel()
	var all []Expectations
	err := source.Parse("x.yaml", []byte("- {body: {file: a.json}}\n- {body: {file: b.json}}\n"), func(n source.Node) {
		for _, item := range n.Items() {
			var e Expectations
			e.Read(item)
			all = append(all, e)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	open := func(name string) ([]byte, error) {
		if name == "a.json" {
			return []byte("\ufeff{}"), nil
		}
		return nil, &fs.PathError{Op: "open", Path: "/secret/place/" + name, Err: fs.ErrNotExist}
	}
	if err := all[0].Load(open); err != nil {
		t.Error(err)
	}
	err = all[1].Load(open)
	if err == nil || err.Error() != "x.yaml:2:17: b.json: file does not exist" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := all[1].Judge(NewAnswer(patient()), vars.NewScope(nil)); err == nil || err.Error() != "x.yaml:2:17: b.json was not loaded" {
		t.Errorf("a file that was not loaded: got %v", err)
	}
}

func TestAnExchangeWithoutResponseHasNothingInIt(t *testing.T) {
	t.Parallel()
	e := readExpectations(t, `{status: 200, headers: {ETag: {exists: true}}}`)
	failures, err := e.Judge(NewAnswer(&wire.Exchange{Err: errors.New("refused")}), vars.NewScope(nil))
	if err != nil || len(failures) != 2 || failures[0].Message != "status: nothing there, want 200" {
		t.Errorf("got %v, %v", failures, err)
	}
}

func TestABodyOfBracketsHarmsNobody(t *testing.T) {
	t.Parallel()
	e := readExpectations(t, `{json: {"@this": {length: 1}, "@dig:a": []}}`)
	for _, tt := range []struct {
		body, want string
	}{
		{strings.Repeat("[", 20_000_000), "json: the body is nested deeper than 10000 levels"},
		{strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001), "json: the body is nested deeper than 10000 levels"},
		{strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000), ""},
		{`["` + strings.Repeat(`[\"`, 20_000) + `"]`, ""},
	} {
		x := &wire.Exchange{Response: &wire.Response{Body: []byte(tt.body)}}
		failures, err := e.Judge(NewAnswer(x), vars.NewScope(nil))
		got := ""
		if len(failures) > 0 {
			got = failures[0].Message
		}
		if got != tt.want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, tt.want)
		}
	}
}

func TestSecretCapturesAreHiddenFromThenOn(t *testing.T) {
	t.Parallel()
	body := `{"access_token": "eyJhbGciOi.abcdef.ghijkl", "creds": {"user": "jane.doe", "pass" : "hunter22"}, "open": {"refresh_token": "r-98765", "code": "8867-4"}}`
	x := &wire.Exchange{Response: &wire.Response{Body: []byte(body)}}
	var c Captures
	if err := source.Parse("x.yaml", []byte(`{t: access_token, c: {json: creds, secret: true}, o: open}`), c.Read); err != nil {
		t.Fatal(err)
	}
	s := vars.NewScope(nil)
	if failures := c.Take(NewAnswer(x), s); len(failures) > 0 {
		t.Fatal(failures)
	}
	shown := s.Redact(body)
	for _, secret := range []string{"eyJhbGciOi.abcdef.ghijkl", "jane.doe", "hunter22", "r-98765"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%s is shown: %s", secret, shown)
		}
	}
	if !strings.Contains(shown, "8867-4") {
		t.Errorf("a clinical code is masked: %s", shown)
	}
}

func TestACapturedValueDoesNotKeepTheBodyAlive(t *testing.T) {
	t.Parallel()
	var c Captures
	if err := source.Parse("x.yaml", []byte(`{id: id, n: n, o: o, r: {regex: "x{100}"}}`), c.Read); err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"id":"a text of some length","n":123456,"o":{"a":[1]},"x":"` + strings.Repeat("x", 100) + `"}`)
	s := vars.NewScope(nil)
	if failures := c.Take(NewAnswer(&wire.Exchange{Response: &wire.Response{Body: body}}), s); len(failures) > 0 {
		t.Fatal(failures)
	}
	clear(body)
	want := map[string]string{"id": "a text of some length", "n": "123456", "o": `{"a":[1]}`, "r": strings.Repeat("x", 100)}
	for name, v := range s.Captured() {
		if v.Text != want[name] {
			t.Errorf("%s is a part of the body: got %q, want %q", name, v.Text, want[name])
		}
	}
	if n := len(s.Captured()); n != len(want) {
		t.Errorf("got %d values, want %d", n, len(want))
	}
}

func TestDaysLeftOfACertificateAreWholeOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock of a bubble starts at 2000-01-01
		cert := certificate()
		x := &wire.Exchange{Response: &wire.Response{TLS: &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}}}
		for left, want := range map[time.Duration]string{
			0: "0", 23 * time.Hour: "0", 24 * time.Hour: "1", 90*24*time.Hour - time.Second: "89", -time.Second: "-1", -25 * time.Hour: "-2",
		} {
			cert.NotAfter = time.Now().Add(left)
			e := readExpectations(t, `{certificate: {days_left: `+want+`}}`)
			if failures, err := e.Judge(NewAnswer(x), vars.NewScope(nil)); len(failures) > 0 || err != nil {
				t.Errorf("%v left: %v, %v, want %s", left, failures, err, want)
			}
		}
	})
}
