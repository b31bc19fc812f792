package importers

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// signing is the table of the types of auth that sign requests. What they leave out has the same default here.
func signing() map[string]func(*importer, source.Node, parameters) (string, source.Node) {
	return map[string]func(*importer, source.Node, parameters) (string, source.Node){
		"asap":     asap,
		"awsv4":    awsV4,
		"digest":   digest,
		"edgegrid": edgeGrid,
		"hawk":     hawk,
		"jwt":      jwt,
		"ntlm":     ntlm,
		"oauth1":   oauth1,
	}
}

func digest(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	made := ps.need(ps.need(n.Mapping(), "username", "username"), "password", "password")
	realm, nonce := ps.text("realm"), ps.text("nonce")
	if realm != "" {
		made = ps.add(made, "realm", "realm")
		if nonce != "" { // a challenge that is known already
			made = ps.add(ps.add(ps.add(made, "nonce", "nonce"), "opaque", "opaque"), "nonce_count", "nonceCount")
		}
	}
	if ps.text("algorithm") != "MD5" { // Postman's default says nothing
		made = ps.add(made, "algorithm", "algorithm")
	}
	return "digest", ps.add(ps.add(made, "qop", "qop"), "client_nonce", "clientNonce")
}

func awsV4(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	made := ps.need(ps.need(n.Mapping(), "access_key", "accessKey"), "secret_key", "secretKey")
	made = ps.add(ps.add(ps.add(made, "session_token", "sessionToken"), "region", "region"), "service", "service")
	if ps.text("addAuthDataToQuery") == "true" {
		made = made.With("in", n.Scalar("query"))
	}
	return "aws_sigv4", made
}

func oauth1(im *importer, n source.Node, ps parameters) (string, source.Node) {
	made := ps.need(n.Mapping(), "consumer_key", "consumerKey")
	method := ps.text("signatureMethod")
	if strings.HasPrefix(method, "RSA-") {
		made = ps.add(made, "private_key", "privateKey")
	} else {
		made = ps.need(made, "consumer_secret", "consumerSecret")
	}
	made = ps.add(ps.add(made, "token", "token"), "token_secret", "tokenSecret")
	if method != "" && method != "HMAC-SHA1" {
		made = ps.add(made, "signature_method", "signatureMethod")
	}
	if ps.text("addParamsToHeader") == "false" {
		made = made.With("in", n.Scalar("query"))
		im.note(ps["addParamsToHeader"], "the parameters of oauth1 go into the query; of a form, Postman puts them into the body: in: body")
	}
	for _, p := range [][2]string{{"realm", "realm"}, {"callback", "callback"}, {"verifier", "verifier"}, {"nonce", "nonce"}, {"timestamp", "timestamp"}} {
		made = ps.add(made, p[0], p[1])
	}
	for _, p := range [][2]string{{"body_hash", "includeBodyHash"}, {"empty_params", "addEmptyParamsToSign"}} {
		if ps.text(p[1]) == "true" {
			made = made.With(p[0], n.Word("true"))
		}
	}
	if v := ps.text("version"); v != "" && v != "1.0" {
		made = ps.add(made, "version", "version")
	}
	return "oauth1", made
}

func hawk(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	made := ps.need(ps.need(n.Mapping(), "id", "authId"), "key", "authKey")
	for _, p := range [][2]string{{"algorithm", "algorithm"}, {"ext", "extraData"}, {"app", "app"}, {"dlg", "delegation"}, {"timestamp", "timestamp"}, {"nonce", "nonce"}} {
		made = ps.add(made, p[0], p[1])
	}
	if ps.text("includePayloadHash") == "true" {
		made = made.With("payload_hash", n.Word("true"))
	}
	return "hawk", made
}

func edgeGrid(im *importer, n source.Node, ps parameters) (string, source.Node) {
	made := n.Mapping()
	for _, p := range [][2]string{{"client_token", "clientToken"}, {"client_secret", "clientSecret"}, {"access_token", "accessToken"}} {
		made = ps.need(made, p[0], p[1])
	}
	if names := strings.FieldsFunc(ps.text("headersToSign"), func(r rune) bool { return r == ',' || r == ' ' }); len(names) > 0 {
		var items []source.Node
		for _, name := range names {
			items = append(items, n.Scalar(name))
		}
		made = made.With("headers", n.List(items...))
	}
	if ps.text("baseURL") != "" {
		im.note(ps["baseURL"], "the base URL of edgegrid is not needed: what is signed is where the request goes")
	}
	return "edgegrid", ps.add(ps.add(ps.add(made, "max_body", "maxBodySize"), "timestamp", "timestamp"), "nonce", "nonce")
}

func jwt(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	made := n.Mapping().With("alg", n.Scalar(orElse(ps.text("algorithm"), "HS256")))
	if strings.HasPrefix(orElse(ps.text("algorithm"), "HS256"), "HS") {
		made = ps.need(made, "key", "secret")
		if ps.text("isSecretBase64Encoded") == "true" {
			made = made.With("key_encoding", n.Scalar("base64"))
		}
	} else {
		made = ps.need(made, "key", "privateKey")
	}
	made = made.With("claims", ps.object(n, "payload"))
	if header := ps.object(n, "header"); !header.IsMap() || !header.IsEmpty() {
		made = made.With("header", header)
	}
	if where := ps.text("addTokenTo"); where == "queryParam" || where == "queryParams" {
		return "jwt", ps.add(made.With("in", n.Scalar("query")), "parameter", "queryParamKey")
	}
	if prefix, ok := ps["headerPrefix"]; ok && strings.TrimSpace(prefix.Raw()) != "Bearer" {
		made = made.With("prefix", prefix.Scalar(braces(strings.TrimSpace(prefix.Raw()))))
	}
	return "jwt", made
}

// object returns a parameter that is a JSON object in a text: as a mapping, and as text where placeholders stand in it that are no texts.
func (ps parameters) object(at source.Node, name string) source.Node {
	v, ok := ps[name]
	switch {
	case !ok || v.IsScalar() && strings.TrimSpace(v.Raw()) == "":
		return at.Mapping()
	case !v.IsScalar():
		return texts(v, braces)
	}
	if value, ok := v.JSON(v.Raw()); ok && value.IsMap() {
		return texts(value, member)
	}
	return v.Scalar(braces(v.Raw()))
}

func asap(im *importer, n source.Node, ps parameters) (string, source.Node) {
	made := n.Mapping()
	for _, p := range [][2]string{{"iss", "iss"}, {"aud", "aud"}, {"key", "privateKey"}} {
		made = ps.need(made, p[0], p[1])
	}
	made = ps.add(ps.add(ps.add(made, "kid", "kid"), "alg", "alg"), "sub", "sub")
	if exp := ps.text("exp"); exp != "" && exp != "3600" {
		if strings.Contains(exp, "{{") {
			im.note(ps["exp"], "exp of asap is a variable; write its value as lifetime")
		} else {
			made = made.With("lifetime", n.Scalar(exp+"s"))
		}
	}
	if claims := ps.object(n, "claims"); !claims.IsMap() || !claims.IsEmpty() {
		made = made.With("claims", claims)
	}
	return "asap", made
}

func ntlm(_ *importer, n source.Node, ps parameters) (string, source.Node) {
	made := ps.need(ps.need(n.Mapping(), "username", "username"), "password", "password")
	return "ntlm", ps.add(ps.add(made, "domain", "domain"), "workstation", "workstation")
}
