package curl

import (
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
)

// set writes the options that are settings of a request or of the environment.
func (r *request) set(item *draft.Map) {
	if w, ok := r.settings["timeout"]; ok {
		item.Set("timeout", w.text+"s")
	}
	for _, key := range []string{"follow_redirects", "retry"} {
		if w, ok := r.settings[key]; ok {
			r.number(item, key, w)
		}
	}
	env := r.draft.Environments[0]
	if w, ok := r.settings["insecure"]; ok {
		env.More.Map("tls").Set("insecure", true)
		r.draft.Note(w.pos, "-k is tls: {insecure: true} of the environment, for all requests; give tls: {ca: FILE} instead where you can")
	}
	for _, key := range []string{"ca", "certificate", "key"} {
		if w, ok := r.settings[key]; ok {
			file, _, _ := strings.Cut(w.text, ":") // a passphrase stands behind
			env.More.Map("tls").Set(key, draft.Literal(file))
			r.draft.Note(w.pos, "%s is %s: of tls in the environment, for all requests, relative to that file", file, key)
		}
	}
	if w, ok := r.settings["proxy"]; ok {
		address := w.text
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		if strings.Contains(address, mark) || strings.Contains(address, "@") {
			r.draft.Note(w.pos, "the proxy is left out, because it holds a variable or a password; write proxy: in the environment")
			return
		}
		env.More.Set("proxy", address)
	}
}

// number writes a whole number; curl's -1 is no bound, which needs no setting.
func (r *request) number(item *draft.Map, key string, w word) {
	if strings.Trim(w.text, "0123456789") != "" || w.text == "" || len(w.text) > 4 {
		r.draft.Note(w.pos, "%s %s is left out; want a whole number", key, w.text)
		return
	}
	n := 0
	for _, c := range w.text {
		n = 10*n + int(c-'0')
	}
	if n == 0 && key == "follow_redirects" {
		item.Set(key, false)
		return
	}
	if n > 0 {
		item.Set(key, n)
	}
}
