package specs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/hgrun/hgrun/internal/source"
)

// choice says which specs run, by the flags of ginkgo. Ginkgo itself does not tell, and a request that no spec asks for must not be sent
// unless another one needs it. What cannot be known here, labels and the name of the whole suite, is what all specs share.
type choice struct {
	labels                string
	focus, skip           *regexp.Regexp // nil for none
	focusFiles, skipFiles []fileFilter
	around                node // the containers around, that of the collection included
}

// newChoice takes the flags, and from a spec of the collection what stands around all of them.
func newChoice(report ginkgo.SpecReport, of node) (*choice, error) {
	flags, _ := ginkgo.GinkgoConfiguration()
	c := &choice{labels: flags.LabelFilter, focusFiles: fileFilters(flags.FocusFiles), skipFiles: fileFilters(flags.SkipFiles)}
	var err error
	if c.focus, err = anyOf(flags.FocusStrings); err != nil {
		return nil, err
	}
	if c.skip, err = anyOf(flags.SkipStrings); err != nil {
		return nil, err
	}
	n := len(report.ContainerHierarchyTexts) - (len(of.texts) - 1)
	c.around.texts = report.ContainerHierarchyTexts[:n]
	for _, own := range report.ContainerHierarchyLabels[:n] {
		c.around.labels = append(c.around.labels, own...)
	}
	for _, l := range report.ContainerHierarchyLocations[:n] {
		c.around.places = append(c.around.places, source.Pos{File: l.FileName, Line: l.LineNumber})
	}
	return c, nil
}

// anyOf joins the values of a flag as ginkgo does.
func anyOf(patterns []string) (*regexp.Regexp, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	return regexp.Compile(strings.Join(patterns, "|"))
}

// takes reports whether the spec of a node runs.
func (c *choice) takes(n node) bool {
	if c.labels != "" && !slices.Concat(c.around.labels, n.labels).MatchesLabelFilter(c.labels) {
		return false
	}
	text := strings.Join(slices.Concat(c.around.texts, n.texts), " ")
	if c.focus != nil && !c.focus.MatchString(text) || c.skip != nil && c.skip.MatchString(text) {
		return false
	}
	places := slices.Concat(c.around.places, n.places)
	return (len(c.focusFiles) == 0 || matches(c.focusFiles, places)) && !matches(c.skipFiles, places)
}

// fileFilter is a value of --focus-file: FILE, FILE:12, FILE:12-20 or several of these with commas.
type fileFilter struct {
	file  *regexp.Regexp
	lines []lineRange // none for all
}

// lineRange ends before to.
type lineRange struct{ from, to int }

// fileFilters reads what ginkgo has found to be well formed.
func fileFilters(flags []string) []fileFilter {
	var filters []fileFilter
	for _, text := range flags {
		file, lines, numbered := strings.Cut(text, ":")
		re, err := regexp.Compile(file)
		if err != nil {
			continue
		}
		f := fileFilter{file: re}
		for piece := range strings.SplitSeq(lines, ",") {
			if !numbered {
				break
			}
			from, to, ranged := strings.Cut(piece, "-")
			r := lineRange{from: number(from), to: number(from) + 1}
			if ranged {
				r.to = number(to)
			}
			f.lines = append(f.lines, r)
		}
		filters = append(filters, f)
	}
	return filters
}

func number(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0
	}
	return n
}

func matches(filters []fileFilter, places []source.Pos) bool {
	return slices.ContainsFunc(filters, func(f fileFilter) bool {
		return slices.ContainsFunc(places, func(at source.Pos) bool {
			return f.file.MatchString(at.File) &&
				(len(f.lines) == 0 || slices.ContainsFunc(f.lines, func(r lineRange) bool { return r.from <= at.Line && at.Line < r.to }))
		})
	})
}
