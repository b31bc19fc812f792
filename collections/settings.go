package collections

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// settings are what a collection, a folder and a request can all say; the inner one wins or adds. The zero value says
// nothing.
type settings struct {
	variables vars.Definitions
	auth      *source.Node // nil where it is not given
	headers   []Header
	tags      []string
	when      *expect.Conditions
	timeout   time.Duration
	redirects redirects
	bodies    BodyLimits // zero where they are not given
	session   *source.Node
	scripts   scripts
}

func (s *settings) keys() source.Keys {
	keys := source.Keys{
		"variables":        s.variables.Read,
		"auth":             func(n source.Node) { s.auth = &n },
		"session":          func(n source.Node) { s.session = &n },
		"script":           s.scripts.read,
		"headers":          s.readHeaders,
		"tags":             s.readTags,
		"when":             func(n source.Node) { s.when = new(expect.Conditions); s.when.Read(n) },
		"timeout":          readTimeout(&s.timeout),
		"follow_redirects": s.redirects.read,
	}
	maps.Copy(keys, s.bodies.keys())
	return keys
}

func (s *settings) readTags(n source.Node) {
	source.Strings(&s.tags)(n)
	for _, tag := range s.tags {
		if strings.ContainsFunc(tag, func(r rune) bool { return !tagRune(r) }) {
			n.Errorf("tag %q: a tag is made of letters, digits and . _ - : only", tag)
		}
	}
}

// readAuths reads the auths that requests refer to by name.
func (rd *reader) readAuths(n source.Node) {
	rd.auths = map[string]auth.Authorizer{}
	for _, e := range n.Entries() {
		if e.Name() == "none" {
			e.Key.Errorf("none cannot name an auth: auth: none means no auth at all")
			continue
		}
		if !e.Value.IsMap() {
			e.Value.Errorf("auth %s: want a mapping such as {bearer: \"{{token}}\"}", e.Name())
			continue
		}
		rd.auths[e.Name()] = auth.Read(e.Value)
	}
}

// authorizer returns what auth: stands for: none, one of auths:, or a mapping.
func (rd *reader) authorizer(n source.Node) auth.Authorizer {
	if !n.IsScalar() {
		return auth.Read(n)
	}
	name := n.Text()
	switch {
	case name == "none" || n.IsNull():
		return nil
	case name == "":
		n.Errorf("auth is empty; write none for no auth at all")
		return nil
	}
	a, ok := rd.auths[name]
	if !ok {
		n.Errorf("%s", rd.unknownAuth(name))
	}
	return a
}

func (rd *reader) unknownAuth(name string) string {
	if _, ok := auth.Kinds()[name]; ok {
		return fmt.Sprintf("auth %s needs its settings: write a mapping, {%s: …}, or the name of one of auths:", name, name)
	}
	if len(rd.auths) == 0 {
		return fmt.Sprintf("unknown auth %q; the collection has no auths: that could name it", name)
	}
	return fmt.Sprintf("unknown auth %q; %s", name, source.Suggest(name, slices.Sorted(maps.Keys(rd.auths))))
}

// inherited is what a request gets from its folders and the collection.
type inherited struct {
	layers    []vars.Layer // the innermost first
	auth      auth.Authorizer
	headers   []Header
	tags      []string
	when      []*expect.Conditions // the outermost first
	timeout   time.Duration
	redirects int
	bodies    BodyLimits
	session   Session
	scripts   inheritedScripts
}

// plus returns what is inherited one floor further down, where own is said by what layer names.
func (in inherited) plus(rd *reader, own *settings, layer string) inherited {
	if len(own.variables) > 0 {
		in.layers = append([]vars.Layer{{Name: layer, Defined: own.variables}}, in.layers...)
	}
	if own.auth != nil {
		in.auth = rd.authorizer(*own.auth)
	}
	if len(own.headers) > 0 {
		in.headers = mergeHeaders(in.headers, own.headers)
	}
	in.tags = union(in.tags, own.tags)
	if own.when != nil {
		in.when = append(slices.Clip(in.when), own.when)
	}
	if own.timeout > 0 {
		in.timeout = own.timeout
	}
	if own.redirects.given {
		in.redirects = own.redirects.most
	}
	in.bodies = own.bodies.or(in.bodies)
	if own.session != nil {
		in.session = rd.session(*own.session)
	}
	in.scripts = in.scripts.plus(own.scripts, layer)
	return in
}

// inherit gives every request what its folders and the collection say, and every item a name of its own.
func (rd *reader) inherit() {
	defaults := inherited{layers: rd.globals, timeout: DefaultTimeout, redirects: DefaultRedirects, bodies: BodyLimits{DefaultMaxBody, DefaultMaxDownload}}
	top := defaults.plus(rd, &rd.own, "collection")
	if len(rd.foreign.secrets) > 0 {
		top.layers[0].Values = rd.foreign.secrets // of which the layer has templates too
	}
	rd.c.Tags = top.tags
	if rd.c.Data != nil {
		rd.c.Data.Layers = top.layers
	}
	taken := names{}
	for _, root := range []*Folder{rd.c.Setup, rd.c.Main, rd.c.Teardown} {
		rd.descend(root, top, taken)
	}
}

func (rd *reader) descend(f *Folder, in inherited, taken names) {
	if f == nil {
		return
	}
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Folder:
			it.Name = taken.unique("folder", it.Name)
			own := in.plus(rd, &it.own, "folder "+it.Name)
			it.Tags, it.Share.Session = own.tags, own.session
			layers := rd.c.sessions.in(own.session, own.layers)
			if it.Loop != nil {
				it.Loop.Layers = layers
			}
			if it.Include != nil {
				it.Include.When, it.Include.Layers = own.when, layers
				it.adopt(own, it.Include.of)
				continue
			}
			inside := names{}
			rd.descend(it.Setup, own, inside)
			rd.descend(it, own, inside)
			rd.descend(it.Teardown, own, inside)
		case *Request:
			it.Name = taken.unique("request", it.Name)
			own := in.plus(rd, rd.given[it], "request")
			rd.given[it].scripts.named("request " + it.Name)
			own.layers = rd.c.sessions.in(own.session, own.layers)
			it.take(own, rd.given[it])
		}
	}
}

func (r *Request) take(in inherited, own *settings) {
	r.Layers, r.Auth, r.Tags, r.Flow.Share.Session = in.layers, in.auth, in.tags, in.session
	if r.Flow.Loop != nil {
		r.Flow.Loop.Layers = in.layers
	}
	r.Message.Headers = in.headers
	if b := r.Message.body; b != nil && b.typed() && !hasHeader(own.headers, "Content-Type") {
		r.Message.Headers = mergeHeaders(in.headers, []Header{{Name: "Content-Type"}})
	}
	r.scripts = in.scripts
	r.Flow.When, r.Flow.Timeout, r.Flow.Redirects, r.Flow.Bodies = in.when, in.timeout, in.redirects, in.bodies
}

// names are the names that are taken in one folder, requests and folders apart.
type names map[[2]string]int

// unique returns the name, or the name with " #2" and so on where it is taken.
func (ns names) unique(kind, name string) string {
	key := [2]string{kind, name}
	ns[key]++
	for i := ns[key]; i > 1; i++ {
		numbered := [2]string{kind, name + " #" + strconv.Itoa(i)}
		if ns[numbered] == 0 {
			ns[numbered] = 1
			ns[key] = i
			return numbered[1]
		}
	}
	return name
}
