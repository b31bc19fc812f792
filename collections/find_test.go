package collections_test

import (
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
)

func TestFindSearchesFoldersForCollections(t *testing.T) {
	t.Parallel()
	const collection = "# a comment\nname: x\nrequests: []\n"
	fsys := folder(map[string]string{
		"b.yaml":                      collection,
		"a/z.yml":                     collection,
		"a/a.yaml":                    collection,
		"a/broken.yaml":               "requests: [\n",
		"a/quoted.yaml":               "---\n\"requests\" : []\n",
		"a/indented.yaml":             "\n  name: x\n  requests: []\n",
		"a/flow.yaml":                 "{name: x, requests: []}\n",
		"a/flow-of-others.yaml":       "{name: x, list: [requests]}\n",
		"a/chart.yaml":                "{{- if .Values.x }}\nname: x\n{{- end }}\n",
		"a/deep.yaml":                 "other:\n  requests: []\n",
		"a/resources.yaml":            "resources:\n  limits: {}\n",
		"a/text.yaml":                 "text: |\n  requests: []\n",
		"a/prefix.yaml":               "requestsX: []\n",
		"a/notes.txt":                 collection,
		"a/.hidden.yaml":              collection,
		"a/environments/sandbox.yaml": collection,
		"a/includes/login.yaml":       collection,
		"a/node_modules/x/y.yaml":     collection,
		"a/.git/x.yaml":               collection,
		"a/testdata/x.yaml":           collection,
		"empty/x.txt":                 "x",

		"p/Shop/.resources/definition.yaml":  "$kind: collection\nname: x\n",
		"p/Shop/Sub/requests.yaml":           collection,
		"p/Old/.resources/definition.yml":    "$kind: collection\n",
		"p/Other/.resources/definition.yaml": "name: of something else\n",
		"p/Other/a.yaml":                     collection,
	})
	inA := []string{"a/a.yaml", "a/broken.yaml", "a/flow.yaml", "a/indented.yaml", "a/quoted.yaml", "a/testdata/x.yaml", "a/z.yml"}
	tests := []struct {
		name  string
		paths []string
		want  []string
		err   string
	}{
		{"a folder", []string{"a"}, inA, ""},
		{"a folder with a slash", []string{"a/"}, inA, ""},
		{"all", []string{"."}, append(inA[:len(inA):len(inA)], "b.yaml", "p/Old", "p/Other/a.yaml", "p/Shop"), ""},
		{"collections of Postman in files", []string{"p/Shop", "p"}, []string{"p/Shop", "p/Old", "p/Other/a.yaml"}, ""},
		{"in the order of the command line, once", []string{"b.yaml", "a", "a/a.yaml"}, append([]string{"b.yaml"}, inA...), ""},
		{"a file that is named", []string{"a/notes.txt", "a/deep.yaml"}, []string{"a/notes.txt", "a/deep.yaml"}, ""},
		{"a folder that is named", []string{"a/environments"}, []string{"a/environments/sandbox.yaml"}, ""},
		{"nothing there", []string{"x.yaml", "empty", "b.yaml"}, nil,
			"empty: no collection in this folder: no YAML file with requests: in it\nx.yaml: file does not exist"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var as fs.FS = fsys
			paths := test.paths
			if test.name == "a folder with a slash" { // which only the disk understands
				as, paths = trailing{fsys}, test.paths
			}
			got, err := collections.Find(as, paths)
			message := ""
			if err != nil {
				message = err.Error()
			}
			if d := cmp.Diff(test.want, got); d != "" || message != test.err {
				t.Errorf("got error %q, want %q; files (-want +got):\n%s", message, test.err, d)
			}
		})
	}
}

// trailing understands names that end in a slash, as the disk does.
type trailing struct{ fs.FS }

func (f trailing) Open(name string) (fs.File, error) {
	if len(name) > 1 && name[len(name)-1] == '/' {
		name = name[:len(name)-1]
	}
	return f.FS.Open(name)
}

func TestFindReadsTheDisk(t *testing.T) {
	t.Parallel()
	if _, err := collections.Find(source.Disk(), []string{t.TempDir()}); err == nil {
		t.Error("got nothing, want an error for an empty folder")
	}
}
