package collections

import (
	"bytes"
	"errors"
	"mime"
	"mime/multipart"
	"net/textproto"
	"path"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// multipartBody is multipart/form-data (RFC 7578), its parts in the order of the file.
type multipartBody struct {
	parts []part
	pos   source.Pos
}

// part is a field, or a file.
type part struct {
	name        string
	text        vars.Template
	file        *file // nil for a field
	filename    vars.Template
	contentType vars.Template
	pos         source.Pos
}

func partKeys(p *part, in *files) source.Keys {
	return source.Keys{
		"file":         func(n source.Node) { p.file = &file{in: in}; p.file.read(n) },
		"text":         p.text.Read,
		"filename":     p.filename.Read,
		"content_type": p.contentType.Read,
	}
}

func readMultipart(n source.Node, in *files) body {
	b := &multipartBody{pos: n.Pos()}
	for _, e := range n.Entries() {
		checkFieldName(e)
		switch {
		case e.Value.IsNull():
		case e.Value.IsList():
			for _, item := range e.Value.Items() {
				b.parts = append(b.parts, readPart(e.Name(), item, in))
			}
		default:
			b.parts = append(b.parts, readPart(e.Name(), e.Value, in))
		}
	}
	return b
}

func readPart(name string, n source.Node, in *files) part {
	p := part{name: name, pos: n.Pos()}
	if n.IsScalar() {
		p.text.Read(n)
		return p
	}
	keys := partKeys(&p, in)
	if n.IsMap() && n.Has("file") == n.Has("text") && !unknown(n, keys) {
		n.Errorf("part %q: want either file: or text:", name)
	}
	n.Map(keys)
	return p
}

func (b *multipartBody) typed() bool { return true }

func (b *multipartBody) uses() []vars.Use {
	var uses []vars.Use
	for _, p := range b.parts {
		uses = append(append(append(uses, p.text.Uses()...), p.filename.Uses()...), p.contentType.Uses()...)
		if p.file != nil {
			uses = append(uses, p.file.path.Uses()...)
		}
	}
	return uses
}

func (b *multipartBody) build(s *vars.Scope, given string) ([]byte, string, error) {
	var text bytes.Buffer
	w := multipart.NewWriter(&text) // with a random boundary
	contentType, err := bounded(w, given)
	if err != nil {
		return nil, "", b.pos.Errorf("%w", err)
	}
	for _, p := range b.parts {
		if err := p.write(w, s); err != nil {
			return nil, "", err
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", b.pos.Errorf("%w", err)
	}
	return text.Bytes(), contentType, nil
}

// bounded returns the Content-Type with the boundary of w. What the user wrote is kept, a boundary of theirs is used.
func bounded(w *multipart.Writer, given string) (string, error) {
	if given == "" {
		return w.FormDataContentType(), nil
	}
	mediaType, params, err := mime.ParseMediaType(given)
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") {
		return "", errors.New("header Content-Type: a multipart body is multipart/form-data; leave the header out")
	}
	if boundary, ok := params["boundary"]; ok {
		return given, w.SetBoundary(boundary)
	}
	return given + "; boundary=" + w.Boundary(), nil
}

func (p *part) write(w *multipart.Writer, s *vars.Scope) error {
	content, filename, contentType, err := p.expand(s)
	if err != nil {
		return err
	}
	if strings.ContainsFunc(contentType, isControl) {
		return p.pos.Errorf("part %q: content_type has a line break in it", p.name)
	}
	header := textproto.MIMEHeader{}
	disposition := multipart.FileContentDisposition(p.name, filename)
	if filename == "" {
		disposition = strings.TrimSuffix(disposition, `; filename=""`)
	}
	header.Set("Content-Disposition", disposition)
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	to, err := w.CreatePart(header)
	if err == nil {
		_, err = to.Write(content)
	}
	return err
}

// expand returns what is in the part; a field has neither a filename nor, unless it is given one, a content type.
func (p *part) expand(s *vars.Scope) (content []byte, filename, mediaType string, err error) {
	if p.file != nil {
		var name string
		if name, content, err = p.file.load(s); err != nil {
			return nil, "", "", err
		}
		filename, mediaType = path.Base(name), contentType(name)
	} else {
		text, err := p.text.Expand(s)
		if err != nil {
			return nil, "", "", err
		}
		content = []byte(text)
	}
	for _, given := range []struct {
		from vars.Template
		to   *string
	}{{p.filename, &filename}, {p.contentType, &mediaType}} {
		if given.from.IsZero() {
			continue
		}
		if *given.to, err = given.from.Expand(s); err != nil {
			return nil, "", "", err
		}
	}
	return content, filename, mediaType, nil
}
