package expect

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

func FuzzPathsAreCheckedWithoutHarm(f *testing.F) {
	tables, err := filepath.Glob("testdata/*paths.txtar")
	if err != nil || len(tables) == 0 {
		f.Fatal("no paths to start from")
	}
	for _, name := range tables {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if _, path, ok := strings.Cut(line, "json: {"); ok {
				f.Add(strings.Trim(strings.TrimSpace(path), `"'}: 1`))
			}
		}
	}
	doc := string(patient().Response.Body)
	f.Fuzz(func(t *testing.T, path string) {
		c := &pathChecker{path: path}
		err := c.check()
		if p, bad := err.(*pathError); bad {
			if p.offset < 0 || p.offset > len(path) || p.text == "" {
				t.Fatalf("%q: %d %q", path, p.offset, p.text)
			}
			return
		}
		for _, p := range c.pieces {
			if p.from >= p.to || p.to > len(path) {
				t.Fatalf("%q: an empty piece %v", path, p)
			}
		}
		pathHint(doc, path)
		q, err := newJSONQuery(path)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := q.Find(NewAnswer(patient())); err == nil {
			render(valueOf(v))
		}
	})
}

func FuzzAPathWithoutASuggestionTwice(f *testing.F) {
	f.Add("$.a[0]['b.c'][*][?(@.x=='y')]..z[-1]")
	f.Add("/a/0/~1b")
	f.Fuzz(func(t *testing.T, path string) {
		translation, ok := translatePath(path)
		if ok && (&pathChecker{path: translation}).check() != nil {
			t.Errorf("%q: the suggestion %q is no path itself", path, translation)
		}
	})
}

func FuzzJSONIsReadAsTheStandardLibraryReadsIt(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,"x\n\u00e9\ud83d\ude00"],"b":{"c":null,"d":true}}`, `[]`, ` "x" `, `[1,`, `{"a"`, `"\`, "}{", `{"a":1,"a":2}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := fromJSON(s) // must end, whatever s is
		render(valueOf(got))
		if !gjson.Valid(s) || !json.Valid([]byte(s)) || tooDeep(s) || repeats(s) || strings.ContainsRune(s, '\ufffd') || !validText(s) {
			return
		}
		dec := json.NewDecoder(strings.NewReader(s))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Skip(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, want %#v", s, got, want)
		}
		if !same(got, want) {
			t.Errorf("%q is not the same as itself", s)
		}
		if d := compareDocuments(valueOf(got), valueOf(want)); len(d) > 0 {
			t.Errorf("%q differs from itself: %v", s, d)
		}
	})
}

// repeats reports whether a member's name could stand twice: there the first counts here and the last in the standard library.
func repeats(s string) bool {
	names := map[string]bool{}
	for i, name := range strings.Split(s, `"`) {
		if i%2 == 1 && names[name] {
			return true
		}
		names[name] = true
	}
	return strings.Contains(s, `\`) && strings.Contains(s, "{")
}

// validText reports whether every escape in s is half of nothing: lone surrogates are read differently.
func validText(s string) bool {
	return bytes.Equal(bytes.ToValidUTF8([]byte(s), nil), []byte(s)) && !strings.Contains(strings.ToLower(s), `\ud`)
}

func FuzzExpectationsLoadOrSayWhereTheyDoNot(f *testing.F) {
	f.Add(`{status: 2xx, json: {a.0: {not: {each: {length: {above: 1}}}}}, headers: {a: [1]}}`, `{"a":[[1,2]]}`)
	f.Add(`{body: {equals: {a: 1}}, regex: {"(a)": x}, cookies: {a.Path: x}, duration: {between: [1s, 2s]}}`, "\xef\xbb\xbf[1]")
	f.Add(`{json: {"name.#(a==\"b\").c": {type: jwt}, n: {before: now, within: 5m}}}`, "<html>")
	f.Fuzz(func(t *testing.T, yaml, body string) {
		var e Expectations
		err := source.Parse("x.yaml", []byte(yaml), e.Read)
		if problems, bad := err.(source.Problems); bad {
			for _, p := range problems {
				if p.Pos.Line < 1 || p.Pos.Line > strings.Count(yaml, "\n")+2 {
					t.Errorf("%q: %v has no place", yaml, p)
				}
			}
			return
		}
		x := &wire.Exchange{Response: &wire.Response{Status: 200, Body: []byte(body)}}
		_, _ = e.Judge(NewAnswer(x), vars.NewScope(nil))
	})
}
