package script

import "encoding/json"

// Request is a request in Postman's shape. Its texts may hold {{templates}} until it is sent.
type Request struct {
	Method string          `json:"method"`
	URL    string          `json:"url"`
	Path   []Field         `json:"variable,omitempty"` // the values of :name in the path of the URL
	Header []Field         `json:"header,omitempty"`
	Body   *Body           `json:"body,omitempty"`
	Auth   json.RawMessage `json:"auth,omitempty"` // as Postman writes it; nil for none
}

// Field is a header, or a field of a form.
type Field struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Disabled    bool   `json:"disabled,omitempty"`
	Type        string `json:"type,omitempty"`        // of a multipart field: text, which is the default, or file
	Src         string `json:"src,omitempty"`         // the name of the file
	ContentType string `json:"contentType,omitempty"` // of a multipart field
}

// Body is the body of a request; the field that Mode names is the one that counts.
type Body struct {
	Mode       string   `json:"mode"` // raw, urlencoded, formdata, graphql, file
	Raw        string   `json:"raw,omitempty"`
	URLEncoded []Field  `json:"urlencoded,omitempty"`
	FormData   []Field  `json:"formdata,omitempty"`
	GraphQL    *GraphQL `json:"graphql,omitempty"`
	File       *File    `json:"file,omitempty"`
	Language   string   `json:"language,omitempty"` // of a raw body: text, json, javascript, html, xml
	Disabled   bool     `json:"disabled,omitempty"`
}

// GraphQL is a query with its variables, which are JSON in a text.
type GraphQL struct {
	Query         string `json:"query"`
	Variables     string `json:"variables,omitempty"`
	OperationName string `json:"operationName,omitempty"`
}

// File is a body that stands in a file.
type File struct {
	Src string `json:"src"`
}
