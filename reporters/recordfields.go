package reporters

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
)

// fields goes through the members of a JSON object, to write them or to read them, so that what a record has is said once for both.
// A member whose value is zero is not written, and one that is missing reads as zero.
type fields struct {
	out  []byte         // what is written
	in   map[string]any // the object that is read; nil when writing
	path []string       // of the member that is read, from the outermost
	err  error          // the first of reading
}

// reading reports whether members are read, and not written.
func (f *fields) reading() bool { return f.in != nil }

// key begins a member that is written.
func (f *fields) key(name string) {
	if f.out[len(f.out)-1] != '{' {
		f.out = append(f.out, ',')
	}
	f.out = append(f.out, '"')
	f.out = append(f.out, name...)
	f.out = append(f.out, '"', ':')
}

// unfit records that a member has a value of the wrong kind.
func (f *fields) unfit(name, want string, got any) {
	if f.err == nil {
		f.err = fmt.Errorf("%s: got %s, want %s", strings.Join(append(slices.Clone(f.path), name), "."), kindOf(got), want)
	}
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return strconv.Quote(capped(v, 100))
	case []any:
		return "a list"
	}
	return "an object"
}

// member returns the value of a member that is read, or the zero value where it is missing or of another kind.
func member[T any](f *fields, name, want string) T {
	v, ok := f.in[name]
	t, fits := v.(T)
	if ok && !fits {
		f.unfit(name, want, v)
	}
	return t
}

// text is a member that is a string.
func text[T ~string](f *fields, name string, v *T) {
	switch {
	case f.reading():
		*v = T(member[string](f, name, "a text"))
	case *v != "":
		f.key(name)
		f.out = appendJSON(f.out, string(*v))
	}
}

// number is a member that is a whole number.
func number[T ~int | ~int64](f *fields, name string, v *T) {
	if f.reading() || *v != 0 {
		count(f, name, v)
	}
}

// count is a number that is written even where it is zero.
func count[T ~int | ~int64](f *fields, name string, v *T) {
	if f.reading() {
		n := member[float64](f, name, "a number")
		if n != math.Trunc(n) || math.Abs(n) > 1<<62 {
			f.unfit(name, "a whole number", n)
			return
		}
		*v = T(n)
		return
	}
	f.key(name)
	f.out = strconv.AppendInt(f.out, int64(*v), 10)
}

// flag is a member that is true, or missing.
func (f *fields) flag(name string, v *bool) {
	switch {
	case f.reading():
		*v = member[bool](f, name, "true or false")
	case *v:
		f.key(name)
		f.out = append(f.out, "true"...)
	}
}

// moment is a member that is a time in UTC (RFC 3339).
func (f *fields) moment(name string, v *time.Time) {
	switch {
	case f.reading():
		s := member[string](f, name, "a time")
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil && s != "" {
			f.unfit(name, "a time such as 2026-11-22T13:30:00Z", s)
		}
		*v = t
	case !v.IsZero():
		f.key(name)
		f.out = append(f.out, '"')
		f.out = v.UTC().AppendFormat(f.out, time.RFC3339Nano)
		f.out = append(f.out, '"')
	}
}

// texts is a member that is a list of strings.
func (f *fields) texts(name string, v *[]string) {
	if f.reading() {
		*v = f.readTexts(name, member[[]any](f, name, "a list"))
		return
	}
	if len(*v) > 0 {
		f.key(name)
		f.out = appendTexts(f.out, *v)
	}
}

func (f *fields) readTexts(name string, list []any) []string {
	if len(list) == 0 {
		return nil
	}
	all := make([]string, len(list))
	for i, item := range list {
		s, ok := item.(string)
		if !ok {
			f.unfit(name+"["+strconv.Itoa(i)+"]", "a text", item)
		}
		all[i] = s
	}
	return all
}

func appendTexts(to []byte, list []string) []byte {
	to = append(to, '[')
	for i, s := range list {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendJSON(to, s)
	}
	return append(to, ']')
}

// header is a member that is an object of lists of strings. The names are in order, so that equal heads are equal lines.
func (f *fields) header(name string, v *http.Header) {
	if f.reading() {
		f.readHeader(name, v)
		return
	}
	if len(*v) == 0 {
		return
	}
	names := make([]string, 0, 24)
	for key := range *v {
		names = append(names, key)
	}
	slices.Sort(names)
	f.key(name)
	f.out = append(f.out, '{')
	for i, key := range names {
		if i > 0 {
			f.out = append(f.out, ',')
		}
		f.out = append(appendJSON(f.out, key), ':')
		f.out = appendTexts(f.out, (*v)[key])
	}
	f.out = append(f.out, '}')
}

func (f *fields) readHeader(name string, v *http.Header) {
	object := member[map[string]any](f, name, "an object")
	if len(object) == 0 {
		return
	}
	*v = make(http.Header, len(object))
	for key, values := range object {
		list, ok := values.([]any)
		if !ok {
			f.unfit(name+"."+key, "a list", values)
		}
		(*v)[key] = f.readTexts(name+"."+key, list)
	}
}

// object is a member that is an object. It is not written where there is nothing in it.
func object[T any](f *fields, name string, v *T, each func(*fields, *T)) {
	if f.reading() {
		if in := member[map[string]any](f, name, "an object"); in != nil {
			f.enter(name, in, func() { each(f, v) })
		}
		return
	}
	before := len(f.out)
	f.key(name)
	f.out = append(f.out, '{')
	empty := len(f.out)
	if each(f, v); len(f.out) == empty {
		f.out = f.out[:before]
		return
	}
	f.out = append(f.out, '}')
}

// maybe is a member that is an object, or missing where v is nil.
func maybe[T any](f *fields, name string, v **T, each func(*fields, *T)) {
	if f.reading() {
		if in := member[map[string]any](f, name, "an object"); in != nil {
			*v = new(T)
			f.enter(name, in, func() { each(f, *v) })
		}
		return
	}
	if *v != nil {
		f.key(name)
		f.out = append(f.out, '{')
		each(f, *v)
		f.out = append(f.out, '}')
	}
}

// list is a member that is a list of objects.
func list[T any](f *fields, name string, v *[]T, each func(*fields, *T)) {
	if f.reading() {
		readList(f, name, v, each)
		return
	}
	if len(*v) == 0 {
		return
	}
	f.key(name)
	f.out = append(f.out, '[')
	for i := range *v {
		if i > 0 {
			f.out = append(f.out, ',')
		}
		f.out = append(f.out, '{')
		each(f, &(*v)[i])
		f.out = append(f.out, '}')
	}
	f.out = append(f.out, ']')
}

func readList[T any](f *fields, name string, v *[]T, each func(*fields, *T)) {
	items := member[[]any](f, name, "a list")
	if len(items) == 0 {
		return
	}
	*v = make([]T, len(items))
	for i, item := range items {
		at := name + "[" + strconv.Itoa(i) + "]"
		in, ok := item.(map[string]any)
		if !ok {
			f.unfit(at, "an object", item)
			continue
		}
		f.enter(at, in, func() { each(f, &(*v)[i]) })
	}
}

// enter reads the members of an object within the one at hand.
func (f *fields) enter(name string, in map[string]any, read func()) {
	outer := f.in
	f.in, f.path = in, append(f.path, name)
	read()
	f.in, f.path = outer, f.path[:len(f.path)-1]
}

// place is a member that is a place in a file.
func (f *fields) place(name string, v *source.Pos) {
	if f.reading() || *v != (source.Pos{}) {
		object(f, name, v, placeFields)
	}
}

func placeFields(f *fields, p *source.Pos) {
	text(f, "file", &p.File)
	number(f, "line", &p.Line)
	number(f, "col", &p.Col)
}
