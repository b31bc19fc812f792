package importers

import (
	"slices"

	"github.com/hgrun/hgrun/internal/source"
)

// behaviour adds what protocolProfileBehavior says. What has no counterpart is a note.
func (im *importer) behaviour(made, b source.Node, in around) (source.Node, around) {
	if !b.IsMap() {
		return made, in
	}
	var follow source.Node
	redirects := false
	for _, e := range b.Entries() {
		value := e.Value.Raw()
		switch e.Name() {
		case "followRedirects":
			if !redirects || value == "false" {
				follow, redirects = e.Value.Word(value), true
			}
		case "maxRedirects":
			if !redirects {
				follow, redirects = e.Value.Word(value), true
			}
		case "disableBodyPruning":
			in.unpruned = value == "true"
		case "strictSSL":
			if value == "false" {
				im.note(e.Key, "strictSSL: false is of the environment here: tls: {insecure: true}, or --insecure")
			}
		default:
			im.unknownBehaviour(e)
		}
	}
	if redirects {
		made = made.With("follow_redirects", follow)
	}
	return made, in
}

// unknownBehaviour notes what has no counterpart, unless it says what holds anyway.
func (im *importer) unknownBehaviour(e source.Entry) {
	idle := []string{"disableCookies", "disableUrlEncoding", "insecureHTTPParser", "followOriginalHttpMethod", "followAuthorizationHeader",
		"removeRefererHeaderOnRedirect", "tlsPreferServerCiphers"}
	value := e.Value.Raw()
	if slices.Contains(idle, e.Name()) && value != "true" || !e.Value.IsScalar() && e.Value.IsEmpty() || e.Name() == "protocolVersion" && value == "auto" {
		return
	}
	im.note(e.Key, e.Name()+" has no counterpart and no effect")
}
