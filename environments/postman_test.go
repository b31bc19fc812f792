package environments

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/internal/vars"
)

const fromPostman = `{
	"id": "0",
	"name": "Dev",
	"values": [
		{"key": "host", "value": "localhost:80", "enabled": true, "type": "default"},
		{"key": "gone", "value": "x", "enabled": false},
		{"key": "count", "value": 3},
		{"key": "url", "value": "http://{{host}}"},
		{"key": "hidden", "value": "hush-hush", "type": "secret", "enabled": true},
		{"key": "clientSecret", "value": "a text"},
		{"key": "token_url", "value": "/token"},
		{"key": "pin", "value": "abc", "type": "secret"},
		{"key": "twice", "value": "1"},
		{"key": "twice", "value": "2"}
	],
	"_postman_variable_scope": "environment"
}`

func TestAnEnvironmentOfPostmanIsOne(t *testing.T) {
	t.Parallel()
	env, err := Load(fstest.MapFS{"e.json": {Data: []byte(fromPostman)}}, "e.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	scope := vars.NewScope(new(vars.Secrets), env.Layers()...)
	got := map[string]string{}
	for _, n := range env.Names() {
		v, err := scope.Lookup(n.Name)
		if err != nil {
			t.Fatal(err)
		}
		got[n.Name] = v.Literal()
		if n.Secret {
			got[n.Name] += " secret"
		}
	}
	want := map[string]string{
		"host": `"localhost:80"`, "count": "3", "url": `"http://localhost:80"`, "hidden": `"hush-hush" secret`, "clientSecret": `"a text" secret`,
		"token_url": `"/token"`, "pin": `"abc"`, "twice": `"2"`,
	}
	if diff := cmp.Diff(want, got); diff != "" || env.Name != "Dev" {
		t.Errorf("%s (-want +got):\n%s", env.Name, diff)
	}
}

func TestAnEnvironmentOfPostmanInYAMLIsOne(t *testing.T) {
	t.Parallel()
	const text = "# written by Postman\nname: Dev\nvalues:\n  - key: host\n    value: localhost\n    enabled: true\n  - key: off\n    value: x\n    enabled: false\n  - {key: pin, value: hush-hush, type: secret}\n"
	fsys := fstest.MapFS{"environments/Dev.environment.yaml": {Data: []byte(text)}}
	file, err := Find(fsys, "collection.yaml", "Dev")
	if err != nil {
		t.Fatal(err)
	}
	env, err := Load(fsys, file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range env.Names() {
		got = append(got, n.Name+map[bool]string{true: " secret"}[n.Secret])
	}
	if diff := cmp.Diff([]string{"host", "pin secret"}, got); diff != "" {
		t.Errorf("the names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Dev"}, Names(fsys, "collection.yaml")); diff != "" {
		t.Errorf("the environments (-want +got):\n%s", diff)
	}
	want := "e.yaml:2:1: unknown key \"values\"; known here: "
	if _, err := Load(fstest.MapFS{"e.yaml": {Data: []byte("name: x\nvalues:\n  a: b\n")}}, "e.yaml"); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a mapping called values: got %v, want %s…", err, want)
	}
}

func TestAnEnvironmentOfPostmanIsFoundByItsName(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"beside": "a/dev.postman_environment.json", "in the folder": "a/environments/dev.postman_environment.json", "above": "dev.postman_environment.json",
	} {
		got, err := Find(fstest.MapFS{file: {}, "a/c.json": {}}, "a/c.json", "dev")
		if got != file || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		_, err = Find(fstest.MapFS{file: {}, "a/c.json": {}}, "a/c.json", "dve")
		if want := `no environment "dve": looked for dve.yaml and .yml in a/environments, environments; did you mean "dev"? there are ` + file; err == nil || err.Error() != want {
			t.Errorf("%s: got %v\nwant %s", name, err, want)
		}
	}
}
