package script

import (
	"encoding/json"
	"regexp"
	"slices"
	"sync"

	"modernc.org/quickjs"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// scope returns the variables that js/core.js calls by a name; nil where there are none.
func (s Scopes) scope(name string) Variables {
	switch name {
	case "environment":
		return s.Environment
	case "globals":
		return s.Globals
	case "collectionVariables":
		return s.Collection
	case "iterationData":
		return s.Data
	default:
		return s.Local
	}
}

// layers returns the scopes that are read through a scope, strongest first: all of them through pm.variables, else that one.
func (s Scopes) layers(name string) []Variables {
	if name != "variables" {
		return []Variables{s.scope(name)}
	}
	return []Variables{s.Local, s.Data, s.Environment, s.Collection, s.Globals}
}

func (s Scopes) lookup(scope, name string) (any, bool) {
	for _, layer := range s.layers(scope) {
		if layer == nil {
			continue
		}
		if v, ok := layer.Get(name); ok {
			return v, true
		}
	}
	return nil, false
}

func (b *box) get(args []any) (any, error) {
	v, ok := b.turn.event.Scopes.lookup(word(args, 0), word(args, 1))
	if !ok {
		return quickjs.Undefined{}, nil
	}
	if text, structured := v.(JSON); structured {
		return []string{string(text)}, nil
	}
	return v, nil
}

func (b *box) set(args []any) (any, error) {
	scope := b.turn.event.Scopes.scope(word(args, 0))
	if scope == nil {
		return nil, nil
	}
	value := args[2]
	if n, ok := value.(int); ok {
		value = float64(n)
	}
	if structured, _ := args[3].(bool); structured {
		value = JSON(word(args, 2))
	}
	scope.Set(word(args, 1), value)
	return nil, nil
}

func (b *box) drop(args []any) (any, error) {
	if scope := b.turn.event.Scopes.scope(word(args, 0)); scope != nil {
		scope.Set(word(args, 1), Unset{})
	}
	return nil, nil
}

// all returns every variable of a scope as one JSON object.
func (b *box) all(args []any) (any, error) {
	found := map[string]any{}
	for _, layer := range slices.Backward(b.turn.event.Scopes.layers(word(args, 0))) {
		if layer == nil {
			continue
		}
		for _, name := range layer.Names() {
			v, _ := layer.Get(name)
			if text, ok := v.(JSON); ok {
				v = json.RawMessage(text)
			}
			found[name] = v
		}
	}
	made, err := json.Marshal(found)
	return string(made), err
}

// Placeholders, as Postman finds them.
var placeholders = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{([^{}]*?)\}\}`) })

// maxPasses is how often values that hold placeholders themselves are filled in, as in Postman.
const maxPasses = 20

// expand fills in {{name}} from a scope, and {{$name}} as a dynamic variable; what nothing defines stays as it is.
func (b *box) expand(args []any) (any, error) {
	scopes, scope, text := b.turn.event.Scopes, word(args, 0), word(args, 1)
	for range maxPasses {
		filled := placeholders().ReplaceAllStringFunc(text, func(found string) string {
			name := found[2 : len(found)-2]
			if v, ok := scopes.lookup(scope, name); ok {
				return plain(v)
			}
			return dynamic(found, name)
		})
		if filled == text {
			break
		}
		text = filled
	}
	return text, nil
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case JSON:
		return string(v)
	default:
		made, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(made)
	}
}

func dynamic(found, name string) string {
	if len(name) < 2 || name[0] != '$' {
		return found
	}
	template, err := vars.Parse(found, source.Pos{})
	if err != nil {
		return found
	}
	made, err := template.Expand(vars.NewScope(&vars.Secrets{}))
	if err != nil {
		return found
	}
	return made
}
