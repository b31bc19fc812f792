package collections

import (
	"slices"

	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Include says where the requests of a folder come from: from another collection, or a part of it, which sees no variable of
// who includes it but what With hands over, and gives nothing back but what Returns names.
type Include struct {
	File    string       // named as the collection is that includes it
	With    []Assignment // parameters, their values in the variables of who includes
	Returns []Returned
	When    []*expect.Conditions // of the folders around it and its own, in the variables of who includes
	Layers  []vars.Layer         // the variables of who includes
	only    []string
	of      *Collection // nil where it does not load
}

// Returned is a variable that comes back from an included collection.
type Returned struct {
	Name string // of who includes
	From string // what the included collection captures or sets
}

// refusedByIncludes are the keys that an include leaves to the requests in it, with what to do instead.
func refusedByIncludes() map[string]string {
	own := "the included collection keeps its own; hand over values by with:"
	inside := "belongs to the requests of the included collection"
	return map[string]string{
		"auth": own, "auths": own, "headers": own, "variables": own, "timeout": own, "follow_redirects": own,
		"max_body": own, "max_download": own, "sessions": own,
		"set": own, "retry": inside, "until": inside, "expect": inside, "paginate": inside, "async": inside,
		"capture": "what the included collection captures comes back by returns:",
		"setup":   "the included collection has its own", "teardown": "the included collection has its own",
	}
}

func includeKeys(rd *reader, f *Folder) source.Keys {
	in := f.Include
	keys := source.Keys{
		"name":        func(n source.Node) { rd.readName(n, &f.Label) },
		"description": source.String(&f.Description),
		"include":     func(n source.Node) { rd.readIncluded(n, f) },
		"with":        in.readWith,
		"returns":     in.readReturns,
		"for_each":    func(n source.Node) { rd.readLoop(n, &f.Loop) },
		"repeat":      func(n source.Node) { rd.readRepeat(n, &f.Loop) },
		"collect":     func(n source.Node) { readCollect(n, &f.Loop) },
		"once":        readOnce(&f.Share.Once),
	}
	settings := f.own.keys()
	for _, key := range []string{"tags", "when", "session"} {
		keys[key] = settings[key]
	}
	return keys
}

// partOfKeys are those of include: as a mapping.
func partOfKeys(file *source.Node, only *[]string) source.Keys {
	return source.Keys{"file": func(n source.Node) { *file = n }, "only": source.Strings(only)}
}

// include reads an item that is another collection.
func (rd *reader) include(n source.Node, parent *Folder) *Folder {
	f := &Folder{Pos: n.Pos(), Parent: parent, Include: &Include{}}
	keys := includeKeys(rd, f)
	for key, instead := range refusedByIncludes() {
		keys[key] = func(v source.Node) { v.Errorf("%s: %s", key, instead) }
	}
	for _, other := range []string{"request", "requests"} {
		if n.Has(other) {
			n.Errorf("an item is a request, a folder or an include: this has both include: and %s:", other)
			keys[other] = func(source.Node) {}
		}
	}
	n.Map(keys)
	if f.Include.of == nil {
		return f
	}
	if f.Name == "" && !n.Has("name") {
		f.Name = f.Include.of.Name
	}
	rd.fill(n, f)
	f.Include.checkReturns(n, f)
	checkLoop(n, &f.Loop, f.gives(nil))
	return f
}

// readWith reads the parameters.
func (in *Include) readWith(n source.Node) {
	var names vars.Definitions
	names.Read(n) // refuses names that cannot be variables
	for _, e := range n.Entries() {
		in.With = append(in.With, Assignment{Name: e.Name(), Value: names[e.Name()], Pos: e.Key.Pos()})
	}
}

// readReturns reads returns: [name, …] or {name: inner name}.
func (in *Include) readReturns(n source.Node) {
	if n.IsMap() {
		for _, e := range n.Entries() {
			vars.CheckName(e)
			in.Returns = append(in.Returns, Returned{e.Name(), e.Value.Text()})
		}
		return
	}
	var names []string
	source.Strings(&names)(n)
	for _, name := range names {
		in.Returns = append(in.Returns, Returned{name, name})
	}
}

// checkReturns refuses what nothing in the included collection captures.
func (in *Include) checkReturns(n source.Node, f *Folder) {
	var taken []string
	for r := range f.All() {
		taken = append(taken, r.givesIn(f)...)
	}
	slices.Sort(taken)
	taken = slices.Compact(taken)
	for _, e := range n.Entries() {
		if e.Name() != "returns" {
			continue
		}
		for _, back := range in.Returns {
			switch {
			case slices.Contains(taken, back.From) || back.From == "":
			case len(taken) == 0:
				e.Value.Errorf("returns: %s captures nothing", in.File)
			default:
				e.Value.Errorf("returns: nothing in %s captures %q; %s", in.File, back.From, source.Suggest(back.From, taken))
			}
		}
	}
}

// readIncluded reads include: a path, or a mapping of the path and the part.
func (rd *reader) readIncluded(n source.Node, f *Folder) {
	at := n
	if n.IsMap() {
		keys := partOfKeys(&at, &f.Include.only)
		n.Map(keys)
		if !n.Has("file") {
			if !unknown(n, keys) {
				n.Errorf("include: no file: write the path of a collection")
			}
			return
		}
	}
	file, err := rd.loads.beside(rd.c.File, at.Text())
	switch {
	case !at.IsScalar():
		return
	case err != nil:
		at.Errorf("%w", err)
		return
	}
	f.Include.File = file
	c, err := rd.loads.included(file)
	if err != nil {
		at.Record(err)
		return
	}
	if c != nil && c.Data != nil {
		at.Errorf("include: %s has data:, which runs only when it is run by itself; write for_each: here, and with: {…} for its columns", file)
		return
	}
	if len(f.Include.only) > 0 && c != nil {
		part, err := c.Select(Selection{Only: f.Include.only})
		if err != nil {
			n.Errorf("%w", err)
			return
		}
		c = part
	}
	f.Include.of = c
}

// adopt gives everything below an include what it gets from around it.
// Its variables are those of a collection.
func (f *Folder) adopt(in inherited, of *Collection) {
	if f == nil {
		return
	}
	f.Setup.adopt(in, of)
	f.Teardown.adopt(in, of)
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Folder:
			it.Tags = union(in.tags, it.Tags)
			inside := of
			if it.Include != nil {
				inside = it.Include.of
			}
			if in.joins(it.Share.Session) {
				it.Share.Session = in.session
				it.Loop = it.Loop.joining(in.session, of)
				it.Include = it.Include.joining(in.session, of)
			}
			it.adopt(in, inside)
		case *Request:
			it.Tags = union(in.tags, it.Tags)
			if in.joins(it.Flow.Share.Session) {
				it.Flow.Share.Session = in.session
				it.Layers = of.sessions.in(in.session, it.Layers)
				it.Flow.Loop = it.Flow.Loop.joining(in.session, of)
			}
		}
	}
}

// joining returns a copy whose values are looked up in a session; nil for nil.
func (l *Loop) joining(s Session, of *Collection) *Loop {
	if l == nil {
		return nil
	}
	joined := *l
	joined.Layers = of.sessions.in(s, l.Layers)
	return &joined
}

// joining returns a copy whose parameters are looked up in a session; nil for nil.
func (in *Include) joining(s Session, of *Collection) *Include {
	if in == nil {
		return nil
	}
	joined := *in
	joined.Layers = of.sessions.in(s, in.Layers)
	return &joined
}

func union(a, b []string) []string {
	for _, text := range b {
		if !slices.Contains(a, text) {
			a = append(slices.Clip(a), text)
		}
	}
	return a
}

// space returns the include that the folder stands in, itself perhaps: what is captured there is seen there alone. It is nil
// outside of all includes.
func (f *Folder) space() *Folder {
	for ; f != nil; f = f.Parent {
		if f.Include != nil {
			return f
		}
	}
	return nil
}

// gives returns the names that come back from an include, for captured ones in it, and the lists that loops make of them; nil
// stands for all.
func (f *Folder) gives(captured []string) []string {
	var own []string
	for _, back := range f.Include.Returns {
		if captured == nil || slices.Contains(captured, back.From) {
			own = append(own, back.Name)
		}
	}
	all := own
	if f.Loop != nil {
		all = f.Loop.collected(all, own)
	}
	return f.Parent.lists(all, own)
}

// lists adds the lists that the loops of a folder and of those around it make of captured names, as far as they see them.
func (f *Folder) lists(all, captured []string) []string {
	for ; f != nil && f.Include == nil; f = f.Parent {
		if f.Loop != nil {
			all = f.Loop.collected(all, captured)
		}
	}
	return all
}

// givesIn returns the names that have values after the request in a space around it: nothing where the request stands
// elsewhere.
func (r *Request) givesIn(space *Folder) []string {
	names := r.Gives()
	for in := r.Folder.space(); in != space; in = in.Parent.space() {
		if in == nil {
			return nil
		}
		names = in.gives(append([]string{}, names...))
	}
	return names
}

// parameter returns the parameter that a name stands for where the request stands, or a member of which it is.
func (r *Request) parameter(name string) (Assignment, bool) {
	in := r.Folder.space()
	if in == nil {
		return Assignment{}, false
	}
	for _, p := range in.Include.With {
		if p.covers(name) {
			return p, true
		}
	}
	return Assignment{}, false
}

// stand returns a request that needs what an include needs of who includes it.
func (f *Folder) stand() *Request {
	in := f.Include
	return &Request{Label: f.Label, Pos: f.Pos, Folder: f.Parent, Layers: in.Layers, Flow: Flow{When: in.When, Loop: f.Loop}}
}

// Hold judges every condition in s, the scope of who includes, as Flow.Hold does.
func (in *Include) Hold(s *vars.Scope) (holds bool, reason string, err error) {
	flow := Flow{When: in.When}
	return flow.Hold(s.With(in.Layers...))
}

// Enter returns the scope in which the included requests run: apart from s, the scope of who includes, but for the parameters,
// which are expanded in s. The error is a *source.Error.
func (in *Include) Enter(s *vars.Scope) (*vars.Scope, error) {
	inner, outer := s.Apart(), s.With(in.Layers...)
	for _, p := range in.With {
		v, err := p.Value.Value(outer)
		if err != nil {
			return inner, err
		}
		inner = inner.Bind(p.Name, v)
	}
	return inner, nil
}

// WithUses returns the names that the parameters need.
func (in *Include) WithUses() []vars.Use {
	var uses []vars.Use
	for _, p := range in.With {
		uses = append(uses, p.Value.Uses()...)
	}
	return uses
}

// Uses returns the names that an include needs of who includes it, but for those that its loop binds.
func (f *Folder) Uses() []vars.Use {
	who := f.stand()
	uses := slices.Concat(who.loopUses(), who.Flow.whenUses(), f.Include.WithUses())
	return slices.DeleteFunc(uses, func(u vars.Use) bool { return who.has(u.Name) })
}

// has reports whether a loop or a parameter gives a name its value.
func (r *Request) has(name string) bool {
	_, given := r.parameter(name)
	return given || r.bound(name) != nil
}

// Uses returns every name that the requests of the collection, its includes and its data need.
func (c *Collection) Uses() []vars.Use {
	var uses []vars.Use
	if c.Data != nil && c.Data.from != nil {
		uses = c.Data.from.uses()
	}
	seen := map[*Folder]bool{}
	for _, r := range c.Requests() {
		uses = append(uses, r.Uses()...)
		for in := r.Folder.space(); in != nil && !seen[in]; in = in.Parent.space() {
			seen[in] = true
			uses = append(uses, in.Uses()...)
		}
	}
	return uses
}

// steps are the requests and the includes of some folders, in the order in which they run.
func steps(phase Phase, yield func(Phase, Item) bool, f *Folder) bool {
	if f == nil {
		return true
	}
	if !steps(phase.within(Setup), yield, f.Setup) {
		return false
	}
	for _, it := range f.Items {
		sub, ok := it.(*Folder)
		switch {
		case ok && sub.Include == nil:
			if !steps(phase, yield, sub) {
				return false
			}
		case !yield(phase, it):
			return false
		}
	}
	return steps(phase.within(Teardown), yield, f.Teardown)
}
