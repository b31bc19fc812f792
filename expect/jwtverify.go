package expect

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// jwtKey is what the signature of a JWT is verified with.
type jwtKey struct {
	pos      source.Pos
	key      vars.Template // PEM, JWK, JWKS or a shared secret
	encoding string        // of a shared secret; empty means raw
	file     string        // that has the key; empty for none
	text     string        // what is in the file
	verify   func(token, key, encoding string) error
}

// keys are those of the mapping verify:.
func (k *jwtKey) keys() source.Keys {
	return source.Keys{
		"key":      k.key.Read,
		"encoding": source.OneOf(&k.encoding, "raw", "base64", "base64url", "hex"),
		"file": func(n source.Node) {
			if k.file = n.Text(); strings.Contains(k.file, "{{") {
				n.Errorf("the file is read with the collection, before any variable has a value; write its name without {{}}")
				k.file = ""
			}
		},
	}
}

// readVerify reads a key, or a mapping. It returns the zero Predicate after recording a problem.
func (t Terms) readVerify(n source.Node) Predicate {
	k := &jwtKey{pos: n.Pos()}
	if n.IsScalar() {
		k.key.Read(n)
	} else {
		n.Map(k.keys())
	}
	switch {
	case n.IsScalar() && (n.Text() == "true" || n.Text() == ""):
		n.Errorf("verified with which key? write verify: \"{{jwks}}\", or verify: {file: jwks.json}")
		return Predicate{}
	case k.key.IsZero() && k.file == "":
		if n.IsMap() && !n.Has("key") && !n.Has("file") {
			n.Errorf("verified with which key? name key (PEM, JWK, JWKS or a shared secret) or file")
		}
		return Predicate{}
	case !k.key.IsZero() && k.file != "":
		n.Errorf("the key stands in a file or here, not both")
		return Predicate{}
	}
	*t.files = append(*t.files, k)
	return Predicate{pos: n.Pos(), compile: k.ready, uses: k.key.Uses()}
}

// load reads the file, and learns from the files how signatures are verified.
func (k *jwtKey) load(files *Files) error {
	k.verify = files.Verify
	if k.file == "" {
		return nil
	}
	data, err := files.read(k.file)
	if err != nil {
		return k.pos.Errorf("%s: %w", k.file, err)
	}
	k.text = string(data)
	return nil
}

func (k *jwtKey) ready(s *vars.Scope) (matcher, error) {
	if k.verify == nil {
		return nil, k.pos.Errorf("signatures cannot be verified here")
	}
	if k.file != "" {
		return signedBy{k.verify, k.text, k.encoding}, nil
	}
	text, err := k.key.Expand(s)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, k.pos.Errorf("the key is empty")
	}
	return signedBy{k.verify, text, k.encoding}, nil
}

// signedBy holds for a JWT whose signature a key verifies. Neither the key nor the JWT is ever shown.
type signedBy struct {
	verify        func(token, key, encoding string) error
	key, encoding string
}

func (s signedBy) judge(v value) verdict {
	if v.kind != text {
		return unfit
	}
	return of(s.verify(v.text, s.key, s.encoding) == nil)
}

func (s signedBy) want(what string, not bool) string { return to(what, "be signed by the key", not) }

func (s signedBy) explain(v value, _ bool) string {
	if v.kind == absent {
		return ""
	}
	if err := s.verify(v.text, s.key, s.encoding); err != nil {
		return err.Error()
	}
	return "got a signature by the key"
}
