package translate

import (
	"strings"

	"github.com/dop251/goja/ast"
)

// digest is what CryptoJS makes: bytes that are no text yet.
type digest struct {
	of     value
	filter string // that makes its hexadecimal digits
}

func (digest) isValue() {}

// filtered returns a value after a filter of templates, or after a step of then.
func (t *translator) filtered(x ast.Node, v value, filters ...string) (value, error) {
	if f, ok := v.(found); ok && !f.length && !f.isNumber() {
		for _, name := range filters {
			f = f.with(name)
		}
		return f, nil
	}
	s, ok := textOf(v)
	if !ok || s == "" {
		return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
	}
	tm := template{text: s}
	if before, isTemplate := v.(template); isTemplate {
		tm = before
	}
	for _, name := range filters {
		if tm.filters != "" {
			tm.filters += " | "
		}
		tm.filters += name
	}
	return tm, nil
}

// encoded is btoa(x), atob(x) and CryptoJS.enc.Base64.stringify(CryptoJS.enc.Utf8.parse(x)).
func (t *translator) encoded(x *ast.CallExpression, path string, e *env) (value, error) {
	if len(x.ArgumentList) == 0 {
		return nil, t.no(x, "only a script can call "+t.source(x.Callee))
	}
	v, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return nil, err
	}
	filter := map[string]string{"btoa": "base64", "atob": "base64_decode"}[path]
	if path == "CryptoJS.enc.Base64.stringify" {
		filter = "base64"
		switch of := v.(type) {
		case words:
			v = of.of
		case digest:
			return t.filtered(x, of.of, of.filter, "hex_decode", "base64")
		case keyed:
			return segment{of: of}, nil
		default:
			return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
		}
	}
	if of, ok := v.(jsonText); ok && filter == "base64" {
		return segment{of: of}, nil
	}
	return t.filtered(x, v, filter)
}

// crypto is CryptoJS.SHA256(x) and CryptoJS.HmacSHA256(x, key).
func (t *translator) crypto(x *ast.CallExpression, name string, e *env) (value, error) {
	plain := map[string]string{"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}
	keyed := map[string]string{"HmacSHA1": "hmac_sha1", "HmacSHA256": "hmac_sha256", "HmacSHA384": "hmac_sha384", "HmacSHA512": "hmac_sha512"}
	switch {
	case plain[name] != "" && len(x.ArgumentList) == 1:
		v, err := t.eval(x.ArgumentList[0], e)
		return digest{v, plain[name]}, err
	case keyed[name] != "" && len(x.ArgumentList) == 2:
		v, err := t.eval(x.ArgumentList[0], e)
		if err != nil {
			return nil, err
		}
		key, err := t.eval(x.ArgumentList[1], e)
		if err != nil {
			return nil, err
		}
		if isSegmented(v) {
			return t.mac(x, "HS"+strings.TrimPrefix(name, "HmacSHA"), v, key)
		}
		s, ok := textOf(key)
		if _, isVariable := key.(variable); !ok || !isVariable {
			return nil, t.no(x, "a key that is no variable: "+t.source(x.ArgumentList[1])+" "+s)
		}
		return digest{v, keyed[name] + `: "` + s + `"`}, nil
	}
	return nil, t.no(x, "templates have no filter for "+t.source(x.Callee))
}

// digestText is .toString() of a digest: hexadecimal digits, or base64.
func (t *translator) digestText(x *ast.CallExpression, d digest, e *env) (value, error) {
	if len(x.ArgumentList) == 0 {
		return t.filtered(x, d.of, d.filter)
	}
	switch t.libraryPath(x.ArgumentList[0], e) {
	case "CryptoJS.enc.Hex":
		return t.filtered(x, d.of, d.filter)
	case "CryptoJS.enc.Base64":
		return t.filtered(x, d.of, d.filter, "hex_decode", "base64")
	}
	return nil, t.no(x, "only a script can tell what "+t.source(x)+" is")
}
