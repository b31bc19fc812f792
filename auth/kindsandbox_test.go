package auth_test

import (
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/sandbox"
)

func TestTheSandboxTakesEveryKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, yaml string }{
		{"digest", `digest: {username: "{{kinds_username}}", password: "{{kinds_password}}"}`},
		{"digest/md5?a=b&c=d%20e", `digest: {username: "{{kinds_username}}", password: "{{kinds_password}}"}`},
		{"digest/sess", `digest: {username: "{{kinds_username}}", password: "{{kinds_password}}"}`},
		{"digest/int", `digest: {username: "{{kinds_username}}", password: "{{kinds_password}}", realm: kinds}`},
		{"digest/old", `digest: {username: "{{kinds_username}}", password: "{{kinds_password}}"}`},
		{"oauth1?a=b&c=d%20e&a=%2F", `oauth1: {consumer_key: "{{kinds_key_id}}", consumer_secret: "{{kinds_key}}"}`},
		{"oauth1/query?c", `oauth1: {consumer_key: "{{kinds_key_id}}", consumer_secret: "{{kinds_key}}", in: query, signature_method: HMAC-SHA512}`},
		{"oauth1/plain", `oauth1: {consumer_key: "{{kinds_key_id}}", consumer_secret: "{{kinds_key}}", signature_method: PLAINTEXT, empty_params: true, realm: kinds}`},
		{"oauth1/rsa", `oauth1: {consumer_key: "{{kinds_key_id}}", private_key: "{{kinds_private_key}}", signature_method: RSA-SHA1, body_hash: true}`},
		{"aws/a%20b/c?a=b&c=d%20e&a=%2F", `aws_sigv4: {access_key: "{{kinds_key_id}}", secret_key: "{{kinds_key}}", region: eu-west-1}`},
		{"aws/s3/a%2Fb?list", `aws_sigv4: {access_key: "{{kinds_key_id}}", secret_key: "{{kinds_key}}", service: s3}`},
		{"aws/s3/unsigned", `aws_sigv4: {access_key: "{{kinds_key_id}}", secret_key: "{{kinds_key}}", service: s3, unsigned_payload: true, session_token: tok-en}`},
		{"aws/query?b=c", `aws_sigv4: {access_key: "{{kinds_key_id}}", secret_key: "{{kinds_key}}", in: query, expires: 5m}`},
		{"aws/s3/query?b=c", `aws_sigv4: {access_key: "{{kinds_key_id}}", secret_key: "{{kinds_key}}", in: query, service: s3}`},
		{"jwt", `jwt: {alg: HS256, key: "{{kinds_key}}", claims: {iss: "{{kinds_key_id}}"}, lifetime: 60s}`},
		{"jwt/query?a=b", `jwt: {alg: RS512, key: "{{kinds_private_key}}", claims: '{"iss":"{{kinds_key_id}}"}', in: query}`},
		{"asap", `asap: {iss: "{{kinds_key_id}}", aud: kinds, kid: "{{kinds_key_id}}/1", key: "{{kinds_private_key}}"}`},
		{"hawk?a=b%20c", `hawk: {id: "{{kinds_key_id}}", key: "{{kinds_key}}", payload_hash: true, ext: some-thing}`},
		{"hawk/app", `hawk: {id: "{{kinds_key_id}}", key: "{{kinds_key}}", app: my-app, dlg: somebody}`},
		{"edgegrid?a=b%20c", `edgegrid: {client_token: "{{kinds_key_id}}", client_secret: "{{kinds_key}}", access_token: "{{kinds_access_token}}"}`},
		{"ntlm", `ntlm: {username: "{{kinds_username}}", password: "{{kinds_password}}", domain: KINDS}`},
	} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			e := newEstate(sandbox.Options{Servers: sandbox.Servers{Kinds: true}})
			at, err := value(e, "kinds_url")
			if err != nil {
				t.Fatal(err)
			}
			a := read(t, c.yaml)
			for range 3 { // each with a count, a nonce or a time of its own
				if got := e.get(t, a, at+"/"+c.at); got != 200 {
					t.Fatalf("got %d, want 200\n%s", got, e.reason())
				}
			}
			for _, name := range []string{"kinds_password", "kinds_key"} {
				wrong := strings.ReplaceAll(c.yaml, "{{"+name+"}}", "not the secret at all")
				if wrong != c.yaml {
					if got := e.get(t, read(t, wrong), at+"/"+c.at); got != 401 || !strings.Contains(e.reason(), string(sandbox.WrongSignature)) {
						t.Errorf("got %d with a wrong %s, want 401 for a wrong signature\n%s", got, name, e.reason())
					}
				}
			}
		})
	}
}

func value(e *estate, name string) (string, error) {
	v, err := e.session.Scope.Lookup(name)
	return v.Text, err
}
