package importers

import (
	"mime"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// modes is the table of the kinds of bodies.
func modes() map[string]func(im *importer, made, content, body source.Node, hs headers) (source.Node, headers) {
	return map[string]func(*importer, source.Node, source.Node, source.Node, headers) (source.Node, headers){
		"raw":        (*importer).raw,
		"urlencoded": (*importer).form,
		"formdata":   (*importer).multipart,
		"graphql":    (*importer).graphql,
		"file":       (*importer).file,
	}
}

// hasBody reports whether a body has anything in it.
func hasBody(b source.Node) bool {
	mode, _ := b.Get("mode")
	content, ok := b.Get(mode.Raw())
	return ok && !content.IsNull() && (!content.IsScalar() && !content.IsEmpty() || content.Raw() != "")
}

func (im *importer) body(made, b source.Node, hs headers) (source.Node, headers) {
	mode, ok := b.Get("mode")
	if !ok || mode.Raw() == "" || mode.Raw() == "none" {
		return made, hs
	}
	add, known := modes()[mode.Raw()]
	if !known {
		im.problem(mode, "body: unknown mode %q; %s", mode.Raw(), source.Suggest(mode.Raw(), []string{"raw", "urlencoded", "formdata", "graphql", "file"}))
		return made, hs
	}
	content, ok := b.Get(mode.Raw())
	if !ok || content.IsNull() {
		return made, hs
	}
	return add(im, made, content, b, hs)
}

// raw is a text. JSON becomes a value, so that it can be read.
func (im *importer) raw(made, content, b source.Node, hs headers) (source.Node, headers) {
	text := content.Raw()
	if text == "" {
		return made, hs
	}
	language := ""
	if options, ok := b.Get("options"); ok {
		raw, _ := options.Get("raw")
		l, _ := raw.Get("language")
		language = l.Raw()
	}
	given, _, _ := mime.ParseMediaType(hs.get("Content-Type"))
	if language == "json" || isJSON(given) {
		return im.json(made, content, given == "", hs)
	}
	if given == "" && language == "xml" {
		return made.With("xml", content.Scalar(braces(text))), hs
	}
	if given == "" && language != "html" && language != "javascript" {
		hs = hs.add("Content-Type", content.Scalar("text/plain"), "")
	}
	if kind, ok := map[string]string{"html": "text/html", "javascript": "application/javascript"}[language]; ok && given == "" {
		hs = hs.add("Content-Type", content.Scalar(kind), "")
	}
	return made.With("text", content.Scalar(braces(text))), hs
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// json adds a body in JSON: as a value where it is one, as text where a placeholder stands in the place of a value.
func (im *importer) json(made, content source.Node, untyped bool, hs headers) (source.Node, headers) {
	text := withoutComments(content.Raw())
	if value, ok := content.JSON(text); ok && !value.IsScalar() && !im.exact {
		if strings.EqualFold(hs.get("Content-Type"), "application/json") {
			hs = hs.without("Content-Type")
		}
		return made.With("json", texts(value, member)), hs
	}
	if untyped {
		hs = hs.add("Content-Type", content.Scalar("application/json"), "")
	}
	return made.With("text", content.Scalar(braces(text))), hs
}

// member writes a text in JSON: one that is a placeholder alone stays a text, whatever its value is.
func member(text string) string {
	if whole(text) {
		return "{{" + pieces(text)[0].name + " | to_string}}"
	}
	return braces(text)
}

// withoutComments takes // and /* */ out of JSON, as Postman does before it sends.
func withoutComments(text string) string {
	if !strings.Contains(text, "//") && !strings.Contains(text, "/*") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		switch {
		case text[i] == '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(text))
			b.WriteString(text[i:end])
			i = end
		case strings.HasPrefix(text[i:], "//"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return b.String()
			}
			i += end
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i+2:], "*/")
			if end < 0 {
				return b.String()
			}
			i += end + 4
		default:
			b.WriteByte(text[i])
			i++
		}
	}
	return b.String()
}

// fields is what a form is written as: names in their order, several values of one name as a list.
func (im *importer) fields(list source.Node, value func(field source.Node) (source.Node, bool)) source.Node {
	var hs headers
	off := im.disabled("field")
	for _, f := range list.Items() {
		key, _ := f.Get("key")
		if isOff(f) {
			off.take(f)
			continue
		}
		if key.Raw() == "" {
			continue
		}
		v, ok := value(f)
		if !ok {
			continue
		}
		if strings.Contains(key.Raw(), "{{") {
			im.problem(key, "%q: the name of a field cannot hold a variable, only its value can", key.Raw())
			continue
		}
		d, _ := f.Get("description")
		hs = append(hs, header{name: key.Raw(), values: []source.Node{v}, note: off.comment(described(d))})
	}
	off.rest(hs.lastNote())
	return merged(hs).node(list)
}

// merged joins the values of names that stand several times.
func merged(fields headers) headers {
	var made headers
	at := map[string]int{}
	for _, f := range fields {
		if i, ok := at[f.name]; ok {
			made[i].values = append(made[i].values, f.values...)
			made[i].note = strings.Trim(made[i].note+"\n"+f.note, "\n")
			continue
		}
		at[f.name] = len(made)
		made = append(made, f)
	}
	return made
}

func (im *importer) textValue(f source.Node) (source.Node, bool) {
	v, ok := f.Get("value")
	if !ok {
		return f.Scalar(""), true
	}
	if !v.IsScalar() {
		im.problem(v, "want a text")
		return v, false
	}
	return v.Scalar(braces(v.Raw())), true
}

func (im *importer) form(made, content, _ source.Node, hs headers) (source.Node, headers) {
	if content.IsScalar() { // name=value&…, as older files have it
		if content.Raw() == "" {
			return made, hs
		}
		if hs.find("Content-Type") < 0 {
			hs = hs.add("Content-Type", content.Scalar("application/x-www-form-urlencoded"), "")
		}
		return made.With("text", content.Scalar(braces(content.Raw()))), hs
	}
	fields := im.fields(content, im.textValue)
	if fields.IsEmpty() {
		return made, hs
	}
	if strings.EqualFold(hs.get("Content-Type"), "application/x-www-form-urlencoded") {
		hs = hs.without("Content-Type")
	}
	return made.With("form", fields), hs
}

func (im *importer) multipart(made, content, _ source.Node, hs headers) (source.Node, headers) {
	fields := im.fields(content, im.part)
	if fields.IsEmpty() {
		return made, hs
	}
	if i := hs.find("Content-Type"); i >= 0 {
		if given, params, _ := mime.ParseMediaType(hs.get("Content-Type")); given != "multipart/form-data" {
			im.note(hs[i].values[0], "the header Content-Type gives way to multipart/form-data with its boundary")
			hs = hs.without("Content-Type")
		} else if params["boundary"] == "" {
			hs = hs.without("Content-Type")
		}
	}
	return made.With("multipart", fields), hs
}

// part returns a field of a multipart body: a text, a file, or a list of files.
func (im *importer) part(f source.Node) (source.Node, bool) {
	kind, _ := f.Get("type")
	contentType, typed := f.Get("contentType")
	typed = typed && contentType.Raw() != ""
	if kind.Raw() != "file" {
		v, ok := im.textValue(f)
		if ok && typed {
			v = v.Mapping().With("text", v).With("content_type", contentType.Scalar(braces(contentType.Raw())))
		}
		return v, ok
	}
	src, ok := f.Get("src")
	if !ok || src.IsNull() || src.IsScalar() && src.Raw() == "" || src.IsList() && src.IsEmpty() {
		key, _ := f.Get("key")
		im.problem(f, "file %q: none is chosen; choose one in Postman, or write its path as src", key.Raw())
		return f, false
	}
	files := []source.Node{src}
	if src.IsList() {
		files = src.Items()
	}
	for i, file := range files {
		part := file.Mapping().With("file", file.Scalar(braces(file.Raw())))
		if name, ok := f.Get("fileName"); ok && name.Raw() != "" {
			part = part.With("filename", name.Scalar(braces(name.Raw())))
		}
		if typed {
			part = part.With("content_type", contentType.Scalar(braces(contentType.Raw())))
		}
		files[i] = part
	}
	if len(files) == 1 {
		return files[0], true
	}
	return src.List(files...), true
}

func (im *importer) graphql(made, content, _ source.Node, hs headers) (source.Node, headers) {
	if content.IsScalar() {
		return made.With("graphql", content.Scalar(braces(content.Raw()))), hs
	}
	query, ok := content.Get("query")
	if !ok {
		im.problem(content, "graphql has no query")
		return made, hs
	}
	inner := content.Mapping().With("query", query.Scalar(braces(query.Raw())))
	if name, ok := content.Get("operationName"); ok && name.Raw() != "" {
		inner = inner.With("operation", name.Scalar(braces(name.Raw())))
	}
	if v, ok := content.Get("variables"); ok && !v.IsNull() && (!v.IsScalar() || strings.TrimSpace(v.Raw()) != "") {
		value := v
		if v.IsScalar() {
			value, ok = v.JSON(v.Raw())
			if !ok && whole(strings.TrimSpace(v.Raw())) {
				value, ok = v.Scalar(v.Raw()), true
			}
		}
		if !ok || value.IsList() {
			im.problem(v, "graphql: the variables are no JSON object: quote placeholders in it, \"{{name}}\"")
			return made, hs
		}
		if !value.IsNull() {
			inner = inner.With("variables", texts(value, braces))
		}
	}
	if strings.EqualFold(hs.get("Content-Type"), "application/json") {
		hs = hs.without("Content-Type")
	}
	if len(inner.Entries()) == 1 {
		return made.With("graphql", query.Scalar(braces(query.Raw()))), hs
	}
	return made.With("graphql", inner), hs
}

func (im *importer) file(made, content, _ source.Node, hs headers) (source.Node, headers) {
	if text, ok := content.Get("content"); ok && text.Raw() != "" {
		return made.With("text", text.Scalar(braces(text.Raw()))), hs
	}
	src := content
	if content.IsMap() {
		src, _ = content.Get("src")
	}
	if src.Raw() == "" {
		im.problem(content, "file: none is chosen as the body; choose one in Postman, or write its path as src")
		return made, hs
	}
	return made.With("file", src.Scalar(braces(src.Raw()))), hs
}
