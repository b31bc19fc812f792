package hgrun_test

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/docs/schema"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// tree is where drawn files are loaded from, with the files that they name.
func tree(text []byte) fstest.MapFS {
	return fstest.MapFS{"f.yaml": {Data: text}, "a.json": {Data: []byte(`[{"a": 1}]`)}, "a": {Data: []byte("a\n1\n")}}
}

// meaning is what a file says, without its places: what was loaded, or what is wrong with it.
func meaning(kind string, text []byte) (said string, loads bool) {
	var loaded any
	var err error
	if kind == "environment" {
		loaded, err = environments.Load(tree(text), "f.yaml")
	} else {
		var c *collections.Collection
		c, err = collections.Load(tree(text), "f.yaml", collections.Options{})
		loaded = c
		if err == nil {
			err = c.Check(vars.NewScope(nil))
		}
	}
	if err == nil {
		d := dump{seen: map[uintptr]bool{}}
		d.value(reflect.ValueOf(loaded))
		return d.b.String(), true
	}
	var problems source.Problems
	if !errors.As(err, &problems) {
		return err.Error(), false
	}
	return fmt.Sprintf("%d problems", len(problems)), false // of two keys that exclude each other, the second one is told
}

// dump writes a value and all that it leads to, fields that are not exported too. Places in files are left out, and so are
// functions, of which nothing can be known.
type dump struct {
	b    strings.Builder
	seen map[uintptr]bool
}

func (d *dump) value(v reflect.Value) {
	if v.IsValid() && (strings.HasSuffix(v.Type().PkgPath(), "internal/source") || v.Type() == reflect.TypeFor[fstest.MapFS]()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || d.seen[v.Pointer()] {
			d.b.WriteString("^")
			return
		}
		d.seen[v.Pointer()] = true
		if v.Type() == reflect.TypeFor[*regexp.Regexp]() {
			d.value(v.Elem().FieldByName("expr"))
			return
		}
		d.value(v.Elem())
	case reflect.Interface:
		if !v.IsNil() {
			d.b.WriteString(v.Elem().Type().String())
			d.value(v.Elem())
		}
	case reflect.Struct:
		d.b.WriteString("{")
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "marks" { // of lines, for --only FILE:LINE
				continue
			}
			d.b.WriteString(v.Type().Field(i).Name + ": ")
			d.value(v.Field(i))
			d.b.WriteString("\n")
		}
		d.b.WriteString("}")
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			d.value(v.Index(i))
			d.b.WriteString(", ")
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(k, l reflect.Value) int { return strings.Compare(fmt.Sprint(k), fmt.Sprint(l)) })
		for _, key := range keys {
			d.value(key)
			d.b.WriteString(" ")
			d.value(v.MapIndex(key))
			d.b.WriteString("\n")
		}
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Invalid, reflect.Uintptr:
	default:
		fmt.Fprintf(&d.b, "%v", v)
	}
}

func firstDifference(a, b string) string {
	was, is := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			return fmt.Sprintf("%q is now %q, after %q", was[i], is[i], was[max(0, i-5):i])
		}
	}
	return fmt.Sprintf("%d lines are now %d", len(was), len(is))
}

// TestAFormattedFileMeansTheSame formats drawn files: it has to be done after once, and nothing may be another.
func TestAFormattedFileMeansTheSame(t *testing.T) {
	t.Parallel()
	for kind, of := range map[string]struct {
		schema []byte
		layout *source.Layout
	}{"collection": {schema.Collection(), collections.Layout()}, "environment": {schema.Environment(), environments.Layout()}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := newArtist(t, of.schema, 11)
			loading, all, enough := 0, 250, 5
			for i := 0; i < all || loading < enough && i < 8*all; i++ {
				text := newPen(a.r).page(a.file())
				once, err := source.Format("f.yaml", []byte(text), of.layout)
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				twice, err := source.Format("f.yaml", once, of.layout)
				if err != nil || string(once) != string(twice) {
					t.Fatalf("%v: formatted a second time: %s\nfirst\n%s\nof\n%s", err, firstDifference(string(once), string(twice)), once, text)
				}
				before, loads := meaning(kind, []byte(text))
				if after, _ := meaning(kind, once); before != after {
					t.Fatalf("it means something else: %s\nformatted from\n%s\nto\n%s", firstDifference(before, after), text, once)
				}
				if loads {
					loading++
				}
			}
			if loading < enough {
				t.Errorf("%d of %d files load, want %d: whether they mean the same was hardly asked", loading, 8*all, enough)
			}
		})
	}
}
