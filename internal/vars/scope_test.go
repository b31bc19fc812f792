package vars

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func lookup(s *Scope, name string) string {
	v, err := s.Lookup(name)
	if err != nil {
		return "error: " + err.Error()
	}
	return v.Text
}

func TestTheStrongerLayerWinsAndTheCapturedValueBeatsAll(t *testing.T) {
	t.Parallel()
	s := NewScope(nil,
		Layer{Name: "command line", Values: values("a", "line")},
		Layer{Name: "environment", Defined: definitions(t, "env", "a: env\nb: env\nurl: '{{b}}/{{a}}'\n"), Lazy: map[string]func() (Value, error){
			"lazy": func() (Value, error) { return Value{Text: "fresh"}, nil },
		}},
	)
	child := s.With(Layer{Name: "request", Defined: definitions(t, "req", "b: req\nc: req {{b}}\nlazy: no\n")}, Layer{Name: "collection", Values: values("c", "coll", "d", "coll")})
	for name, want := range map[string]string{"a": "line", "b": "env", "c": "req env", "d": "coll", "url": "env/line", "lazy": "fresh"} {
		same(t, name+" "+lookup(child, name), name+" "+want)
		same(t, child.Defines(name), true)
	}
	same(t, lookup(s, "c"), `error: variable "c" is not defined`)
	child.Set("b", Value{Text: "captured"})
	same(t, lookup(s, "url"), "captured/line")
	bound := child.Bind("b", Value{Text: "bound"})
	same(t, lookup(bound, "b"), "bound")
	same(t, lookup(bound, "url"), "bound/line")
	same(t, lookup(child, "b"), "captured")
	same(t, bound.Defines("b"), true)
	same(t, fmt.Sprint(s.Captured()), fmt.Sprint(values("b", "captured")))
	s.Captured()["b"] = Value{}
	same(t, lookup(s, "b"), "captured")
}

func TestWhatAServerSentIsNeverReadAsATemplate(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Defined: definitions(t, "env", "secret: s3cret\nwrap: '<{{evil}}>'\n")})
	s.Set("evil", Value{Text: "{{secret}}"})
	same(t, lookup(s, "evil"), "{{secret}}")
	same(t, lookup(s, "wrap"), "<{{secret}}>")
}

func TestANameThatLeadsBackToItselfIsTold(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Defined: definitions(t, "env", "a: '{{b}}'\nb: ['{{c}}']\nc: {x: 'y{{a}}'}\nself: '{{self}}'\n")})
	same(t, lookup(s, "a"), `error: env:3:10: variable "a" leads back to itself: a -> b -> c -> a`)
	same(t, lookup(s, "self"), `error: env:4:7: variable "self" leads back to itself: self -> self`)
	same(t, lookup(s, "a"), `error: env:3:10: variable "a" leads back to itself: a -> b -> c -> a`)
}

func TestANameMayStandTwiceOnDifferentWays(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Defined: definitions(t, "env", "host: h\nbase: '{{host}}/x'\nboth: '{{base}} {{host}} {{base}}'\n")})
	same(t, lookup(s, "both"), "h/x h h/x")
}

func TestNamesThatLeadTooFarAreRefused(t *testing.T) {
	t.Parallel()
	var deep, wide, long strings.Builder
	for i := range 60 {
		fmt.Fprintf(&deep, "a%d: '{{a%d}}'\n", i, i+1)
		fmt.Fprintf(&wide, "a%d: '{{a%d}}{{a%d}}'\n", i, i+1, i+1)
	}
	for i := range 40 {
		fmt.Fprintf(&long, "a%d: '{{a%d}}{{a%d}}'\n", i, i+1, i+1)
	}
	deep.WriteString("a60: x\n")
	long.WriteString("a40: ''\n")
	s := NewScope(nil, Layer{Defined: definitions(t, "env", deep.String())})
	same(t, lookup(s, "a0"), `error: env:50:6: variable "a0" leads through more than 50 others`)
	same(t, lookup(s, "a11"), "x")
	s = NewScope(nil, Layer{Defined: definitions(t, "env", wide.String())})
	same(t, lookup(s, "a0"), `error: env:50:6: variable "a0" leads through more than 50 others`)
	s = NewScope(nil, Layer{Defined: definitions(t, "env", long.String())})
	if got := lookup(s, "a0"); !strings.HasSuffix(got, `variable "a0" leads to more text than 64 MB`) {
		t.Errorf("got %s", got)
	}
	s = NewScope(nil, Layer{Defined: definitions(t, "env", "a: '{{b}}{{b}}'\nb: '{{c}}{{c}}'\nc: '{{d}}{{d}}'\n"), Values: values("d", strings.Repeat("x", 20<<20))})
	if got := lookup(s, "a"); !strings.HasSuffix(got, `variable "a" leads to more text than 64 MB`) {
		t.Errorf("got %.200s", got)
	}
}

func TestAnUndefinedNameIsToldWithTheNearestOne(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Defined: definitions(t, "env", "base_url: x\n"), Values: values("token", "y"), Lazy: map[string]func() (Value, error){"client_secret": nil}})
	s.Set("family", Value{Text: "z"})
	for name, want := range map[string]string{
		"bsae_url":      `variable "bsae_url" is not defined; did you mean "base_url"?`,
		"tokn":          `variable "tokn" is not defined; did you mean "token"?`,
		"famly":         `variable "famly" is not defined; did you mean "family"?`,
		"client_secrte": `variable "client_secrte" is not defined; did you mean "client_secret"?`,
		"elephant":      `variable "elephant" is not defined`,
	} {
		_, err := s.Lookup(name)
		same(t, errorText(err), want)
		u, ok := AsUndefined(fmt.Errorf("wrapped: %w", err))
		same(t, ok && u.Name == name, true)
		tpl, _ := Parse("x{{"+name+"}}", here)
		_, err = tpl.Expand(s)
		same(t, errorText(err), "f:1:1: "+want)
		same(t, s.Defines(name), false)
	}
	_, ok := AsUndefined(errors.New("x"))
	same(t, ok, false)
}

func TestDefinitionsAreFollowedUntilAValueIsFinal(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, Layer{Values: values("a", "1"), Lazy: map[string]func() (Value, error){"l": nil}}, Layer{Defined: definitions(t, "env", "a: x\nb: y\nl: z\n")})
	for name, want := range map[string]bool{"a": false, "b": true, "l": false, "nope": false} {
		d, ok := s.Definition(name)
		same(t, ok, want)
		if ok {
			same(t, d.Pos().String(), "env:2:4")
		}
	}
	s.Set("b", Value{})
	_, ok := s.Definition("b")
	same(t, ok, false)
}

func TestNamesThatCannotBeWrittenInATemplateAreRefused(t *testing.T) {
	t.Parallel()
	var d Definitions
	err := source.Parse("f", []byte("\"\": 1\n\"a b\": 1\n\" a\": 1\n\"a|b\": 1\n\"a}\": 1\n\"it's\": 1\n$guid: 1\nok: 1\n"), d.Read)
	same(t, errorText(err), `f:1:1: "" cannot be the name of a variable
f:3:1: " a" cannot be the name of a variable
f:4:1: "a|b" cannot be the name of a variable
f:5:1: "a}" cannot be the name of a variable
f:6:1: "it's" cannot be the name of a variable
f:7:1: "$guid": names that start with $ belong to hgrun`)
}

func TestSecretsAreHiddenWhereverTheyAreBorn(t *testing.T) {
	t.Parallel()
	secret := func(text string) Value { return Value{Text: text, Secret: true} }
	s := NewScope(nil, Layer{Values: map[string]Value{"one": secret("secret-1")}, Lazy: map[string]func() (Value, error){
		"two":  func() (Value, error) { return secret("secret-2"), nil },
		"open": func() (Value, error) { return Value{Text: "secret-0"}, nil },
		"bad":  func() (Value, error) { return secret("secret-x"), errors.New("locked") },
	}})
	s.With(Layer{Values: map[string]Value{"three": secret("secret-3")}})
	s.Bind("$assertion", secret("secret-4"))
	s.Set("five", secret("secret-5"))
	s.Hide("six", "secret-6")
	same(t, lookup(s, "two"), "secret-2")
	same(t, lookup(s, "open"), "secret-0")
	same(t, lookup(s, "bad"), "error: locked")
	for i, name := range []string{"one", "two", "three", "$assertion", "five", "six"} {
		text := fmt.Sprintf("secret-%d", i+1)
		same(t, s.Redact("<"+text+">"), "<"+Mask(name, text)+">")
	}
	same(t, s.Redact("secret-0 secret-x"), "secret-0 secret-x")
	same(t, s.Secrets() == NewScope(s.Secrets()).Secrets(), true)
}

func TestSecretsMayBeSharedByManyGoroutines(t *testing.T) {
	t.Parallel()
	var shared Secrets
	var wait sync.WaitGroup
	for g := range 8 {
		wait.Go(func() {
			s := NewScope(&shared)
			for i := range 200 {
				text := fmt.Sprintf("secret-%d-%d", g, i%50)
				s.Set("x", Value{Text: text, Secret: true})
				if got := s.Redact("a " + text + " b"); strings.Contains(got, text) {
					t.Errorf("got %s", got)
				}
				if _, found := shared.Holds(text); !found {
					t.Errorf("%s is not held", text)
				}
			}
		})
	}
	wait.Wait()
}
