package translate

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
)

// jsonText is an object that was written as JSON.
type jsonText struct{ of literal }

// signed is the JWT that the script signs, as the block of ours that stands in translator.jwt.
type signed struct{}

// jwtHere stands in texts where that JWT does.
const jwtHere = "{{$assertion}}"

func (jsonText) isValue() {}
func (signed) isValue()   {}

// libraryNames are what jsrsasign defines when its text is evaluated.
func libraryNames() []string {
	return []string{"KJUR", "KEYUTIL", "hextob64", "b64utohex", "rstrtohex", "utf8tob64u"}
}

// isLibrary reports whether a statement evaluates the text of a library that a variable holds.
func isLibrary(st ast.Statement) bool {
	ex, ok := st.(*ast.ExpressionStatement)
	if !ok {
		return false
	}
	call, ok := ex.Expression.(*ast.CallExpression)
	if !ok || len(call.ArgumentList) != 1 {
		return false
	}
	id, ok := call.Callee.(*ast.Identifier)
	return ok && id.Name == "eval"
}

// library is eval(pm.globals.get("jsrsasign")): what it defines is known, and signing needs no library here.
func (t *translator) library(x *ast.CallExpression, e *env, u *unit) error {
	v, err := t.eval(x.ArgumentList[0], e)
	if err != nil {
		return err
	}
	uses := false
	for _, other := range t.units {
		uses = uses || namesIn(other.stmt)["KJUR"]
	}
	if _, ok := v.(variable); !ok || !uses {
		return t.no(x, "it evaluates a text as a script")
	}
	u.notes = append(u.notes, Note{Kind: Dropped, Reason: "the library that signs JWTs: assertion needs none"})
	return nil
}

// jose is what jsrsasign does: times in seconds, and signing.
func (t *translator) jose(x *ast.CallExpression, path string, e *env) (value, error) {
	switch path {
	case "KJUR.jws.IntDate.getNow":
		return template{text: "{{$timestamp}}", typed: true}, nil
	case "KJUR.jws.IntDate.get":
		if s, ok := firstText(x); ok {
			return intDate(s), nil
		}
	case "KJUR.jws.JWS.sign":
		return t.sign(x, e)
	case "KEYUTIL.getKey": // of a PEM without a password
		if len(x.ArgumentList) != 1 {
			return nil, nil
		}
		if v, err := t.eval(x.ArgumentList[0], e); err == nil {
			if key, ok := v.(variable); ok {
				return key, nil
			}
		}
	}
	return nil, nil
}

func firstText(x *ast.CallExpression) (string, bool) {
	if len(x.ArgumentList) != 1 {
		return "", false
	}
	s, ok := x.ArgumentList[0].(*ast.StringLiteral)
	if !ok {
		return "", false
	}
	return s.Value.String(), true
}

// intDate reads "now", "now + 1hour" and the like; nil for what it does not know.
func intDate(s string) value {
	s = strings.ReplaceAll(s, " ", "")
	rest, ok := strings.CutPrefix(s, "now")
	if !ok {
		return nil
	}
	if rest == "" {
		return template{text: "{{$timestamp}}", typed: true}
	}
	number := strings.TrimRight(rest[1:], "abcdefghijklmnopqrstuvwxyz")
	n, err := json.Number(number).Int64()
	units := map[string]int64{"sec": 1, "min": 60, "hour": 3600, "day": 86400}
	unit := units[strings.TrimSuffix(rest[1:][len(number):], "s")]
	if err != nil || unit == 0 || rest[0] != '+' {
		return nil
	}
	return moment{}.plus(n*unit, "s").now("date_format: unix", true)
}

// sign is KJUR.jws.JWS.sign(algorithm, header, claims, key).
func (t *translator) sign(x *ast.CallExpression, e *env) (value, error) {
	if len(x.ArgumentList) != 4 {
		return nil, t.no(x, "it signs with more than a key")
	}
	var args [4]value
	for i, a := range x.ArgumentList {
		v, err := t.eval(a, e)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	header, okHeader := objectIn(args[1])
	claims, okClaims := objectIn(args[2])
	if !okHeader || !okClaims {
		return nil, t.no(x, "it signs what only a script can tell")
	}
	alg, _ := textOf(args[0])
	if i := find(header, "alg"); alg == "" && i >= 0 {
		alg, _ = header[i].Value.(string)
	}
	key, err := t.keyFor(x, alg, args[3])
	if err != nil {
		return nil, err
	}
	block := append(append([]Entry{{Key: "alg", Value: alg}}, key...), headerOf(header)...)
	return t.signs(x, append(block, claimsOf(claims)...))
}

// signs remembers what the script signs, which is one JWT.
func (t *translator) signs(x ast.Node, block []Entry) (value, error) {
	if t.script.Listen != Prerequest {
		return nil, t.no(x, "a JWT that is signed after the answer")
	}
	if t.jwt != nil && !reflect.DeepEqual(t.jwt, block) {
		return nil, t.no(x, "it signs more than one JWT")
	}
	t.jwt = block
	return signed{}, nil
}

// keyFor returns the key of an algorithm, which is a variable: a private key, or {utf8: secret} and the like. A secret that is a plain text is one that
// jsrsasign takes for hexadecimal digits where it looks like that.
func (t *translator) keyFor(x ast.Node, alg string, v value) ([]Entry, error) {
	key, isVariable := v.(variable)
	l, _ := v.(literal)
	kinds := map[string]string{"utf8": "", "rstr": "", "b64": "base64", "b64u": "base64url", "hex": "hex"}
	written := entriesOf(l.v)
	switch family := strings.TrimRight(alg, "0123456789"); {
	case len(alg) == 5 && slices.Contains([]string{"RS", "PS", "ES"}, family) && isVariable:
		return []Entry{{Key: "key", Value: "{{" + key.name + "}}"}}, nil
	case len(alg) == 5 && family == "HS" && len(written) == 1:
		text, _ := written[0].Value.(string)
		encoding, known := kinds[written[0].Key]
		if !known || !oneName(text) {
			break
		}
		block := []Entry{{Key: "key", Value: text}}
		if encoding != "" {
			block = append(block, Entry{Key: "key_encoding", Value: encoding})
		}
		return block, nil
	case len(alg) == 5 && family == "HS" && isVariable:
		return nil, t.no(x, "a signature by "+alg+", whose key jsrsasign reads in its own way")
	case !isVariable && len(alg) == 5:
		return nil, t.no(x, "it signs with a key that is no variable")
	}
	return nil, t.no(x, "a signature by "+alg+", which only a script can tell")
}

// oneName reports whether a text is exactly one {{name}}.
func oneName(s string) bool {
	return strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}") && strings.Count(s, "{{") == 1 && canBeName(s[2:len(s)-2])
}

// objectIn returns an object, be it written as JSON or not.
func objectIn(v value) ([]Entry, bool) {
	if s, ok := v.(jsonText); ok {
		v = s.of
	}
	l, _ := v.(literal)
	entries, ok := l.v.([]Entry)
	return entries, ok
}

// headerOf puts the fields of a JWT's header where an assertion has them.
func headerOf(fields []Entry) []Entry {
	var block, more []Entry
	for _, f := range fields {
		switch f.Key {
		case "alg":
		case "kid":
			block = append(block, f)
		case "typ":
			if f.Value != "JWT" {
				block = append(block, f)
			}
		default:
			more = append(more, f)
		}
	}
	if find(fields, "typ") < 0 {
		block = append(block, Entry{Key: "typ", Value: nil})
	}
	if len(more) > 0 {
		block = append(block, Entry{Key: "header", Value: more})
	}
	return block
}

// claimsOf leaves to the assertion the claims that it makes anew each time: iat, exp, nbf and jti.
func claimsOf(claims []Entry) []Entry {
	var block, more []Entry
	const now = "{{$timestamp}}"
	for _, c := range claims {
		s, _ := c.Value.(string)
		later := strings.TrimSuffix(strings.TrimPrefix(s, "{{$isoTimestamp | date_add: "), " | date_format: unix}}")
		switch {
		case c.Key == "aud":
			block = append(block, c)
		case c.Key == "iat" && s == now, c.Key == "jti" && s == "{{$guid}}":
		case c.Key == "nbf" && s == now:
			block = append(block, Entry{Key: "not_before", Value: true})
		case c.Key == "exp" && later != s && !strings.Contains(later, " "):
			block = append(block, Entry{Key: "lifetime", Value: later})
		default:
			more = append(more, c)
		}
	}
	if find(claims, "aud") < 0 {
		block = append(block, Entry{Key: "aud", Value: nil})
	}
	if len(more) > 0 {
		block = append(block, Entry{Key: "claims", Value: more})
	}
	return block
}

// later is a time in seconds and a number of them.
func (t *translator) later(a, b value) (value, bool) {
	tm, ok := a.(template)
	l, _ := b.(literal)
	n, isNumber := l.v.(json.Number)
	seconds, err := n.Int64()
	if !ok || !isNumber || err != nil || tm != (template{text: "{{$timestamp}}", typed: true}) {
		return nil, false
	}
	return moment{}.plus(seconds, "s").now("date_format: unix", true), true
}
