package expect

import (
	"encoding/json"
	"errors"
	"math"
	"mime"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/xpath"
)

// xpathQuery finds what an XPath expression leads to in a body that is XML or HTML.
type xpathQuery struct{ expr *xpath.Expr }

func readXPathQuery(n source.Node) Query {
	var t vars.Template
	if t.Read(n); n.IsNull() || !n.IsScalar() || t.IsZero() && n.Text() != "" {
		return nil // t.Read has said it
	}
	if !t.Static() {
		return xpathTemplate{t, n.Pos()}
	}
	text := t.Outline("")
	if strings.HasPrefix(text, "$.") || strings.HasPrefix(text, "$[") {
		n.Errorf("this is a path into JSON, and stands below json: or jsonpath:")
		return nil
	}
	e, err := xpath.Compile(text)
	if err != nil {
		var syntax *xpath.SyntaxError
		if errors.As(err, &syntax) {
			n.ErrorAt(n.Place(syntax.Offset), "%s", syntax.Text)
		}
		return nil
	}
	return xpathQuery{e}
}

func (q xpathQuery) String() string { return "xpath " + q.expr.String() }

// Find returns a string, a []any of strings where an expression finds several nodes, a json.Number, a bool, or Absent.
// The error says that the body is neither XML nor HTML.
func (q xpathQuery) Find(a *Answer) (any, error) {
	d, err := a.markup()
	if err != nil {
		return nil, err
	}
	v, err := q.expr.Evaluate(d)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Absent{}, nil
		}
		return json.Number(strconv.FormatFloat(v, 'f', -1, 64)), nil
	case xpath.Nodes:
		return nodeTexts(v), nil
	}
	return v, nil
}

func nodeTexts(nodes xpath.Nodes) any {
	switch len(nodes) {
	case 0:
		return Absent{}
	case 1:
		return nodes[0].Value()
	}
	texts := make([]any, len(nodes))
	for i, n := range nodes {
		texts[i] = n.Value()
	}
	return texts
}

func (q xpathQuery) operand(v any) (any, error) {
	switch q.expr.Kind() {
	case xpath.Number:
		return numeric(v), nil
	case xpath.Boolean:
		return v, nil
	}
	return amongTexts(v, "what XPath finds")
}

// repeats makes a list of one of a single node, for predicates over lists.
func (xpathQuery) repeats() {}

func (q xpathQuery) refuse(word string) string {
	if word != "exists" {
		return ""
	}
	switch q.expr.Kind() {
	case xpath.Boolean:
		return q.expr.String() + " is true or false, so it always exists; write true or false"
	case xpath.String:
		return q.expr.String() + " is a text, and an empty one exists as well; write empty: false, or leave the function out"
	}
	return ""
}

func (q xpathQuery) hint(a *Answer) string {
	d, err := a.markup()
	if err != nil {
		return ""
	}
	v, err := q.expr.Evaluate(d)
	if err != nil {
		return ""
	}
	if _, ok := v.(float64); ok {
		return "what it adds up is not a number"
	}
	if set, ok := v.(xpath.Nodes); !ok || len(set) > 0 {
		return ""
	}
	return "elements of the document: " + some(d.Names())
}

// markup returns the body as a document, by its Content-Type, or by how it starts where that says nothing.
func (a *Answer) markup() (*xpath.Document, error) {
	if a.parsed.markup == nil {
		a.parsed.markup = &markup{}
		a.parsed.markup.document, a.parsed.markup.err = a.parseMarkup()
	}
	return a.parsed.markup.document, a.parsed.markup.err
}

// markup is a body as XML or HTML, or why it is neither.
type markup struct {
	document *xpath.Document
	err      error
}

func (a *Answer) parseMarkup() (*xpath.Document, error) {
	if err := a.whole(); err != nil {
		return nil, err
	}
	kind := a.response.Header.Get("Content-Type")
	media, params, _ := mime.ParseMediaType(kind)
	body := strings.TrimSpace(a.body)
	if body == "" {
		return nil, errors.New("the body is empty")
	}
	isXML := media == "text/xml" || media == "application/xml" || strings.HasSuffix(media, "+xml")
	isHTML := media == "text/html"
	if !isXML && !isHTML {
		isHTML = hasPrefixFold(body, "<!doctype html") || hasPrefixFold(body, "<html")
		isXML = !isHTML && (body[0] == '<' || strings.HasPrefix(body, "\xff\xfe<") || strings.HasPrefix(body, "\xfe\xff\x00<"))
	}
	charset := params["charset"]
	if charset == "" && isXML {
		charset = declaredCharset(body)
	}
	text, err := decode(a.body, charset)
	if err != nil {
		return nil, err
	}
	if kind == "" {
		kind = "no Content-Type"
	}
	switch {
	case isHTML:
		d, err := xpath.ParseHTML(text)
		return d, because("the body is HTML that cannot be read", err)
	case isXML:
		d, err := xpath.ParseXML(strings.TrimLeft(text, " \t\r\n"))
		return d, because("the body is not XML ("+kind+")", err)
	}
	return nil, errors.New("the body is neither XML nor HTML (" + kind + ", starts with " + start20(body) + ")")
}

// because words an error, if there is one.
func because(what string, err error) error {
	if err == nil {
		return nil
	}
	return errors.New(what + ": " + err.Error())
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// declaredCharset returns what a body says of its own encoding: by a byte order mark, or in <?xml … encoding="…"?>.
func declaredCharset(body string) string {
	switch {
	case strings.HasPrefix(body, "\xff\xfe"):
		return "utf-16le"
	case strings.HasPrefix(body, "\xfe\xff"):
		return "utf-16be"
	case !strings.HasPrefix(body, "<?xml"):
		return ""
	}
	prolog, _, _ := strings.Cut(body, "?>")
	_, rest, ok := strings.Cut(prolog, "encoding")
	if rest = strings.TrimLeft(rest, " \t\r\n="); !ok || rest == "" {
		return ""
	}
	name, _, _ := strings.Cut(rest[1:], rest[:1])
	if strings.HasPrefix(strings.ToLower(name), "utf-16") {
		return "" // it was read as ASCII up to here
	}
	return name
}

// xpathTemplate is an expression with variables in it. It is checked when they have their values.
type xpathTemplate struct {
	expr vars.Template
	pos  source.Pos
}

func (t xpathTemplate) String() string { return "xpath " + t.expr.String() }

// Find finds nothing, because it takes a scope to make an expression of the template.
func (t xpathTemplate) Find(*Answer) (any, error) {
	return Absent{}, errors.New("the variables of the expression have no values")
}

func (t xpathTemplate) uses() []vars.Use { return t.expr.Uses() }

func (t xpathTemplate) operand(v any) (any, error) { return amongTexts(v, "what XPath finds") }

func (t xpathTemplate) fill(s *vars.Scope) (Query, error) {
	text, err := t.expr.Expand(s)
	if err != nil {
		return nil, err
	}
	e, err := xpath.Compile(text)
	if err != nil {
		return nil, t.pos.Errorf("%s: %w", text, err)
	}
	return xpathQuery{e}, nil
}
