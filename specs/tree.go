package specs

import (
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/runner"
)

// suite is a collection as specs, in one process.
type suite struct {
	*loaded
	slots []*slot
	run   *run   // nil before its first request
	wrong error  // why nothing can run; nil where something can
	who   string // the spec that said so
	turns int    // of specs, skipped ones too
	ended bool
}

// slot is a request of the collection: the spec that it is, and what came of it.
type slot struct {
	request *collections.Request
	phase   runner.Phase
	folders []string // as results name them
	last    int      // of the slots that run again and again together with this one; its own number where it runs alone
	node    node

	chosen  bool            // its spec will run, as far as can be told
	told    bool            // its spec has run
	results []runner.Result // that no spec has told of
}

// node is a place in the tree of specs, below the container of the collection: what the flags of ginkgo look at.
type node struct {
	texts  []string
	labels ginkgo.Labels
	places []source.Pos
}

// with returns the node of something that stands in a node.
func (n node) with(text string, tags ginkgo.Labels, at source.Pos) node {
	return node{append(slices.Clip(n.texts), text), append(slices.Clip(n.labels), tags...), append(slices.Clip(n.places), at)}
}

// build adds the specs to the container that is open.
func (s *suite) build() {
	c := s.collection
	s.part("setup", c.Setup, runner.Setup, node{})
	first := len(s.slots)
	s.items(c.Main, runner.Main, node{})
	if c.Data != nil {
		s.together(first)
	}
	s.part("teardown", c.Teardown, runner.Teardown, node{})
	ginkgo.AfterAll(s.end, location(c.Pos))
	ginkgo.ReportAfterEach(s.passed, location(c.Pos))
}

// part adds what stands in a setup or a teardown.
func (s *suite) part(title string, f *collections.Folder, phase runner.Phase, in node) {
	if f == nil || len(f.Items) == 0 {
		return
	}
	at := place(f.Items[0])
	in = in.with(title, nil, at)
	ginkgo.Describe(title, location(at), func() { s.items(f, phase, in) })
}

func (s *suite) items(f *collections.Folder, phase runner.Phase, in node) {
	for _, it := range f.Items {
		switch it := it.(type) {
		case *collections.Request:
			s.request(it, phase, in)
		case *collections.Folder:
			s.folder(it, phase, in)
		}
	}
}

func (s *suite) folder(f *collections.Folder, phase runner.Phase, in node) {
	first, own := len(s.slots), labels(f.Tags, in.labels)
	in = in.with(f.Name, own, f.Pos)
	ginkgo.Describe(f.Name, own, location(f.Pos), func() {
		before := phase
		if phase == runner.Main {
			before = runner.Setup
		}
		s.part("setup", f.Setup, before, in)
		s.items(f, phase, in)
		s.part("teardown", f.Teardown, runner.Teardown, in)
	})
	if f.Loop != nil {
		s.together(first)
	}
}

// together notes that the slots from first on run again and again together.
func (s *suite) together(first int) {
	for _, slot := range s.slots[first:] {
		slot.last = len(s.slots) - 1
	}
}

func (s *suite) request(r *collections.Request, phase runner.Phase, in node) {
	i, own := len(s.slots), labels(r.Tags, in.labels)
	s.slots = append(s.slots, &slot{request: r, phase: phase, folders: r.Folder.Path(), last: i, node: in.with(r.Name, own, r.Pos)})
	ginkgo.It(r.Name, own, location(r.Pos), func(ctx ginkgo.SpecContext) { s.spec(ctx, i) })
}

func place(it collections.Item) source.Pos {
	switch it := it.(type) {
	case *collections.Request:
		return it.Pos
	case *collections.Folder:
		return it.Pos
	}
	return source.Pos{}
}

// labels are tags as Ginkgo takes them, without those that something around has. A colon has a meaning within a label only.
func labels(tags []string, around ginkgo.Labels) ginkgo.Labels {
	var own ginkgo.Labels
	for _, tag := range tags {
		if tag = strings.Trim(tag, ":"); tag != "" && !slices.Contains(around, tag) {
			own = append(own, tag)
		}
	}
	return own
}

// location is a place as Ginkgo takes it.
func location(at source.Pos) any {
	l := ginkgo.SpecReport{}.LeafNodeLocation
	l.FileName, l.LineNumber = at.File, at.Line
	return l
}
