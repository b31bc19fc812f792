package bruno

import (
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
)

// auth writes the block of a mode.
func (m *importer) auth(f *file, mode string, into *draft.Map) {
	b := f.get("auth:" + mode)
	text := func(key string) string { // of a key that is no secret
		for _, p := range b.pairs {
			if p.key == key && !p.disabled {
				return m.templates(p.pos, p.value)
			}
		}
		return ""
	}
	secret := func(key, name string) string {
		if value := text(key); value != "" {
			return m.draft.Keep(name, value)
		}
		return m.draft.Secret(name, "")
	}
	switch mode {
	case "none":
		into.Set("auth", "none")
	case "basic", "digest":
		into.Set("auth", draft.M(mode, draft.M("username", text("username"), "password", secret("password", "password"))))
	case "bearer":
		into.Set("auth", draft.M("bearer", secret("token", "token")))
	case "apikey":
		key := draft.M("name", text("key"), "value", secret("value", "api_key"))
		if strings.HasPrefix(text("placement"), "query") {
			key.Set("in", "query")
		}
		into.Set("auth", draft.M("api_key", key))
	case "awsv4":
		aws := draft.M("access_key", text("accessKeyId"), "secret_key", secret("secretAccessKey", "aws_secret_key"))
		if text("sessionToken") != "" {
			aws.Set("session_token", secret("sessionToken", "aws_session_token"))
		}
		aws.SetSome("region", text("region"))
		aws.SetSome("service", text("service"))
		into.Set("auth", draft.M("aws_sigv4", aws))
	case "oauth2":
		m.oauth2(b, into, text, secret)
	default:
		m.draft.Note(b.pos, "auth of the kind %s has no counterpart that could be written for you; it is left out", mode)
	}
}

func (m *importer) oauth2(b *block, into *draft.Map, text func(string) string, secret func(string, string) string) {
	grant := map[string]string{"client_credentials": "client-credentials", "password": "password", "authorization_code": "authorization-code"}[b.value("grant_type")]
	if grant == "" {
		m.draft.Note(b.pos, "the grant %s gives tokens to browsers alone; get one there and set it as a secret", b.value("grant_type"))
		into.Set("auth", draft.M("bearer", m.draft.Secret("token", "")))
		return
	}
	block := draft.M("grant", grant, "token_url", m.draft.Origin(text("access_token_url")), "client_id", text("client_id"))
	if text("client_secret") != "" {
		block.Set("client_secret", secret("client_secret", "client_secret"))
		if text("credentials_placement") == "body" {
			block.Set("client_auth", "post")
		}
	}
	if grant == "password" {
		block.Set("username", text("username"))
		block.Set("password", secret("password", "password"))
	}
	if grant == "authorization-code" {
		block.Set("authorization_url", m.draft.Origin(text("authorization_url")))
		block.SetSome("redirect_uri", text("callback_url"))
	}
	block.SetSome("scope", text("scope"))
	if refresh := text("refresh_token_url"); refresh != "" && refresh != text("access_token_url") {
		block.Set("refresh_url", m.draft.Origin(refresh))
	}
	into.Set("auth", draft.M("oauth2", block))
}
