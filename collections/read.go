package collections

import (
	"maps"
	"slices"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// reader turns the nodes of one file into a collection.
type reader struct {
	c         *Collection
	loads     *loads
	files     *files
	snapshots *expect.Snapshots
	expected  *expect.Files              // that expectations name; nil until one does
	own       settings                   // of the collection
	given     map[*Request]*settings     // of the requests
	auths     map[string]auth.Authorizer // those of auths:
	empty     bool                       // requests: was given a list without items, or not at all

	keys source.Keys // of a request
	now  *Request    // that is read now
	said settings    // by it

	foreign foreign      // what another program has written
	globals []vars.Layer // around the collection
}

func collectionKeys(rd *reader) source.Keys {
	keys := source.Keys{
		"name":        func(n source.Node) { rd.readName(n, &rd.c.Label) },
		"description": source.String(&rd.c.Description),
		"auths":       rd.readAuths,
		"sessions":    rd.readSessions,
		"setup":       rd.items(rd.c.Setup),
		"requests":    rd.items(rd.c.Main),
		"teardown":    rd.items(rd.c.Teardown),
		"data":        rd.readData,
	}
	maps.Copy(keys, rd.own.keys())
	delete(keys, "when") // a collection has no condition of its own
	return keys
}

func folderKeys(rd *reader, f *Folder) source.Keys {
	keys := source.Keys{
		"name":        func(n source.Node) { rd.readName(n, &f.Label) },
		"description": source.String(&f.Description),
		"setup":       rd.aside(&f.Setup, f),
		"requests":    rd.items(f),
		"teardown":    rd.aside(&f.Teardown, f),
		"for_each":    func(n source.Node) { rd.readLoop(n, &f.Loop) },
		"repeat":      func(n source.Node) { rd.readRepeat(n, &f.Loop) },
		"collect":     func(n source.Node) { readCollect(n, &f.Loop) },
		"once":        readOnce(&f.Share.Once),
	}
	maps.Copy(keys, f.own.keys())
	return keys
}

// requestKeys is made once for a file, because most of a file is requests: its readers fill rd.now and rd.said.
func requestKeys(rd *reader) source.Keys {
	keys := source.Keys{
		"name":        func(n source.Node) { rd.readName(n, &rd.now.Label) },
		"description": func(n source.Node) { rd.now.Description = n.Text() },
		"request":     func(n source.Node) { rd.now.Message.readLine(n) },
		"query":       func(n source.Node) { rd.now.Message.query = readFields(n) },
		"assertion":   func(n source.Node) { rd.now.readAssertion(n) },
		"expect":      func(n source.Node) { rd.readExpectations(n, &rd.now.Expect) },
		"capture":     func(n source.Node) { rd.now.Captures.Read(n) },
		"set":         func(n source.Node) { rd.now.Flow.readSet(n) },
		"once":        func(n source.Node) { readOnce(&rd.now.Flow.Share.Once)(n) },
		"delay":       func(n source.Node) { source.Duration(&rd.now.Flow.Delay)(n) },
		"retry":       func(n source.Node) { rd.now.Flow.readRetry(n) },
		"for_each":    func(n source.Node) { rd.readLoop(n, &rd.now.Flow.Loop) },
		"repeat":      func(n source.Node) { rd.readRepeat(n, &rd.now.Flow.Loop) },
		"collect":     func(n source.Node) { readCollect(n, &rd.now.Flow.Loop) },
		"paginate":    func(n source.Node) { rd.now.Flow.readPages(n) },
		"async":       func(n source.Node) { rd.now.Flow.readJob(n) },
		"until":       func(n source.Node) { rd.readExpectations(n, &rd.now.Flow.poll().Until) },
		"every":       func(n source.Node) { readSpan(n, "every", &rd.now.Flow.poll().Every) },
		"for":         func(n source.Node) { readSpan(n, "for", &rd.now.Flow.poll().For) },
	}
	for kind, read := range bodies() {
		keys[kind] = func(n source.Node) { rd.now.Message.readBody(n, kind, rd.files, read) }
	}
	maps.Copy(keys, rd.said.keys())
	return keys
}

// readExpectations reads expectations, and the files that bodies are compared with.
func (rd *reader) readExpectations(n source.Node, to *expect.Expectations) {
	to.Read(n)
	if rd.expected == nil {
		rd.expected = &expect.Files{Open: rd.files.contents, Folder: rd.files.dir, Verify: verifyJWT, Snapshots: rd.snapshots}
	}
	if err := to.LoadFrom(rd.expected); err != nil {
		n.Record(err)
	}
}

// verifyJWT checks the signature of a JWT with a key text.
func verifyJWT(token, key, encoding string) error {
	t, err := assertions.Inspect(token)
	if err != nil {
		return err
	}
	return t.Verify(key, encoding)
}

func (r *Request) readAssertion(n source.Node) {
	r.Assertion = new(assertions.Assertion)
	r.Assertion.Read(n)
}

// Keys returns the keys of every mapping that this package reads, by the mapping's name, in alphabetical order.
func Keys() map[string][]string {
	rd := &reader{c: &Collection{}}
	return map[string][]string{
		"collection": collectionKeys(rd).Names(),
		"folder":     folderKeys(rd, &Folder{}).Names(),
		"request":    requestKeys(rd).Names(),
		"include":    includeKeys(rd, &Folder{Include: &Include{}}).Names(),
		"included":   partOfKeys(nil, nil).Names(),
		"session":    sessionKeys(new(vars.Definitions)).Names(),
		"retry":      retryKeys(&Retry{}).Names(),
		"values":     append(spanKeys(&span{}).Names(), rd.tableKeys(&rows{}).Names()...),
		"paginate":   pagesKeys(&Pages{}).Names(),
		"offset":     offsetKeys(&Offset{}).Names(),
		"async":      jobKeys(&Job{}).Names(),
		"data":       rd.dataKeys(&Data{}, &table{}, &inline{}).Names(),
		"script":     scriptKeys(&scripts{}).Names(),
		"graphql":    graphqlKeys(&graphqlBody{}).Names(),
		"part":       partKeys(&part{}, nil).Names(),
	}
}

func (rd *reader) collection(n source.Node) {
	rd.c.Pos = n.Pos()
	rd.empty = true
	keys := collectionKeys(rd)
	n.Map(keys)
	switch {
	case !n.IsMap() || unknown(n, keys):
	case rd.empty:
		n.Errorf("no requests: write at least one under requests:")
	case len(rd.c.Main.Items) > 0 && hollow(rd.c.Main):
		n.Errorf("no requests: its folders are all empty")
	}
	rd.c.Variables, rd.c.Auths = rd.own.variables, rd.auths
	rd.mark(n)
	rd.inherit()
	rd.c.Setup.refuseOnce(n, false)
	rd.c.Main.refuseOnce(n, false)
	rd.c.Teardown.refuseOnce(n, true)
}

// hollow reports whether a folder, and every folder in it, is written without a request: to run it would be a green of nothing.
func hollow(f *Folder) bool {
	return !slices.ContainsFunc(f.Items, func(it Item) bool {
		sub, isFolder := it.(*Folder)
		return !isFolder || sub.Include != nil || !hollow(sub)
	})
}

// unknown reports whether a mapping has a key that is a problem already, so that what it was meant to be is not
// reported as missing too.
func unknown(n source.Node, keys source.Keys) bool {
	return slices.ContainsFunc(n.Entries(), func(e source.Entry) bool { return keys[e.Name()] == nil })
}

// items returns a reader of a list of requests and folders.
func (rd *reader) items(f *Folder) func(source.Node) {
	return func(n source.Node) {
		if f == rd.c.Main {
			rd.empty = n.IsList() && len(n.Items()) == 0
		}
		for _, item := range n.Items() {
			switch {
			case item.Has("include"):
				f.Items = append(f.Items, rd.include(item, f))
			case item.Has("requests"):
				f.Items = append(f.Items, rd.folder(item, f))
			default:
				f.Items = append(f.Items, rd.request(item, f))
			}
		}
	}
}

// aside returns a reader of the setup or the teardown of a folder.
func (rd *reader) aside(to **Folder, parent *Folder) func(source.Node) {
	return func(n source.Node) {
		*to = &Folder{Pos: n.Pos(), Parent: parent}
		rd.items(*to)(n)
	}
}

func (rd *reader) folder(n source.Node, parent *Folder) *Folder {
	f := &Folder{Pos: n.Pos(), Parent: parent}
	keys := folderKeys(rd, f)
	if n.Has("request") {
		n.Errorf("an item is a request or a folder: this has both request: and requests:")
		keys["request"] = func(source.Node) {}
	}
	n.Map(keys)
	if f.Name == "" && !n.Has("name") {
		n.Errorf("a folder needs a name")
	}
	var taken []string
	for r := range f.All() {
		taken = append(taken, r.givesIn(nil)...)
	}
	checkLoop(n, &f.Loop, taken)
	return f
}

func (rd *reader) request(n source.Node, f *Folder) *Request {
	r := &Request{Pos: n.Pos(), Folder: f}
	if rd.keys == nil {
		rd.keys = requestKeys(rd)
	}
	r.Message.lenient = rd.foreign.is
	rd.now, rd.said = r, settings{}
	n.Map(rd.keys)
	switch {
	case n.IsMap() && !n.Has("request") && !unknown(n, rd.keys):
		n.Errorf("no request: write its method and URL, as in request: GET {{base_url}}/path")
	case r.Name == "":
		r.Name = vars.MaskQuery(r.Message.line) // it is told before anything can be known of the run
	}
	r.Flow.checkPoll(n)
	r.Flow.checkWays(n)
	r.checkSnapshots(n)
	checkLoop(n, &r.Flow.Loop, r.Captured())
	if r.Flow.Pages != nil {
		checkCollect(n, r.Flow.Pages.Collect, r.Captures.Names())
	}
	own := rd.said
	rd.given[r] = &own
	return r
}
