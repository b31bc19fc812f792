// Package schema holds the JSON Schemas (draft-07) of collections and environments, for editors. It knows nothing of how they are made:
// a test makes them of the tables of the program and of the format page, and fails where they differ.
package schema

import _ "embed"

//go:embed collection.schema.json
var collection []byte

//go:embed environment.schema.json
var environment []byte

// Collection returns the schema of a collection.
func Collection() []byte { return collection }

// Environment returns the schema of an environment.
func Environment() []byte { return environment }
