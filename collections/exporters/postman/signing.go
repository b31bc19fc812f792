package postman

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// signed is a type of auth that signs requests: its name, and its parameters with the fields that they come from.
type signed struct {
	kind   string
	params [][2]string
}

// signings is the table of the types that sign.
func signings() map[string]signed {
	return map[string]signed{
		"digest": {"digest", [][2]string{{"username", "username"}, {"password", "password"}, {"realm", "realm"}, {"nonce", "nonce"}, {"algorithm", "algorithm"},
			{"qop", "qop"}, {"nonceCount", "nonce_count"}, {"clientNonce", "client_nonce"}, {"opaque", "opaque"}}},
		"aws_sigv4": {"awsv4", [][2]string{{"accessKey", "access_key"}, {"secretKey", "secret_key"}, {"sessionToken", "session_token"}, {"region", "region"},
			{"service", "service"}}},
		"hawk": {"hawk", [][2]string{{"authId", "id"}, {"authKey", "key"}, {"algorithm", "algorithm"}, {"extraData", "ext"}, {"app", "app"}, {"delegation", "dlg"},
			{"timestamp", "timestamp"}, {"nonce", "nonce"}, {"includePayloadHash", "payload_hash"}}},
		"oauth1": {"oauth1", [][2]string{{"consumerKey", "consumer_key"}, {"consumerSecret", "consumer_secret"}, {"privateKey", "private_key"}, {"token", "token"},
			{"tokenSecret", "token_secret"}, {"signatureMethod", "signature_method"}, {"realm", "realm"}, {"callback", "callback"}, {"verifier", "verifier"},
			{"nonce", "nonce"}, {"timestamp", "timestamp"}, {"version", "version"}, {"includeBodyHash", "body_hash"}, {"addEmptyParamsToSign", "empty_params"}}},
		"edgegrid": {"edgegrid", [][2]string{{"clientToken", "client_token"}, {"clientSecret", "client_secret"}, {"accessToken", "access_token"},
			{"headersToSign", "headers"}, {"maxBodySize", "max_body"}, {"timestamp", "timestamp"}, {"nonce", "nonce"}}},
		"ntlm": {"ntlm", [][2]string{{"username", "username"}, {"password", "password"}, {"domain", "domain"}, {"workstation", "workstation"}}},
		"jwt":  {"jwt", [][2]string{{"algorithm", "alg"}, {"payload", "claims"}, {"header", "header"}, {"headerPrefix", "prefix"}, {"queryParamKey", "parameter"}}},
		"asap": {"asap", [][2]string{{"iss", "iss"}, {"aud", "aud"}, {"privateKey", "key"}, {"kid", "kid"}, {"alg", "alg"}, {"sub", "sub"}, {"claims", "claims"}}},
	}
}

// signing writes an auth that signs; nil where Postman has no counterpart.
func (x *exporter) signing(e source.Entry, fields map[string]string) *auth {
	s, ok := signings()[e.Name()]
	if !ok {
		x.left(e, "auth")
		return nil
	}
	for _, f := range entries(e.Value) {
		switch {
		case f.Value.IsList(): // of names
			var names []string
			for _, item := range f.Value.Items() {
				names = append(names, item.Text())
			}
			fields[f.Name()] = strings.Join(names, ",")
		case f.Value.IsMap():
			fields[f.Name()] = x.json(f.Value, 0)
		}
	}
	a := &auth{kind: s.kind}
	for _, p := range s.params {
		a.add(p[0], fields[p[1]])
	}
	a.place(fields)
	return a
}

// place adds where the credentials go, and how a JWT has its key.
func (a *auth) place(fields map[string]string) {
	query := fields["in"] == "query"
	switch {
	case a.kind == "oauth1" && (query || fields["in"] == "body"):
		a.add("addParamsToHeader", "false")
	case a.kind == "oauth1":
		a.add("addParamsToHeader", "true")
	case a.kind == "awsv4" && query:
		a.add("addAuthDataToQuery", "true")
	case a.kind == "jwt":
		if query {
			a.add("addTokenTo", "queryParam")
		}
		key := "privateKey"
		if strings.HasPrefix(fields["alg"], "HS") {
			key = "secret"
		}
		a.add(key, fields["key"])
		if fields["key_encoding"] == "base64" {
			a.add("isSecretBase64Encoded", "true")
		}
	}
}
