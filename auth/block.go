package auth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// textKey is a key of a kind whose block is a mapping of texts.
type textKey struct {
	name   string
	needed bool
	secret bool     // hidden before anything is done with it
	words  []string // that it may be; nil for any text
}

// block is the mapping of a kind. Variables may change each of its texts.
type block struct {
	kind  string
	pos   source.Pos
	keys  []textKey
	texts []vars.Template // in the order of keys; zero for those that are left out
	at    []source.Pos    // of the texts
}

// readBlock reads the mapping of a kind; more are its keys that are no texts, nil for none.
func readBlock(n source.Node, kind string, keys []textKey, more source.Keys) block {
	b := block{kind: kind, pos: n.Pos(), keys: keys, texts: make([]vars.Template, len(keys)), at: make([]source.Pos, len(keys))}
	table := source.Keys{}
	for name, read := range more {
		table[name] = read
	}
	for i, k := range keys {
		table[k.name] = func(n source.Node) {
			b.at[i] = n.Pos()
			b.texts[i].Read(n)
			if k.words != nil && b.texts[i].Static() && b.texts[i].String() != "" && !slices.Contains(k.words, b.texts[i].String()) {
				n.Errorf("unknown value %q; %s", b.texts[i].String(), source.Suggest(b.texts[i].String(), k.words))
			}
		}
	}
	n.Map(table)
	for _, k := range keys {
		if n.IsMap() && k.needed && !n.Has(k.name) {
			n.Errorf(`%s needs %s; add %s: "{{%s}}"`, kind, k.name, k.name, k.name)
		}
	}
	return b
}

// Uses returns the names in all texts.
func (b *block) Uses() []vars.Use {
	var uses []vars.Use
	for _, t := range b.texts {
		uses = append(uses, t.Uses()...)
	}
	return uses
}

// String returns the kind.
func (b *block) String() string { return b.kind }

// values are the texts of a block with the variables filled in.
type values struct {
	*block
	texts []string
}

// expand fills in the variables and hides what is secret.
func (b *block) expand(s *vars.Scope) (values, error) {
	v := values{b, make([]string, len(b.keys))}
	for i, k := range b.keys {
		if b.texts[i].IsZero() {
			continue
		}
		text, err := b.texts[i].Expand(s)
		if err != nil {
			return values{}, err
		}
		if k.secret {
			s.Hide(k.name, text)
		}
		v.texts[i] = text
	}
	for i, k := range b.keys {
		switch text := v.texts[i]; {
		case text == "" && k.needed:
			return values{}, b.at[i].Errorf("%s is empty", k.name)
		case text != "" && k.words != nil && !slices.Contains(k.words, text):
			return values{}, b.at[i].Errorf("unknown %s %q; %s", k.name, text, source.Suggest(text, k.words))
		}
	}
	return v, nil
}

// text returns the text of a key, empty where it is left out.
func (v values) text(name string) string { return v.texts[v.index(name)] }

// or returns the text of a key, or another where it is empty.
func (v values) or(name, other string) string {
	if text := v.text(name); text != "" {
		return text
	}
	return other
}

// place returns the place of a key, or of the block where it is left out.
func (b *block) place(name string) source.Pos {
	if at := b.at[b.index(name)]; at != (source.Pos{}) {
		return at
	}
	return b.pos
}

func (b *block) index(name string) int {
	return slices.IndexFunc(b.keys, func(k textKey) bool { return k.name == name })
}

// printable refuses texts that no header can carry, before they are hashed into one.
func (v values) printable(names ...string) error {
	for _, name := range names {
		if text := v.text(name); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return v.place(name).Errorf("%s has a line break or another control character; trim it: {{name | trim}}", name)
		}
	}
	return nil
}

// free refuses a header that was written by hand.
func (b *block) free(req *wire.Request, names ...string) error {
	for _, name := range names {
		if _, taken := req.Header[name]; taken {
			return b.pos.Errorf("the request has the header %s of its own, and auth: %s would write another; remove it, or give the request auth: none", name, b.kind)
		}
	}
	return nil
}

// quoted writes a text as a quoted-string (RFC 9110, section 5.6.4).
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// pairs joins name="value" parameters of an Authorization header.
func pairs(list ...[2]string) string {
	var b strings.Builder
	for _, p := range list {
		if p[1] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%s", p[0], p[1])
	}
	return b.String()
}
