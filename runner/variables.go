package runner

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/vars"
)

// variables are what the scripts of a collection may set. They live for as long as the collection runs.
type variables struct {
	mu          sync.Mutex // a request that a script sends is expanded while the script runs on
	line        vars.Layer // of the command line, and before it what pm.variables.set has set
	environment vars.Layer
	globals     vars.Layer

	local map[string]bool       // of line: set by pm.variables
	given map[string]vars.Value // of the command line, where pm.variables hides it
	made  map[string]bool       // set by scripts, in whatever scope
	nulls map[string]bool       // set to null, which a template writes as nothing: "environment/name"
}

// newVariables returns variables that have the values of layers until scripts set others.
func newVariables(line, environment, globals vars.Layer) *variables {
	return &variables{line: line.Own(), environment: environment.Own(), globals: globals.Own(),
		local: map[string]bool{}, made: map[string]bool{}, given: map[string]vars.Value{}, nulls: map[string]bool{}}
}

// copied returns variables that have the same values, and change on their own.
func (v *variables) copied() *variables {
	c := newVariables(v.line, v.environment, v.globals)
	for name := range v.local {
		c.local[name] = true
	}
	for name, value := range v.given {
		c.given[name] = value
	}
	for name := range v.made {
		c.made[name] = true
	}
	for name := range v.nulls {
		c.nulls[name] = true
	}
	return c
}

// layers are those of a scope in which what is set is seen.
func (v *variables) layers() []vars.Layer { return []vars.Layer{v.line, v.environment} }

// floor is one scope of Postman while a script of a request runs.
type floor struct {
	*variables
	name  string
	layer vars.Layer
	scope *vars.Scope // of the request
	heard func(name string)
}

// Get implements script.Variables. What was captured is newer than what a layer had, and belongs to none of them.
func (f *floor) Get(name string) (any, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v, ok := f.scope.CapturedValue(name); ok {
		return typed(v), true
	}
	layer := f.layer
	if f.name == ofEnvironment && f.onLine(name) {
		layer = f.line
	}
	v, ok := f.scope.LookupIn(layer, name)
	if !ok {
		return nil, false
	}
	return f.typed(v, name), true
}

func (f *floor) typed(v vars.Value, name string) any {
	if v.Text == "" && f.nulls[f.name+"/"+name] {
		return nil
	}
	return typed(v)
}

// The names of the floors that behave in ways of their own.
const (
	ofEnvironment = "environment"
	ofLocal       = "variables"
)

// onLine reports whether the command line gave a variable of the environment its value.
func (v *variables) onLine(name string) bool { return v.line.Has(name) && !v.local[name] }

// Set implements script.Variables.
func (f *floor) Set(name string, value any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	layer := f.layer
	if f.name == ofEnvironment && f.onLine(name) {
		layer = f.line
	}
	was, had := f.scope.LookupIn(layer, name)
	if v, ok := f.scope.CapturedValue(name); ok {
		was, had = v, true
		f.scope.Forget(name)
	}
	layer.Unset(name)
	delete(f.nulls, f.name+"/"+name)
	if _, gone := value.(script.Unset); gone {
		return
	}
	if value == nil {
		f.nulls[f.name+"/"+name] = true
	}
	f.put(layer, name, value, had && was.Secret)
	f.heard(name)
}

// put stores a value. One that holds a secret, or is one by the name of its variable, is hidden. A text with {{names}} is a
// template, as in Postman.
func (f *floor) put(layer vars.Layer, name string, value any, secret bool) vars.Value {
	v := valueOf(value)
	f.made[name] = true
	if !secret && v.Text != "" {
		_, secret = f.scope.Secrets().Holds(v.Text)
		secret = secret || secretName(name)
	}
	if v.Secret = secret; secret {
		f.scope.Hide(name, v.Text)
	}
	if !v.JSON && strings.Contains(v.Text, "{{") {
		if t, err := vars.Parse(v.Text, placeOfScripts); err == nil {
			layer.Defined[name] = vars.Text(t)
			return v
		}
	}
	layer.Values[name] = v
	return v
}

// Names implements script.Variables.
func (f *floor) Names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	names := f.layer.Names()
	if f.name == ofEnvironment {
		for name := range f.scope.Captured() {
			names = append(names, name)
		}
		for _, name := range f.line.Names() {
			if !f.local[name] {
				names = append(names, name)
			}
		}
	}
	return names
}

// local is pm.variables: it is read through everything that a request sees, and what it sets is the strongest.
type local struct{ *floor }

// Get implements script.Variables.
func (l local) Get(name string) (any, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, err := l.scope.Lookup(name)
	if err != nil {
		return nil, false
	}
	return l.typed(v, name), true
}

// Set implements script.Variables.
func (l local) Set(name string, value any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v, ok := l.line.Values[name]; ok && !l.local[name] {
		l.given[name] = v
	}
	l.line.Unset(name)
	delete(l.nulls, l.name+"/"+name)
	l.scope.Forget(name)
	if _, gone := value.(script.Unset); gone {
		delete(l.local, name)
		if v, ok := l.given[name]; ok {
			l.line.Values[name] = v
			delete(l.given, name)
		}
		return
	}
	l.local[name] = true
	if value == nil {
		l.nulls[l.name+"/"+name] = true
	}
	l.put(l.line, name, value, false)
	l.heard(name)
}

// Names implements script.Variables.
func (l local) Names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for name := range l.local {
		names = append(names, name)
	}
	for name := range l.scope.Captured() {
		names = append(names, name)
	}
	return names
}

// columns are the row of data, which no script changes.
type columns struct{ row *collections.Row }

// Get implements script.Variables.
func (c columns) Get(name string) (any, bool) {
	v, ok := c.row.Field(name)
	return typed(v), ok
}

// Set implements script.Variables: data stays as it is.
func (columns) Set(string, any) {}

// Names implements script.Variables.
func (c columns) Names() []string {
	names := make([]string, len(c.row.Fields))
	for i := range c.row.Fields {
		names[i] = c.row.Fields[i].Name
	}
	return names
}

// typed returns a value as a script has it.
func typed(v vars.Value) any {
	if !v.JSON {
		return v.Text
	}
	if v.Text != "" && (v.Text[0] == '{' || v.Text[0] == '[') {
		return script.JSON(v.Text)
	}
	var plain any
	if json.Unmarshal([]byte(v.Text), &plain) != nil {
		return v.Text
	}
	return plain
}

// valueOf returns what a script has set.
func valueOf(value any) vars.Value {
	switch v := value.(type) {
	case nil:
		return vars.Value{}
	case string:
		return vars.Value{Text: v}
	case script.JSON:
		return vars.Value{Text: string(v), JSON: true}
	default:
		text, err := json.Marshal(v)
		if err != nil { // NaN and the infinities, which JSON has no word for
			return vars.Value{}
		}
		return vars.Value{Text: string(text), JSON: true}
	}
}

// secretName reports whether a variable holds a secret by its name: accessToken, api_key, but not token_url.
func secretName(name string) bool {
	if vars.SecretParameter(name) {
		return true
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z':
			return r
		}
		return -1
	}, name)
	for _, about := range []string{"url", "uri", "endpoint", "type", "expiry", "expires", "expiresin", "expiresat", "expiration", "ttl", "name", "id", "count", "length", "time", "date", "scope"} {
		if strings.HasSuffix(plain, about) {
			return false
		}
	}
	for _, word := range []string{"token", "secret", "password", "passwd", "apikey", "privatekey", "assertion", "credential", "jwt", "bearer", "authorization"} {
		if strings.Contains(plain, word) {
			return true
		}
	}
	return false
}
