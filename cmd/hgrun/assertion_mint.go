package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// mintFlags say what is signed where no collection does.
type mintFlags struct {
	target     target
	key        keyFlags
	passphrase string
	texts      map[string]*string // alg, kid, typ, lifetime, iss and sub, by flag
	audiences  []string
	claims     []string
}

func mintCommand() *cobra.Command {
	o := &mintFlags{texts: map[string]*string{}}
	c := &cobra.Command{
		Use:   "mint {[COLLECTION] -e ENV | --key-file FILE --iss CLIENT --aud URL}",
		Short: "Print a freshly signed assertion",
		Long: `mint signs an assertion and prints it: the one that a collection would send now, in the environment of -e; or one that flags
describe. Nothing is sent. Claims that nobody names are made: iat, exp and jti.

Exit codes: 0 signed · 2 usage, or what cannot be signed.`,
		Example: `  hgrun assertion mint collection.yaml -e sandbox
  hgrun assertion mint --alg HS256 --key-env CLIENT_SECRET --iss my-client --aud https://sandbox.example.com/oauth/token
  hgrun assertion mint --key-file key.pem --kid k1 --iss my-client --aud https://as.example/token --claim tenant=a --claim 'roles:=["x"]'`,
		RunE: o.run,
	}
	o.target.flags(c)
	o.key.flags(c, "the key that signs")
	f := c.Flags()
	f.StringVar(&o.passphrase, "passphrase-env", "", "environment variable with the passphrase of the key, by its `NAME`")
	for _, t := range [][2]string{
		{"alg", "`ALGORITHM`, such as RS384; by default what the key signs with"}, {"kid", "`ID` of the key, in the header; by default that of a JWK"},
		{"typ", "`TYPE` in the header; by default JWT"}, {"lifetime", "`TIME` from iat to exp; by default 60s"},
		{"iss", "`CLIENT` that signs"}, {"sub", "`CLIENT` that is meant; by default that of --iss"},
	} {
		o.texts[t[0]] = f.String(t[0], "", t[1])
	}
	f.StringArrayVar(&o.audiences, "aud", nil, "the token `URL`, byte for byte; more than one make a list")
	f.StringArrayVar(&o.claims, "claim", nil, "another claim: `NAME=TEXT`, or NAME:=JSON; may be repeated")
	return c
}

func (o *mintFlags) run(c *cobra.Command, paths []string) error {
	byHand := o.key.given() || len(o.claims)+len(o.audiences) > 0
	for _, text := range o.texts {
		byHand = byHand || *text != ""
	}
	var jwt string
	var err error
	t := &o.target
	switch fromFile := t.environment != "" || t.selection.given() || len(paths)+len(t.variables)+len(t.secrets) > 0; {
	case byHand && fromFile:
		err = errors.New("got a collection or flags that belong to one, and flags that say what to sign; want one or the other")
	case byHand:
		jwt, err = o.sign(c)
	default:
		jwt, err = mintFrom(c, t, paths)
	}
	if err != nil {
		return usage(err)
	}
	if _, err := fmt.Fprintln(c.OutOrStdout(), jwt); err != nil {
		return &exit{exitReport, err}
	}
	return nil
}

// sign signs what the flags say. They become the mapping that a collection has under assertion:, so that both mean the same.
func (o *mintFlags) sign(c *cobra.Command) (string, error) {
	if !o.key.given() {
		return "", errors.New("name the key: --key-file FILE or --key-env NAME")
	}
	values := map[string]vars.Value{}
	for name, read := range map[string]func() (string, error){
		"key":        o.key.read,
		"passphrase": func() (string, error) { return fromEnv("--passphrase-env", o.passphrase) },
	} {
		if name == "passphrase" && o.passphrase == "" {
			continue
		}
		text, err := read()
		if err != nil {
			return "", err
		}
		values[name] = vars.Value{Text: text, Secret: true}
	}
	mapping, err := o.mapping()
	if err != nil {
		return "", err
	}
	var a assertions.Assertion
	if err := source.Parse("", mapping, a.Read); err != nil {
		return "", withoutPlaces(err)
	}
	jwt, err := a.Mint(vars.NewScope(nil, vars.Layer{Name: "command line", Values: values}), assertions.Defaults{})
	if errors.Is(err, assertions.ErrNoPassphrase) {
		return "", errors.New("the private key is encrypted; name the environment variable with its passphrase: --passphrase-env NAME")
	}
	for _, w := range a.Warnings() {
		fmt.Fprintf(c.ErrOrStderr(), "hgrun: warning: %v\n", w.Err)
	}
	return jwt, withoutPlaces(err)
}

// mapping writes the flags as the mapping under assertion:. JSON is YAML.
func (o *mintFlags) mapping() ([]byte, error) {
	claims, err := o.claimMembers()
	if err != nil {
		return nil, err
	}
	members := []jsonMember{{"key", quoteJSON("{{key}}")}, {"key_encoding", quoteJSON(o.key.encoding)}}
	if o.passphrase != "" {
		members = append(members, jsonMember{"passphrase", quoteJSON("{{passphrase}}")})
	}
	for _, name := range []string{"alg", "kid", "typ", "lifetime"} {
		if text := *o.texts[name]; text != "" {
			members = append(members, jsonMember{name, quoteJSON(text)})
		}
	}
	return jsonObject(append(members, jsonMember{"claims", jsonObject(claims)})), nil
}

// claimMembers returns the claims in the order of the flags; iss, sub and aud come first.
func (o *mintFlags) claimMembers() ([]jsonMember, error) {
	var list []jsonMember
	seen := map[string]bool{}
	add := func(name string, value []byte) error {
		if seen[name] {
			return fmt.Errorf("--claim: %s is given twice", name)
		}
		seen[name] = true
		list = append(list, jsonMember{name, value})
		return nil
	}
	iss, sub := *o.texts["iss"], *o.texts["sub"]
	if sub == "" {
		sub = iss
	}
	for _, c := range []struct{ name, text string }{{"iss", iss}, {"sub", sub}} {
		if c.text != "" {
			_ = add(c.name, quoteJSON(c.text)) // the first of its name
		}
	}
	switch len(o.audiences) {
	case 0:
	case 1:
		_ = add("aud", quoteJSON(o.audiences[0])) // the first of its name
	default:
		all, err := json.Marshal(o.audiences)
		if err != nil {
			return nil, err
		}
		_ = add("aud", all) // the first of its name
	}
	for _, text := range o.claims {
		name, value, err := readClaim(text)
		if err == nil {
			err = add(name, value)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, needed := range [][2]string{{"iss", "--iss CLIENT"}, {"aud", "--aud URL"}} {
		if !seen[needed[0]] {
			return nil, fmt.Errorf("%s is missing, which every server wants: %s; or leave it out on purpose: --claim %s:=null", needed[0], needed[1], needed[0])
		}
	}
	return list, nil
}

// readClaim reads NAME=TEXT or NAME:=JSON.
func readClaim(text string) (name string, value []byte, err error) {
	name, after, ok := strings.Cut(text, "=")
	if raw, isJSON := strings.CutSuffix(name, ":"); isJSON && ok && raw != "" {
		if !json.Valid([]byte(after)) {
			return "", nil, fmt.Errorf("--claim: what stands behind %s:= is not JSON; write %s=TEXT for a text", raw, raw)
		}
		return raw, []byte(after), nil
	}
	if !ok || name == "" {
		return "", nil, errors.New("--claim: want NAME=TEXT or NAME:=JSON")
	}
	return name, quoteJSON(after), nil
}

// jsonMember is a member of an object that keeps its order.
type jsonMember struct {
	name  string
	value []byte // JSON
}

func jsonObject(members []jsonMember) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteString(", ")
		}
		b.Write(quoteJSON(m.name))
		b.WriteString(": ")
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func quoteJSON(text string) []byte {
	raw, err := json.Marshal(text)
	if err != nil { // no string is refused
		return []byte(`""`)
	}
	return raw
}

// withoutPlaces takes out of an error where things stand: on the command line that says nothing.
func withoutPlaces(err error) error {
	if err == nil {
		return nil
	}
	var all []error
	for _, p := range gather(nil, err) {
		all = append(all, &source.Error{Err: p.Err})
	}
	return errors.Join(all...)
}
