// Package curl turns command lines of curl into a collection: as browsers copy them, as manuals print them, or a script of many. It
// runs nothing.
package curl

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/hgrun/hgrun/collections/importers/draft"
	"github.com/hgrun/hgrun/internal/source"
)

// Import reads the commands of a text. The error is a source.Problems with all that is wrong.
func Import(in draft.Input) (*draft.Collection, error) {
	name := strings.TrimSuffix(path.Base(in.Name), path.Ext(in.Name))
	if in.Name == "-" || name == "" || name == "command line" {
		name = "curl"
	}
	m := &importer{in: in, draft: draft.New(name, "imported"), options: options()}
	commands, err := split(in.Name, string(in.Text))
	if err != nil {
		return nil, err
	}
	for _, c := range commands {
		m.command(c)
	}
	if len(m.problems) == 0 && len(m.items) == 0 {
		m.problems = append(m.problems, (source.Pos{File: in.Name, Line: 1, Col: 1}).Errorf("no curl command in it"))
	}
	if err := m.problems.Err(); err != nil {
		return nil, err
	}
	m.draft.Top.Set("requests", m.items)
	return m.draft, nil
}

// importer is one text while it is read.
type importer struct {
	in       draft.Input
	draft    *draft.Collection
	options  map[string]option
	items    []any
	problems source.Problems
}

func (m *importer) problem(w word, format string, args ...any) {
	m.problems = append(m.problems, w.pos.Errorf(format, args...))
}

// command reads what starts with curl; what else a script holds is told.
func (m *importer) command(c command) {
	for len(c.words) > 0 && (c.words[0].text == "$" || c.words[0].text == ">" || c.words[0].text == "sudo" || c.words[0].text == "time") {
		c.words = c.words[1:]
	}
	if len(c.words) == 0 {
		return
	}
	first := strings.TrimSuffix(path.Base(strings.ReplaceAll(c.words[0].text, `\`, "/")), ".exe")
	if first != "curl" {
		m.draft.Note(c.pos, "%q is no curl command and is left out", strings.ReplaceAll(shorten(c.words[0].text), mark, "$"))
		return
	}
	if c.piped.Line > 0 {
		m.draft.Note(c.piped, "what is done with the answer behind | is left out; write it as expect or capture")
	}
	m.read(c)
}

// shorten keeps what may be a secret out of a message.
func shorten(text string) string {
	text, _, _ = strings.Cut(text, "=")
	if len(text) > 20 {
		return text[:20] + "…"
	}
	return text
}

// request is what the options between two --next add up to.
type request struct {
	*importer
	command  command
	method   string
	urls     []word
	message  draft.Message
	user     string
	pieces   []piece // of the body
	queries  []piece
	upload   word
	get      bool
	head     bool
	settings map[string]word
}

// piece is a part of a body, in the order of the options.
type piece struct {
	text string
	file string // the path of a file that is the whole of it; empty for text
}

func newRequest(m *importer, c command) *request {
	return &request{importer: m, command: c, settings: map[string]word{}}
}

func (r *request) setHeader(name, value string) {
	r.message.Headers = append(r.message.Headers, draft.Field{Name: name, Value: value})
}

func (r *request) hasHeader(name string) bool {
	for _, h := range r.message.Headers {
		if strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

// header reads "Name: value"; "Name;" sends it empty, and "Name:" takes one away that curl would add.
func (r *request) header(w word) {
	name, value, found := strings.Cut(w.text, ":")
	switch bare, empty := strings.CutSuffix(w.text, ";"); {
	case strings.HasPrefix(w.text, "@"):
		r.draft.Note(w.pos, "headers from a file are left out; write them below headers:")
	case found && strings.TrimSpace(value) != "":
		r.setHeader(strings.TrimSpace(name), strings.TrimSpace(value))
	case !found && empty:
		r.setHeader(bare, "")
	case !found:
		r.problem(w, `a header is written as "Name: value"; there is no colon in this one`)
	}
}

func (r *request) cookie(w word) {
	if !strings.Contains(w.text, "=") && !strings.Contains(w.text, mark) {
		r.draft.Note(w.pos, "cookies from a file are left out; those that answers set are sent back by hgrun")
		return
	}
	r.setHeader("Cookie", w.text)
}

func (r *request) data(w word) {
	if file, ok := strings.CutPrefix(w.text, "@"); ok {
		r.pieces = append(r.pieces, piece{file: file})
		return
	}
	r.dataRaw(w)
}

func (r *request) dataRaw(w word) { r.pieces = append(r.pieces, piece{text: w.text}) }

func (r *request) dataEncoded(w word) { r.pieces = append(r.pieces, r.encoded(w)) }

func (r *request) query(w word) {
	if plain, ok := strings.CutPrefix(w.text, "+"); ok {
		r.queries = append(r.queries, piece{text: plain})
		return
	}
	r.queries = append(r.queries, r.encoded(w))
}

// encoded reads the forms of --data-urlencode: content, =content, name=content, @file and name@file.
func (r *request) encoded(w word) piece {
	at := strings.IndexAny(w.text, "=@")
	switch {
	case at < 0:
		return piece{text: encode(w.text)}
	case w.text[at] == '@':
		r.draft.Note(w.pos, "--data-urlencode with a file is left out; write its content as a field of form:")
		return piece{}
	case at == 0:
		return piece{text: encode(w.text[1:])}
	}
	return piece{text: w.text[:at+1] + encode(w.text[at+1:])}
}

// encode is url.QueryEscape that leaves variables as they are.
func encode(text string) string {
	parts := strings.Split(text, mark)
	for i := range parts {
		if i%2 == 0 {
			parts[i] = url.QueryEscape(parts[i])
		}
	}
	return strings.Join(parts, mark)
}

func (r *request) json(w word) {
	r.data(w)
	for _, name := range []string{"Content-Type", "Accept"} {
		if !r.hasHeader(name) {
			r.setHeader(name, "application/json")
		}
	}
}

// form reads NAME=VALUE, NAME=@FILE and NAME=<FILE with ;type= and ;filename= behind.
func (r *request) form(w word) {
	name, value, found := strings.Cut(w.text, "=")
	if !found {
		r.problem(w, "a part of a form is written as NAME=VALUE or NAME=@FILE")
		return
	}
	f := draft.Field{Name: name}
	value, rest, _ := strings.Cut(value, ";")
	for part := range strings.SplitSeq(rest, ";") {
		key, given, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "type":
			f.Type = given
		case "filename":
			f.Filename = strings.Trim(given, `"`)
		}
	}
	f.Value = strings.Trim(value, `"`)
	if file, ok := strings.CutPrefix(value, "@"); ok {
		f.File, f.Value = true, r.draft.Attach(r.in, w.pos, strings.Trim(file, `"`))
		if f.Filename == "" {
			f.Filename = path.Base(strings.Trim(file, `"`))
		}
		if path.Base(f.Value) == f.Filename {
			f.Filename = ""
		}
	} else if strings.HasPrefix(value, "<") {
		r.draft.Note(w.pos, "the part %q has its text from a file, which is left out; write the text itself", name)
		return
	}
	r.message.Body.Multipart = append(r.message.Body.Multipart, f)
}

func (r *request) formString(w word) {
	name, value, _ := strings.Cut(w.text, "=")
	r.message.Body.Multipart = append(r.message.Body.Multipart, draft.Field{Name: name, Value: value})
}

// finish makes a request of each URL.
func (r *request) finish() {
	if len(r.urls) == 0 {
		at := r.command.words[0]
		r.problem(at, "this curl command has no URL")
		return
	}
	r.body()
	r.fromBrowser()
	r.message.User = r.user
	for _, address := range r.urls {
		m := r.message
		m.Headers = append([]draft.Field{}, m.Headers...)
		m.Pos, m.URL = address.pos, address.text
		if !strings.Contains(m.URL, "://") && !strings.HasPrefix(m.URL, mark) {
			m.URL = "http://" + m.URL // as curl guesses
		}
		m.URL = withQuery(m.URL, r.queries)
		m.Method = r.verb()
		m.Name = r.name(m)
		item := r.draft.Request(r.resolved(m))
		r.set(item)
		r.items = append(r.items, item)
	}
}

func withQuery(address string, queries []piece) string {
	for _, q := range queries {
		sign := "?"
		if strings.Contains(address, "?") {
			sign = "&"
		}
		address += sign + q.text
	}
	return address
}

func (r *request) verb() string {
	hasBody := r.message.Body.Text != "" || r.message.Body.File != "" || len(r.message.Body.Multipart) > 0
	switch {
	case r.method != "":
		return strings.ToUpper(r.method)
	case r.head:
		return "HEAD"
	case r.upload.text != "":
		return "PUT"
	case hasBody || len(r.pieces) > 0 && !r.get:
		return "POST"
	}
	return "GET"
}

// body puts the pieces of the body together.
func (r *request) body() {
	if r.get {
		for _, p := range r.pieces {
			r.queries = append(r.queries, piece{text: p.text})
		}
		return
	}
	var texts []string
	for _, p := range r.pieces {
		if p.file == "" {
			texts = append(texts, p.text)
			continue
		}
		pos := r.command.pos
		if len(r.pieces) == 1 && p.file != "-" {
			r.message.Body.File = r.draft.Attach(r.in, pos, p.file)
		} else {
			r.draft.Note(pos, "the part of the body that comes from %s is left out; write it into the body", p.file)
		}
	}
	r.message.Body.Text = strings.Join(texts, "&")
	if r.upload.text != "" {
		r.message.Body.File = r.draft.Attach(r.in, r.upload.pos, r.upload.text)
		return
	}
	if len(r.pieces) > 0 && !r.hasHeader("Content-Type") {
		r.setHeader("Content-Type", "application/x-www-form-urlencoded")
	}
}

// fromBrowser leaves out what browsers add to every request.
func (r *request) fromBrowser() {
	kept, left := draft.WithoutBrowser(r.message.Headers)
	if left > 0 && !r.in.All {
		r.message.Headers = kept
		r.draft.Note(r.command.pos, "headers that a browser adds by itself (User-Agent, Sec-Fetch-Mode …) are left out; --all keeps them")
	}
}

func (r *request) name(m draft.Message) string {
	if r.command.comment != "" && len(r.urls) == 1 {
		return draft.Literal(r.command.comment)
	}
	_, rest, _ := strings.Cut(m.URL, "://")
	slash := strings.IndexAny(rest, "/?")
	route := "/"
	if slash >= 0 {
		route = rest[slash:]
	}
	if at := strings.LastIndex(m.URL, mark); at >= 0 && slash < 0 { // $API/users
		route = m.URL[at+1:]
	}
	route, _, _ = strings.Cut(route, "?")
	names := regexp.MustCompile(mark + "([^" + mark + "]*)" + mark)
	return m.Method + " " + names.ReplaceAllString(route, "$1")
}

// resolved turns the variables of the shell into variables of the collection.
func (r *request) resolved(m draft.Message) draft.Message {
	texts := []*string{&m.URL, &m.User, &m.Body.Text, &m.Body.File}
	m.Body.Multipart = append([]draft.Field{}, m.Body.Multipart...)
	for _, fields := range [][]draft.Field{m.Headers, m.Body.Multipart} {
		for i := range fields {
			texts = append(texts, &fields[i].Value)
		}
	}
	for _, text := range texts {
		m.Templates = m.Templates || strings.Contains(*text, mark)
	}
	if !m.Templates {
		return m
	}
	for _, text := range texts {
		parts := strings.Split(*text, mark)
		for i := range parts {
			if i%2 == 0 {
				parts[i] = draft.Literal(parts[i])
				continue
			}
			parts[i] = r.variable(parts[i])
		}
		*text = strings.Join(parts, "")
	}
	return m
}

// variable is one of the shell: a secret where its name is one of a secret.
func (r *request) variable(shell string) string {
	name := draft.Name(shell)
	secrets := r.draft.Environments[0].Secrets
	if !secrets.Has(name) {
		from := draft.M("env", shell)
		if !draft.IsSecret(shell) {
			from.Set("secret", false)
		}
		secrets.Set(name, from)
	}
	return "{{" + name + "}}"
}
