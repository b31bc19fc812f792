package importers

import (
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// signing is the table of the types of auth that sign requests. What they leave out has the same default here.
func signing() map[string]func(*importer, source.Node, parameters) (string, source.Node) {
	return map[string]func(*importer, source.Node, parameters) (string, source.Node){
		"awsv4":  awsV4,
		"digest": digest,
		"oauth1": oauth1,
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
