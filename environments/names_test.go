//go:build unix

package environments

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEveryNameTellsWhereItComesFrom(t *testing.T) {
	t.Setenv("HGRUN_TEST_NAMES", "from-line")
	e, err := Load(tree("env/e.yaml", "extends: base.yaml\nvariables: {a: 1}\nsecrets: {pem: {file: keys/k.pem}, op: {command: [/bin/op, read, op://x]}, shown: {env: HGRUN_TEST_UNSET, secret: false}}\n",
		"env/base.yaml", "variables: {a: 0, b: 2}\nsecrets: {dot: {dotenv: KEY}}\n", "env/keys/k.pem", "key of the file"), "env/e.yaml")
	if err != nil {
		t.Fatal(err)
	}
	e.Override(map[string]string{"b": "3", "dot": "12345"}, map[string]string{"asked": "HGRUN_TEST_NAMES"})
	e.secrets["op"].from = &rotating{}
	same(t, errorText(e.Resolve(t.Context())), "env/e.yaml:3:89: secret shown: environment variable HGRUN_TEST_UNSET is not set; export HGRUN_TEST_UNSET=… or write shown: {file: path}; did you mean \"HGRUN_TEST_NAMES\"?")
	var got []string
	for _, n := range e.Names() {
		got = append(got, fmt.Sprintf("%s %s line=%v secret=%v from=%q failed=%v", n.Name, n.Pos, n.Line, n.Secret, n.From, n.Failed != nil))
	}
	slices.Sort(got)
	same(t, strings.Join(got, "\n"), `a env/e.yaml:2:16 line=false secret=false from="" failed=false
asked  line=true secret=true from="environment variable HGRUN_TEST_NAMES" failed=false
b  line=true secret=false from="" failed=false
b env/base.yaml:1:22 line=false secret=false from="" failed=false
dot  line=true secret=true from="" failed=false
dot env/base.yaml:2:25 line=false secret=true from="KEY in env/.env" failed=false
op env/e.yaml:3:50 line=false secret=true from="" failed=false
pem env/e.yaml:3:23 line=false secret=true from="file env/keys/k.pem" failed=false
shown env/e.yaml:3:89 line=false secret=false from="environment variable HGRUN_TEST_UNSET" failed=true`)
	same(t, commandSecret{argv: []string{"/usr/bin/op", "read", "secret-path"}}.String(), "command op")
}
