package curl

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hgrun/hgrun/internal/source"
)

// option is what an option of curl does to a request.
type option struct {
	short byte                     // zero for none
	value bool                     // takes one
	does  func(r *request, w word) // nil: it concerns curl and not the request
	note  string                   // what is told where it has no counterpart
}

// options is the table of those of curl that say something of a request, and of those that do not and are often used.
func options() map[string]option {
	table := map[string]option{
		"request":         {short: 'X', value: true, does: func(r *request, w word) { r.method = w.text }},
		"header":          {short: 'H', value: true, does: (*request).header},
		"data":            {short: 'd', value: true, does: (*request).data},
		"data-ascii":      {value: true, does: (*request).data},
		"data-raw":        {value: true, does: (*request).dataRaw},
		"data-binary":     {value: true, does: (*request).data},
		"data-urlencode":  {value: true, does: (*request).dataEncoded},
		"json":            {value: true, does: (*request).json},
		"form":            {short: 'F', value: true, does: (*request).form},
		"form-string":     {value: true, does: (*request).formString},
		"user":            {short: 'u', value: true, does: func(r *request, w word) { r.user = w.text }},
		"oauth2-bearer":   {value: true, does: func(r *request, w word) { r.setHeader("Authorization", "Bearer "+w.text) }},
		"cookie":          {short: 'b', value: true, does: (*request).cookie},
		"user-agent":      {short: 'A', value: true, does: func(r *request, w word) { r.setHeader("User-Agent", w.text) }},
		"referer":         {short: 'e', value: true, does: func(r *request, w word) { r.setHeader("Referer", strings.TrimSuffix(w.text, ";auto")) }},
		"url":             {value: true, does: func(r *request, w word) { r.urls = append(r.urls, w) }},
		"url-query":       {value: true, does: (*request).query},
		"upload-file":     {short: 'T', value: true, does: func(r *request, w word) { r.upload = w }},
		"get":             {short: 'G', does: func(r *request, _ word) { r.get = true }},
		"head":            {short: 'I', does: func(r *request, _ word) { r.head = true }},
		"max-time":        {short: 'm', value: true, does: func(r *request, w word) { r.settings["timeout"] = w }},
		"max-redirs":      {value: true, does: func(r *request, w word) { r.settings["follow_redirects"] = w }},
		"retry":           {value: true, does: func(r *request, w word) { r.settings["retry"] = w }},
		"insecure":        {short: 'k', does: func(r *request, w word) { r.settings["insecure"] = w }},
		"proxy":           {short: 'x', value: true, does: func(r *request, w word) { r.settings["proxy"] = w }},
		"cacert":          {value: true, does: func(r *request, w word) { r.settings["ca"] = w }},
		"cert":            {short: 'E', value: true, does: func(r *request, w word) { r.settings["certificate"] = w }},
		"key":             {value: true, does: func(r *request, w word) { r.settings["key"] = w }},
		"digest":          {note: "write the kind of auth by hand"},
		"ntlm":            {note: "write the kind of auth by hand"},
		"negotiate":       {note: "write the kind of auth by hand"},
		"aws-sigv4":       {value: true, note: "write the kind of auth by hand"},
		"config":          {short: 'K', value: true, note: "write what that file says as options"},
		"netrc":           {short: 'n', note: "write name and password as auth: basic"},
		"resolve":         {value: true, note: "use the address in the environment's variables"},
		"connect-to":      {value: true, note: "use the address in the environment's variables"},
		"unix-socket":     {value: true, note: "hgrun connects by TCP alone"},
		"cookie-jar":      {short: 'c', value: true},
		"connect-timeout": {value: true},
	}
	aboutCurl(table)
	return table
}

// aboutCurl adds options that say nothing of a request: without a value, then with one.
func aboutCurl(table map[string]option) {
	for _, name := range strings.Fields("compressed:_ location:L location-trusted:_ silent:s show-error:S verbose:v include:i fail:f fail-with-body:_ globoff:g remote-name:O remote-header-name:J no-buffer:N progress-bar:# http1.0:0 http1.1:_ http2:_ http2-prior-knowledge:_ http3:_ basic:_ anyauth:_ ipv4:4 ipv6:6 tlsv1.2:_ tlsv1.3:_ tlsv1:1 sslv2:2 sslv3:3 path-as-is:_ create-dirs:_ no-progress-meter:_ no-keepalive:_ ssl-no-revoke:_ append:a parallel:Z remote-time:R tcp-nodelay:_ raw:_ styled-output:_ retry-connrefused:_ retry-all-errors:_ fail-early:_ post301:_ post302:_ post303:_ disable:q") {
		name, short, _ := strings.Cut(name, ":")
		table[name] = option{short: letter(short)}
	}
	for _, name := range strings.Fields("output:o write-out:w dump-header:D limit-rate:_ retry-delay:_ retry-max-time:_ noproxy:_ max-filesize:_ speed-limit:Y speed-time:y interface:_ ciphers:_ tls-max:_ keepalive-time:_ trace:_ trace-ascii:_ stderr:_ output-dir:_ proxy-user:U range:r cert-type:_ key-type:_ pass:_ capath:_ expect100-timeout:_ dns-servers:_ doh-url:_ rate:_ happy-eyeballs-timeout-ms:_ time-cond:z parallel-max:_") {
		name, short, _ := strings.Cut(name, ":")
		table[name] = option{short: letter(short), value: true}
	}
}

func letter(short string) byte {
	if short == "_" {
		return 0
	}
	return short[0]
}

// read gives the words behind curl to their options. Each --next begins another request.
func (m *importer) read(c command) {
	r := newRequest(m, c)
	words := c.words[1:]
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w.text == "--next" || w.text == "-:":
			r.finish()
			r = newRequest(m, c)
		case strings.HasPrefix(w.text, "--"):
			i += m.long(r, w, words[i+1:])
		case strings.HasPrefix(w.text, "-") && len(w.text) > 1:
			i += m.letters(r, w, words[i+1:])
		case w.text != "":
			r.urls = append(r.urls, w)
		}
	}
	r.finish()
}

// long does a --name and returns how many words it took.
func (m *importer) long(r *request, w word, rest []word) int {
	name := w.text[2:]
	o, ok := m.options[name]
	if !ok {
		if plain, negated := strings.CutPrefix(name, "no-"); negated {
			if o, known := m.options[plain]; known && !o.value {
				return 0
			}
		}
		name, _, _ = strings.Cut(w.text, "=")
		var known []string
		for _, o := range slices.Sorted(maps.Keys(m.options)) {
			known = append(known, "--"+o)
		}
		m.problem(w, "%s is no option of curl that is known here; %s", name, source.Suggest(name, known))
		return 0
	}
	return m.do(r, "--"+name, o, w, rest)
}

// letters does the options of one word, such as -sSLX POST or -XPOST.
func (m *importer) letters(r *request, w word, rest []word) int {
	for at := 1; at < len(w.text); at++ {
		o, ok := m.byLetter(w.text[at])
		switch {
		case !ok:
			letter, _ := utf8.DecodeRuneInString(w.text[at:])
			m.problem(w, "-%c is no option of curl that is known here", letter)
			return 0
		case o.value && at+1 < len(w.text):
			m.do(r, "-"+w.text[at:at+1], o, w, []word{{w.pos, w.text[at+1:]}})
			return 0
		case o.value:
			return m.do(r, "-"+w.text[at:], o, w, rest)
		}
		m.do(r, "-"+w.text[at:at+1], o, w, nil)
	}
	return 0
}

func (m *importer) byLetter(letter byte) (option, bool) {
	for _, o := range m.options {
		if o.short == letter && letter != '_' {
			return o, true
		}
	}
	return option{}, false
}

func (m *importer) do(r *request, name string, o option, w word, rest []word) int {
	taken, value := 0, w
	if o.value {
		if len(rest) == 0 {
			m.problem(w, "%s wants a value", name)
			return 0
		}
		taken, value = 1, rest[0]
	}
	if o.note != "" {
		m.draft.Note(w.pos, "%s is left out; %s", name, o.note)
	}
	if o.does != nil {
		o.does(r, value)
	}
	return taken
}
