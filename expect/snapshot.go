package expect

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Snapshot is what the file of a snapshot must hold so that an expectation holds.
type Snapshot struct {
	File    string // of the snapshot, with its folder
	Text    string // that it must hold; secrets are matchers in it
	Missing bool   // there is no such file yet
	FHIR    string // the type of a FHIR resource in it that may be about a person; empty for none
	Refused string // why the value cannot be kept in a file; empty where it can
}

// Snapshots are the files of the snapshots of a collection.
type Snapshots struct {
	Open   func(name string) ([]byte, error) // reads one, by its name in Folder
	Folder string                            // where they are, as the collection is named

	mu   sync.Mutex
	read map[string]*snapshotFile
}

// snapshotFile is a snapshot as it is on the disk.
type snapshotFile struct {
	missing bool
	text    string // line ends as in Unix, without the last one
	value   any    // of a JSON document, matchers in it
	isJSON  bool
	err     error
}

// file reads a snapshot, once for a run.
func (s *Snapshots) file(name string) *snapshotFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.read[name]; ok {
		return f
	}
	if s.read == nil {
		s.read = map[string]*snapshotFile{}
	}
	f := &snapshotFile{}
	s.read[name] = f
	data, err := s.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		f.missing = true
		return f
	}
	if err != nil {
		f.err = err
		return f
	}
	f.text = unixLines(strings.TrimPrefix(string(data), byteOrderMark))
	if v, ok := decodeJSON([]byte(f.text)); ok {
		f.isJSON = true
		f.value, f.err = withMatchers(v)
	}
	return f
}

// unixLines makes texts comparable that tools have changed at the ends of lines.
func unixLines(s string) string {
	return strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
}

// snapshotTerms is what a collection says of a snapshot.
type snapshotTerms struct {
	pos    source.Pos
	name   vars.Template
	ignore []ignoredPath
	store  *Snapshots // nil until the files are loaded
}

// readSnapshot reads the name of a file, or a mapping with the paths that are not compared.
func readSnapshot(n source.Node, t Terms) Predicate {
	switch {
	case t.nested:
		n.Errorf("a snapshot is of a value itself; it stands in no other predicate")
		return Predicate{}
	case t.files == nil || !keepable(t.query):
		n.Errorf("a snapshot is of body, text, json, jsonpath, xpath, headers, regex, jwt or fhir")
		return Predicate{}
	}
	k := &snapshotTerms{pos: n.Pos()}
	if n.IsMap() {
		n.Map(source.Keys{"file": k.readName, "ignore": k.readIgnored})
		if !n.Has("file") {
			n.Errorf("which file? write file: name.json beside ignore")
		}
	} else {
		k.readName(n)
	}
	if k.name.IsZero() {
		return Predicate{}
	}
	*t.files = append(*t.files, k)
	return Predicate{pos: n.Pos(), compile: k.ready, uses: k.name.Uses()}
}

// keepable reports whether what a query finds is the same in every run, if nothing changes.
func keepable(q Query) bool {
	switch q.(type) {
	case bodyQuery, textQuery, jsonQuery, jsonTemplate, jsonpathQuery, jsonpathTemplate, xpathQuery, xpathTemplate, headerQuery, regexQuery, jwtQuery, fhirQuery:
		return true
	}
	return false
}

func (k *snapshotTerms) readName(n source.Node) {
	k.pos = n.Pos()
	k.name.Read(n)
	if k.name.Static() && n.IsScalar() {
		if err := checkSnapshotName(n.Text()); err != nil {
			n.Errorf("%w", err)
			k.name = vars.Template{}
		}
	}
}

func (k *snapshotTerms) readIgnored(n source.Node) {
	items := []source.Node{n}
	if n.IsList() {
		items = n.Items()
	}
	for _, item := range items {
		p, err := newIgnoredPath(item.Text())
		if err != nil {
			item.Errorf("%w", err)
			continue
		}
		k.ignore = append(k.ignore, p)
	}
}

// checkSnapshotName refuses names that lead out of the folder, or that are none on some system.
func checkSnapshotName(name string) error {
	switch {
	case name == "":
		return errors.New("the name of the snapshot is empty")
	case strings.ContainsAny(name, "\\:*?\"<>|\x00\n") || len(name) > 200:
		return errors.New("the name of a snapshot is that of a file on every system, without \\ : * ? \" < > and |; got " + quote(name))
	case path.IsAbs(name) || path.Clean(name) != name || strings.HasPrefix(name, "../") || name == ".." || strings.HasPrefix(path.Base(name), "."):
		return errors.New("a snapshot lies in the folder of snapshots; write a name such as patients.json, got " + quote(name))
	}
	return nil
}

// load learns where snapshots are.
func (k *snapshotTerms) load(files *Files) error {
	k.store = files.Snapshots
	return nil
}

func (k *snapshotTerms) ready(s *vars.Scope) (matcher, error) {
	if k.store == nil {
		return nil, k.pos.Errorf("there are no snapshots here")
	}
	name, err := k.name.Expand(s)
	if err != nil {
		return nil, err
	}
	if err := checkSnapshotName(name); err != nil {
		return nil, k.pos.Errorf("%w", err)
	}
	f := k.store.file(name)
	if f.err != nil {
		return nil, k.pos.Errorf("%s: %w", path.Join(k.store.Folder, name), f.err)
	}
	return &asSnapshot{f, path.Join(k.store.Folder, name), k.ignore}, nil
}

// Keeps reports whether expectations compare with a snapshot.
func (e *Expectations) Keeps() bool {
	return slices.ContainsFunc(e.files, func(l loader) bool { _, ok := l.(*snapshotTerms); return ok })
}

// Snapshots returns the files of the snapshots that an answer was compared with.
func (a *Answer) Snapshots() []string { return a.kept }

// asSnapshot holds for a value that is as a file says.
type asSnapshot struct {
	file   *snapshotFile
	shown  string // its name, with its folder
	ignore []ignoredPath
}

// documentOf returns a value as JSON has it; a text that spells an object or a list is one.
func documentOf(v value) any {
	if v.kind == text {
		if d, ok := spelt(v.text); ok {
			return d.value
		}
	}
	return v.box()
}

func (s *asSnapshot) judge(v value) verdict {
	switch {
	case v.kind == absent:
		return unfit
	case s.file.missing:
		return fails
	}
	return of(len(s.differences(v)) == 0)
}

func (s *asSnapshot) want(what string, not bool) string { return toBe(what, "as in "+s.shown, not) }

func (s *asSnapshot) explain(v value, _ bool) string {
	switch {
	case v.kind == absent:
		return ""
	case s.file.missing:
		return "there is no snapshot " + s.shown + " yet"
	}
	lines := s.differences(v)
	if len(lines) == 0 {
		return ""
	}
	return differFrom(s.shown, lines)
}

// differFrom words a list of differences from a file as one line.
func differFrom(name string, lines []string) string {
	return "differs from " + name + strings.TrimPrefix(differAt(lines), "differs")
}

func (s *asSnapshot) advice(k kind) string {
	switch {
	case k == absent:
		return ""
	case s.file.missing:
		return "hgrun run --update writes it"
	}
	return "if this is right now, hgrun run --update changes the snapshot"
}

func (s *asSnapshot) differences(v value) []string {
	if s.file.missing || v.kind == absent {
		return nil
	}
	got := documentOf(v)
	if plain, ok := got.(string); ok {
		return s.lines(plain)
	}
	if !s.file.isJSON {
		return []string{"the whole: got " + valueOf(got).kind.String() + ", want the text of " + s.shown}
	}
	d := snapshotDiff{ignore: s.ignore}
	d.values(nil, got, s.file.value)
	return d.diff
}

// lines compares texts.
func (s *asSnapshot) lines(got string) []string {
	got = unixLines(got)
	if m, ok := s.file.value.(snapshotMatch); ok {
		if m.fits(value{kind: text, text: got}) {
			return nil
		}
		return []string{"the whole: got " + quote(got) + ", want " + m.want}
	}
	if got == s.file.text {
		return nil
	}
	if lines := compareLines(got, s.file.text); len(lines) > 0 {
		return lines
	}
	shownGot, shownWant := pair(got, s.file.text)
	return []string{"the whole: got " + shownGot + ", want " + shownWant}
}
