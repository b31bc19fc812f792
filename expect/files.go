package expect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// Files are the files that the expectations of a collection name: schemas, OpenAPI documents, bodies to compare with.
// Each document is read once, however many requests name it. It serves one goroutine, while a collection is loaded.
type Files struct {
	Open   func(name string) ([]byte, error) // reads a file, by the name that the collection gives it
	Folder string                            // that these names are relative to, for places in the files; empty for none

	// Verify checks the signature of a JWT with a key text: PEM, JWK, JWKS, or a shared secret in an encoding (empty means
	// raw). Its errors show neither. nil means that no expectation may ask for it.
	Verify func(token, key, encoding string) error

	Snapshots *Snapshots // that expectations compare with; nil where there are none

	documents map[string]any      // parsed, by name
	schemas   map[string]*fits    // by name
	openAPIs  map[string]*openAPI // by name
}

// loader is something that needs a file. The error is a *source.Error, or Problems.
type loader interface{ load(*Files) error }

// Load reads the files that expectations need, by the names that the collection gives them. The error is Problems, each
// at its place.
func (e *Expectations) Load(open func(name string) ([]byte, error)) error {
	return e.LoadFrom(&Files{Open: open})
}

// LoadFrom is Load for the requests of one collection, which share files.
func (e *Expectations) LoadFrom(files *Files) error {
	var problems source.Problems
	for _, f := range e.files {
		switch err := f.load(files).(type) {
		case nil:
		case *source.Error:
			problems = append(problems, err)
		case source.Problems:
			problems = append(problems, err...)
		default:
			problems = append(problems, &source.Error{Err: err})
		}
	}
	return problems.Err()
}

// read returns what is in a file. The error does not repeat its name.
func (f *Files) read(name string) ([]byte, error) {
	data, err := f.Open(name)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return data, err
}

// document reads a file of JSON or YAML.
func (f *Files) document(name string) (any, error) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if v, ok := f.documents[name]; ok {
		return v, nil
	}
	data, err := f.read(name)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	v, ok := decodeJSON(data)
	if !ok && path.Ext(name) == ".json" {
		return nil, fmt.Errorf("not JSON: %w", json.Unmarshal(data, new(json.RawMessage)))
	}
	if !ok {
		if err := source.Parse(path.Join(f.Folder, name), data, func(n source.Node) { v = n.Value() }); err != nil {
			return nil, err
		}
	}
	if f.documents == nil {
		f.documents = map[string]any{}
	}
	f.documents[name] = v
	return v, nil
}
