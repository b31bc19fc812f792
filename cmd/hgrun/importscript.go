package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/collections/importers/translate"
	"github.com/hgrun/hgrun/internal/source"
)

// declared turns a script of Postman into declarations.
func declared(s importers.Source) importers.Declared {
	text, err := source.Write(s.Request, nil)
	script := translate.Script{Listen: s.Listen, Text: s.Text, Lines: s.Lines}
	r := translate.Translate(script, translate.Context{
		Request: s.Name, Next: s.Next, Last: s.Next == "" && !s.Shared, Replaces: s.Replace, Around: s.Around, Hidden: s.Hidden,
		Uses: func(name string) bool { return err != nil || strings.Contains(string(text), "{{"+name) },
	})
	keys := s.Request.Mapping()
	for _, part := range []struct {
		key     string
		entries []translate.Entry
	}{{"set", r.Set}, {"expect", r.Expect}, {"capture", r.Capture}} {
		if len(part.entries) > 0 {
			keys = keys.With(part.key, mapping(s.Request, part.entries))
		}
	}
	for _, e := range r.Flow {
		keys = keys.With(e.Key, declaration(s.Request, e))
	}
	names := translate.NamesIn(script)
	d := importers.Declared{Keys: keys, Kept: r.Kept, Class: r.Class, Names: importers.Names(names), Assertion: r.Assertion}
	if r.Token != nil {
		token := importers.Token(*r.Token)
		d.Token = &token
	}
	for _, n := range r.Notes {
		d.Reasons = append(d.Reasons, fmt.Sprintf("line %d %s: %s", n.Line, n.Kind, n.Reason))
	}
	return d
}

func mapping(at source.Node, entries []translate.Entry) source.Node {
	made := at.Mapping()
	for _, e := range entries {
		made = made.With(e.Key, declaration(at, e))
	}
	return made
}

// declaration is the value of an entry, with its comment.
func declaration(at source.Node, e translate.Entry) source.Node {
	made := valueNode(at, e.Value)
	if strings.TrimSpace(e.Comment) != "" {
		made = made.Noted(e.Comment)
	}
	return made
}

func valueNode(at source.Node, v any) source.Node {
	switch v := v.(type) {
	case []translate.Entry:
		return mapping(at, v)
	case []any:
		items := make([]source.Node, len(v))
		for i, item := range v {
			items[i] = valueNode(at, item)
		}
		return at.List(items...)
	case bool:
		return at.Word(fmt.Sprint(v))
	case json.Number:
		return at.Word(v.String())
	case nil:
		return at.Word("null")
	}
	return at.Scalar(fmt.Sprint(v))
}
