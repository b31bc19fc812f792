package collections

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Selection says which requests run. The zero Selection is all of them.
type Selection struct {
	// Tags is a filter such as "smoke && !slow"; empty for any tags.
	Tags string
	// Only are names of requests, Folder/Name, patterns with *, or FILE:LINE of a line of the request. Empty for all.
	Only []string
	// From and To are names like those of Only: the first request that From means, the last one that To means, and what runs
	// between them. Empty for the first and the last of the collection.
	From, To string
	// Fits is what else a request must satisfy, one of a folder's setup or teardown too; nil for nothing.
	Fits func(*Request) bool
	// Around says that setup and teardown are worth a run of their own: that nothing fits is no error then.
	Around bool
	// Scope defines what no request has to capture: the environment's and the command line's variables. It may be nil.
	Scope *vars.Scope
}

// ErrNothingSelected is the error of a selection that no request of the collection fits.
var ErrNothingSelected = errors.New("no request is selected")

// Select returns a collection of the requests that sel names, and of those that they need: which capture a variable that
// nothing else defines. Setup stays whole, and teardown too but for requests that need what only a request that was not
// selected would have captured: there is nothing for them to tear down. The error is ErrNothingSelected, or tells what is
// wrong with sel.
func (c *Collection) Select(sel Selection) (*Collection, error) {
	if sel.everything() {
		return c, nil
	}
	keep, err := c.chosen(sel)
	if err != nil {
		return nil, err
	}
	chosen := *c
	n := &needs{c: c, scope: sel.Scope, keep: keep}
	n.addProviders()
	n.addTeardown(c.Main)
	n.teardown(c.Teardown)
	chosen.Main = c.Main.with(keep, nil)
	chosen.Teardown = c.Teardown.with(keep, nil)
	return &chosen, nil
}

func (sel *Selection) everything() bool {
	return sel.Tags == "" && len(sel.Only) == 0 && sel.From == "" && sel.To == "" && sel.Fits == nil
}

// chosen returns the requests that sel names; the values are false: none of them is only needed.
func (c *Collection) chosen(sel Selection) (map[*Request]bool, error) {
	fits := func([]string) bool { return true }
	if sel.Tags != "" {
		filter, err := parseTags(sel.Tags)
		if err != nil {
			return nil, err
		}
		fits = filter
	}
	stretch, err := c.stretch(sel)
	if err != nil {
		return nil, err
	}
	keep := map[*Request]bool{}
	for phase, r := range c.Main.phases() {
		named := phase == Main || sel.Fits != nil || r == stretch.from || r == stretch.to
		if len(sel.Only) > 0 {
			named = slices.ContainsFunc(sel.Only, func(only string) bool { return c.named(r, only) })
		}
		if stretch.keeps(r) && named && fits(r.Tags) && (sel.Fits == nil || sel.Fits(r)) {
			keep[r] = false
		}
	}
	if len(keep) == 0 && !sel.Around {
		return nil, fmt.Errorf("%s: %w: %s", c.File, ErrNothingSelected, c.instead(sel))
	}
	return keep, nil
}

// in reports whether the request stands below a folder, setup and teardown included.
func (r *Request) in(root *Folder) bool {
	f := r.Folder
	for f.Parent != nil {
		f = f.Parent
	}
	return f == root
}

// with returns a copy of the folder that holds only what is kept, without folders that became empty.
func (f *Folder) with(keep map[*Request]bool, parent *Folder) *Folder {
	if f == nil {
		return nil
	}
	chosen := *f
	chosen.Parent, chosen.Items = parent, nil
	chosen.Setup, chosen.Teardown = f.Setup.with(keep, &chosen), f.Teardown.with(keep, &chosen)
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Folder:
			if sub := it.with(keep, &chosen); !sub.empty() {
				chosen.Items = append(chosen.Items, sub)
			}
		case *Request:
			if needed, ok := keep[it]; ok {
				r := *it
				r.Folder, r.Needed = &chosen, needed
				chosen.Items = append(chosen.Items, &r)
			}
		}
	}
	return &chosen
}

// empty reports whether the folder has no request.
func (f *Folder) empty() bool {
	for range f.All() {
		return false
	}
	return true
}

// named reports whether an --only means the request.
func (c *Collection) named(r *Request, only string) bool {
	whole := r.Path()
	if only == r.Name || only == whole || strings.HasPrefix(whole, only+"/") {
		return true
	}
	if strings.Contains(only, "*") && (matches(only, r.Name) || matches(only, whole)) {
		return true
	}
	file, line, ok := fileLine(only)
	return ok && c.stands(r, file, line)
}

// matches reports whether text fits a pattern in which * stands for any characters.
func matches(pattern, text string) bool {
	pieces := strings.Split(pattern, "*")
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, piece := range pieces[1 : len(pieces)-1] {
		_, after, found := strings.Cut(text, piece)
		if !found {
			return false
		}
		text = after
	}
	return true
}

// instead says what could have been selected.
func (c *Collection) instead(sel Selection) string {
	var known, tags []string
	for r := range c.Main.All() {
		known = append(known, r.Path())
		tags = append(tags, r.Tags...)
	}
	slices.Sort(tags)
	tags = slices.Compact(tags)
	switch {
	case sel.From != "" || sel.To != "":
		return sel.between()
	case sel.Tags == "" && len(sel.Only) > 0:
		return fmt.Sprintf("nothing is called %q; %s", sel.Only[0], suggest(sel.Only[0], known))
	case sel.Tags == "":
		return "none of its requests is one of them"
	case len(sel.Only) > 0:
		return fmt.Sprintf("nothing that is called %q has tags that fit %q", sel.Only[0], sel.Tags)
	case len(tags) == 0:
		return fmt.Sprintf("tags %q: no request has a tag", sel.Tags)
	}
	return fmt.Sprintf("tags %q; %s", sel.Tags, suggest(sel.Tags, tags))
}

// suggest is source.Suggest for lists that may be long.
func suggest(got string, known []string) string {
	const most = 20
	hint := source.Suggest(got, known)
	if strings.HasPrefix(hint, "did you mean") || len(known) <= most {
		return hint
	}
	return fmt.Sprintf("known here: %s and %d more", strings.Join(known[:most], ", "), len(known)-most)
}
