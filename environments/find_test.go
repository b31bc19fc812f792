package environments

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func TestANameIsFoundBesideTheCollectionOrAboveIt(t *testing.T) {
	t.Parallel()
	fsys := tree(
		"environments/root.yaml", "", "environments/both.yaml", "", "environments/both.yml", "",
		"repo/.git/HEAD", "", "repo/environments/sandbox.yml", "", "repo/environments/near.yaml", "",
		"repo/api/v1/environments/near.yaml", "", "repo/api/v1/c.yaml", "", "repo/api/environments/folder.yaml/x", "",
		"plain/c.yaml", "",
	)
	tests := []struct{ collection, name, want string }{
		{"repo/api/v1/c.yaml", "near", "repo/api/v1/environments/near.yaml"},
		{"repo/api/c.yaml", "near", "repo/environments/near.yaml"},
		{"repo/api/v1/c.yaml", "sandbox", "repo/environments/sandbox.yml"},
		{"repo/api/v1/c.yaml", "root", "environments/root.yaml"}, // not above .git, but in the working folder
		{"plain/c.yaml", "root", "environments/root.yaml"},
		{"c.yaml", "both", "environments/both.yaml"},
		{"nowhere/c.yaml", "root", "environments/root.yaml"},
		{"c.yaml", "x/root", "x/root"},
		{"repo/api/c.yaml", "root.yaml", "root.yaml"},
		{"repo/api/c.yaml", "x.yml", "x.yml"},
		{"repo/api/c.yaml", "../x.json", "../x.json"},
	}
	for _, tt := range tests {
		got, err := Find(fsys, tt.collection, tt.name)
		same(t, words(tt.collection, tt.name, got, errorText(err)), words(tt.collection, tt.name, tt.want))
	}
	same(t, strings.Join(Names(fsys, "repo/api/v1/c.yaml"), " "), "both near root sandbox")
}

func TestANameThatIsNotFoundIsToldWithWhatThereIs(t *testing.T) {
	t.Parallel()
	fsys := tree("a/b/c.yaml", "", "a/environments/sandbox.yaml", "", "environments/production.yml", "", "environments/notes.txt", "")
	_, err := Find(fsys, "a/b/c.yaml", "sandbx")
	same(t, errorText(err), `no environment "sandbx": looked for sandbx.yaml and .yml in a/b/environments, a/environments, environments; did you mean "sandbox"? there are a/environments/sandbox.yaml, environments/production.yml`)
	_, err = Find(fsys, "a/b/c.yaml", "elephant")
	same(t, errorText(err), `no environment "elephant": looked for elephant.yaml and .yml in a/b/environments, a/environments, environments; there are a/environments/sandbox.yaml, environments/production.yml`)
	_, err = Find(tree("c.yaml", ""), "c.yaml", "sandbox")
	same(t, errorText(err), `no environment "sandbox": looked for sandbox.yaml and .yml in environments; write one, or give a path: -e path/to/sandbox.yaml`)
}

func TestOnDiskTheSearchGoesAboveTheWorkingFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"top/.git/HEAD", "top/environments/sandbox.yaml", "top/in/ner/c.yaml", "environments/outside.yaml"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(dir, "top", "in"))
	slash := filepath.ToSlash(dir)
	tests := []struct{ collection, want string }{
		{"ner/c.yaml", "../environments/sandbox.yaml"},
		{"c.yaml", "../environments/sandbox.yaml"},
		{"../c.yaml", "../environments/sandbox.yaml"},
		{slash + "/top/in/ner/c.yaml", slash + "/top/environments/sandbox.yaml"},
	}
	for _, tt := range tests {
		got, err := Find(source.Disk(), tt.collection, "sandbox")
		same(t, words(tt.collection, got, errorText(err)), words(tt.collection, tt.want))
		if got, err := Find(source.Disk(), tt.collection, "outside"); err == nil {
			t.Errorf("%s: got %s from above the folder of .git", tt.collection, got)
		}
	}
}

func TestTheSearchEndsAtTheRoot(t *testing.T) {
	t.Parallel()
	dirs := above(source.Disk(), "/")
	same(t, strings.Join(dirs, " "), "/")
	if len(above(source.Disk(), filepath.ToSlash(t.TempDir()))) > 20 {
		t.Error("the search does not end at the root")
	}
}
