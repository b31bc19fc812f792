package vars

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
)

// filter is one way to make a value of another.
type filter struct {
	params string // what its arguments are: "old, new"; one in brackets may be left out
	bind   func(args []Value) (change, error)
}

// change is a filter whose arguments are known. Whether the value is secret is not its business, but for what an error shows.
type change func(Value) (Value, error)

// filters is the table of what may stand behind a | in {{name | …}}, and in the then: of a capture.
var filters = sync.OnceValue(func() map[string]filter {
	all := make(map[string]filter, 96)
	for _, family := range []map[string]filter{encodingFilters(), digestFilters(), textFilters(), typeFilters(), listFilters(), dateFilters(), addressFilters()} {
		maps.Copy(all, family)
	}
	all[fallback] = filter{"value", func([]Value) (change, error) { return nil, nil }} // Filter.apply and rescue are what it does
	return all
})

// fallback is the name of the filter that helps where there is no value.
const fallback = "default"

// FilterNames returns the names of all filters.
func FilterNames() []string { return slices.Sorted(maps.Keys(filters())) }

// Filter is a filter and its arguments, ready to be applied: {{name | nth: 2}}, or {nth: 2} in the then: of a capture.
type Filter struct {
	name   string
	args   []argument
	change change // nil where an argument has names in it: then it is made when they have values
}

// argument is a text with templates in it, or a value of another type that is final.
type argument struct {
	text    Template
	literal Value
	typed   bool
}

// parseFilter reads what stands between two |.
func parseFilter(piece string, pos source.Pos) (Filter, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(piece), ":")
	f := Filter{name: strings.TrimSpace(name)}
	if rest = strings.TrimSpace(rest); rest != "" {
		for _, written := range splitOutsideQuotes(rest, ',') {
			arg, err := parseArgument(strings.TrimSpace(written), pos)
			if err != nil {
				return f, err
			}
			f.args = append(f.args, arg)
		}
	}
	return f, f.check()
}

// parseArgument reads text in quotes, in which templates stand, a number, true or false, or text as it is.
func parseArgument(written string, pos source.Pos) (argument, error) {
	if written != "" && (written[0] == '"' || written[0] == '\'') {
		inner, ok := unquote(written)
		if !ok {
			return argument{}, fmt.Errorf("got %s, want one text in quotes", written)
		}
		t, err := Parse(inner, pos)
		return argument{text: t}, errors.Unwrap(err) // the place is that of the whole expression
	}
	if written == "true" || written == "false" || isNumber(written) {
		return argument{literal: Value{Text: written, JSON: true}, typed: true}, nil
	}
	return argument{text: Literal(written)}, nil
}

const wantFilter = "want the name of a filter, or one name and its arguments such as {nth: 2}"

// ReadFilter reads a filter of then:, a name or a mapping of one name to its argument or its list of arguments. It is false
// after a problem was recorded.
func ReadFilter(n source.Node) (f Filter, ok bool) {
	switch {
	case n.IsMap():
		entries := n.Entries()
		if len(entries) == 0 && !n.IsEmpty() {
			return f, false // Entries has said why
		}
		if len(entries) != 1 {
			n.Errorf(wantFilter)
			return f, false
		}
		f.name = entries[0].Name()
		items := []source.Node{entries[0].Value}
		if items[0].IsList() {
			items = items[0].Items()
		}
		for _, item := range items {
			arg, ok := readArgument(item)
			if !ok {
				return f, false
			}
			f.args = append(f.args, arg)
		}
	case n.IsScalar() && !n.IsNull():
		f.name = n.Text()
	default:
		n.Errorf(wantFilter)
		return f, false
	}
	if err := f.check(); err != nil {
		n.Record(n.Pos().Errorf("%w", err))
		return f, false
	}
	return f, true
}

func readArgument(n source.Node) (argument, bool) {
	if !n.IsScalar() {
		n.Errorf("want text, a number, true or false")
		return argument{}, false
	}
	if !n.IsText() {
		return argument{literal: Of(n.Value()), typed: true}, true
	}
	t, err := parse(n.Text(), n.Place)
	if err != nil {
		n.Record(err)
		return argument{}, false
	}
	return argument{text: t}, true
}

// check finds what is wrong before there is a value: the name, how many arguments there are, and what they say.
func (f *Filter) check() error {
	known, ok := filters()[f.name]
	if !ok {
		return fmt.Errorf("unknown filter %q; %s", f.name, source.Suggest(f.name, FilterNames()))
	}
	if err := known.count(len(f.args)); err != nil {
		return f.wrap(err)
	}
	args := make([]Value, len(f.args))
	for i, a := range f.args {
		if !a.text.Static() {
			return nil
		}
		args[i], _ = a.value(nil, nil) // it needs no name
	}
	var err error
	f.change, err = known.bind(args)
	return f.wrap(err)
}

// count compares the number of arguments with those that a filter has.
func (f filter) count(got int) error {
	var params []string
	if f.params != "" {
		params = strings.Split(f.params, ", ")
	}
	least := len(params) - strings.Count(f.params, "[")
	if got >= least && got <= len(params) {
		return nil
	}
	want := "none"
	if len(params) > 0 {
		want = strconv.Itoa(len(params)) + " (" + f.params + ")"
	}
	if least < len(params) {
		want = strconv.Itoa(least) + " or " + want
	}
	noun := "arguments"
	if got == 1 {
		noun = "argument"
	}
	return fmt.Errorf("got %d %s, want %s", got, noun, want)
}

func (a argument) value(s *Scope, t *trail) (Value, error) {
	if a.typed {
		return a.literal, nil
	}
	return a.text.value(s, t)
}

// wrap says which filter an error is of.
func (f *Filter) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("filter %s: %w", f.name, err)
}

// String returns the name.
func (f Filter) String() string { return f.name }

// Uses returns the names that the arguments need.
func (f Filter) Uses() []Use {
	var uses []Use
	for _, a := range f.args {
		uses = append(uses, a.text.Uses()...)
	}
	return uses
}

// Apply makes a value of another, which messages and masks know as name. What a secret, or a secret argument, goes into is a
// secret, and hidden. The error names the filter, what it got and what it wants; FoundNothing tells one that looked in vain.
func (f Filter) Apply(s *Scope, name string, v Value) (Value, error) { return f.apply(s, nil, name, v) }

func (f *Filter) apply(s *Scope, t *trail, name string, v Value) (Value, error) {
	if f.name == fallback {
		if v.Text == "" || shapeOf(v) == nullShape {
			return f.args[0].value(s, t)
		}
		return v, nil
	}
	change, secret := f.change, v.Secret
	if change == nil {
		args := make([]Value, len(f.args))
		for i, a := range f.args {
			var err error
			if args[i], err = a.value(s, t); err != nil {
				return Value{}, err
			}
			secret = secret || args[i].Secret
		}
		var err error
		if change, err = filters()[f.name].bind(args); err != nil {
			return Value{}, f.wrap(err)
		}
	}
	out, err := change(v)
	if err != nil {
		return Value{}, f.wrap(err)
	}
	if out.Secret = secret; secret {
		s.hideAll(name, out)
	}
	return out, nil
}

// rescue is default where there is no value: the name is undefined, or a filter looked in vain.
func (f *Filter) rescue(s *Scope, t *trail, err error) (Value, error) {
	if _, undefined := AsUndefined(err); f.name == fallback && (undefined || FoundNothing(err)) {
		return f.args[0].value(s, t)
	}
	return Value{}, err
}

// nothing is the error of a filter that looked for something that is not there.
type nothing struct{ text string }

func (n *nothing) Error() string { return n.text }

// FoundNothing reports whether an error tells of a filter that looked for something that is not there, which default helps.
func FoundNothing(err error) bool {
	var n *nothing
	return errors.As(err, &n)
}

// hideAll hides a value, and the texts and numbers within a list or an object.
func (s *Scope) hideAll(name string, v Value) {
	s.secrets.Hide(name, v.Text)
	if shape := shapeOf(v); shape == listShape || shape == objectShape {
		s.hideLeaves(name, v.Any())
	}
}

func (s *Scope) hideLeaves(name string, v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			s.hideLeaves(name, e)
		}
	case map[string]any:
		for _, e := range v {
			s.hideLeaves(name, e)
		}
	case nil, bool:
	default:
		s.secrets.Hide(name, Of(v).Text)
	}
}
