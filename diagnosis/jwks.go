package diagnosis

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// publishedKey is what a JWKS says of a key besides the key.
type publishedKey struct{ kid, alg, thumbprint string }

// publishedSet is the keys of a JWKS; empty for a text that is none.
type publishedSet []publishedKey

// publishedKeys reads a JWKS, or a single JWK.
func publishedKeys(text string) publishedSet {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil
	}
	var set struct{ Keys []map[string]any }
	if json.Unmarshal([]byte(text), &set) != nil {
		return nil
	}
	if set.Keys == nil {
		var single map[string]any
		if json.Unmarshal([]byte(text), &single) != nil || single["kty"] == nil {
			return nil
		}
		set.Keys = []map[string]any{single}
	}
	var list publishedSet
	for _, k := range set.Keys {
		kid, _ := k["kid"].(string)
		alg, _ := k["alg"].(string)
		list = append(list, publishedKey{kid, alg, thumbprint(k)})
	}
	return list
}

// thumbprint is that of RFC 7638, shortened; of the public members alone, so that it is the same for both halves.
func thumbprint(k map[string]any) string {
	members := map[any][]string{"RSA": {"e", "kty", "n"}, "EC": {"crv", "kty", "x", "y"}, "OKP": {"crv", "kty", "x"}}[k["kty"]]
	if members == nil {
		return ""
	}
	public := map[string]any{} // encoding/json writes its members in order
	for _, m := range members {
		public[m] = k[m]
	}
	text, err := json.Marshal(public)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])[:11]
}

func (s publishedSet) names(kid string) bool {
	for _, k := range s {
		if k.kid == kid {
			return true
		}
	}
	return false
}

// alg returns what the set says of the algorithm of a key, or of its only key.
func (s publishedSet) alg(kid string) string {
	for _, k := range s {
		if kid != "" && k.kid == kid || kid == "" && len(s) == 1 {
			return k.alg
		}
	}
	return ""
}

func (s publishedSet) list() string {
	var all []string
	for i, k := range s {
		if i == 6 {
			all = append(all, "…")
			break
		}
		text := quote(clip(k.kid, 60))
		if k.kid == "" {
			text = "a key without kid"
		}
		if k.thumbprint != "" {
			text += " (thumbprint " + k.thumbprint + "…)"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
