// Package collections reads collections; one that loads has no unknown key and no unknown kind. It knows nothing of how
// requests are sent.
package collections

import (
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/collections/importers"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Options says how a collection is loaded. The zero value works.
type Options struct {
	// FileRoot is the folder that the paths in the collection are relative to and may not leave.
	// Empty means the folder of the collection.
	FileRoot string
	// Lenient leaves out what of a file of Postman could not be sent, with a note, instead of refusing the file.
	Lenient bool
	// Globals are the weakest variables of all, as Postman's globals are; nil for none.
	Globals []vars.Layer
}

// Label is what a collection, a folder or a request is called.
type Label struct {
	Name        string
	Description string
	Tags        []string // those of the folders around it included, without doubles

	braces *source.Pos // where the name stands, if it holds {{name}}; else nil
}

// Collection is a chain of requests, read and checked.
type Collection struct {
	Label
	Pos       source.Pos
	File      string // as the user named it
	Variables vars.Definitions
	Auths     map[string]auth.Authorizer // those of auths:, by name; nil for none
	Setup     *Folder                    // what runs before everything else; without items where nothing is set up
	Main      *Folder
	Data      *Data            // nil for one round without data
	Teardown  *Folder          // what runs last, whatever happened
	Notes     []importers.Note // about what a file of another program says and a run passes over
	marks     []mark
	sessions  sessions
}

// Item is a *Folder or a *Request.
type Item interface{ item() }

// Folder is a group of requests that share settings. A collection's Setup, Main and Teardown are folders without a name
// and without a parent; those of a folder have the folder as theirs.
type Folder struct {
	Label
	Pos      source.Pos
	Parent   *Folder
	Setup    *Folder // what runs before its items; nil for none
	Items    []Item
	Teardown *Folder  // what runs after them, whatever happened; nil for none
	Loop     *Loop    // nil for once
	Include  *Include // nil for a folder whose requests stand in it
	Share    Share
	own      settings
}

// Request is one request of a collection, with everything it inherits.
type Request struct {
	Label
	Pos       source.Pos
	Folder    *Folder
	Message   Message
	Auth      auth.Authorizer       // nil for none
	Assertion *assertions.Assertion // signed for every attempt and bound to {{$assertion}}; nil for none
	Expect    expect.Expectations
	Captures  expect.Captures
	Flow      Flow
	Layers    []vars.Layer // variables of the request, its folders from the inside out, and the collection
	Needed    bool         // not selected itself, but captures what a selected request uses
	scripts   inheritedScripts
}

func (*Folder) item()  {}
func (*Request) item() {}

// Load reads a collection, of ours or of Postman, and what it inherits from itself. The error is a source.Problems with all that is wrong, or a
// *source.Error for a file that cannot be read.
func Load(fsys fs.FS, file string, o Options) (*Collection, error) {
	l := &loads{options: o, done: map[string]*Collection{}}
	l.read = func(file string) (*Collection, error) {
		base := path.Base(file)
		rd := &reader{
			loads:     l,
			globals:   o.Globals,
			files:     newFiles(fsys, file, o.FileRoot),
			snapshots: newSnapshots(fsys, file),
			given:     map[*Request]*settings{},
			c: &Collection{
				Label: Label{Name: strings.TrimSuffix(base, path.Ext(base))},
				File:  file,
				Setup: &Folder{}, Main: &Folder{}, Teardown: &Folder{},
			},
		}
		if err := rd.open(fsys, file); err != nil {
			return nil, err
		}
		return rd.c, nil
	}
	return l.load(file)
}

// Phase says what a request is for.
type Phase string

// The phases, in the order in which they run.
const (
	Setup    Phase = "setup"
	Main     Phase = "request"
	Teardown Phase = "teardown"
)

// Requests yields every request in the order in which it runs.
func (c *Collection) Requests() iter.Seq2[Phase, *Request] {
	return func(yield func(Phase, *Request) bool) {
		for _, phase := range []Phase{Setup, Main, Teardown} {
			if !c.root(phase).each(phase, yield) {
				return
			}
		}
	}
}

// Count returns the number of requests in all phases, those of a loop and of data as often as they are known to run: once where
// only the run can tell.
func (c *Collection) Count() int { return c.CountOf(max(c.Data.Count(), 1)) }

// CountOf is Count for a number of rows.
func (c *Collection) CountOf(rows int) int {
	return c.Setup.count() + c.Main.count()*rows + c.Teardown.count()
}

func (f *Folder) count() int {
	if f == nil {
		return 0
	}
	n := f.Setup.count() + f.Teardown.count()
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Request:
			n += it.Flow.Loop.times()
		case *Folder:
			n += it.count()
		}
	}
	return n * f.Loop.times()
}

func (c *Collection) root(phase Phase) *Folder {
	switch phase {
	case Setup:
		return c.Setup
	case Teardown:
		return c.Teardown
	case Main:
	}
	return c.Main
}

// All yields the requests of the folder and of the folders in it, in the order in which they run.
func (f *Folder) All() iter.Seq[*Request] {
	return func(yield func(*Request) bool) {
		f.each(Main, func(_ Phase, r *Request) bool { return yield(r) })
	}
}

// phases is All with what each request is for.
func (f *Folder) phases() iter.Seq2[Phase, *Request] {
	return func(yield func(Phase, *Request) bool) { f.each(Main, yield) }
}

// each is All with what each request is for, where the folder is for phase. A nil folder has none.
func (f *Folder) each(phase Phase, yield func(Phase, *Request) bool) bool {
	if f == nil {
		return true
	}
	if !f.Setup.each(phase.within(Setup), yield) {
		return false
	}
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Request:
			if !yield(phase, it) {
				return false
			}
		case *Folder:
			if !it.each(phase, yield) {
				return false
			}
		}
	}
	return f.Teardown.each(phase.within(Teardown), yield)
}

// within returns what the setup or teardown of a folder is for, where the folder itself is for p.
func (p Phase) within(inner Phase) Phase {
	if p == Main || inner == Teardown {
		return inner
	}
	return p
}

// Path returns the names of the folder and the folders around it, the outermost first; nil for a collection's own.
func (f *Folder) Path() []string {
	switch {
	case f == nil:
		return nil
	case f.Name == "":
		return f.Parent.Path()
	}
	return append(f.Parent.Path(), f.Name)
}

// Path returns the names of the folders around the request and its own, joined by slashes.
func (r *Request) Path() string {
	return strings.Join(append(r.Folder.Path(), r.Name), "/")
}

// Uses returns every name that the request needs, whenever it needs it, but for those that loops and the parameters of an
// include bind.
func (r *Request) Uses() []vars.Use {
	uses := slices.Concat(r.loopUses(), r.Flow.whenUses(), r.Flow.setUses(), r.sendUses(), r.Flow.untilUses(), r.Expect.Uses(), r.Captures.Uses())
	return slices.DeleteFunc(uses, func(u vars.Use) bool { return r.has(u.Name) })
}

// JudgesStatus reports whether the collection says what the status of the answer is to be, or has scripts that judge the answer.
func (r *Request) JudgesStatus() bool {
	return r.Judged() || r.Expect.JudgesStatus() || r.Flow.Poll != nil && r.Flow.Poll.Until.JudgesStatus()
}

// Expectations returns how many expectations the last answer is judged by.
func (r *Request) Expectations() int {
	if r.Flow.Poll != nil {
		return r.Expect.Len() + r.Flow.Poll.Until.Len()
	}
	return r.Expect.Len()
}

// sendUses returns the names that must have values when the request is sent.
func (r *Request) sendUses() []vars.Use {
	uses := r.Message.Uses()
	if r.Auth != nil {
		uses = append(uses, r.Auth.Uses()...)
	}
	if r.Assertion != nil {
		uses = append(uses, r.Assertion.Uses()...)
	}
	return uses
}

// Captured returns the names that have values after the request: what it sets, captures and collects, and what its scripts set.
func (r *Request) Captured() []string {
	var names []string
	for _, a := range r.Flow.Set {
		names = append(names, a.Name)
	}
	names = append(names, r.Captures.Names()...)
	names = append(names, r.scripts.sets(Prerequest)...)
	names = append(names, r.scripts.sets(Test)...)
	if r.Flow.Pages != nil {
		names = collected(r.Flow.Pages.Collect, names, nil)
	}
	if r.Flow.Loop != nil {
		names = r.Flow.Loop.collected(names, nil)
	}
	return names
}

// Gives returns Captured, and the lists that the loops of the folders around make of it.
func (r *Request) Gives() []string {
	own := r.Captured()
	return r.Folder.lists(own, own)
}

// loops yields the loops that the request runs in and whose variables it sees, its own first.
func (r *Request) loops() iter.Seq[*Loop] {
	return func(yield func(*Loop) bool) {
		if r.Flow.Loop != nil && !yield(r.Flow.Loop) {
			return
		}
		for f := r.Folder; f != nil && f.Include == nil; f = f.Parent {
			if f.Loop != nil && !yield(f.Loop) {
				return
			}
		}
	}
}

func (r *Request) loopUses() []vars.Use {
	var uses []vars.Use
	for l := range r.loops() {
		uses = append(uses, l.Uses()...)
	}
	return uses
}

// bound returns the innermost loop that binds a name, or nil.
func (r *Request) bound(name string) *Loop {
	for l := range r.loops() {
		if l.binds(name) {
			return l
		}
	}
	return nil
}
