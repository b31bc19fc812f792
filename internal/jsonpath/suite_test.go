package jsonpath

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"
)

// suite is the file of the JSONPath Compliance Test Suite, cts.json of github.com/jsonpath-standard.
type suite struct {
	Tests []struct {
		Name     string
		Selector string
		Document json.RawMessage
		Result   []any
		Results  [][]any
		Paths    []string   `json:"result_paths"`
		AllPaths [][]string `json:"results_paths"`
		Invalid  bool       `json:"invalid_selector"`
	}
}

func TestTheComplianceSuiteIsPassed(t *testing.T) {
	t.Parallel()
	file := os.Getenv("JSONPATH_CTS")
	if file == "" {
		t.Skip("the compliance suite is not part of this repository; JSONPATH_CTS=cts.json names its file")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all suite
	if err := json.Unmarshal(data, &all); err != nil || len(all.Tests) < 700 {
		t.Fatalf("%d tests, %v", len(all.Tests), err)
	}
	for _, tt := range all.Tests {
		p, err := Parse(tt.Selector)
		if tt.Invalid {
			if err == nil {
				t.Errorf("%s: %q is accepted", tt.Name, tt.Selector)
			} else {
				t.Logf("%q %v", tt.Selector, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %q: %v", tt.Name, tt.Selector, err)
			continue
		}
		nodes, err := p.Find(tt.Document)
		if err != nil {
			t.Errorf("%s: %v", tt.Name, err)
			continue
		}
		got, paths := []any{}, []string{}
		for _, n := range nodes {
			got = append(got, plain(t, n.Value()))
			paths = append(paths, n.Path())
		}
		wants, wantPaths := tt.Results, tt.AllPaths
		if tt.Results == nil {
			wants, wantPaths = [][]any{tt.Result}, [][]string{tt.Paths}
		}
		fits := false
		for i, want := range wants {
			fits = fits || reflect.DeepEqual(got, want) && slices.Equal(paths, wantPaths[i])
		}
		if !fits {
			t.Errorf("%s: %q\ngot  %v\n     %v\nwant %v\n     %v", tt.Name, tt.Selector, got, paths, wants, wantPaths)
		}
	}
}

// plain makes the numbers of a value those of encoding/json.
func plain(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestASyntaxErrorIsASyntaxError(t *testing.T) {
	t.Parallel()
	_, err := Parse("$.a[")
	var s *SyntaxError
	if !errors.As(err, &s) || s.Offset != 3 || err.Error() != "at byte 3: [ without its ]" {
		t.Errorf("got %v", err)
	}
}
