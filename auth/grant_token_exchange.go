package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// tokenExchange exchanges one token for another (RFC 8693).
func tokenExchange() grant {
	return grant{
		wire:  "urn:ietf:params:oauth:grant-type:token-exchange",
		also:  []string{"exchange", "on-behalf-of", "obo", "impersonation", "delegation", "sts"},
		needs: []string{"token_url", "subject_token"},
		own: []key{
			{name: "subject_token", secret: true},
			{name: "subject_token_type", check: checkTokenType},
			{name: "actor_token", secret: true},
			{name: "actor_token_type", check: checkTokenType},
			{name: "requested_token_type", check: checkTokenType},
		},
		auth:      "none",
		anonymous: true,
		refused:   "subject_token, which may have ended or be of another subject_token_type",
		fill: func(_ context.Context, x *exchange) error {
			x.form.add("requested_token_type", tokenTypeURI(x.text("requested_token_type")))
			for _, whose := range []string{"subject", "actor"} {
				if token := x.text(whose + "_token"); token != "" {
					x.form.add(whose+"_token", token)
					x.form.add(whose+"_token_type", tokenTypeURI(cmp.Or(x.text(whose+"_token_type"), "access_token")))
				}
			}
			return nil
		},
		judge: judgeIssued,
	}
}

const tokenTypePrefix = "urn:ietf:params:oauth:token-type:"

// tokenTypes are the short names of RFC 8693, section 3.
func tokenTypes() []string {
	return []string{"access_token", "refresh_token", "id_token", "jwt", "saml1", "saml2"}
}

// tokenTypeURI returns the URI of a type of tokens, which may be a short name.
func tokenTypeURI(text string) string {
	if text == "" || strings.Contains(text, ":") {
		return text
	}
	return tokenTypePrefix + text
}

func checkTokenType(text string) error {
	if strings.Contains(text, ":") || slices.Contains(tokenTypes(), text) {
		return nil
	}
	return fmt.Errorf("unknown token type %q, and no URI; %s", text, source.Suggest(text, tokenTypes()))
}

// judgeIssued compares the type of the token that was issued with the one that was wanted.
func judgeIssued(x *exchange, members map[string]json.RawMessage) string {
	issued, _ := text(members["issued_token_type"])
	wanted := x.form.get("requested_token_type")
	switch {
	case issued == "":
		x.note("the answer has no issued_token_type, which RFC 8693, section 2.2.1, requires")
	case wanted != "" && issued != wanted:
		return fmt.Sprintf("with issued_token_type %q, want %q as requested_token_type says", shown(issued), wanted)
	}
	return ""
}
